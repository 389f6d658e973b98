import Glibc

/// Sends datagrams to a Unix socket; what nobody takes is lost, nothing waits for long.
struct DatagramSender: Sendable {
    /// Where to.
    let path: String
    private let descriptor: Int32

    /// A sender, or `nil` if the machine has no socket left; it is never closed.
    init?(path: String) {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return nil }
        self.path = path
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    /// Sends one datagram; false if it could not be delivered.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        let sent = unsafe try? UnixAddress.with(path) { address, size in
            unsafe bytes.withUnsafeBytes {
                unsafe sendto(
                    descriptor,
                    $0.baseAddress,
                    $0.count,
                    Int32(MSG_NOSIGNAL),
                    address,
                    size
                )
            }
        }
        return sent == bytes.count
    }
}
