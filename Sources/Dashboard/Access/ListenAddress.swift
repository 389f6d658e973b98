import Glibc

/// Where the dashboard listens: an IP address and a TCP port.
///
/// Written `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`. Names other than `localhost` are not
/// taken, because what they stand for is somebody else's decision.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The numeric address.
    public let host: String
    /// The port; 0 lets the system choose.
    public let port: Int
    /// Whether only programs on this machine can connect.
    public let isLoopback: Bool

    /// Where the dashboard listens unless it is told otherwise.
    public static let usual = ListenAddress(host: "127.0.0.1", port: 8470, isLoopback: true)

    private init(host: String, port: Int, isLoopback: Bool) {
        (self.host, self.port, self.isLoopback) = (host, port, isLoopback)
    }

    /// An address and a port; `nil` if it is neither a numeric address nor `localhost`, or if the
    /// port is not in 0...65535.
    public init?(host: String, port: Int) {
        guard (0...65535).contains(port) else { return nil }
        let bare =
            host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
        // Not looked up: /etc/hosts could send it elsewhere.
        if bare == "localhost" {
            self.init(host: "127.0.0.1", port: port, isLoopback: true)
        } else if let first = Self.firstByte(ofVersion4: String(bare)) {
            self.init(host: String(bare), port: port, isLoopback: first == 127)
        } else if let bytes = Self.bytes(ofVersion6: String(bare)) {
            let isLoopback = bytes == [UInt8](repeating: 0, count: 15) + [1]
            self.init(host: String(bare), port: port, isLoopback: isLoopback)
        } else {
            return nil
        }
    }

    /// Reads `ADDRESS:PORT`, `ADDRESS` with the usual port, or `PORT` on this machine.
    public init?(_ text: String) {
        if let port = Int(text) {
            self.init(host: "127.0.0.1", port: port)
        } else if let colon = text.lastIndex(of: ":"), !Self.isBareVersion6(text) {
            guard let port = Int(text[text.index(after: colon)...]) else { return nil }
            self.init(host: String(text[..<colon]), port: port)
        } else {
            self.init(host: text, port: Self.usual.port)
        }
    }

    /// As it is written in a URL.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isBareVersion6(_ text: String) -> Bool {
        !text.hasPrefix("[") && text.count(where: { $0 == ":" }) > 1 || text.hasSuffix("]")
    }

    private static func firstByte(ofVersion4 text: String) -> UInt8? {
        var address = in_addr()
        guard unsafe inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return UInt8(truncatingIfNeeded: address.s_addr)
    }

    private static func bytes(ofVersion6 text: String) -> [UInt8]? {
        var address = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return unsafe withUnsafeBytes(of: address) { unsafe [UInt8]($0) }
    }
}
