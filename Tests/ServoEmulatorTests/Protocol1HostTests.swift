import Realtime
import Robot
import ServoProtocol
import Testing

@testable import Safety
@testable import ServoEmulator
@testable import ServoHardware

/// A model that speaks protocol 1, and the bus it is on.
struct Protocol1Model: Sendable, CustomTestStringConvertible {
    let servo: ServoSpecification
    let wire: BusProtocol
    let zero: Int

    static let all: [Protocol1Model] = [
        Protocol1Model(servo: .ax12a, wire: .dynamixel1, zero: 512),
        Protocol1Model(servo: .mx28Protocol1, wire: .dynamixel1, zero: 2048),
        Protocol1Model(servo: .sts3215, wire: .feetech, zero: 2048),
    ]

    var testDescription: String { servo.name }

    /// Two such servos, IDs 4 and 7, on one bus; the second one's pulses fall with its angle.
    func robot(port: String = "") -> RobotDescription {
        RobotDescription(
            name: "two",
            joints: [joint("a", 4), joint("b", 7)],
            calibration: [
                JointCalibration(zeroPulse: zero, direction: 1),
                JointCalibration(zeroPulse: zero, direction: -1),
            ],
            buses: [
                ServoBusDescription(
                    name: "x",
                    port: port,
                    wire: wire,
                    baudRate: 1_000_000,
                    servoWatchdog: nil
                )
            ],
            tickNanoseconds: 10_000_000,
            modelPath: nil,
            stop: .hold,
            emergencyStop: .release,
            arming: .manual
        )
    }

    private func joint(_ name: String, _ id: UInt8) -> Joint {
        Joint(
            name: name,
            role: .actuated,
            busIndex: 0,
            servoID: id,
            servo: servo,
            limits: JointLimits(
                position: -1...1,
                goalVelocity: 2,
                tripVelocity: 6,
                current: servo.stallCurrent / 2,
                followingError: 0.5,
                pauseTemperature: 60,
                stopTemperature: 68
            ),
            resetPosition: 0,
            gains: .registers(PositionGains(proportional: 32, integral: 0, derivative: 0))
        )
    }
}

@Suite("Our own host drives protocol 1 servos", .serialized, .timeLimit(.minutes(1)))
struct Protocol1HostTests {
    /// An emulated robot and the host that holds it.
    private struct Pair {
        var servos: EmulatedRobot
        var body: ServoBody
        var state = BodyState(jointCount: 2)
        var tick: UInt64 = 0

        init(_ model: Protocol1Model, change: (EmulatedProtocol1Bus) -> Void = { _ in }) throws {
            var options = EmulatorOptions()
            options.clock = .stepped(tickNanoseconds: 10_000_000)
            options.timing = .instant
            let robot = model.robot()
            let setups = try EmulatedServoSetup.setups(for: robot, returnDelay: 250)
            servos = try EmulatedRobot(
                robot: robot,
                plant: FreeServoPlant(setups: setups.flatMap { $0 }),
                options: options,
                returnDelay: 250
            )
            if let bus = servos.protocol1(bus: 0) { change(bus) }
            servos.start()
            body = try ServoBody.connect(
                robot: model.robot(port: servos.paths[0]),
                pacing: .stepped
            )
        }

        var bus: EmulatedProtocol1Bus? { servos.protocol1(bus: 0) }

        mutating func arm() throws {
            body.read(into: &state)
            try body.enableTorque(TorquePermit(joints: JointSet([0, 1])), state: &state)
        }

        /// A tick in which joints 0 and 1 are sent to these angles.
        mutating func drive(_ angles: (Radians, Radians)) {
            let timing = body.waitForTick()
            body.read(into: &state)
            var positions = JointArray<Radians?>(count: 2, repeating: nil)
            positions[0] = angles.0
            positions[1] = angles.1
            tick += 1
            body.write(SafeGoal(positions: positions, tick: tick, time: timing.start))
        }

        func register(_ name: Register.Name, servo: Int = 0) -> Int? {
            bus?.withDevice { $0.servos[servo].value(of: name) } ?? nil
        }
    }

