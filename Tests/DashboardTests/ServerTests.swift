import Foundation
import Glibc
import Operator
import Testing

@testable import Dashboard

@Suite("The dashboard on a network", .serialized, .timeLimit(.minutes(1)))
struct ServerTests {
    private func server(
        _ settings: DashboardSettings,
        desk: OperatorDesk = OperatorDesk { _ in }
    ) throws -> DashboardServer {
        try DashboardServer(
            settings,
            DashboardServer.Surroundings(
                desk: desk,
                sheet: RobotSheet(
                    stepsPerSecond: 10,
                    stop: "park",
                    emergencyStop: "release",
                    observations: [],
                    actions: []
                ),
                clock: { ProcessInfo.processInfo.systemUptime },
                warn: { _ in }
            )
        )
    }

    private var anyPort: DashboardSettings {
        DashboardSettings(listen: ListenAddress("127.0.0.1:0") ?? .usual)
    }

    @Test("it answers where it says it is, and no more after it was stopped")
    func lifetime() throws {
        let server = try server(anyPort)
        let port = try #require(URL(string: server.url)?.port)
        let answer = try Connection(port: port).ask("GET / HTTP/1.1\r\nHost: localhost\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer.prefix(80))")
        server.stop()
        #expect(throws: (any Error).self) { try Connection(port: port) }
    }

    @Test("an address that is taken is an error with a way out")
    func taken() throws {
        let first = try server(anyPort)
        defer { first.stop() }
        let port = try #require(URL(string: first.url)?.port)
        let same = DashboardSettings(listen: try #require(ListenAddress("127.0.0.1:\(port)")))
        do throws(DashboardError) {
            _ = try DashboardServer(
                same,
                DashboardServer.Surroundings(
                    desk: OperatorDesk { _ in },
                    sheet: RobotSheet(
                        stepsPerSecond: 1,
                        stop: "",
                        emergencyStop: "",
                        observations: [],
                        actions: []
                    ),
                    clock: { 0 },
                    warn: { _ in }
                )
            )
            Issue.record("two listen on one port")
        } catch {
            #expect(error.description.contains("another port"), "\(error)")
        }
    }

    @Test("headers and bodies have bounds")
    func bounds() throws {
        let server = try server(anyPort)
        defer { server.stop() }
        let port = try #require(URL(string: server.url)?.port)
        let head = "POST /api/v1/commands/stop HTTP/1.1\r\nHost: localhost\r\nX-Sacbot: 1\r\n"
        let long = try Connection(port: port).ask(
            head + "X-Long: \(String(repeating: "a", count: 20_000))\r\n"
        )
        #expect(!long.hasPrefix("HTTP/1.1 200"), "\(long.prefix(80))")
        let body = try Connection(port: port).ask(head + "Content-Length: 100000000\r\n")
        #expect(body.hasPrefix("HTTP/1.1 413"), "\(body.prefix(80))")
        let chunked = try Connection(port: port).ask(head + "Transfer-Encoding: chunked\r\n")
        #expect(chunked.hasPrefix("HTTP/1.1 413"), "\(chunked.prefix(80))")
    }

    @Test(
        "with TLS tokens travel closed; without it nothing is told",
        .enabled(if: OpenSSL.isThere)
    )
    func tls() throws {
        let keys = try OpenSSL()
        let tokens = try TokenFile()
        var settings = anyPort
        (settings.certificate, settings.key) = (keys.certificate, keys.key)
        settings.tokenFile = tokens.path
        let server = try server(settings)
        defer { server.stop() }
        #expect(server.url.hasPrefix("https://127.0.0.1:"))
        let port = try #require(URL(string: server.url)?.port)
        let head = "GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        let token = "Authorization: Bearer \(TokenFile.viewerToken)\r\n"
        let closed = try keys.ask(port: port, head + token + "\r\n")
        #expect(closed.contains("HTTP/1.1 200 OK") && closed.contains("\"viewer\""), "\(closed)")
        let stranger = try keys.ask(port: port, head + "\r\n")
        #expect(stranger.contains("HTTP/1.1 401"), "\(stranger)")
        let open = try? Connection(port: port).ask(head + token)
        #expect(open?.contains("viewer") != true)
    }

    @Test("a key of another certificate is refused at the start", .enabled(if: OpenSSL.isThere))
    func otherKey() throws {
        let (one, other) = (try OpenSSL(), try OpenSSL())
        var settings = anyPort
        (settings.certificate, settings.key) = (one.certificate, other.key)
        #expect(throws: DashboardError.self) { try server(settings) }
        settings.key = "/nowhere/key.pem"
        #expect(throws: DashboardError.self) { try server(settings) }
    }
}

/// A plain TCP connection.
final class Connection {
    struct Failure: Error { var errno: Int32 }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(errno: code)
        }
    }

    deinit { close(descriptor) }

    /// Sends a head and reads the first bytes of the answer.
    func ask(_ head: String) throws -> String {
        let bytes = Array((head + "\r\n").utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &answer, answer.count, 0)
        guard count > 0 else { throw Failure(errno: errno) }
        return String(decoding: answer[..<count], as: UTF8.self)
    }
}

/// A certificate of its own for a test, made and used by OpenSSL's program.
final class OpenSSL {
    private static let program = "/usr/bin/openssl"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private let folder = NSTemporaryDirectory() + "sacbot-tls-\(UUID().uuidString)"
    var certificate: String { folder + "/certificate.pem" }
    var key: String { folder + "/key.pem" }

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        _ = try Self.run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out",
                certificate,
            ]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Sends a request over TLS, the certificate checked against our own.
    func ask(port: Int, _ request: String) throws -> String {
        try Self.run(
            [
                "s_client", "-quiet", "-verify_return_error", "-CAfile", certificate, "-connect",
                "127.0.0.1:\(port)",
            ],
            input: request
        )
    }

    private static func run(_ arguments: [String], input: String = "") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
        try? stdin.fileHandleForWriting.close()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
