import Foundation
import Physics
import Robot
import ServoProtocol

@testable import ServoEmulator

/// moteus controllers on a clock that the test turns by hand, with physics behind them.
final class TestMoteus {
    var core: MoteusCore
    var now: Int64 = 1_000_000_000

    /// A direct-drive motor without friction: 0.05 N·m/A, 2 N·m at 24 V.
    static let motor: ServoSpecification = {
        var servo = ServoSpecification.xm430w210
        servo.name = "mj5208"
        servo.pulsesPerTurn = 100_000
        servo.velocityUnit = 1e-5 * 2 * .pi
        servo.currentUnit = 0.01
        servo.nominalVoltage = 24
        servo.stallTorque = 2
        servo.stallCurrent = 40
        servo.noLoadVelocity = 480
        servo.friction = ServoFriction(armature: 1e-4, coulomb: 0, viscous: 0)
        return servo
    }()

    /// Rotors side by side that nothing holds.
    static func plant(_ count: Int = 1) throws -> Plant {
        let names = (0..<count).map { "rotor\($0)" }
        let bodies = names.enumerated().map { index, name in
            """
            <body pos="\(index) 0 0"><joint name="\(name)" type="hinge" axis="0 0 1"/>
            <geom type="cylinder" size="0.01 0.002" mass="0.002"/></body>
            """
        }
        let path = "/tmp/sacbot-rotors-\(getpid())-\(count).xml"
        let text = "<mujoco><worldbody>" + bodies.joined() + "</worldbody></mujoco>"
        if access(path, F_OK) != 0 {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
        return try Plant(
            modelPath: path,
            joints: names.map {
                PlantJoint(
                    name: $0,
                    servo: motor,
                    calibration: JointCalibration(zeroPulse: 0, direction: 1)
                )
            },
            timestepSeconds: 0.001
        )
    }

    init(
        ids: [UInt8] = [1],
        form: MoteusForm = .usb,
        change: (inout EmulatorOptions) -> Void = { _ in },
        setUp: (inout MoteusSetup) -> Void = { _ in }
    ) throws {
        var options = EmulatorOptions()
        options.timing = .instant
        change(&options)
        let setups = ids.enumerated().map { index, id in
            var setup = MoteusSetup(id: id, plantIndex: index, servo: Self.motor)
            setUp(&setup)
            return setup
        }
        core = MoteusCore(
            controllers: setups,
            plant: SharedPlant(PhysicsServoPlant(try Self.plant(ids.count))),
            form: form,
            options: options,
            now: now
        )
    }

    /// A hand on the motors.
    var motors: Motors { Motors(shared: core.plant) }

    /// Lets milliseconds pass.
    func wait(_ milliseconds: Int64) {
        now += milliseconds * 1_000_000
        _ = core.advance(to: now)
    }

    /// Sends lines; returns the lines that come back, without their ends.
    func lines(_ text: String) -> [String] {
        core.receive(Array((text + "\n").utf8), rate: 921_600, now: now)
            .map { String(decoding: $0.bytes, as: UTF8.self) }
            .map { String($0.prefix { $0 != "\r\n" && $0 != "\r" }) }
    }

    /// Sends a frame; returns the frames that come back.
    func send(
        to id: UInt8 = 1,
        _ build: (inout MoteusFrame) -> Void
    ) -> [CANFrame] {
        var frame = MoteusFrame(to: id, wantsReply: true)
        build(&frame)
        frame.finish()
        var writer = FdcanusbWriter(addsChecksums: true)
        writer.send(frame.frame)
        var decoder = FdcanusbDecoder(needsChecksums: true)
        for reply in core.receive(writer.bytes, rate: nil, now: now) { decoder.append(reply.bytes) }
        var frames: [CANFrame] = []
        while let line = decoder.next() {
            if case .received(let frame) = line { frames.append(frame) }
        }
        return frames
    }

    /// Sends a frame with a query; returns what the controller says of itself.
    func ask(
        to id: UInt8 = 1,
        _ build: (inout MoteusFrame) -> Void = { _ in }
    ) -> MoteusState? {
        send(to: id) {
            build(&$0)
            MoteusQuery(includesCurrent: true).append(to: &$0)
        }.first.flatMap { MoteusState($0) }
    }

    /// What the controller says of itself; nothing known if it is silent.
    var state: MoteusState { ask() ?? MoteusState() }

    /// Sends a goal; returns what the controller says of itself.
    @discardableResult
    func go(
        to id: UInt8 = 1,
        _ position: Double,
        _ change: (inout MoteusPosition) -> Void = { _ in }
    ) -> MoteusState? {
        var goal = MoteusPosition(position: position)
        change(&goal)
        return ask(to: id) { goal.append(to: &$0) }
    }

    /// Reads one register as a float.
    func read(_ number: UInt16) -> Double? {
        let register = MoteusRegister(rawValue: number)
        var items = MoteusSubframes(send { $0.read(register, count: 1, as: .float) }[0])
        guard case .reply(register, let number) = items.next() else { return nil }
        return number.value(register.kind)
    }
}

/// What only a simulation can do with the motors, through the lock around them.
struct Motors {
    let shared: SharedPlant

    private func plant<Result: Sendable>(_ body: (Plant) -> Result) -> Result {
        shared.withPlant { plant in
            guard let physics = plant as? PhysicsServoPlant else { fatalError("no physics") }
            return body(physics.plant)
        }
    }

    var stepCount: UInt64 { plant { $0.stepCount } }
    func angle(servo: Int) -> Double { plant { $0.angle(servo: servo) } }
    func setAngle(servo: Int, _ angle: Double) { plant { $0.setAngle(servo: servo, angle) } }
    func setGrip(servo: Int, torque: Double) {
        plant { $0.setGrip(servo: servo, torque: torque) }
    }
    func setDisturbance(servo: Int, torque: Double) {
        plant { $0.setDisturbance(servo: servo, torque: torque) }
    }
}
