import ArgumentParser
import Control
import Robot
import ServoHardware

/// The command `sacbot setup`.
struct SetupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Gives each servo its ID and rate from the robot file, one servo at a time.",
        discussion: """
            Asks for one joint's servo after the other. Writes only when exactly one servo answers
            that is not set up, only to that servo, and only what differs: return delay 0, ID, rate.
            Knows Dynamixel and Feetech servos; for moteus and ODrive it names their own programs.
            Run it again after an interruption: what is right already is passed over.

            Example:
              sacbot setup --robot claw.yaml
            """
    )

    @OptionGroup var target: HardwareOptions

    func run() throws {
        let robot = try target.configuration().robot
        try RunningRobot.refuse(robot.name, remedy: RunningRobot.stopFirst(robot.name))
        let ports = try target.ports(robot)
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch) { _ in }
        let dialogue = SetupDialogue(robot: robot, questions: Questions(stopSwitch: stopSwitch))
        for bus in robot.buses.indices {
            guard try dialogue.setUp(bus: bus, port: ports[bus]) else { break }
        }
        Say.show(dialogue.summary)
        let left = dialogue.left
        if !left.isEmpty {
            throw Failure(
                "not set up: \(left.joined(separator: ", ")); the same command goes on there"
            )
        }
    }
}

/// Goes through a robot's joints and sets up the servo of each.
final class SetupDialogue {
    private enum Outcome: Equatable {
        case wasRight
        case changed(String)
        case skipped
        case elsewhere
    }

    private let robot: RobotDescription
    private let questions: Questions
    private var outcomes: [Int: Outcome] = [:]

    init(robot: RobotDescription, questions: Questions) {
        self.robot = robot
        self.questions = questions
    }

    /// Joints whose servo is not set up.
    var left: [String] {
        robot.joints.indices.filter { outcomes[$0] == nil || outcomes[$0] == .skipped }
            .map { robot.joints[$0].name }
    }

    /// One line a joint: what was done.
    var summary: String {
        robot.joints.enumerated().map { index, joint in
            let words =
                switch outcomes[index] {
                case .wasRight: "was right already"
                case .changed(let text): text
                case .elsewhere: "set up with its maker's program"
                case .skipped, nil: "not set up"
                }
            return "\(joint.name.padding(17))\(words)"
        }.joined(separator: "\n")
    }

    /// Sets up the servos of one bus; `false` if the person wants to stop.
    func setUp(bus: Int, port: String) throws -> Bool {
        let plan = SetupPlan(robot: robot, bus: bus)
        if let words = ServoConfigurator.makersProgram(robot.buses[bus].wire) {
            Say.show("bus \(robot.buses[bus].name): \(words)")
            for joint in plan.joints { outcomes[joint] = .elsewhere }
            return true
        }
        for device in try search(port, bus) {
            guard let joint = plan.joint(of: device) else { continue }
            outcomes[joint] = .wasRight
            Say.show("\(robot.joints[joint].name): set up already (ID \(device.id))")
        }
        for joint in plan.joints where outcomes[joint] == nil {
            guard setUp(joint, plan, port) else { return false }
        }
        return true
    }

    /// Asks for a joint's servo until it is set up or skipped; `false` if the person wants to stop.
    private func setUp(_ joint: Int, _ plan: SetupPlan, _ port: String) -> Bool {
        let wanted = robot.joints[joint]
        while true {
            let answer = questions.choose(
                "? Connect the servo of `\(wanted.name)` (\(wanted.servo.name), to become ID "
                    + "\(wanted.servoID)) to \(port), alone or behind those already set up, and "
                    + "power it.\n  Enter: go on   s: skip this joint   q: quit",
                ["", "s", "q"]
            )
            switch answer {
            case nil, "q": return false
            case "s":
                outcomes[joint] = .skipped
                return true
            default: break
            }
            do {
                outcomes[joint] = try change(joint, plan, port)
                return true
            } catch {
                Say.show("! \(error)")
            }
        }
    }

    private func change(_ joint: Int, _ plan: SetupPlan, _ port: String) throws -> Outcome {
        let name = robot.joints[joint].name
        switch try plan.decide(joint, among: try search(port, plan.bus)) {
        case .done(let device):
            Say.show("\(name): set up already (ID \(device.id))")
            return .wasRight
        case .change(let device):
            let bus = robot.buses[plan.bus]
            guard let configurator = ServoConfigurator(bus.wire) else { return .elsewhere }
            let now = try configurator.configure(
                device,
                id: robot.joints[joint].servoID,
                rate: bus.baudRate
            )
            let words =
                "was ID \(device.id) at \(device.baudRate) bit/s, is ID \(now.id) at "
                + "\(now.baudRate) bit/s, return delay 0"
            Say.show("\(name): \(words)")
            return .changed(words)
        }
    }

    /// Who answers on the port at any rate.
    private func search(_ port: String, _ bus: Int) throws -> [FoundDevice] {
        let progress = SearchProgress()
        defer { progress.end() }
        let outcome = DeviceScan(probes: [BringUpProtocols.probe(robot.buses[bus])]).run(
            ports: [port],
            progress: progress.show
        )
        if let trouble = outcome.troubles.first { throw trouble.error }
        return outcome.devices
    }
}
