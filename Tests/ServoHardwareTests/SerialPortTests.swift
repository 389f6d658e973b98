import CModemShim
import Foundation
import Glibc
import Realtime
import ServoProtocol
import Testing

@testable import ServoHardware

/// How a port is opened in a test.
enum OpenedBy: String, Sendable, CaseIterable {
    case libserialport, terminal

    func name(of terminal: PseudoTerminal, in folder: ScratchFolder) throws -> String {
        self == .terminal ? terminal.path : try terminal.listedName(in: folder.url)
    }
}

private func soon(_ milliseconds: Int64) -> Int64 {
    MonotonicClock.now() + milliseconds * 1_000_000
}

@Suite("Serial ports", .serialized, .timeLimit(.minutes(1)))
struct SerialPortTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test("Both libraries open a port at the rate asked for", arguments: OpenedBy.allCases)
    func opensAtRate(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let answersBefore = modem_shim_answers()
        let name = try way.name(of: terminal, in: folder)
        let port = try SerialPort(path: name, baudRate: 1_000_000)
        #expect(port.backEnd == (way == .terminal ? .terminal : .libserialport))
        #expect(terminal.clientRate == 1_000_000)
        try port.setBaudRate(57_600)
        #expect(terminal.clientRate == 57_600)
        if way == .libserialport { #expect(modem_shim_answers() > answersBefore) }
    }

    @Test("Bytes pass in both directions, and every byte value", arguments: OpenedBy.allCases)
    func bytesPass(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let port = try SerialPort(
            path: try way.name(of: terminal, in: folder),
            baudRate: 4_500_000
        )
        let all = (0...255).map { UInt8($0) }
        #expect(try port.write(all, deadline: soon(1000)))
        var received = [UInt8](repeating: 0, count: 256)
        var count = 0
        while count < 256 { count += read(terminal.master, &received[count], 256 - count) }
        #expect(received == all)

        let status = StatusPacket(id: 3, parameters: all)
        let frame = status.encoded()
        #expect(write(terminal.master, frame, frame.count) == frame.count)
        var decoder = PacketDecoder()
        var found: DecodedPacket?
        while found == nil, try port.read(into: &decoder, deadline: soon(1000)) > 0 {
            found = decoder.next()
        }
        #expect(found == .status(status))
    }

    @Test("A read ends at its deadline", arguments: OpenedBy.allCases)
    func deadline(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let port = try SerialPort(path: try way.name(of: terminal, in: folder), baudRate: 57_600)
        var decoder = PacketDecoder()
        let end = soon(20)
        #expect(try port.read(into: &decoder, deadline: end) == 0)
        #expect(MonotonicClock.now() >= end)
        #expect(try port.read(into: &decoder, deadline: 0) == 0)
    }

    @Test("A write into a port nobody reads ends at its deadline", arguments: OpenedBy.allCases)
    func writeDeadline(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let port = try SerialPort(path: try way.name(of: terminal, in: folder), baudRate: 57_600)
        let many = [UInt8](repeating: 0x55, count: 200_000)
        #expect(try port.write(many, deadline: soon(20)) == false)
    }

    @Test("What arrived before a flush is gone", arguments: OpenedBy.allCases)
    func flush(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let port = try SerialPort(path: try way.name(of: terminal, in: folder), baudRate: 57_600)
        let frame = StatusPacket(id: 1).encoded()
        #expect(write(terminal.master, frame, frame.count) == frame.count)
        try port.flushInput()
        var decoder = PacketDecoder()
        #expect(try port.read(into: &decoder, deadline: soon(10)) == 0)
    }

    @Test(
        "A port in use is refused, whoever opened it first and whoever comes second",
        arguments: OpenedBy.allCases,
        OpenedBy.allCases
    )
    func busy(_ first: OpenedBy, _ second: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let paths = (
            try OpenedBy.libserialport.name(of: terminal, in: folder), terminal.path
        )
        let name = first == .terminal ? paths.1 : paths.0
        let other = second == .terminal ? paths.1 : paths.0
        let port = try SerialPort(path: name, baudRate: 1_000_000)
        #expect(throws: HardwareError.portBusy(path: other)) {
            _ = try SerialPort(path: other, baudRate: 57_600)
        }
        // The one in use has not even lost its rate.
        #expect(terminal.clientRate == 1_000_000)
        port.close()
        _ = try SerialPort(path: other, baudRate: 57_600)
    }

    @Test("A device whose other side is gone says so", arguments: OpenedBy.allCases)
    func gone(_ way: OpenedBy) throws {
        let terminal = PseudoTerminal()
        let name = try way.name(of: terminal, in: folder)
        let port = try SerialPort(path: name, baudRate: 57_600)
        terminal.unplug()
        var decoder = PacketDecoder()
        #expect(throws: HardwareError.portGone(path: name)) {
            _ = try port.read(into: &decoder, deadline: soon(100))
        }
        #expect(throws: HardwareError.portGone(path: name)) {
            _ = try port.write([1, 2, 3], deadline: soon(100))
        }
    }

    @Test("A port that is not there, and paths that are no ports, are told apart")
    func noPort() throws {
        do {
            _ = try SerialPort(path: "/dev/ttyNOPE7", baudRate: 57_600)
            Issue.record("opened a port that is not there")
        } catch {
            guard case .portAbsent(let path, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(path == "/dev/ttyNOPE7")
            #expect("\(error)".contains("there is no /dev/ttyNOPE7; plug the adapter in"))
        }
        try folder.write("hello", to: "file")
        for path in [folder.url.path, folder.url.path + "/file"] {
            #expect(throws: HardwareError.notSerial(path: path)) {
                _ = try SerialPort(path: path, baudRate: 57_600)
            }
        }
    }

    @Test(
        "Each errno value leads to the advice that helps",
        arguments: [
            (ENOENT, "plug the adapter in"), (ENODEV, "plug the adapter in"),
            (EACCES, "sudo usermod -aG dialout $USER"), (EPERM, "group dialout"),
            (EBUSY, "in use by another program"), (EWOULDBLOCK, "fuser -v /dev/x"),
            (ENOTTY, "not a serial port"), (EMFILE, "errno 24"),
        ]
    )
    func advice(_ code: Int32, _ words: String) {
        let error = HardwareError.opening("/dev/x", errno: code, present: ["/dev/ttyUSB3"])
        #expect("\(error)".contains("/dev/x"))
        #expect("\(error)".contains(words))
        if code == ENOENT { #expect("\(error)".contains("present: /dev/ttyUSB3")) }
    }

    @Test("An unplugged adapter is recognised by what reads and writes fail with")
    func unplugged() {
        for code in [EIO, ENODEV, ENXIO] {
            #expect(HardwareError.using("/dev/x", errno: code) == .portGone(path: "/dev/x"))
        }
        #expect(HardwareError.using("/dev/x", errno: ENOMEM).description.contains("errno 12"))
    }

    @Test("An adapter that holds bytes back is warned of, one that does not is not")
    func latencyTimer() throws {
        let terminal = PseudoTerminal()
        let name = terminal.path.split(separator: "/").last.map(String.init) ?? ""
        let file = "bus/usb-serial/devices/\(name)/latency_timer"
        try folder.write("16\n", to: file)
        let slow = try SerialPort(
            path: terminal.path,
            baudRate: 57_600,
            sysRoot: folder.url.path
        )
        #expect(slow.latencyWarning?.milliseconds == 16)
        #expect(slow.latencyWarning?.description.contains("latency_timer") == true)
        slow.close()
        try folder.write("1\n", to: file)
        let fast = try SerialPort(
            path: terminal.path,
            baudRate: 57_600,
            sysRoot: folder.url.path
        )
        #expect(fast.latencyWarning == nil)
    }
}
