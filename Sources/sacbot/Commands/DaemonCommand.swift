import ArgumentParser
import Control
import Foundation
import Journal
import Operator
import Robot
import Synchronization
import Training

/// The command `sacbot daemon`.
struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Runs a robot as a service; systemd starts it (docs/daemon.md).",
        discussion: """
            Trains like `sacbot train` and goes on with the run where it was left; tells systemd how
            it is; outlives faults: the robot is stopped until a person looks into it and says
            `sacbot clear-fault`. What else it may do says `daemon` in the robot file. SIGTERM
            parks, saves and leaves; SIGHUP reads the robot file again.

            Examples:
              systemctl start sacbot@claw
              sacbot daemon --robot claw.yaml --backend emulator
            """
    )

    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "The task in the robot file; its first one by default.")
    var task: String?
    @Option(help: "Where the robot is: simulation, emulator or hardware.")
    var backend: Backend = .hardware
    @Option(help: "A port instead of the robot file's: PORT, or BUS=PORT for one of several buses.")
    var port: [String] = []
    @Option(help: "The folder of all runs; systemd's state folder by default, else `runs`.")
    var runs: String?
    @Option(help: "What to do, instead of the robot file's `daemon: {mode: ...}`.")
    var mode: DaemonSettings.Mode?
    @Option(help: "Seed of a new run.")
    var seed: UInt64 = 1

    /// Where the installed service keeps its runs and latches.
    static let stateFolder = "/var/lib/sacbot"

    func run() throws {
        Self.useJournal()
        do {
            try serve()
        } catch {
            // A line with its priority; the exit code tells systemd.
            Say.error("\(error)")
            throw ExitCode(Self.exitCode(of: error))
        }
    }

    /// 2 for what another start cannot put right: systemd does not try then.
    private static func exitCode(of error: any Error) -> Int32 {
        error is UnusableFile ? 2 : 1
    }

    private func serve() throws {
        let configuration = try loaded()
        let task = try unusable { try configuration.task(self.task) }
        let ports = try unusable { try PortChoice.ports(port, of: configuration.robot) }
        let mode = self.mode ?? configuration.daemon.mode
        let service = ServiceLink(mode: mode.rawValue, configuration: configuration)
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch, reload: { service.askForReload() }) { Say.note($0) }
        if mode == .run {
            let job = try acting(configuration, task, service, stopSwitch)
            try backend.withBody(configuration, ports: ports, job)
        } else {
            let job = training(configuration, task, service, stopSwitch)
            if mode == .idle { job.errands.pause.ask(.pause) }
            try backend.withBody(configuration, ports: ports, job)
        }
    }

    private var runsFolder: String {
        runs ?? ProcessInfo.processInfo.environment["STATE_DIRECTORY"] ?? "runs"
    }

    private func latch(_ configuration: RobotConfiguration) -> FaultLatch? {
        backend == .hardware ? FaultLatch.of(configuration.robot.name, runs: runsFolder) : nil
    }

    private func asks(_ configuration: RobotConfiguration) -> Bool {
        backend == .hardware && configuration.robot.arming == .manual
    }

    private func training(
        _ configuration: RobotConfiguration,
        _ task: TaskSettings,
        _ service: ServiceLink,
        _ stopSwitch: StopSwitch
    ) -> TrainingJob {
        TrainingJob(
            configuration: configuration,
            task: task,
            backend: backend,
            runsFolder: runsFolder,
            bounds: SessionBounds(),
            fresh: false,
            from: nil,
            withReplay: false,
            prior: nil,
            isLockstep: false,
            seed: seed,
            armsWithoutAsking: !asks(configuration),
            latch: latch(configuration),
            dashboard: configuration.dashboard,
            printsState: false,
            service: service,
            stopSwitch: stopSwitch
        )
    }

    private func acting(
        _ configuration: RobotConfiguration,
        _ task: TaskSettings,
        _ service: ServiceLink,
        _ stopSwitch: StopSwitch
    ) throws -> ActingJob {
        let facts = PolicyFacts(configuration: configuration, task: task, backend: backend)
        let file = try PolicyFile.find(
            configuration.daemon.policy,
            runs: runsFolder,
            robot: configuration.robot.name
        )
        return ActingJob(
            configuration: configuration,
            task: task,
            backend: backend,
            policy: try file.policy(for: facts),
            policyPath: file.path,
            seed: seed,
            asks: asks(configuration),
            latch: latch(configuration),
            service: service,
            errands: ErrandBox(),
            stopSwitch: stopSwitch
        )
    }

    private func loaded() throws -> RobotConfiguration {
        try unusable { try RobotConfiguration.load(robot) }
    }

    private func unusable<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw UnusableFile(description: "\(error)") }
    }

    /// If systemd sends standard error to the journal, words go there with fields of their own.
    private static func useJournal() {
        let environment = ProcessInfo.processInfo.environment
        guard JournalSocket.isStandardError(environment: environment),
            let journal = JournalSocket()
        else { return }
        Say.journal.withLock {
            $0 = { priority, text, fields in
                journal.write(text, priority: priority.rawValue, fields: fields)
            }
        }
    }
}

/// What only a person can put right in a file or a unit.
private struct UnusableFile: Error, CustomStringConvertible {
    let description: String
}

extension DaemonSettings.Mode: ExpressibleByArgument {}
