import Robot

/// Checks a bus through the driver that training uses, whatever is spoken on it.
public struct DriverExaminer: BusExaminer {
    /// An examiner.
    public init() {}

    /// Who is there, what state they are in, and whether the tick can be kept.
    public func examine(_ examination: BusExamination) throws(HardwareError) -> [CheckLine] {
        let robot = examination.robot
        let unfit = examination.joints.flatMap { DriverChoice.problems(robot, joint: $0.index) }
        guard unfit.isEmpty else {
            return unfit.map { CheckLine(.fail, examination.subject("limits"), "\($0)") }
        }
        guard
            let driver = try DriverChoice.careDriver(
                robot,
                bus: examination.bus,
                path: examination.port
            )
        else { return [] }
        defer { driver.port.close() }
        var report = BringUpReport()
        try driver.bringUp(&report)
        var lines = servoLines(examination, report)
        let present = examination.joints.map(\.index).filter { isRight($0, robot, report) }
        guard !present.isEmpty else { return lines }
        let survey = try driver.survey(jointCount: robot.joints.count)
        var servos: [ServoCondition] = []
        for joint in present {
            guard let settings = try driver.lastingSettings(joint) else {
                let problem = ServoProblem.unreadable(
                    joint: robot.joints[joint].name,
                    id: robot.joints[joint].servoID
                )
                lines.append(CheckLine(.fail, examination.subject("servos"), "\(problem)"))
                continue
            }
            servos.append(condition(joint, robot, report, survey, settings, driver))
        }
        lines += BusCondition(examination: examination, servos: servos).lines
        lines.append(timing(examination, driver, survey))
        return lines
    }

    /// Whether a joint's controller is there and of the model in the robot file.
    private func isRight(_ joint: Int, _ robot: RobotDescription, _ report: BringUpReport) -> Bool {
        guard let found = report.found[joint] else { return false }
        let expected = robot.joints[joint].servo.modelNumber
        return expected == 0 || found.modelNumber == expected
    }

    private func servoLines(_ examination: BusExamination, _ report: BringUpReport) -> [CheckLine] {
        let subject = examination.subject("servos")
        let lines = report.problems.compactMap { problem -> CheckLine? in
            switch problem {
            // Has a line of its own.
            case .noWatchdog: nil
            case .unexpected:
                CheckLine(
                    .fail,
                    subject,
                    "\(problem)",
                    remedy: "set it up with `sacbot setup`, or take it off the bus"
                )
            default: CheckLine(.fail, subject, "\(problem)")
            }
        }
        guard lines.isEmpty else { return lines }
        let models = Set(examination.joints.map(\.joint.servo.name)).sorted()
        let count = examination.joints.count
        let words =
            "all \(count) answer as the file says (\(models.joined(separator: ", ")))"
        return [CheckLine(.pass, subject, words)]
    }

    private func condition(
        _ joint: Int,
        _ robot: RobotDescription,
        _ report: BringUpReport,
        _ survey: BusSurvey,
        _ settings: LastingSettings,
        _ driver: any CareDriver
    ) -> ServoCondition {
        let found =
            report.found[joint] ?? FoundServo(id: 0, modelNumber: 0, firmware: 0, baudRate: 0)
        var condition = ServoCondition(robot: robot, joint: joint, found: found)
        condition.version = report.versions[joint] ?? condition.version
        condition.hasTorque = report.torqueOn.contains(joint)
        condition.settings = settings
        guard let health = survey.state.health[joint] else { return condition }
        condition.voltage = health.inputVoltage
        condition.temperature = health.temperature
        if health.hardwareError != 0 {
            condition.errorWords = driver.words(hardwareError: health.hardwareError)
        }
        return condition
    }

    /// What a tick takes: by its bytes, and as measured.
    private func timing(
        _ examination: BusExamination,
        _ driver: any CareDriver,
        _ survey: BusSurvey
    ) -> CheckLine {
        let subject = examination.subject("time")
        guard let reading = survey.readingSeconds else {
            return CheckLine(.fail, subject, "answers get lost; check cable and termination")
        }
        let tick = examination.robot.tickSeconds
        let wire = Double(driver.tickNanoseconds) * 1e-9
        let goals = Double(driver.tickNanoseconds - driver.cycleNanoseconds) * 1e-9
        let busy = max(wire, reading + max(0, goals))
        return WireBudget.line(
            subject: subject,
            "reading takes \(WireBudget.shown(reading)), the bytes of a tick "
                + "\(WireBudget.shown(wire)), all together \(WireBudget.shown(busy)) of a tick of "
                + WireBudget.shown(tick),
            busy: busy,
            tickSeconds: tick
        )
    }
}
