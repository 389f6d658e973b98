import Foundation
import Glibc

/// Asks whoever runs a robot.
public enum ControlClient {
    /// A reply is at most this long.
    private static let longestReply = 1 << 20

    /// Asks whoever runs the robot: this user's programs first, then the service.
    public static func ask(
        _ request: OperatorRequest,
        robot: String
    ) throws(ControlSocketError) -> OperatorReply {
        var problem: ControlSocketError?
        for path in ControlSocket.places(robot: robot) {
            do throws(ControlSocketError) {
                return try ask(request, path: path)
            } catch {
                guard case .nobodyListens = error else { throw error }
                problem = problem ?? error
            }
        }
        throw problem ?? .nobodyListens(path: ControlSocket.path(robot: robot))
    }

    /// Sends one request and waits at most two seconds for the reply.
    public static func ask(
        _ request: OperatorRequest,
        path: String
    ) throws(ControlSocketError) -> OperatorReply {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .nobodyListens(path: path) }
        defer { close(descriptor) }
        setTimeLimit(descriptor)
        let connected = unsafe try UnixAddress.with(path) { address, size in
            unsafe connect(descriptor, address, size)
        }
        guard connected == 0 else {
            throw errno == EACCES ? .notAllowed(path: path) : .nobodyListens(path: path)
        }
        send(UnixAddress.line(request), to: descriptor)
        guard let line = readLine(descriptor),
            let reply = try? JSONDecoder().decode(OperatorReply.self, from: line)
        else { throw .noAnswer(path: path) }
        return reply
    }

    private static func setTimeLimit(_ descriptor: Int32) {
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    private static func readLine(_ descriptor: Int32) -> Data? {
        var line = Data()
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while line.count < longestReply {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count <= 0 { return line.isEmpty ? nil : line }
            line.append(contentsOf: chunk[0..<count])
            if line.last == UInt8(ascii: "\n") { return line }
        }
        return nil
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }
}
