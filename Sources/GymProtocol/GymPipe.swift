import Glibc

/// Why nothing more comes over a pipe.
public enum GymPipeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The other side closed its end or is gone.
    case closed
    /// What came is none of our messages.
    case malformed(String)

    /// What happened, for people.
    public var description: String {
        switch self {
        case .closed: "the other side is gone"
        case .malformed(let what):
            "what came over the pipe is not understood (\(what)); something else writes to it, "
                + "or the two sides are of different versions"
        }
    }
}

/// One side of the bridge between a learner and a Gymnasium environment.
///
/// Each message is its length (4 bytes, of what follows), its kind (a letter) and its body, all
/// little-endian; README.md in Benchmarks/gymnasium lists them. Blocks until a message is there.
/// Whoever makes one ignores SIGPIPE. Used by one thread.
public struct GymPipe: Sendable {
    /// Longer messages are taken for noise.
    static let longestMessage = 1 << 24

    private let reading: Int32
    private let writing: Int32

    /// A pipe over two open descriptors, which stay the caller's.
    public init(reading: Int32, writing: Int32) {
        self.reading = reading
        self.writing = writing
    }

    /// Sends a request.
    public func send(_ request: GymRequest) throws(GymPipeError) { try send(request.message) }

    /// Sends a reply.
    public func send(_ reply: GymReply) throws(GymPipeError) { try send(reply.message) }

    /// The next request.
    public func nextRequest() throws(GymPipeError) -> GymRequest {
        try GymRequest(try nextMessage())
    }

    /// The next reply.
    public func nextReply() throws(GymPipeError) -> GymReply { try GymReply(try nextMessage()) }

    private func send(_ message: Message) throws(GymPipeError) {
        var frame = Message(kind: 0)
        frame.append(UInt32(message.body.count + 1))
        let bytes = frame.body + [message.kind] + message.body
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe write(writing, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .closed }
            sent += count
        }
    }

    private func nextMessage() throws(GymPipeError) -> Message {
        var frame = MessageReader(Message(kind: 0, body: try bytes(4)))
        let length = Int(try frame.halfWord())
        guard (1...Self.longestMessage).contains(length) else {
            throw .malformed("a message of \(length) bytes")
        }
        let content = try bytes(length)
        return Message(kind: content[0], body: Array(content.dropFirst()))
    }

    private func bytes(_ wanted: Int) throws(GymPipeError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: wanted)
        var got = 0
        while got < wanted {
            let count = unsafe bytes[got...].withUnsafeMutableBytes {
                unsafe read(reading, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .closed }
            got += count
        }
        return bytes
    }
}
