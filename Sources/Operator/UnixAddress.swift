import Foundation
import Glibc

/// What server and client of a Unix socket share.
enum UnixAddress {
    /// Calls `body` with the address of a path; one that begins with `@` is an abstract name.
    static func with<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(ControlSocketError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { throw .pathTooLong(path: path) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var size = MemoryLayout<sockaddr_un>.size
        if bytes.first == UInt8(ascii: "@") {
            // Such a name begins with a zero and is as long as its address says.
            address.sun_path.0 = 0
            size -= room - bytes.count
        }
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(size))
            }
        }
    }

    /// A value as one line; our own types always encode, and the other side refuses an empty line.
    static func line(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array((try? encoder.encode(value)) ?? Data()) + [UInt8(ascii: "\n")]
    }
}
