import Dispatch
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import Operator
import Synchronization

/// The live dashboard of one robot: a page, its events and an API over HTTP.
///
/// Its network thread is its own and touches nothing but the desk and the run's files; the control
/// thread does not know that it is there.
public final class DashboardServer: Sendable {
    /// Connections that ask for nothing are closed after this.
    private static let idleSeconds: Int64 = 60
    /// How long a start or a stop may take, seconds.
    private static let patience = 5

    /// What it is told and what it tells.
    public struct Surroundings: Sendable {
        /// Where the robot's state comes from and requests go.
        public var desk: OperatorDesk
        /// What the robot is.
        public var sheet: RobotSheet
        /// Seconds on a steady clock.
        public var clock: @Sendable () -> Double
        /// Told in words what is wrong while it runs.
        public var warn: @Sendable (String) -> Void

        /// Surroundings.
        public init(
            desk: OperatorDesk,
            sheet: RobotSheet,
            clock: @escaping @Sendable () -> Double,
            warn: @escaping @Sendable (String) -> Void
        ) {
            (self.desk, self.sheet, self.clock, self.warn) = (desk, sheet, clock, warn)
        }
    }

    /// Where people find it.
    public let url: String
    private let group: MultiThreadedEventLoopGroup
    private let hub: EventHub
    private let archive: RunArchive
    private let task: Task<Void, Never>
    private let ended = DispatchSemaphore(value: 0)

    /// Begins to listen; returns when it does.
    ///
    /// Throws if the settings would let strangers in, if a file cannot be used, or if the address
    /// is taken.
    public init(
        _ settings: DashboardSettings,
        _ surroundings: Surroundings
    ) throws(DashboardError) {
        try settings.check()
        let clock = surroundings.clock
        var tokens: AccessTokens?
        if let path = settings.tokenFile { tokens = try AccessTokens(path: path, now: clock()) }
        let http = HTTPServerBuilder.limitedHTTP1(idleSeconds: Self.idleSeconds)
        let builder = try settings.secured(http)
        let files = PageFiles()
        if !files.hasCharts {
            surroundings.warn(
                "the dashboard has no charts: \(PageFiles.chartFolder) is not there; "
                    + "run `apt install libjs-dygraphs`"
            )
        }
        let hub = EventHub()
        let archive = RunArchive(clock: clock)
        let feed = StateFeed(desk: surroundings.desk, hub: hub)
        let routes = DashboardRoutes(
            desk: surroundings.desk,
            sheet: surroundings.sheet,
            files: files,
            hub: hub,
            archive: archive,
            rules: AccessRules(settings: settings, tokens: tokens, warn: surroundings.warn),
            feed: feed,
            clock: clock
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let start = DashboardStart()
        let application = Application(
            router: routes.router,
            server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.listen.host, port: settings.listen.port)
            ),
            onServerRunning: { channel in start.done(port: channel.localAddress?.port) },
            eventLoopGroupProvider: .shared(group),
            logger: Logger(label: "sacbot.dashboard") { _ in SwiftLogNoOpLogHandler() }
        )
        let ended = ended
        task = Task.detached {
            do {
                try await application.run()
                start.failed("it ended at once")
            } catch {
                start.failed("\(error)")
            }
            ended.signal()
        }
        do throws(DashboardError) {
            let port = try start.wait(seconds: Self.patience, settings.listen)
            let scheme = settings.hasTLS ? "https" : "http"
            let place = ListenAddress(host: settings.listen.host, port: port) ?? settings.listen
            url = "\(scheme)://\(place)/"
        } catch {
            task.cancel()
            archive.close()
            group.shutdownGracefully { _ in }
            throw error
        }
        group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { _ in
            feed.tick()
        }
        (self.group, self.hub, self.archive) = (group, hub, archive)
    }

    /// Ends every stream and stops listening; waits a few seconds at most.
    public func stop() {
        hub.close()
        task.cancel()
        _ = ended.wait(timeout: .now() + .seconds(Self.patience))
        archive.close()
        group.shutdownGracefully { _ in }
    }
}

/// Whether the server listens yet, and on which port.
private final class DashboardStart: Sendable {
    private enum Outcome {
        case listening(port: Int)
        case failed(String)
    }

    private let outcome = Mutex<Outcome?>(nil)
    private let decided = DispatchSemaphore(value: 0)

    func done(port: Int?) { decide(.listening(port: port ?? 0)) }

    func failed(_ reason: String) { decide(.failed(reason)) }

    /// The first word counts.
    private func decide(_ new: Outcome) {
        let isFirst = outcome.withLock { stored in
            guard stored == nil else { return false }
            stored = new
            return true
        }
        if isFirst { decided.signal() }
    }

    func wait(seconds: Int, _ address: ListenAddress) throws(DashboardError) -> Int {
        _ = decided.wait(timeout: .now() + .seconds(seconds))
        switch outcome.withLock({ $0 }) {
        case .listening(let port): return port
        case .failed(let reason):
            throw .cannotListen(address: address.description, reason: reason)
        case nil:
            throw .cannotListen(
                address: address.description,
                reason: "no answer in \(seconds) s"
            )
        }
    }
}

extension DashboardSettings {
    /// The server with TLS if the settings have a certificate.
    fileprivate func secured(
        _ http: HTTPServerBuilder
    ) throws(DashboardError) -> HTTPServerBuilder {
        guard let certificate, let key else { return http }
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        } catch {
            throw .badCertificate(path: certificate, reason: "\(error)")
        }
        do {
            let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(privateKey)
            )
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            // Made once here, so that a key that does not fit is an error now.
            _ = try NIOSSLContext(configuration: tls)
            return try .tls(http, tlsConfiguration: tls)
        } catch {
            throw .badCertificate(path: key, reason: "\(error)")
        }
    }
}
