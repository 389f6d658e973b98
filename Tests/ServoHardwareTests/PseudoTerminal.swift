import CModemShim
import Foundation
import Glibc
import Realtime
import ServoProtocol
import Synchronization

/// Both ends of a pseudo-terminal, opened without the code under test.
final class PseudoTerminal: Sendable {
    let master: Int32
    let path: String
    private let keeper: Int32
    private let isOpen = Mutex(true)

    init() {
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        master = modem_shim_open_terminal(&slave, &name, 64)
        precondition(master >= 0)
        keeper = slave
        path = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    deinit { unplug() }

    /// Closes the device's end, as unplugging an adapter does.
    func unplug() {
        isOpen.withLock { isOpen in
            guard isOpen else { return }
            isOpen = false
            close(keeper)
            close(master)
        }
    }

    /// The rate the client has set, bits per second.
    var clientRate: Int { Int(modem_shim_rate(master)) }

    /// A name under /dev under which libserialport takes the terminal: a symbolic link whose path,
    /// seen from /sys/class/tty, exists too.
    func listedName(in folder: URL) throws -> String {
        let link = folder.appendingPathComponent("ttySIM\(master)")
        try FileManager.default.createSymbolicLink(
            atPath: link.path,
            withDestinationPath: path
        )
        return "/dev/../../..\(link.path)"
    }
}

/// A device made of a pseudo-terminal and a function from requests to answers.
final class ScriptedDevice: Sendable {
    let terminal = PseudoTerminal()
    private let thread: WorkThread

    /// Each inner array of the answer is written on its own.
    init(_ answer: @escaping @Sendable (DecodedPacket) -> [[UInt8]]) {
        let master = terminal.master
        let flag = StopFlag()
        stopFlag = flag
        thread = WorkThread(name: "device") {
            var decoder = PacketDecoder()
            var bytes = [UInt8](repeating: 0, count: 4096)
            while !flag.isSet {
                var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 20) > 0 else { continue }
                let count = read(master, &bytes, bytes.count)
                guard count > 0 else { continue }
                decoder.append(bytes[..<count])
                while let packet = decoder.next() {
                    for chunk in answer(packet) { _ = write(master, chunk, chunk.count) }
                }
            }
        }
    }

    private let stopFlag: StopFlag

    func stop() {
        stopFlag.set()
        thread.join()
    }

    deinit { stop() }
}

/// Set once, by anybody.
final class StopFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// A folder that goes away with the object.
final class ScratchFolder {
    let url: URL
    init() throws {
        url = URL(fileURLWithPath: "/tmp/sacbot-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            print("could not remove \(url.path): \(error)")
        }
    }

    func write(_ text: String, to path: String) throws {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(to: file, atomically: false, encoding: .utf8)
    }
}
