import Foundation
import Glibc
import Testing

/// A service manager's end of sd_notify(3): takes what a daemon says, line by line, in order.
final class NotifySocket {
    let path: String
    /// Everything that has come.
    private(set) var lines: [String] = []
    private let descriptor: Int32
    private var waited = 0

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0, "errno \(errno)")
    }

    deinit { close(descriptor) }

    /// Waits for the next line that begins so, counted from the one last waited for.
    @discardableResult
    func line(_ start: String, from process: ChildProcess) throws -> String {
        let deadline = Date().addingTimeInterval(ChildProcess.patience)
        while true {
            take(within: 50)
            for index in lines.indices.dropFirst(waited) where lines[index].hasPrefix(start) {
                waited = index + 1
                return lines[index]
            }
            try process.expectRunning()
            if Date() > deadline {
                throw ChildFailure(description: "waited in vain for \(start): \(lines)")
            }
        }
    }

    /// Takes what has come, and forgets what was waited for; how many lines were just so.
    func takeCount(of line: String) -> Int {
        take(within: 0)
        let count = lines.dropFirst(waited).filter { $0 == line }.count
        waited = lines.count
        return count
    }

    private func take(within milliseconds: Int32) {
        var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        var patience = milliseconds
        while poll(&waiting, 1, patience) > 0 {
            patience = 0
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return }
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            lines += text.split(separator: "\n").map(String.init)
        }
    }
}
