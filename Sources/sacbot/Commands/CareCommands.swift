import ArgumentParser
import Operator
import Robot
import ServoHardware

/// The command `sacbot reboot`.
struct RebootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reboot",
        abstract: "Restarts servos, which clears a hardware error whose cause is gone.",
        discussion: """
            A restarted servo has no torque: whatever it holds will fall.

            Example:
              sacbot reboot --robot claw.yaml finger1_top finger1_middle
            """
    )

    @OptionGroup var target: HardwareOptions
    @Argument(help: "Names of joints in the robot file.")
    var joints: [String]

    func validate() throws {
        if joints.isEmpty { throw ValidationError("say which joints") }
    }

    func run() throws {
        let robot = try target.configuration().robot
        let chosen = try joints.map { name in
            guard let joint = robot.joints.first(where: { $0.name == name }) else {
                let known = robot.joints.map(\.name).joined(separator: ", ")
                throw Failure("there is no joint `\(name)`; joints: \(known)")
            }
            return joint
        }
        try RunningRobot.refuse(robot.name, remedy: RunningRobot.stopFirst(robot.name))
        var failed: [String] = []
        for joint in chosen {
            let outcome = try withBench(of: joint, robot) { bench throws(HardwareError) in
                try bench.reboot(id: joint.servoID)
            }
            print("\(joint.name) (ID \(joint.servoID)): \(Self.words(outcome))")
            if outcome.isWell { continue }
            failed.append(joint.name)
        }
        if !failed.isEmpty { throw Failure("not well: \(failed.joined(separator: ", "))") }
    }

    private func withBench<Result>(
        of joint: Joint,
        _ robot: RobotDescription,
        _ work: (any DeviceBench) throws(HardwareError) -> Result
    ) throws -> Result {
        let port = try target.ports(robot)[joint.busIndex]
        let bench = try BringUpProtocols.bench(robot, bus: joint.busIndex, port: port)
        defer { bench.close() }
        return try work(bench)
    }

    private static func words(_ outcome: RebootOutcome) -> String {
        switch outcome {
        case .silent: "does not answer; check its cable, ID and power"
        case .refused: "did not confirm; try again, or power it off and on"
        case .doesNotComeBack: "confirmed, but has not answered since; check its power"
        case .impossible(let remedy): remedy
        case .restarted(let before, let after): words("restarted", before, after)
        case .cleared(let before, let after): words("motor off, errors cleared", before, after)
        }
    }

    private static func words(
        _ done: String,
        _ before: FoundDevice,
        _ after: FoundDevice
    ) -> String {
        if !after.errorWords.isEmpty {
            "\(done), and still reports \(after.errorWords); remove the cause first"
        } else if before.errorWords.isEmpty {
            done
        } else {
            "\(done); \(before.errorWords) is cleared"
        }
    }
}

/// The command `sacbot release`.
struct ReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Switches the torque of all joints off and proves it.",
        discussion: """
            Whatever the joints hold will fall. Servos that are missing do not keep the others from
            being released. If the robot is at work, it is released after the running episode and
            pauses until `sacbot resume`; `sacbot estop` lets go at once.

            Example:
              sacbot release --robot claw.yaml
            """
    )

    @OptionGroup var target: HardwareOptions

    func run() throws {
        let robot = try target.configuration().robot
        if let reply = try RunningRobot.ask(.release, robot: robot.name) {
            print(reply.message)
            if !reply.ok { throw ExitCode(1) }
            return
        }
        let ports = try target.ports(robot)
        var unconfirmed: [String] = []
        for index in robot.buses.indices {
            let joints = robot.joints.filter { $0.busIndex == index }
            do throws(HardwareError) {
                unconfirmed += try release(joints, of: robot, bus: index, ports[index])
            } catch {
                Say.warning("\(error)")
                unconfirmed += joints.map(Self.title)
            }
        }
        if unconfirmed.isEmpty {
            return print("torque is off at all \(robot.joints.count) joints")
        }
        throw Failure(
            "NOT CONFIRMED by \(unconfirmed.joined(separator: ", ")): cut their power"
        )
    }

    private func release(
        _ joints: [Joint],
        of robot: RobotDescription,
        bus: Int,
        _ port: String
    ) throws(HardwareError) -> [String] {
        let bench = try BringUpProtocols.bench(robot, bus: bus, port: port)
        defer { bench.close() }
        var unconfirmed: [String] = []
        for joint in joints {
            let isOff = try bench.release(id: joint.servoID)
            print("\(Self.title(joint)): \(isOff ? "torque off" : "NOT CONFIRMED")")
            if !isOff { unconfirmed.append(Self.title(joint)) }
        }
        return unconfirmed
    }

    private static func title(_ joint: Joint) -> String { "\(joint.name) (ID \(joint.servoID))" }
}
