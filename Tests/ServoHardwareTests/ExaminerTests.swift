import Robot
import ServoEmulator
import ServoProtocol
import Testing

@testable import ServoHardware

@Suite("Checking a bus against the robot file", .serialized, .timeLimit(.minutes(1)))
struct ExaminerTests {
    private let servos = [
        BenchBus.ready(1, place: 0), BenchBus.ready(2, place: 1), BenchBus.ready(3, place: 2),
    ]
    /// What the emulated servos say of themselves, as a calibration would record it.
    private let record = CalibrationRecord(
        measured: "2026-01-01",
        fingerprint: nil,
        joints: (1...3).map { id in
            JointRecord(
                range: 900...3200,
                servo: ServoRecord(
                    id: id,
                    modelNumber: 1030,
                    firmware: 46,
                    homingOffset: 0,
                    driveMode: 0
                )
            )
        }
    )

    private func lines(
        _ bus: BenchBus,
        record: CalibrationRecord? = nil,
        change: (inout RobotDescription) -> Void = { _ in }
    ) throws -> [CheckLine] {
        var robot = TestRobot.robot(port: bus.port)
        robot.tickNanoseconds = 200_000_000
        change(&robot)
        return try DynamixelExaminer().examine(
            BusExamination(robot: robot, bus: 0, port: bus.port, record: record ?? self.record)
        )
    }

    /// The one line about a subject that did not pass.
    private func trouble(_ lines: [CheckLine], _ subject: String) throws -> CheckLine {
        let found = lines.filter { $0.subject == "hand: \(subject)" && $0.verdict != .pass }
        try #require(found.count == 1, "\(lines)")
        return found[0]
    }

    /// Writes a register as somebody else's program would.
    private func write(_ bus: BenchBus, _ id: UInt8, _ name: Register.Name, _ value: Int) throws {
        let bench = try DynamixelBench(port: bus.port, rate: 1_000_000)
        let register = try #require(ControlTable.xm430w210.register(name))
        #expect(try bench.bus.write(id: id, register, value).reply == .value)
        bench.close()
    }

    @Test("servos that are as they should be pass in every line, and nothing is written")
    func well() throws {
        let bus = try BenchBus(servos)
        let lines = try lines(bus)
        #expect(lines.allSatisfy { $0.verdict == .pass }, "\(lines)")
        let subjects = [
            "servos", "firmware", "voltage", "temperature", "hardware errors", "torque",
            "watchdog", "return delay", "calibration", "limits", "time",
        ]
        #expect(lines.map(\.subject) == subjects.map { "hand: \($0)" })
        #expect(bus.writes.isEmpty)
    }

    @Test("voltage outside the servo's own limits, heat, hardware errors, torque")
    func conditions() throws {
        let bus = try BenchBus(servos)
        bus.conditions(0, temperature: 60, volts: 12)
        // The model's factory limits are 9.5 and 16 V (e-manual); the robot stops at 65 degC.
        bus.conditions(1, temperature: 66, volts: 9.1)
        bus.inject(.hardwareError(0x10), 3)
        try write(bus, 1, .torqueEnable, 1)
        let lines = try lines(bus)
        let low = try trouble(lines, "voltage")
        #expect(low.verdict == .fail && low.finding.contains("b (ID 2): 9.1 V"))
        let warm = lines.filter { $0.subject == "hand: temperature" }
        #expect(warm.map(\.verdict) == [.warn, .fail])
        // The second one notices its low voltage itself.
        let errors = lines.filter { $0.subject == "hand: hardware errors" }
        #expect(errors.map(\.verdict) == [.fail, .fail])
        #expect(errors.first?.finding.contains("input voltage") == true)
        #expect(errors.last?.finding.contains("electrical shock") == true)
        #expect(errors.last?.remedy.contains("sacbot reboot --robot test c") == true)
        let torque = try trouble(lines, "torque")
        #expect(torque.verdict == .warn && torque.remedy.contains("sacbot release"))
    }

