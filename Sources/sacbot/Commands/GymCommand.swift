import ArgumentParser
import Control
import Glibc
import GymProtocol

/// The command `sacbot gym`, for programs only: Benchmarks/gymnasium/sacbot_env.py starts it.
struct GymCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gym",
        abstract: "Serves a simulated robot as a Gymnasium environment on standard input/output.",
        discussion: """
            Episodes are those of `sacbot train --backend simulation`, but somebody else acts. For \
            comparisons with other learners; Benchmarks/gymnasium/README.md says how to use it.
            """,
        shouldDisplay: false
    )

    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "The task in the robot file; its first one by default.")
    var task: String?
    @Option(help: "Seed of the episodes until a reset brings another.")
    var seed: UInt64 = 1

    func run() throws {
        guard isatty(STDIN_FILENO) == 0 else {
            throw Failure(
                "`sacbot gym` talks to a program, not to a person; "
                    + "Benchmarks/gymnasium/README.md says how to use it from Python"
            )
        }
        signal(SIGPIPE, SIG_IGN)
        let configuration = try RobotConfiguration.load(robot)
        let task = try configuration.task(task)
        if task.camera != nil {
            throw Failure(
                "task \(task.name) looks through a camera, and pictures do not go over this pipe; "
                    + "choose a task without one"
            )
        }
        // Whatever prints must not get between the messages.
        let output = dup(STDOUT_FILENO)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        let job = GymJob(
            configuration: configuration,
            task: task,
            seed: seed,
            pipe: GymPipe(reading: STDIN_FILENO, writing: output)
        )
        try job.run()
    }
}
