import Glibc
import Physics
import Robot
import Testing

/// Files and plants the tests share.
enum Fixture {
    /// The repository's `robots/` folder.
    static let robots =
        String(#filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined())
        + "/robots"

    static let centred = JointCalibration(zeroPulse: 2048, direction: 1)

    /// One servo of any kind on the horn of `one-servo.xml`.
    static func oneServo(
        _ servo: ServoSpecification,
        direction: Int = 1,
        model: ServoModel = .motor
    ) throws -> Plant {
        let joint = PlantJoint(
            name: "joint",
            servo: servo,
            calibration: JointCalibration(zeroPulse: 2048, direction: direction)
        )
        return try Plant(
            modelPath: robots + "/one-servo.xml",
            joints: [joint],
            servoModel: model
        )
    }

    static let clawNames =
        (1...3).flatMap { finger in
            ["top", "middle", "bottom"].map { "finger\(finger)_\($0)" }
        } + ["valve"]

    /// The claw, its nine joints and the valve last.
    static func claw(model: ServoModel = .motor) throws -> Plant {
        try Plant(
            modelPath: robots + "/claw.xml",
            joints: clawNames.map {
                PlantJoint(name: $0, servo: .xm430w210, calibration: centred)
            },
            servoModel: model
        )
    }

    /// A full-PWM command.
    static func pwm(_ value: Int) -> ServoCommand {
        var command = ServoCommand()
        command.torqueEnabled = true
        command.mode = .pwm
        command.goalPWM = value
        return command
    }

    /// A position command with factory gains.
    static func position(_ pulses: Int) -> ServoCommand {
        var command = ServoCommand()
        command.torqueEnabled = true
        command.goalPulses = pulses
        return command
    }

    /// A position command for an angle of a joint calibrated with `centred`.
    static func angle(_ angle: Double) -> ServoCommand {
        position(centred.pulses(angle: angle, pulsesPerTurn: 4096))
    }
}

extension Plant {
    /// Lets seconds pass.
    func run(_ seconds: Double) { advance(nanoseconds: Int64(seconds * 1e9)) }
}

/// A small generator whose seed the tests print.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
