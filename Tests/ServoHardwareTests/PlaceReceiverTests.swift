import Foundation
import Glibc
import Realtime
import Robot
import ServoProtocol
import Testing

@testable import ServoHardware

@Suite("Datagrams over sockets", .serialized, .timeLimit(.minutes(1)))
struct PlaceReceiverTests {
    private static func datagram(_ number: UInt32, x: Double) -> [UInt8] {
        PlaceDatagram(
            flags: [.place, .height, .heading, .sharedClock],
            sequence: number,
            time: MonotonicClock.now(),
            place: SIMD3(x, 0, 0.2)
        ).bytes
    }

    /// Sends to a Unix socket or a port of this machine.
    private static func send(_ bytes: [UInt8], to sensor: SpeedSensorDescription) {
        switch sensor.source {
        case .legs: return
        case .udp(let port):
            let line = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { _ = close(line) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(line, bytes, bytes.count, 0, $0, 16)
                }
            }
        case .unix(let path):
            let line = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            defer { _ = close(line) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(line, bytes, bytes.count, 0, $0, 110)
                }
            }
        }
    }

    /// Waits until so many datagrams were looked at, two seconds at most.
    private static func settle(_ receiver: PlaceReceiver, _ count: Int) -> PlaceReceiver.Tally {
        let end = MonotonicClock.now() + 2_000_000_000
        while MonotonicClock.now() < end {
            let tally = receiver.tally
            if tally.taken + tally.dropped + tally.malformed >= count { return tally }
            MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
        }
        return receiver.tally
    }

    private static let unix = SpeedSensorDescription(
        source: .unix(path: "/tmp/sacbot-place-\(getpid())")
    )

    @Test("what is sent arrives, in order; damage and doubles are counted")
    func arrives() throws {
        // A port that the system has to spare.
        let udp = SpeedSensorDescription(source: .udp(port: 20_000 + Int(getpid()) % 20_000))
        for sensor in [udp, Self.unix] {
            let receiver = try PlaceReceiver(sensor)
            defer { receiver.close() }
            for number in 1...5 {
                Self.send(Self.datagram(UInt32(number), x: Double(number)), to: sensor)
            }
            Self.send(Self.datagram(3, x: 9), to: sensor)
            Self.send([1, 2, 3], to: sensor)
            Self.send(Self.datagram(6, x: 9) + [0], to: sensor)
            let tally = Self.settle(receiver, 8)
            #expect((tally.taken, tally.dropped, tally.malformed) == (5, 1, 2), "\(sensor.source)")
            #expect(tally.sharesClock)
            let place = receiver.newest.takeIfNew()
            #expect(place?.x == 5 && place?.height == 0.2)
            #expect(receiver.newest.takeIfNew() == nil)
        }
    }

    @Test("the sender in docs/speed-sensor.md is understood")
    func documentedSender() throws {
        let page = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/speed-sensor.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let begin = try #require(text.range(of: "```python\n"))
        let end = try #require(text.range(of: "```", range: begin.upperBound..<text.endIndex))
        let port = 40_000 + Int(getpid()) % 20_000
        let receiver = try PlaceReceiver(SpeedSensorDescription(source: .udp(port: port)))
        defer { receiver.close() }
        let sender = Process()
        sender.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script = String(text[begin.upperBound..<end.lowerBound])
        sender.arguments = ["python3", "-c", script, "\(port)", "20"]
        try sender.run()
        sender.waitUntilExit()
        let tally = Self.settle(receiver, 20)
        #expect((tally.taken, tally.dropped, tally.malformed) == (20, 0, 0))
        #expect(tally.sharesClock && sender.terminationStatus == 0)
        let place = try #require(receiver.newest.takeIfNew())
        // Half a metre a second, a hundredth of a second apart at least.
        #expect(place.x > 0.09 && place.y == 0 && place.height == 0.2)
    }

    @Test("a socket in use is refused in words; one that was left behind is taken over")
    func inUse() throws {
        let first = try PlaceReceiver(Self.unix)
        #expect(throws: HardwareError.self) { try PlaceReceiver(Self.unix) }
        // The first one still hears.
        Self.send(Self.datagram(1, x: 1), to: Self.unix)
        #expect(Self.settle(first, 1).taken == 1)
        first.close()
        first.close()
        // As after `kill -9`: the name is there and nobody behind it.
        guard case .unix(let path) = Self.unix.source else { return }
        let line = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(line, $0, 110) }
        }
        #expect(bound == 0)
        _ = close(line)
        let second = try PlaceReceiver(Self.unix)
        second.close()
        #expect(access(path, F_OK) != 0)
    }
}
