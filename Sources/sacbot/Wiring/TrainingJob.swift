import Control
import Dashboard
import Evaluation
import Journal
import Learning
import Operator
import Realtime
import Robot
import Safety
import Synchronization
import Training

/// One `sacbot train`, from the opened run to the last word, on whatever body.
struct TrainingJob: BodyWork {
    let configuration: RobotConfiguration
    let task: TaskSettings
    let backend: Backend
    let runsFolder: String
    let bounds: SessionBounds
    let fresh: Bool
    let from: RunFolder?
    let withReplay: Bool
    let prior: RunFolder?
    let isLockstep: Bool
    let seed: UInt64
    let armsWithoutAsking: Bool
    /// Where the robot's faults are kept; `nil` where every process has a new robot.
    let latch: FaultLatch?
    /// The live page, if one was asked for.
    var dashboard: DashboardSettings?
    /// Whether the last state is printed as JSON.
    let printsState: Bool
    /// What people ask for between two episodes.
    let errands = ErrandBox()
    /// What makes it a service: systemd's side, and patience with faults; `nil` for a command.
    var service: ServiceLink?
    var stopSwitch = StopSwitch()

    func run<Body: DrivenBody>(_ body: Body) throws {
        let stage = try RobotStage(
            body: body,
            configuration: configuration,
            task: task,
            backend: backend,
            stopSwitch: stopSwitch,
            latch: latch,
            errands: errands
        )
        defer { stage.close() }
        let page = try stage.openDashboard(dashboard)
        defer { page?.stop() }
        stage.desk.update { $0.mode = service?.mode ?? "train" }
        let opened = try open(stage)
        opened.notes.forEach { Say.note($0) }
        Say.note("run \(opened.folder.path)")
        stage.desk.update { $0.run = opened.folder.path }
        try train(stage, opened)
    }

    private func open<Body: DrivenBody>(_ stage: RobotStage<Body>) throws -> OpenedRun {
        let facts = stage.facts
        let identity = facts.identity(seed: seed, profile: configuration.learner.profile)
        var request = RunRequest(
            root: runsFolder,
            identity: identity,
            settings: configuration.learner,
            replayAction: task.replayAction,
            layout: facts.layout,
            provenance: facts.provenance(profile: configuration.learner.profile),
            robotFile: try contents(of: configuration.path),
            calibrationFile: try configuration.calibrationPath.map { try contents(of: $0) }
        )
        request.fresh = fresh
        request.from = from
        request.withReplay = withReplay
        request.prior = prior
        request.historyFrames = task.historyFrames
        request.isLockstep = isLockstep
        request.triesPolicies = triesPolicies
        request.diskQuota = configuration.diskQuota
        return try OpenedRun(request, now: WallClock.now()) {
            world throws(WorldProblem) in try stage.loop.restore(world)
        }
    }

    private func train<Body: DrivenBody>(_ stage: RobotStage<Body>, _ opened: OpenedRun) throws {
        let progress = ProgressLine(now: WallClock.now())
        let link = LearnerChoice(
            core: opened.core,
            layout: stage.facts.layout,
            task: task,
            tickSeconds: configuration.robot.tickSeconds,
            isLockstep: isLockstep,
            goesOnExactly: opened.world != nil,
            hasSimulatedTime: backend.hasSimulatedTime,
            stopSwitch: stopSwitch
        )
        let desk = stage.desk
        let runner = stage.runner(sink: link.link)
        runner.randomisation = configuration.randomisation
        let errand = SessionErrands(box: errands, stage: stage, learner: link.link)
        let session = TrainingSession(
            runner: runner,
            learner: link.link,
            trial: trial(stage, opened),
            recovery: backend.hasSimulatedTime ? nil : stage.recovery,
            seed: opened.seed,
            nextEpisode: opened.nextEpisode,
            transitions: opened.core.transitions,
            bounds: bounds,
            waitsForLearner: backend.hasSimulatedTime,
            clock: WallClock.now,
            phase: { phase in desk.update { $0.phase = phase } },
            errands: { errand.run() },
            report: { finished in
                progress.note(finished)
                link.noteEpisode()
                stage.note(finished, progress)
            }
        )
        if let world = opened.world { try session.restore(world) }
        let outcome = try control(stage, session, link, progress)
        link.close()
        try conclude(stage, opened, outcome, link)
    }

