import ArgumentParser
import Control
import Dashboard
import Journal
import Learning
import Operator
import Robot
import Training

/// The command `sacbot train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a robot; goes on where the last training was left.",
        discussion: """
            Runs episodes, resets the robot between them and learns all the while. The same command
            again resumes; Ctrl-C parks the robot and saves first.

            Examples:
              sacbot train --robot claw.yaml
              sacbot train --robot claw.yaml --task paper --steps 80000
              sacbot train --robot claw.yaml --profile droq
              sacbot train --robot claw.yaml --backend emulator --episodes 5
              sacbot train --robot claw.yaml --backend hardware --from latest
              sacbot train --robot claw.yaml --backend emulator --dashboard
            """
    )

    @OptionGroup var target: RobotOptions
    @Option(help: "Stop after this many episodes of this session.")
    var episodes: Int?
    @Option(help: "Stop when the run has this many policy steps.")
    var steps: Int?
    @Flag(help: "Begin a new run; the old one stays as it is.")
    var fresh = false
    @Option(help: "Begin a new run from the networks of this one (a path, a name or `latest`).")
    var from: String?
    @Option(
        help: "The learner: sac, sac-v1, soft-q, droq, redq, crossq or rlpd; the file's by default."
    )
    var profile: String?
    @Option(help: "A run whose transitions fill a share of each batch (profile rlpd: half).")
    var prior: String?
    @Flag(help: "With --from: take its transitions along.")
    var withReplay = false
    @Flag(
        help:
            "Learn between steps instead of beside them: reproducible bit for bit, simulation only."
    )
    var lockstep = false
    @Option(help: "Seed of a new run.")
    var seed: UInt64 = 1
    @Flag(help: "Arm without asking, whatever the robot file says.")
    var arm = false
    @Flag(help: "Clear a latched fault: I looked into what stopped the robot before.")
    var clearFault = false
    @Option(
        defaultAsFlag: "",
        help: "Show a live page, at ADDRESS:PORT or where the robot file says (127.0.0.1:8470)."
    )
    var dashboard: String?
    @Flag(help: "At the end, print what `sacbot status --json` would have said last.")
    var json = false

    func validate() throws {
        if lockstep, target.backend != .simulation {
            throw ValidationError("--lockstep needs --backend simulation: real time cannot wait")
        }
        if withReplay, from == nil { throw ValidationError("--with-replay needs --from") }
    }

    func run() throws {
        var configuration = try target.configuration()
        configuration.learner = try configuration.learners.settings(profile)
        if prior != nil, configuration.learner.priorShare == 0 {
            throw Failure(
                "--prior without a prior_share in `learner`; use --profile rlpd or set it"
            )
        }
        let task = try configuration.task(target.task)
        let image = CameraChoice.image(configuration, task)
        if let problem = configuration.learner.problem(of: image) {
            throw Failure("\(configuration.path), task \(task.name), `learner`: \(problem)")
        }
        let job = TrainingJob(
            configuration: configuration,
            task: task,
            backend: target.backend,
            runsFolder: target.runs,
            bounds: SessionBounds(episodes: episodes, steps: steps),
            fresh: fresh || from != nil,
            from: try from.map { try RunFolder.find(root: target.runs, name: $0) },
            withReplay: withReplay,
            prior: try prior.map { try RunFolder.find(root: target.runs, name: $0) },
            isLockstep: lockstep,
            seed: seed,
            armsWithoutAsking: arm || target.backend != .hardware
                || configuration.robot.arming == .automatic,
            latch: try target.latch(of: configuration.robot.name, clears: clearFault),
            dashboard: try dashboard.map {
                try DashboardSettings.asked($0, file: configuration.dashboard)
            },
            printsState: json
        )
        Signals.forward(to: job.stopSwitch) { Say.note($0) }
        try target.backend.withBody(
            configuration,
            ports: try target.ports(for: configuration),
            job
        )
    }
}

/// What every command that moves a robot asks for.
struct RobotOptions: ParsableArguments {
    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "The task in the robot file; its first one by default.")
    var task: String?
    @Option(help: "Where the robot is: simulation, emulator or hardware.")
    var backend: Backend = .simulation
    @Option(help: "A port instead of the robot file's: PORT, or BUS=PORT for one of several buses.")
    var port: [String] = []
    @Option(help: "The folder of all runs.")
    var runs: String = "runs"

    /// The robot file, decoded and checked.
    func configuration() throws -> RobotConfiguration { try RobotConfiguration.load(robot) }

    /// Where faults of the robot are kept, cleared if that was asked for; `nil` where every process
    /// has a new robot.
    func latch(of robot: String, clears: Bool) throws -> FaultLatch? {
        guard backend == .hardware else { return nil }
        let latch = FaultLatch.of(robot, runs: runs)
        if clears { Say.note(try ClearFaultCommand.clear(latch)) }
        return latch
    }

    /// Ports to use instead of the robot file's, by name of the bus.
    func ports(for configuration: RobotConfiguration) throws -> [String: String] {
        try PortChoice.ports(port, of: configuration.robot)
    }
}
