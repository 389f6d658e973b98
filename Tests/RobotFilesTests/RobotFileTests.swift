import Robot
import RobotFiles
import Testing

/// The repository's top folder.
let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

/// The keys of a robot file that say what the robot is.
let robotKeys: Set<String> = [
    "robot", "model", "tick", "stop", "estop", "arm", "buses", "joint_defaults", "joints",
    "imu", "legs", "workspace", "self_collision", "speed_sensor",
]

/// A shipped robot file without the sections that others read (task, learner and so on).
func robotPart(_ name: String) throws -> String {
    let bytes = try readAll("\(repository)/robots/\(name)")
    var isKept = true
    let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n",
        omittingEmptySubsequences: false
    ).filter { line in
        if let first = line.first, first.isLetter, let colon = line.firstIndex(of: ":") {
            isKept = robotKeys.contains(String(line[..<colon]))
        }
        return isKept
    }
    return lines.joined(separator: "\n")
}

/// The robot a text describes; throws all its problems.
func robot(
    _ text: String,
    file path: String = "/robots/f.yaml",
    calibration: String? = nil
) throws(RobotFileError) -> RobotDescription {
    let file = try YAMLFile(path: path, text: text)
    var files = [file]
    if let calibration { files.append(try YAMLFile(path: "c.yaml", text: calibration)) }
    let robot = RobotFile.robot(
        file.section,
        calibration: files.count > 1 ? files[1].section : nil
    )
    file.section.finish()
    try YAMLFile.check(files)
    return robot
}

/// The problems of a robot's text, without the file's name.
func problemsOfRobot(_ text: String, calibration: String? = nil) -> [String] {
    do {
        _ = try robot(text, calibration: calibration)
        return []
    } catch {
        guard case .problems(let problems) = error else { return [error.description] }
        return problems.map { "\($0.position.line):\($0.position.column): \($0.message)" }
    }
}

