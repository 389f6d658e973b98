import Foundation
import Testing

@testable import ServoHardware

/// A copy of /dev, /sys and /etc as far as bring-up looks at them.
final class SystemFixture {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "sacbot-root-" + UUID().uuidString
        try make("dev/serial/by-id")
        try make("sys/bus/usb-serial/devices")
        try make("etc/udev/rules.d")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func make(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: root + "/" + folder,
            withIntermediateDirectories: true
        )
    }

    func write(_ path: String, _ text: String) throws {
        try text.write(toFile: root + "/" + path, atomically: false, encoding: .utf8)
    }

    /// An adapter with the names udev gives it.
    func plugIn(_ name: String, id: String?, latency: Int?) throws {
        try write("dev/" + name, "")
        if let id {
            try FileManager.default.createSymbolicLink(
                atPath: root + "/dev/serial/by-id/" + id,
                withDestinationPath: "../../" + name
            )
        }
        guard let latency else { return }
        try make("sys/bus/usb-serial/devices/" + name)
        try write("sys/bus/usb-serial/devices/\(name)/latency_timer", "\(latency)\n")
    }
}

@Suite("Ports as /dev and /sys show them")
struct PortExaminerTests {
    private func line(_ lines: [CheckLine], _ subject: String) -> CheckLine? {
        lines.first { $0.subject == "hand: \(subject)" }
    }

    private func examine(_ fixture: SystemFixture, _ port: String) -> [CheckLine] {
        PortExaminer(root: fixture.root).examine(
            port: fixture.root + port,
            bus: "hand",
            tickSeconds: 0.010
        )
    }

    @Test("USB adapters are listed under the names that survive replugging")
    func list() throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB0", id: "usb-FTDI_U2D2_FT1-if00-port0", latency: 16)
        try fixture.plugIn("ttyACM3", id: nil, latency: nil)
        try fixture.write("dev/ttyS0", "")
        let entries = SerialPortList(root: fixture.root).entries()
        #expect(
            entries.map(\.path) == [
                fixture.root + "/dev/ttyACM3",
                fixture.root + "/dev/serial/by-id/usb-FTDI_U2D2_FT1-if00-port0",
            ]
        )
        #expect(entries.map(\.isStable) == [false, true])
    }

    @Test("our own names come before the distribution's")
    func ownNames() throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB0", id: "usb-FTDI_U2D2_FT1-if00-port0", latency: 1)
        try fixture.make("dev/sacbot")
        try FileManager.default.createSymbolicLink(
            atPath: fixture.root + "/dev/sacbot/FT1",
            withDestinationPath: "../ttyUSB0"
        )
        let entries = SerialPortList(root: fixture.root).entries()
        #expect(entries.map(\.path) == [fixture.root + "/dev/sacbot/FT1"])
    }

    @Test("an absent port fails and names those that are there")
    func absent() throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB1", id: nil, latency: 1)
        let lines = examine(fixture, "/dev/ttyUSB0")
        #expect(lines.map(\.verdict) == [.fail])
        #expect(lines[0].remedy.contains("/dev/ttyUSB1"))
    }

    @Test("a kernel name warns and names the stable one")
    func unstable() throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB0", id: "usb-FTDI_FT1", latency: 1)
        let lines = examine(fixture, "/dev/ttyUSB0")
        let name = try #require(line(lines, "port"))
        #expect(name.verdict == .warn)
        #expect(name.remedy.contains("/dev/serial/by-id/usb-FTDI_FT1"))
        let stable = examine(fixture, "/dev/serial/by-id/usb-FTDI_FT1")
        #expect(line(stable, "port")?.verdict == .pass)
    }

    @Test(
        "an adapter that holds bytes back warns, and fails if a tick is not longer",
        arguments: [(1, CheckLine.Verdict.pass), (4, .warn), (16, .fail)]
    )
    func latency(milliseconds: Int, verdict: CheckLine.Verdict) throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB0", id: "usb-FTDI_FT1", latency: milliseconds)
        let lines = examine(fixture, "/dev/serial/by-id/usb-FTDI_FT1")
        let latency = try #require(line(lines, "latency timer"))
        #expect(latency.verdict == verdict)
        if verdict != .pass { #expect(latency.remedy.contains("ttyUSB0/latency_timer")) }
    }

    @Test("the udev rule is looked for where udev looks")
    func rule() throws {
        let fixture = try SystemFixture()
        try fixture.plugIn("ttyUSB0", id: "usb-FTDI_FT1", latency: 1)
        let port = "/dev/serial/by-id/usb-FTDI_FT1"
        #expect(line(examine(fixture, port), "udev rule")?.verdict == .warn)
        try fixture.write("etc/udev/rules.d/60-sacbot.rules", "")
        #expect(line(examine(fixture, port), "udev rule")?.verdict == .pass)
    }

    @Test("a pseudo-terminal has neither a latency timer nor a rule")
    func terminal() throws {
        let bus = try BenchBus([])
        let lines = PortExaminer().examine(port: bus.port, bus: "hand", tickSeconds: 0.01)
        #expect(lines.map(\.subject) == ["hand: port", "hand: permission"])
        #expect(lines.allSatisfy { $0.verdict == .pass })
    }
}