    @Test("goals reach the joints, in the calibrated direction", arguments: Protocol1Model.all)
    func closedLoop(_ model: Protocol1Model) throws {
        var pair = try Pair(model)
        defer { pair.servos.stop() }
        try pair.arm()
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
        for _ in 0..<100 { pair.drive((0.4, 0.7)) }
        pair.body.read(into: &pair.state)
        let pulse = model.servo.radiansPerPulse
        for (joint, wanted) in [(0, 0.4), (1, 0.7)] {
            let position = pair.state.samples[joint]?.position ?? .nan
            #expect(abs(position - wanted) <= pulse)
            #expect(pair.state.health[joint]?.temperature == 25)
            let volts = pair.state.health[joint]?.inputVoltage ?? 0
            #expect(abs(volts - model.servo.nominalVoltage) < 0.051)
        }
        #expect(pair.state.fault == nil)
        // The second servo's pulses fall with its angle.
        let turn = Double(model.servo.pulsesPerTurn) / (2 * .pi)
        let wanted = model.zero - Int((0.7 * turn).rounded())
        #expect(pair.register(.presentPosition, servo: 1) == wanted)
        #expect(pair.body.disableTorque(JointSet([0, 1])).isEmpty)
        #expect(pair.register(.torqueEnable) == 0)
    }

    @Test("arming writes the robot file's limits into the servo", arguments: Protocol1Model.all)
    func preparation(_ model: Protocol1Model) throws {
        var pair = try Pair(model)
        defer { pair.servos.stop() }
        #expect(pair.register(.returnDelayTime) == 250)
        try pair.arm()
        #expect(pair.register(.returnDelayTime) == 0)
        // 1 rad and 0.5 rad of following error on either side.
        let reach = Int((1.5 * Double(model.servo.pulsesPerTurn) / (2 * .pi)).rounded())
        let low = pair.register(.minPositionLimit) ?? pair.register(.cwAngleLimit)
        let high = pair.register(.maxPositionLimit) ?? pair.register(.ccwAngleLimit)
        #expect(low == model.zero - reach)
        #expect(high == model.zero + reach)
        // Half the stall current is half of all torque: 1023 and 1000 are all.
        #expect(pair.register(.torqueLimit) == (model.wire == .feetech ? 500 : 512))
        if model.wire == .feetech {
            #expect(pair.register(.lock) == 1)
            pair.bus?.inject(.powerCycle, servo: 4)
            #expect(pair.register(.maxPositionLimit) == model.zero + reach)
        }
        if model.servo.name == "AX-12A" {
            // P = 32 in the MX's units: 4 parts of 1023 a pulse, full torque at 256; 128 is nearest.
            #expect(pair.register(.cwComplianceSlope) == 128)
        }
        // A second arming finds all as it should be and writes no EEPROM.
        _ = pair.body.disableTorque(JointSet([0, 1]))
        let before = pair.body.counters.map(\.eepromWrites)
        if model.wire == .dynamixel1 {
            try pair.arm()
            #expect(pair.body.counters.map(\.eepromWrites) == before)
        }
    }

    @Test("an alarm and a restart are told apart", arguments: Protocol1Model.all)
    func torqueLost(_ model: Protocol1Model) throws {
        var pair = try Pair(model)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0, 0))
        #expect(pair.state.fault == nil)
        pair.bus?.inject(.powerCycle, servo: 7)
        for _ in 0..<20 where pair.state.fault == nil { pair.drive((0, 0)) }
        #expect(pair.state.fault == .servoRebooted)
    }

    @Test("overheating is in every answer, and noted at once", arguments: Protocol1Model.all)
    func overheating(_ model: Protocol1Model) throws {
        var pair = try Pair(model)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.bus?.inject(.temperature(90), servo: 4)
        pair.drive((0, 0))
        pair.drive((0, 0))
        #expect(
            pair.state.health[0]?.hardwareError == UInt32(HardwareErrorBits.overheating.rawValue)
        )
        #expect(pair.state.health[0]?.temperature == 90)
    }

    @Test("a missing servo does not take the others with it", arguments: Protocol1Model.all)
    func missing(_ model: Protocol1Model) throws {
        var pair = try Pair(model)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0.1, 0.1))
        pair.bus?.inject(.disconnected(true), servo: 4)
        for _ in 0..<6 { pair.drive((0.1, 0.2)) }
        let gone = pair.state.samples[0]?.time
        let there = pair.state.samples[1]?.time
        #expect(gone != nil && there != nil && gone != there)
        pair.bus?.inject(.disconnected(false), servo: 4)
        for _ in 0..<3 { pair.drive((0.1, 0.2)) }
        #expect(pair.state.samples[0]?.time == pair.state.samples[1]?.time)
    }

    @Test("who is not there is named", arguments: Protocol1Model.all)
    func strangers(_ model: Protocol1Model) throws {
        let error = #expect(throws: HardwareError.self) {
            _ = try Pair(model) { $0.inject(.disconnected(true), servo: 4) }
        }
        let text = error?.description ?? ""
        #expect(text.contains("servo 4 (joint `a`) does not answer on bus `x`"))
    }
}