    private var triesPolicies: Bool { backend.hasSimulatedTime && configuration.trials != nil }

    /// Trials where time is simulated and the robot file asks for them.
    private func trial<Body: DrivenBody>(
        _ stage: RobotStage<Body>,
        _ opened: OpenedRun
    ) -> PolicyTrial<Body>? {
        guard triesPolicies, let trials = configuration.trials else { return nil }
        let runner = stage.runner(sink: NoTransitions())
        // Worlds of trials are named by the trials' numbers: the same for every policy.
        runner.randomisation = configuration.randomisation
        return PolicyTrial(
            runner: runner,
            everySteps: trials.everySteps,
            episodes: trials.episodes,
            seed: opened.seed,
            transitions: opened.core.transitions
        )
    }

    /// Runs the session on the control thread while this one shows how it goes.
    private func control<Body: DrivenBody>(
        _ stage: RobotStage<Body>,
        _ session: TrainingSession<Body>,
        _ link: LearnerChoice,
        _ progress: ProgressLine
    ) throws -> SessionOutcome {
        let drive = SessionDrive(
            priority: backend.hasSimulatedTime ? .ordinary : configuration.controlPriority,
            asks: !armsWithoutAsking,
            service: service,
            stopSwitch: stopSwitch,
            errands: errands
        )
        return try stage.drive(session, drive) {
            let figures = link.figures
            if service == nil {
                progress.show(now: WallClock.now(), figures: figures, wantedSteps: bounds.steps)
            }
            let learner = OperatorLearner(figures, governor: link.governor)
            stage.desk.update {
                $0.steps = figures.transitions
                $0.updates = figures.updates
                $0.learner = learner
            }
        }
    }

    private func conclude<Body: DrivenBody>(
        _ stage: RobotStage<Body>,
        _ opened: OpenedRun,
        _ outcome: SessionOutcome,
        _ link: LearnerChoice
    ) throws {
        var problem = link.problem
        do throws(JournalError) { try close(opened) } catch { problem = problem ?? "\(error)" }
        let transitions = opened.core.transitions
        stage.desk.update { $0.ticks = TickState(stage.loop.statistics) }
        let ticks = stage.desk.state.ticks
        Say.note(
            """
            stopped: \(stage.describe(outcome.stopping))
            ticks    \(stage.loop.tickCount), \(stage.loop.skippedTicks) skipped, \
            \(stage.loop.incompleteTicks) without a sample of every joint
            \(ticks?.table ?? "")
            run      \(opened.folder.path) (\(transitions) steps)
            policy   \(opened.folder.policyPath)
            curve    \(opened.folder.path)/\(LearningCurvePicture.fileName)
            """
        )
        if printsState { print(stage.desk.state.json) }
        if let problem { throw Failure(problem) }
        if case .fault(let fault) = outcome.stop { throw Failure(stage.describe(fault)) }
    }

    /// Draws the learning curve and closes the run; on a full disk the curve is all that is missing.
    private func close(_ opened: OpenedRun) throws(JournalError) {
        let curve = try opened.journal.learningCurve()
        let title = "\(configuration.robot.name) \(task.name), \(backend.rawValue)"
        let svg = LearningCurvePicture.svg(curve, title: title)
        try opened.journal.writeFile(LearningCurvePicture.fileName, [UInt8](svg.utf8))
        let csv = LearningCurvePicture.csv(curve)
        try opened.journal.writeFile(LearningCurvePicture.tableName, [UInt8](csv.utf8))
        try opened.journal.close()
    }
}
