import Control
import Evaluation
import Journal
import Learning
import Operator
import Realtime
import Robot
import RobotFiles
import Safety
import Synchronization
import Training

/// A policy that takes part in an evaluation with interference.
struct InterferedPolicy {
    let snapshot: PolicySnapshot
    let entry: EvaluatedPolicy

    init(
        _ name: String,
        runs: String,
        configuration: RobotConfiguration,
        task: TaskSettings,
        backend: Backend
    ) throws {
        let facts = PolicyFacts(configuration: configuration, task: task, backend: backend)
        let file = try PolicyFile.find(name, runs: runs, robot: configuration.robot.name)
        let content = try file.content(for: facts)
        snapshot = content.policy
        // What the layout of every number is called is of no use to a reader of tables.
        let lists = ["sacbot.observation", "sacbot.action"]
        var notes = content.notes.filter { note in !lists.contains { note.key.hasPrefix($0) } }
        notes["content_hash"] = "\(ContentHash(try contents(of: file.path)))"
        entry = EvaluatedPolicy(name: name, path: file.path, notes: notes)
    }
}

/// One `sacbot evaluate --interfere`, on whatever body.
struct InterferedJob: BodyWork {
    let configuration: RobotConfiguration
    let task: TaskSettings
    let backend: Backend
    let policies: [InterferedPolicy]
    let schedule: InterferenceSchedule
    let episodes: Int
    let rollouts: Int
    let isRandomised: Bool
    let seed: UInt64
    let runs: String
    let mark: InterferenceMark
    let stopSwitch: StopSwitch
    /// Where the robot's faults are kept; `nil` where every process has a new robot.
    let latch: FaultLatch?

    /// Whether the simulated ground has to be one that can be made uneven.
    var needsGround: Bool { schedule.kinds.contains { $0.target == .ground } }

    /// Draws for an interval.
    private static var bootstrapSamples: Int { 2000 }

    /// What came of it.
    private struct Found {
        var problem: String?
    }

    func run<Body: DrivenBody>(_ body: Body) throws -> (EvaluationDocument, folder: String) {
        let stage = try RobotStage(
            body: body,
            configuration: configuration,
            task: task,
            backend: backend,
            stopSwitch: stopSwitch,
            latch: latch
        )
        defer { stage.close() }
        let mark = mark
        stage.desk.takeMarks { mark.set($0) }
        let started = WallClock.now()
        let journal = try EvaluationJournal(
            root: runs,
            identity: stage.facts.identity(seed: seed, profile: RunFolder.evaluationProfile),
            observationCount: stage.facts.layout.observationCount,
            actionCount: stage.facts.layout.actionCount,
            now: started
        )
        stage.desk.update { $0.run = journal.folder.path }
        try journal.writeFile(RunFolder.robotFileName, try contents(of: configuration.path))
        try journal.writeFile("schedule.json", [UInt8](try schedule.json()))
        let (finished, problem) = try work(stage, journal)
        let document = EvaluationDocument(
            setting: setting(started),
            policies: policies.map(\.entry),
            rows: finished.map(\.row),
            rollouts: finished.compactMap(\.rollout),
            schedule: schedule,
            problem: problem
        )
        try journal.writeFile("evaluation.json", [UInt8](try document.json()))
        try journal.close()
        return (document, journal.folder.path)
    }

    /// Runs the episodes on the control thread while this one records what has ended.
    private func work<Body: DrivenBody>(
        _ stage: RobotStage<Body>,
        _ journal: EvaluationJournal
    ) throws -> (episodes: [InterferedEpisode], problem: String?) {
        let ended = Mutex<[InterferedEpisode]>([])
        let result = Mutex<Found?>(nil)
        let handed = Handover(value: (stage, self))
        let thread = WorkThread(
            name: "sacbot-control",
            priority: backend.hasSimulatedTime ? .ordinary : configuration.controlPriority,
            refused: { Say.warning("\($0)") }
        ) {
            let (stage, job) = handed.value
            let found = job.evaluate(stage) { episode in ended.withLock { $0.append(episode) } }
            result.withLock { $0 = found }
        }
        var episodes: [InterferedEpisode] = []
        var failure: (any Error)?
        var found: Found?
        let counter = ProgressCount(total: total)
        while found == nil {
            MonotonicClock.sleep(until: MonotonicClock.now() + 100_000_000)
            stage.watch.look()
            found = result.withLock { $0 }
            let new = ended.withLock { stored in
                defer { stored = [] }
                return stored
            }
            for episode in new {
                counter.advance()
                episodes.append(episode)
                do throws(JournalError) {
                    if failure == nil { try journal.record(episode, now: WallClock.now()) }
                } catch {
                    failure = error
                    stopSwitch.ask(.ordered)
                }
            }
            stage.desk.update { $0.episodes = episodes.count }
        }
        thread.join()
        counter.finish()
        stage.watch.look()
        if let failure { throw failure }
        return (episodes, found?.problem)
    }

    private var total: Int { policies.count * (episodes + schedule.plans.count) }

    /// On the control thread.
    private func evaluate<Body: DrivenBody>(
        _ stage: RobotStage<Body>,
        report: @escaping (InterferedEpisode) -> Void
    ) -> Found {
        let asks = backend == .hardware && configuration.robot.arming == .manual
        var stop = stage.awaitPermission(asks: asks)
        let sink = LabelledTransitions.Collector(
            observationCount: stage.facts.layout.observationCount,
            actionCount: stage.facts.layout.actionCount,
            stepCount: task.stepCount
        )
        let runner = stage.runner(sink: sink)
        if isRandomised { runner.randomisation = configuration.randomisation }
        let session = InterferedSession(
            runner: runner,
            sink: sink,
            seed: seed,
            mark: mark,
            rolloutsPerKind: rollouts,
            recover: { [backend] fault in
                backend.hasSimulatedTime ? stage.loop.goOnAfterFault() : stage.recover(from: fault)
            },
            report: report
        )
        for (number, policy) in policies.enumerated() where stop == nil {
            stop = session.run(
                policy.snapshot,
                number: number,
                episodesWithout: episodes,
                plans: schedule.plans
            )
        }
        let stopping = stage.loop.stop()
        if !stopping.unconfirmed.isEmpty { return Found(problem: stage.describe(stopping)) }
        switch stop {
        case .fault(let fault): return Found(problem: stage.describe(fault))
        case .ordered: return Found(problem: "stopped before all episodes were done")
        case nil: return Found()
        }
    }

    private func setting(_ started: Double) -> EvaluationSetting {
        let robot = configuration.robot
        let (goal, deviation) =
            switch task.goal {
            case .objectAngle: ("object_angle", "error")
            case .pose: ("pose", "error")
            case .walk: ("walk", "tilt")
            }
        return EvaluationSetting(
            robot: robot.name,
            task: task.name,
            backend: backend.rawValue,
            robotHash: "\(configuration.robotHash)",
            calibrationHash: configuration.calibrationHash,
            programVersion: programVersion,
            started: WallClock.text(started),
            seed: seed,
            episodesPerKind: episodes,
            stepSeconds: Double(task.ticksPerStep) * robot.tickSeconds,
            stepCount: task.stepCount,
            successBelow: task.successTolerance,
            errorUnit: task.goal.errorUnit,
            goal: goal,
            deviation: deviation,
            heldSteps: task.heldSteps,
            joints: robot.actuatedJoints.map { robot.joints[$0].name },
            isRandomised: isRandomised && configuration.randomisation != nil,
            bootstrapSamples: Self.bootstrapSamples
        )
    }
}