@Suite("Robot files") struct RobotFileTests {
    // google-research/robel: robel/dclaw/base_env.py and dynamixel_utils (IDs, limits, velocity).
    @Test("the claw is ROBEL's D'Claw") func claw() throws {
        let claw = try robot(try robotPart("claw.yaml"), file: "/robots/claw.yaml")
        #expect(claw.name == "claw")
        #expect(claw.joints.map(\.servoID) == [10, 11, 12, 20, 21, 22, 30, 31, 32, 50])
        #expect(
            claw.joints.prefix(4).map(\.name) == [
                "finger1_top", "finger1_middle", "finger1_bottom", "finger2_top",
            ]
        )
        #expect(claw.actuatedJoints == Array(0..<9))
        #expect(claw.objectJoint == 9)
        #expect(claw.joints[9].name == "valve")
        #expect(claw.joints.allSatisfy { $0.servo.name == "XM430-W210" })
        for finger in 0..<3 {
            let joints = claw.joints[(finger * 3)..<(finger * 3 + 3)]
            // The top limit is 0.48 rad in ROBEL, 27.5 degrees in its paper's words.
            #expect(abs((joints.first?.limits.position.upperBound ?? 0) - 0.48) < 1e-3)
            let third = Double.pi / 3
            let half = Double.pi / 2
            #expect(joints.dropFirst().first?.limits.position == -third...third)
            #expect(joints.last?.limits.position == -half...half)
            #expect(joints.map(\.resetPosition) == [0, -third, third])
        }
        for joint in claw.joints {
            // Under half of what the motor reaches unloaded, 462 deg/s.
            #expect(joint.limits.goalVelocity < joint.servo.noLoadVelocity / 2)
            // A soft hand: with a goal as far off as it may be, the position loop asks for less
            // current than stops the robot (P / 128 PWM units a pulse, 885 for stall current).
            let pulses = joint.limits.followingError * 4096 / (2 * .pi)
            guard case .registers(let gains) = joint.gains else {
                Issue.record("a Dynamixel's gains are registers")
                continue
            }
            let duty = Double(gains.proportional) / 128 * pulses / 885
            #expect(duty * joint.servo.stallCurrent < joint.limits.current)
            #expect(joint.limits.stopTemperature == 70)
        }
        #expect(
            claw.buses == [
                ServoBusDescription(
                    name: "hand",
                    port: "/dev/ttyUSB0",
                    baudRate: 1_000_000,
                    servoWatchdog: 0.2
                )
            ]
        )
        #expect(claw.tickNanoseconds == 10_000_000)
        #expect(claw.modelPath == "/robots/claw.xml")
        #expect(claw.stop == .park)
        #expect(claw.emergencyStop == .release)
        #expect(claw.arming == .manual)
        #expect(
            claw.calibration
                == claw.joints.map { _ in JointCalibration(zeroPulse: 2048, direction: 1) }
        )
    }

    @Test("one servo is as it leaves the factory") func oneServo() throws {
        let one = try robot(try robotPart("one-servo.yaml"))
        #expect(one.joints.map(\.servo.modelNumber) == [1200])
        #expect(one.joints.map(\.servoID) == [1])
        #expect(one.buses.map(\.baudRate) == [57600])
    }

    // Packet sizes from the Protocol 2.0 description: 10 bytes of frame (header 4, ID, length 2,
    // instruction, CRC 2), one more for a status packet's error byte.
    @Test(
        "reading and writing all servos takes less than a tick on the wire",
        // Return Delay Time: 500 us from the factory, 0 after `sacbot setup`.
        arguments: [("one-servo.yaml", 0.0005), ("claw.yaml", 0)]
    ) func fits(_ name: String, _ returnDelay: Double) throws {
        let robot = try robot(try robotPart(name))
        for (index, bus) in robot.buses.enumerated() {
            let servos = robot.joints.filter { $0.busIndex == index }.count
            let syncRead = 10 + 4 + servos
            let answers = servos * (10 + 1 + 10)
            let syncWrite = 10 + 4 + servos * 5
            let bits = Double((syncRead + answers + syncWrite) * 10)
            // 1 ms is the latency timer of an FTDI adapter that is set up for servos.
            let time = bits / Double(bus.baudRate) + returnDelay * Double(servos) + 0.001
            #expect(time < robot.tickSeconds * 0.75, "\(name): \(time) s")
        }
    }

    @Test("a name with a folder finds the model beside the robot file") func model() throws {
        let text = try robotPart("claw.yaml")
        #expect(try robot(text, file: "/a/./b/../c/x.yaml").modelPath == "/a/c/claw.xml")
        let absolute = text.replacing("model: claw.xml", with: "model: /m/claw.xml")
        #expect(try robot(absolute).modelPath == "/m/claw.xml")
        let none = text.replacing("model: claw.xml\n", with: "")
        #expect(try robot(none).modelPath == nil)
        let relative = try robot(text, file: "x.yaml").modelPath
        #expect(relative?.hasPrefix("/") == true)
        #expect(relative?.hasSuffix("/claw.xml") == true)
    }

    @Test("a bus without a watchdog has to say so") func noWatchdog() throws {
        let text = try robotPart("claw.yaml")
        let accepted = text.replacing("watchdog: 200 ms", with: "no_watchdog: accepted")
        #expect(try robot(accepted).buses.map(\.servoWatchdog) == [nil])
    }

    @Test("what the file leaves out has its default") func defaults() throws {
        let text = try robotPart("one-servo.yaml")
            .replacing("tick: 20 ms\nstop: park\nestop: release\narm: manual\n", with: "")
        let one = try robot(text)
        #expect(one.tickNanoseconds == 10_000_000)
        #expect((one.stop, one.emergencyStop, one.arming) == (.park, .release, .manual))
        #expect(one.joints.map(\.role) == [.actuated])
        #expect(one.joints.map(\.busIndex) == [0])
    }
}
