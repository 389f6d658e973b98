import ArgumentParser
import Operator

/// Asks the program that runs a robot; shared by the small commands.
struct SocketOptions: ParsableArguments {
    @Option(help: "The robot's name (not its file).")
    var robot: String

    /// Sends a request and prints what came back.
    func ask(_ command: OperatorRequest.Command, mark: OperatorMark? = nil) throws {
        let request = OperatorRequest(command, mark: mark?.rawValue)
        let reply = try ControlClient.ask(request, robot: robot)
        print(reply.message)
        if !reply.ok { throw ExitCode(1) }
    }
}

/// The command `sacbot status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tells what a running robot does.  Example: sacbot status --robot claw"
    )

    @OptionGroup var options: SocketOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let request = OperatorRequest(.status)
        let state = try ControlClient.ask(request, robot: options.robot).state
        if json {
            print(state.json)
            return
        }
        print("\(state.robot)  task \(state.task)  \(state.backend)  \(state.phase)")
        print("safety: \(state.safety)")
        print("run \(state.run)")
        print("\(state.episodes) episodes  \(state.steps) steps  \(state.updates) updates")
        if let held = state.recentSuccess { print("held \(ProgressLine.percent(held)) lately") }
        if let ticks = state.ticks { print(ticks.table) }
        switch state.pause {
        case .no: break
        case .asked: print("pauses after the running episode")
        case .paused: print("paused; `sacbot resume` goes on")
        case .released: print("paused, torque off; `sacbot resume` goes on")
        }
        if let evaluation = state.evaluation { print(EvaluationWatch.line(evaluation)) }
        if let prompt = state.prompt { print("? \(prompt)") }
        if let fault = state.fault {
            print("fault: \(fault)" + (state.isFaultLatched ? " (latched)" : ""))
        }
        for check in state.checks where check.outcome != "pass" {
            let joints = check.joints.isEmpty ? "" : " (\(check.joints.joined(separator: ", ")))"
            print("[\(check.outcome)] not so: \(check.name)\(joints): \(check.remedy)")
        }
        let passed = state.checks.filter { $0.outcome == "pass" }.count
        if passed > 0 { print("\(passed) of \(state.checks.count) checks pass") }
    }
}

/// The command `sacbot stop`.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stops a running robot in order.  Example: sacbot stop --robot claw"
    )
    @OptionGroup var options: SocketOptions
    func run() throws { try options.ask(.stop) }
}

/// The command `sacbot estop`.
struct EstopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estop",
        abstract: "Emergency stop of a running robot.  Example: sacbot estop --robot claw"
    )
    @OptionGroup var options: SocketOptions
    func run() throws { try options.ask(.estop) }
}

/// The command `sacbot continue`.
struct ContinueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "continue",
        abstract: "Answers a robot's question: put right, go on.  "
            + "Example: sacbot continue --robot claw"
    )
    @OptionGroup var options: SocketOptions
    func run() throws { try options.ask(.continue) }
}

/// The command `sacbot mark`.
struct MarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Marks that an interference by hand begins or ends.  "
            + "Example: sacbot mark --robot claw begin"
    )

    /// What is marked.
    enum Edge: String, CaseIterable, ExpressibleByArgument {
        case begin
        case end
    }

    @OptionGroup var options: SocketOptions
    @Argument(help: "begin or end.")
    var edge: Edge
    func run() throws { try options.ask(.mark, mark: edge == .begin ? .begin : .end) }
}

/// The command `sacbot pause`.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pauses a running robot after its episode.  Example: sacbot pause --robot claw",
        discussion: "How it rests says `pause` in the robot file: park, hold, damp or release."
    )
    @OptionGroup var options: SocketOptions
    func run() throws { try options.ask(.pause) }
}

/// The command `sacbot resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Ends a pause; the robot moves.  Example: sacbot resume --robot claw"
    )
    @OptionGroup var options: SocketOptions
    func run() throws { try options.ask(.resume) }
}