    @Test("a servo whose zero was moved since it was calibrated fails")
    func homingOffset() throws {
        let bus = try BenchBus(servos)
        try write(bus, 2, .homingOffset, 100)
        let line = try trouble(try lines(bus), "calibration")
        #expect(line.verdict == .fail)
        #expect(line.finding.contains("Homing Offset is 100, was 0"))
        #expect(line.remedy.contains("sacbot calibrate"))
    }

    @Test("a servo that was turned round since it was calibrated fails")
    func driveMode() throws {
        let bus = try BenchBus(servos)
        try write(bus, 2, .driveMode, 1)
        let line = try trouble(try lines(bus), "calibration")
        #expect(line.verdict == .fail && line.finding.contains("direction"))
    }

    @Test("limits beyond the measured range warn; a calibration without servos warns")
    func ranges() throws {
        let bus = try BenchBus(servos)
        var narrow = record
        // Limits are +-90 degrees around 2048: pulses 1024 to 3072.
        narrow.joints[0].range = 1200...3200
        let limits = try trouble(try lines(bus, record: narrow), "limits")
        #expect(limits.verdict == .warn && limits.finding.contains("1200"))
        var plain = record
        plain.joints = plain.joints.map { _ in JointRecord() }
        #expect(try trouble(try lines(bus, record: plain), "calibration").verdict == .warn)
    }

    @Test("another robot's limits left in a servo warn")
    func fence() throws {
        let bus = try BenchBus(servos)
        try write(bus, 3, .maxPositionLimit, 2100)
        let line = try trouble(try lines(bus), "limits")
        #expect(line.verdict == .warn && line.finding.contains("0 to 2100"))
    }

    @Test("a return delay as it leaves the factory warns, and counts in the tick")
    func returnDelay() throws {
        let bus = try BenchBus(servos)
        try write(bus, 1, .returnDelayTime, 250)
        let line = try trouble(try lines(bus), "return delay")
        #expect(line.finding.contains("500 us"))
    }

    @Test("firmware without a watchdog fails, unless the file accepts that")
    func watchdog() throws {
        let bus = try BenchBus(servos) { $0.firmwareVersion = 37 }
        var old = record
        for index in old.joints.indices { old.joints[index].servo?.firmware = 37 }
        let strict = try lines(bus, record: old).filter { $0.subject == "hand: watchdog" }
        #expect(strict.map(\.verdict) == [.fail, .fail, .fail])
        let accepting = try lines(bus, record: old) { $0.buses[0].servoWatchdog = nil }
        #expect(try trouble(accepting, "watchdog").verdict == .warn)
    }

    @Test("a tick that the bytes do not fit in is refused")
    func tick() throws {
        let bus = try BenchBus(servos)
        // Three servos: 17 + 63 + 29 + 32 bytes are 1.4 ms at 1 Mbit/s.
        let line = try trouble(try lines(bus) { $0.tickNanoseconds = 1_000_000 }, "time")
        #expect(line.verdict == .fail && line.finding.contains("141 bytes"))
    }

    @Test("missing servos, strangers and wrong models are named")
    func who() throws {
        var wrong = BenchBus.ready(3, place: 1)
        wrong.table = .xl330m288
        wrong.nominalVoltage = 5
        let bus = try BenchBus([BenchBus.ready(1, place: 0), wrong, BenchBus.ready(9, place: 2)])
        let found = try lines(bus).filter { $0.subject == "hand: servos" }
        let text = found.map(\.finding).joined(separator: "\n")
        #expect(found.allSatisfy { $0.verdict == .fail })
        #expect(text.contains("servo 2 (joint `b`) does not answer"))
        #expect(text.contains("servo 3 (joint `c`) is XL330-M288"))
        #expect(text.contains("ID 9"))
    }

    @Test("servos at another rate: the rate they answer at")
    func rate() throws {
        var setups = servos
        for index in setups.indices { setups[index].baudRate = 115_200 }
        let bus = try BenchBus(setups)
        let found = try lines(bus).filter { $0.subject == "hand: servos" }
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.finding.contains("answers at 115200 bit/s") })
    }
}
