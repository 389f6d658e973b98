import Foundation
import Glibc
import Synchronization
import Testing

@testable import Operator

@Suite("The control socket")
struct ControlSocketTests {
    private let folder = "/tmp/sacbot-socket-\(UUID().uuidString.prefix(8))"
    private var path: String { folder + "/claw.sock" }

    private func connection() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let connected = try UnixAddress.with(path) { connect(descriptor, $0, $1) }
        try #require(connected == 0, "errno \(errno)")
        return descriptor
    }

    private func hear(_ descriptor: Int32) -> String {
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count <= 0 { return text }
            text += String(decoding: chunk[..<count], as: UTF8.self)
        }
    }

    private func say(_ text: String, _ descriptor: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0x4000) }
    }

    @Test("an e-stop gets through beside forty connections that say nothing")
    func silentOnes() throws {
        let stops = Atomic<Int>(0)
        let desk = OperatorDesk { _ in stops.wrappingAdd(1, ordering: .relaxed) }
        let server = try ControlSocket(path: path, desk: desk)
        defer { server.stop() }
        let silent = try (0..<40).map { _ in try connection() }
        defer { silent.forEach { close($0) } }
        let reply = try ControlClient.ask(OperatorRequest(.estop), path: path)
        #expect(reply.ok && reply.version == 1)
        #expect(stops.load(ordering: .relaxed) == 1)
    }

    @Test("what is no request is answered with the commands there are")
    func nonsense() throws {
        let server = try ControlSocket(path: path, desk: OperatorDesk { _ in })
        defer { server.stop() }
        for text in ["\n", "{}\n", "{\"version\":1,\"command\":\"dance\"}\n", "\u{1}\n"] {
            let descriptor = try connection()
            defer { close(descriptor) }
            say(text, descriptor)
            let answer = hear(descriptor)
            #expect(answer.contains("\"ok\":false") && answer.contains("clear-fault"), "\(text)")
        }
    }

    @Test("a request in pieces is one request; one without an end is cut off")
    func pieces() throws {
        let server = try ControlSocket(path: path, desk: OperatorDesk { _ in })
        defer { server.stop() }
        let slow = try connection()
        defer { close(slow) }
        say("{\"version\":1,\"comm", slow)
        #expect(try ControlClient.ask(OperatorRequest(.status), path: path).ok)
        say("and\":\"status\"}\n", slow)
        #expect(hear(slow).contains("\"ok\":true"))
        let endless = try connection()
        defer { close(endless) }
        say(String(repeating: "x", count: 6000), endless)
        #expect(hear(endless).isEmpty)
    }

    @Test("the socket is its user's; the service's is its group's too", arguments: [false, true])
    func mode(forGroup: Bool) throws {
        let server = try ControlSocket(
            path: path,
            forGroup: forGroup,
            desk: OperatorDesk { _ in }
        )
        defer { server.stop() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == (forGroup ? 0o660 : 0o600))
    }

    @Test("two cannot serve one robot; what a dead process left is replaced")
    func twice() throws {
        let server = try ControlSocket(path: path, desk: OperatorDesk { _ in })
        #expect(throws: ControlSocketError.self) {
            try ControlSocket(path: path, desk: OperatorDesk { _ in })
        }
        server.stop()
        #expect(throws: ControlSocketError.self) {
            try ControlClient.ask(OperatorRequest(.status), path: path)
        }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let next = try ControlSocket(path: path, desk: OperatorDesk { _ in })
        #expect(try ControlClient.ask(OperatorRequest(.status), path: path).ok)
        next.stop()
    }

    @Test("a reply whose state is of another version still says whether it was done")
    func otherVersion() throws {
        let line = #"{"ok":true,"message":"done","state":{"somethingElse":1}}"#
        let reply = try JSONDecoder().decode(OperatorReply.self, from: Data(line.utf8))
        #expect(reply.ok && reply.message == "done" && reply.state.robot.isEmpty)
    }
}
