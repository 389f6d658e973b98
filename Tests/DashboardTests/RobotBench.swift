import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Operator
import Synchronization

@testable import Dashboard

/// A dashboard's router without a network, with a desk that writes down what it was asked.
final class RobotBench {
    let desk: OperatorDesk
    let hub = EventHub()
    let archive: RunArchive
    let asked = Asked()
    private let responder: RouterResponder<DashboardContext>

    final class Asked: Sendable {
        private let words = Mutex<[String]>([])

        func note(_ word: String) { words.withLock { $0.append(word) } }

        var all: [String] { words.withLock { $0 } }
    }

    init(settings: DashboardSettings = DashboardSettings(), takesMarks: Bool = false) throws {
        let asked = asked
        desk = OperatorDesk(OperatorActions { asked.note($0.rawValue) })
        if takesMarks { desk.takeMarks { asked.note($0 ? "mark begin" : "mark end") } }
        archive = RunArchive { 0 }
        let tokens = try settings.tokenFile.map { try AccessTokens(path: $0, now: 0) }
        let routes = DashboardRoutes(
            desk: desk,
            sheet: RobotSheet(
                stepsPerSecond: 10,
                stop: "park",
                emergencyStop: "release",
                observations: [RobotSheet.Observation(name: "joint_positions.joint", unit: "rad")],
                actions: ["joint"]
            ),
            files: PageFiles(chartFolder: "/nowhere"),
            hub: hub,
            archive: archive,
            rules: AccessRules(settings: settings, tokens: tokens) { _ in },
            feed: StateFeed(desk: desk, hub: hub),
            clock: { 0 }
        )
        responder = routes.router.buildResponder()
    }

    deinit { archive.close() }

    /// Asks, as our page does unless `headers` say otherwise.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        host: String = "localhost:8470",
        headers: HTTPFields = [.sacbot: "1"]
    ) async throws -> Response {
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: host,
                path: path,
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer())
        )
        let context = DashboardContext(
            source: ApplicationRequestContextSource(
                channel: EmbeddedChannel(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        return try await responder.respond(to: request, context: context)
    }

    /// Asks and reads the whole answer.
    func text(_ method: HTTPRequest.Method, _ path: String) async throws -> String {
        String(decoding: try await ask(method, path).bytes(), as: UTF8.self)
    }
}

extension Response {
    /// The body as it would go out.
    func bytes() async throws -> [UInt8] {
        let collected = Collected()
        try await body.write(CollectingWriter(collected: collected))
        return collected.bytes.withLock { $0 }
    }
}

private final class Collected: Sendable {
    let bytes = Mutex<[UInt8]>([])
}

private struct CollectingWriter: ResponseBodyWriter {
    let collected: Collected

    func write(_ buffer: ByteBuffer) async throws {
        collected.bytes.withLock { $0 += Array(buffer.readableBytesView) }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
