import ArgumentParser
import Control
import Robot
import RobotFiles
import ServoHardware

/// The command `sacbot calibrate`.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measures each joint's zero, range and direction, and writes the calibration.",
        discussion: """
            With torque off you move the joints to their middle, then from stop to stop. Then each
            joint moves by a few degrees, and you say whether it went the way of the arrow; with
            --no-move you turn it by hand instead. The old calibration is kept under a dated name.

            Examples:
              sacbot calibrate --robot claw.yaml
              sacbot calibrate --robot claw.yaml --no-move
            """
    )

    @OptionGroup var target: HardwareOptions
    @Flag(help: "Show directions by turning each joint by hand; nothing moves by itself.")
    var noMove = false

    func run() throws {
        let configuration = try RobotConfiguration.load(target.robot, calibrated: false)
        let robot = configuration.robot
        try RunningRobot.refuse(robot.name, remedy: RunningRobot.stopFirst(robot.name))
        let ports = try target.ports(robot)
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch) { _ in }
        let questions = Questions(stopSwitch: stopSwitch)

        let servos = try records(robot, ports)
        let shown = try measure(configuration, ports, servos, questions)
        let middlePulses = shown.measures.map { $0.middlePulse ?? 0 }
        let ranges = try zip(shown.measures, robot.joints).map { measure, joint in
            try measure.checkedRange(turnsFreely: joint.role == .object)
        }
        var directions = shown.directions
        if !noMove {
            var moving = configuration
            moving.robot = DirectionMoves.narrowed(
                robot,
                middlePulses: middlePulses,
                ranges: ranges
            )
            directions = try Backend.hardware.withBody(
                moving,
                ports: named(ports, robot),
                DirectionMoves(
                    robot: moving.robot,
                    safety: configuration.safety,
                    questions: questions,
                    stopSwitch: stopSwitch
                )
            )
        }
        let calibration = try calibration(robot, middlePulses, directions)
        let joints = zip(ranges, servos).map { JointRecord(range: $0, servo: $1) }
        try write(configuration, calibration, joints)
        try setLimits(robot, calibration, ports)
    }

    /// Leaves each servo with the limits of its new calibration: the second fence behind the
    /// supervisor's, and what `check` knows an exchanged servo by.
    private func setLimits(
        _ robot: RobotDescription,
        _ calibration: [JointCalibration],
        _ ports: [String]
    ) throws {
        for index in robot.buses.indices {
            let bench = try BringUpProtocols.bench(robot, bus: index, port: ports[index])
            defer { bench.close() }
            for (place, joint) in robot.joints.enumerated() where joint.busIndex == index {
                if try bench.setLimits(of: joint, calibration: calibration[place]) { continue }
                Say.warning(
                    "\(joint.name) (ID \(joint.servoID)) did not take its new limits; "
                        + "arming the robot will write them"
                )
            }
        }
    }

    private func named(_ ports: [String], _ robot: RobotDescription) -> [String: String] {
        Dictionary(uniqueKeysWithValues: zip(robot.buses.map(\.name), ports))
    }

    /// What the servos' lasting registers say; read before anything else, because a zero is only
    /// good together with them.
    private func records(_ robot: RobotDescription, _ ports: [String]) throws -> [ServoRecord] {
        var records: [Int: ServoRecord] = [:]
        for index in robot.buses.indices {
            let bench = try BringUpProtocols.bench(robot, bus: index, port: ports[index])
            defer { bench.close() }
            for (place, joint) in robot.joints.enumerated() where joint.busIndex == index {
                records[place] = try bench.record(id: joint.servoID)
            }
        }
        return try robot.joints.enumerated().map { place, joint in
            guard let record = records[place] else {
                throw Failure(
                    "\(joint.name) (ID \(joint.servoID)) does not answer; "
                        + "`sacbot check --robot \(target.robot) --backend hardware` says more"
                )
            }
            return record
        }
    }

    private func measure(
        _ configuration: RobotConfiguration,
        _ ports: [String],
        _ servos: [ServoRecord],
        _ questions: Questions
    ) throws -> HandMeasure.Outcome {
        var counting = configuration
        counting.robot = configuration.robot.countingPulses
        return try Backend.hardware.withBody(
            counting,
            ports: named(ports, configuration.robot),
            HandMeasure(
                robot: configuration.robot,
                homingOffsets: servos.map(\.homingOffset),
                questions: questions,
                asksDirections: noMove
            )
        )
    }

    private func calibration(
        _ robot: RobotDescription,
        _ middlePulses: [Int],
        _ directions: [Int]
    ) throws -> [JointCalibration] {
        var calibration: [JointCalibration] = []
        var problems: [String] = []
        for (index, joint) in robot.joints.enumerated() {
            do {
                calibration.append(
                    try JointCalibration(
                        joint: joint,
                        middlePulse: middlePulses[index],
                        direction: directions[index]
                    )
                )
            } catch {
                problems.append("\(error)")
            }
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
        return calibration
    }

    private func write(
        _ configuration: RobotConfiguration,
        _ calibration: [JointCalibration],
        _ records: [JointRecord]
    ) throws {
        let robot = configuration.robot
        let date = WallClock.text(WallClock.now())
        let text = RobotFile.calibrationText(
            robot: robot.name,
            joints: robot.joints,
            calibration: calibration,
            records: records,
            measured: date,
            program: "sacbot \(programVersion)"
        )
        let path = RobotFile.calibrationPath(robot: robot.name, robotFile: configuration.path)
        // What cannot be read again must not replace what can.
        let file = try YAMLFile(path: path, text: text)
        let read = RobotFile.calibration(file.section, robot: robot.name, joints: robot.joints)
        try file.check()
        guard read == calibration else { throw Failure("the calibration does not read back") }
        let backup = try CalibrationStore.replace(
            path: path,
            text: text,
            date: date.filter { $0 != ":" && $0 != "-" }
        )
        if let backup { Say.show("the old calibration is kept as \(backup)") }
        Say.show("wrote \(path)")
        for (index, joint) in robot.joints.enumerated() {
            warnOfLimits(joint, calibration[index], records[index].range)
        }
    }

    /// Limits that lie beyond what a hand could reach end in a motor pressing against a stop.
    private func warnOfLimits(
        _ joint: Joint,
        _ calibration: JointCalibration,
        _ range: ClosedRange<Int>?
    ) {
        guard let range else { return }
        let turn = joint.servo.pulsesPerTurn
        let limits = [joint.limits.position.lowerBound, joint.limits.position.upperBound]
            .map { calibration.pulses(angle: $0, pulsesPerTurn: turn) }.sorted()
        // Two degrees: a hand does not press against a stop as a motor does.
        let slack = turn / 180
        guard limits[0] < range.lowerBound - slack || limits[1] > range.upperBound + slack else {
            return
        }
        Say.warning(
            "the limits of `\(joint.name)` are pulses \(limits[0]) to \(limits[1]), by hand it went "
                + "from \(range.lowerBound) to \(range.upperBound); narrow `position:` in the robot "
                + "file"
        )
    }
}
