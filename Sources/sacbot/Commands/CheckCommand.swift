import ArgumentParser
import Control
import Robot
import RobotFiles
import Safety
import ServoHardware
import Simulation

/// The command `sacbot check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a robot file and the robot, without moving it.",
        discussion: """
            One line for each thing looked at: [pass], [warn] or [fail], with what to do about it.
            Writes nothing to the servos. Ends with exit code 1 if something failed.

            Examples:
              sacbot check --robot claw.yaml
              sacbot check --robot claw.yaml --backend hardware
              sacbot check --robot claw.yaml --backend hardware --json
            """
    )

    @OptionGroup var target: RobotOptions
    @Flag(help: "Print a JSON array of the lines.")
    var json = false
    @Option(help: "Where pictures of the robot's cameras are written.")
    var pictures = "."
    @Option(help: .hidden)
    var root = ""

    func run() throws {
        let configuration = try target.configuration()
        var report = CheckReport()
        func add(_ lines: [CheckLine]) {
            report.lines += lines
            if !json { lines.forEach { print(CheckReport.text($0)) } }
        }
        add(fileLines(configuration) + postureLines(configuration))
        let ports = try target.ports(for: configuration)
        if target.backend == .hardware {
            try RunningRobot.refuse(
                configuration.robot.name,
                remedy: "ask that one with `sacbot status --robot \(configuration.robot.name)`"
            )
            for bus in configuration.robot.buses.indices {
                add(busLines(configuration, bus, ports))
            }
            if let unit = configuration.robot.imu {
                let examiner = IMUExaminer(root: root)
                add(
                    examiner.examine(
                        unit,
                        port: ports["imu"] ?? unit.port,
                        tickSeconds: configuration.robot.tickSeconds
                    )
                )
            }
            if let sensor = configuration.robot.speedSensor {
                add([PlaceExaminer.examine(sensor)])
            }
        }
        let cameras = CameraCheck(
            configuration: configuration,
            backend: target.backend,
            folder: pictures
        )
        add(cameras.lines())
        // Connecting would switch torque off; a check leaves a raised arm where it is.
        let isHeld = report.lines.contains {
            $0.subject.hasSuffix(": torque") && $0.verdict != .pass
        }
        if report.count(.fail) == 0, !isHeld { add(try readingLines(configuration, ports)) }
        if json { print(try JSONOutput.text(report.lines)) } else { print(report.summary) }
        if report.count(.fail) > 0 { throw Failure(report.failures) }
        if !json, !isHeld { print("all joints answer and may be armed") }
    }

    /// The robot file, and where its calibration comes from.
    private func fileLines(_ configuration: RobotConfiguration) -> [CheckLine] {
        let robot = configuration.robot
        let tasks = configuration.tasks.map(\.name).joined(separator: ", ")
        let file = CheckLine(
            .pass,
            "robot file",
            "\(configuration.path): \(robot.joints.count) joints, tasks \(tasks)"
        )
        guard let path = configuration.calibrationPath, let record = configuration.calibrationRecord
        else {
            return [
                file,
                CheckLine(
                    target.backend == .hardware ? .fail : .warn,
                    "calibration file",
                    "there is none for \(robot.name); zero is taken at pulse 2048, which is right "
                        + "for simulation only",
                    remedy: "`sacbot calibrate --robot \(target.robot)`"
                ),
            ]
        }
        let computed = RobotFile.fingerprint(
            joints: robot.joints,
            calibration: robot.calibration,
            records: record.joints
        )
        let line =
            switch record.fingerprint {
            case nil: CheckLine(.pass, "calibration file", "\(path), written by hand")
            case computed:
                CheckLine(
                    .pass,
                    "calibration file",
                    "\(path), measured \(record.measured ?? "some time"), fingerprint \(computed)"
                )
            default:
                CheckLine(
                    .warn,
                    "calibration file",
                    "\(path) was edited after it was measured (fingerprint \(computed))",
                    remedy: "measure it again with `sacbot calibrate --robot \(target.robot)`"
                )
            }
        return [file, line]
    }

    /// Boxes and self-collision, if the file has them.
    private func postureLines(_ configuration: RobotConfiguration) -> [CheckLine] {
        do throws(PostureProblem) {
            guard let found = try configuration.postureGuard() else { return [] }
            let names = found.parts.map(\.name).joined(separator: ", ")
            return [CheckLine(.pass, "postures", "\(names): the reset pose is allowed")]
        } catch {
            return [CheckLine(.fail, "postures", "\(error)")]
        }
    }

    /// Port and servos of one bus.
    private func busLines(
        _ configuration: RobotConfiguration,
        _ bus: Int,
        _ ports: [String: String]
    ) -> [CheckLine] {
        let description = configuration.robot.buses[bus]
        let port = ports[description.name] ?? description.port
        var lines = PortExaminer(root: root).examine(
            port: port,
            bus: description.name,
            tickSeconds: configuration.robot.tickSeconds
        )
        if lines.contains(where: { $0.verdict == .fail && !$0.subject.hasSuffix("timer") }) {
            return lines
        }
        do throws(HardwareError) {
            lines += try BringUpProtocols.examiner(description).examine(
                BusExamination(
                    robot: configuration.robot,
                    bus: bus,
                    port: port,
                    record: configuration.calibrationRecord,
                    root: root
                )
            )
        } catch {
            lines.append(CheckLine(.fail, "\(description.name): port", "\(error)"))
        }
        return lines
    }

    /// Reads every joint as training would and asks whether it may be armed.
    private func readingLines(
        _ configuration: RobotConfiguration,
        _ ports: [String: String]
    ) throws -> [CheckLine] {
        let reading = try target.backend.withBody(
            configuration,
            ports: ports,
            CheckWork(robot: configuration.robot, safety: configuration.safety)
        )
        if !json { print(reading.table) }
        return reading.lines
    }
}

/// Reads every joint for half a second and asks the supervisor whether it would arm.
private struct CheckWork: BodyWork {
    let robot: RobotDescription
    let safety: SafetySettings

    func run<Body: DrivenBody>(_ body: Body) -> (table: String, lines: [CheckLine]) {
        var state = BodyState(jointCount: robot.joints.count)
        let ticks = max(robot.joints.count + 5, Int(0.5 / robot.tickSeconds))
        for _ in 0..<ticks {
            _ = body.waitForTick()
            body.read(into: &state)
        }
        var rows = ["joint            position      voltage  temperature"]
        var lines: [CheckLine] = []
        for (index, joint) in robot.joints.enumerated() {
            rows.append(row(joint, state.samples[index], state.health[index]))
            var supervisor = Supervisor(robot: robot, settings: safety)
            let permit = supervisor.permitTorque(
                JointSet([index]),
                state: state,
                now: body.now()
            )
            if case .failure(let refusal) = permit {
                let text = "\(joint.name): \(refusal.fault.code.explanation)"
                lines.append(CheckLine(.fail, "arming", text))
            }
        }
        if lines.isEmpty {
            lines = [CheckLine(.pass, "arming", "the supervisor would allow torque on every joint")]
        }
        return (rows.joined(separator: "\n"), lines)
    }

    private func row(_ joint: Joint, _ sample: JointSample?, _ health: JointHealth?) -> String {
        let degrees = sample.map { "\(($0.position * 1800 / .pi).rounded() / 10 + 0) deg" }
        let volts = health.map { "\($0.inputVoltage) V" }
        let warmth = health.map { "\(Int($0.temperature)) degC" }
        return joint.name.padding(17) + (degrees ?? "no sample").padding(14)
            + (volts ?? "-").padding(9) + (warmth ?? "-")
    }
}
