import Robot
import ServoEmulator
import ServoProtocol
import Synchronization
import Testing

@testable import ServoHardware

@Suite("Searching ports for devices", .serialized, .timeLimit(.minutes(1)))
struct DeviceScanTests {
    /// A protocol with one device at one rate, on some ports.
    private struct Fake: DeviceProbe {
        let wire: String
        let rates: [Int]
        let answersAt: Int

        func find(port: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
            if port == "busy" { throw .portBusy(path: port) }
            if rate == 4_000_000 { throw .rateRefused(path: port, rate: rate) }
            guard rate == answersAt else { return [] }
            return [FoundDevice(wire: wire, port: port, baudRate: rate, id: 1, model: "m")]
        }
    }

    private let probes: [any DeviceProbe] = [
        Fake(wire: "one", rates: [57_600, 4_000_000, 1_000_000], answersAt: 1_000_000),
        Fake(wire: "two", rates: [115_200], answersAt: 115_200),
    ]

    @Test("every protocol at every rate on every port; trouble with one is told, not thrown")
    func ports() {
        var steps: [DeviceScan.Step] = []
        let outcome = DeviceScan(probes: probes).run(ports: ["a", "busy", "b"]) { steps.append($0) }
        #expect(outcome.devices.map(\.port) == ["a", "a", "b", "b"])
        #expect(outcome.devices.map(\.wire) == ["one", "two", "one", "two"])
        #expect(outcome.troubles.map(\.error) == [.portBusy(path: "busy")])
        #expect(outcome.refusedRates == [4_000_000, 4_000_000])
        // Four steps a port; the busy one is given up after its first.
        #expect(steps.count == 9 && steps.allSatisfy { $0.count == 12 })
    }

    @Test("given rates replace the protocols' own")
    func rates() {
        let outcome = DeviceScan(probes: probes).run(ports: ["a"], rates: [115_200])
        #expect(outcome.devices.map(\.wire) == ["two"])
    }

    @Test("a Dynamixel is found with what it says of itself, and nothing is written")
    func dynamixel() throws {
        let bus = try BenchBus([
            BenchBus.ready(7, place: 0), BenchBus.factoryNew(.xl330m288, place: 1),
        ])
        bus.conditions(0, temperature: 41, volts: 11.3)
        bus.inject(.hardwareError(0x24), 7)
        let found = DeviceScan(probes: [DynamixelProbe()]).run(
            ports: [bus.port],
            rates: [57_600, 1_000_000]
        )
        #expect(found.devices.map(\.model) == ["XL330-M288", "XM430-W210"])
        #expect(found.devices.map(\.baudRate) == [57_600, 1_000_000])
        let servo = try #require(found.devices.last)
        #expect(servo.id == 7 && servo.firmware == 46 && servo.returnDelay == 0)
        #expect(servo.temperature == 41 && servo.inputVoltage == 11.3)
        // Bits 2 and 5 of Hardware Error Status (e-manual): overheating, overload.
        #expect(servo.condition == "overheating, overload")
        #expect(found.devices.first?.condition == "ok")
        #expect(bus.writes.isEmpty)
    }

    @Test("two servos of one ID are called that, whatever they have in common")
    func collision() throws {
        let alike = try BenchBus([
            BenchBus.factoryNew(place: 0, pulses: 1000),
            BenchBus.factoryNew(place: 1, pulses: 3000),
        ])
        let found = try DynamixelProbe().find(port: alike.port, rate: 57_600)
        #expect(found.map(\.id) == [1] && found.allSatisfy(\.isCollision))
        let different = try BenchBus([
            BenchBus.factoryNew(place: 0), BenchBus.factoryNew(.xl330m288, place: 1),
        ])
        let both = try DynamixelProbe().find(port: different.port, rate: 57_600)
        #expect(both.map(\.id) == [1] && both.allSatisfy(\.isCollision))
    }

    @Test("one servo alone is never taken for two, even when an answer is damaged")
    func noFalseCollision() throws {
        let bus = try BenchBus([BenchBus.ready(7, place: 0)])
        bus.inject(.corruptReplies(2), 7)
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        let device = try #require(try bench.device(id: 7))
        #expect(!device.isCollision)
    }
}

@Suite("Taking care of single servos", .serialized, .timeLimit(.minutes(1)))
struct DeviceBenchTests {
    @Test("release switches off by the servo's own ID and proves it")
    func release() throws {
        let bus = try BenchBus([BenchBus.ready(1, place: 0), BenchBus.ready(2, place: 1)])
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        let torque = try #require(ControlTable.xm430w210.register(.torqueEnable))
        for id in [UInt8(1), 2] { _ = try bench.bus.write(id: id, torque, 1) }
        #expect(try bench.release(id: 1))
        #expect(bus.register(.torqueEnable, 0) == 0)
        #expect(bus.register(.torqueEnable, 1) == 1)
        #expect(bus.writes.allSatisfy { $0.id != Dynamixel2.broadcastID })
    }

    @Test("a servo that cannot answer is told nevertheless, and counts as not confirmed")
    func deafHost() throws {
        let bus = try BenchBus([BenchBus.ready(1, place: 0)])
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        let torque = try #require(ControlTable.xm430w210.register(.torqueEnable))
        _ = try bench.bus.write(id: 1, torque, 1)
        bus.inject(.dropReplies(1000), 1)
        #expect(try bench.release(id: 1) == false)
        #expect(bus.register(.torqueEnable) == 0)
    }

    @Test("a restart clears a hardware error whose cause is gone, and is waited for")
    func reboot() throws {
        let bus = try BenchBus([BenchBus.ready(1, place: 0)]) {
            $0.bootNanoseconds = 500_000_000
        }
        bus.inject(.hardwareError(0x20), 1)
        bus.inject(.hardwareError(0), 1)
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        guard case .restarted(let before, let after) = try bench.reboot(id: 1) else {
            Issue.record("not restarted")
            return
        }
        #expect(before.errorWords == "overload")
        #expect(after.errorWords == "" && after.hasTorque == false)
    }

    // 90 degrees are 1024 pulses, the following error of 20 degrees is 228 (TestRobot).
    @Test("a calibrated servo gets the limits of its joint, once")
    func limits() throws {
        let bus = try BenchBus([BenchBus.ready(1, place: 0)])
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        let joint = TestRobot.robot(ids: [1], port: "").joints[0]
        let calibration = JointCalibration(zeroPulse: 2000, direction: -1)
        for _ in 0..<2 { #expect(try bench.setLimits(of: joint, calibration: calibration)) }
        #expect(bus.register(.minPositionLimit) == 2000 - 1024 - 228)
        #expect(bus.register(.maxPositionLimit) == 2000 + 1024 + 228)
        #expect(bus.writes.map(\.id) == [1, 1])
    }

    @Test("nobody there: said, not waited for")
    func silent() throws {
        let bus = try BenchBus([BenchBus.ready(1, place: 0)])
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        #expect(try bench.reboot(id: 9) == .silent)
        #expect(try bench.record(id: 9) == nil)
    }
}
