import CTerminal
import Glibc
import Synchronization

/// A pair of terminal ends: the emulator's and the one a client opens.
///
/// The client's end is kept open here too, or the emulator's would hang up as soon as a client
/// closes it. Both close when the object goes; a client then reads the end of the file, which is
/// as near as a pty comes to a pulled adapter.
final class PseudoTerminal: Sendable {
    /// What a client opens.
    let path: String
    private let master: Int32
    private let slave: Int32
    private let isOpen = Atomic(true)

    init() throws(EmulatorError) {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        let length = Int32(name.count)
        let status = unsafe name.withUnsafeMutableBufferPointer { buffer in
            unsafe sacbot_open_pty(&master, &slave, buffer.baseAddress, length)
        }
        guard status == 0 else { throw .noTerminal(errno: -status) }
        let end = name.firstIndex(of: 0) ?? name.endIndex
        path = String(decoding: name[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.master = master
        self.slave = slave
    }

    deinit { hangUp() }

    /// Closes both ends: a client reads the end of the file.
    ///
    /// Nothing but `withdraw` may be called after it, and later calls do nothing.
    func hangUp() {
        guard isOpen.exchange(false, ordering: .relaxed) else { return }
        close(slave)
        close(master)
    }

    /// What the client has set its end to, in bits per second.
    var clientBaudRate: Int { Int(sacbot_get_baud(master)) }

    /// Waits for bytes; returns whether there are any.
    func waitForInput(nanoseconds: Int64) -> Bool {
        let events = sacbot_wait(master, 0, nanoseconds)
        return events > 0 && events & POLLIN != 0
    }

    /// The bytes that are there, none if there are none.
    func read() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = unsafe chunk.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(master, buffer.baseAddress, buffer.count)
        }
        return count > 0 ? Array(chunk[..<count]) : []
    }

    /// Hands bytes to the client; false if there was no room for all of them.
    func write(_ bytes: [UInt8]) -> Bool {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.write(master, buffer.baseAddress, buffer.count)
        }
        return count == bytes.count
    }

    /// Makes `link` a name for the client's end; a symbolic link that is there is replaced.
    func publish(as link: String) throws(EmulatorError) {
        var status = stat()
        if unsafe lstat(link, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
            _ = unsafe unlink(link)
        }
        guard unsafe symlink(path, link) == 0 else { throw .noLink(path: link, errno: errno) }
    }

    /// Takes `link` away if it still names this terminal.
    func withdraw(_ link: String) {
        var target = [CChar](repeating: 0, count: 256)
        let count = unsafe target.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe readlink(link, $0, buffer.count) } ?? -1
        }
        guard count > 0 else { return }
        let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text == path { _ = unsafe unlink(link) }
    }
}
