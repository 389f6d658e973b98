import Control
import Evaluation
import Glibc
import Journal
import Learning
import Realtime
import Robot
import Safety
import Synchronization

/// What an evaluation found.
struct EvaluationResult {
    var policy: EvaluationSummary
    var random: EvaluationSummary?
    /// Every episode of the policy.
    var outcomes: [EpisodeOutcome]
    /// Why it ended early; `nil` if it did not.
    var problem: String?
}

/// One `sacbot evaluate` on whatever body.
struct EvaluationJob: BodyWork {
    let configuration: RobotConfiguration
    let task: TaskSettings
    let backend: Backend
    let snapshot: PolicySnapshot
    let episodes: Int
    let randomEpisodes: Int
    /// From what worlds are drawn; `nil` for the plain one.
    let randomisation: Randomisation?
    let seed: UInt64
    let stopSwitch: StopSwitch
    /// Where the robot's faults are kept; `nil` where every process has a new robot.
    let latch: FaultLatch?

    func run<Body: DrivenBody>(_ body: Body) throws -> EvaluationResult {
        let stage = try RobotStage(
            body: body,
            configuration: configuration,
            task: task,
            backend: backend,
            stopSwitch: stopSwitch,
            latch: latch
        )
        defer { stage.close() }
        let result = Mutex<EvaluationResult?>(nil)
        let handed = Handover(value: (stage, self))
        let thread = WorkThread(
            name: "sacbot-control",
            priority: backend.hasSimulatedTime ? .ordinary : configuration.controlPriority,
            refused: { Say.warning("\($0)") }
        ) {
            let (stage, job) = handed.value
            let found = job.evaluate(stage)
            result.withLock { $0 = found }
        }
        while result.withLock({ $0 == nil }) {
            MonotonicClock.sleep(until: MonotonicClock.now() + 100_000_000)
            stage.watch.look()
        }
        thread.join()
        stage.watch.look()
        guard let found = result.withLock({ $0 }) else { throw Failure("no result") }
        return found
    }

    private func evaluate<Body: DrivenBody>(_ stage: RobotStage<Body>) -> EvaluationResult {
        let asks = backend == .hardware && configuration.robot.arming == .manual
        var stop = stage.awaitPermission(asks: asks)
        let counter = ProgressCount(total: episodes + randomEpisodes)
        let runner = stage.runner(sink: NoTransitions())
        runner.randomisation = randomisation
        let session = EvaluationSession(
            runner: runner,
            seed: seed,
            // A real robot that was stopped is looked at before it moves again.
            recover: { [backend] fault in
                backend.hasSimulatedTime ? stage.loop.goOnAfterFault() : .fault(fault)
            },
            report: { _ in counter.advance() }
        )
        var outcomes: [EpisodeOutcome] = []
        var random: [EpisodeOutcome] = []
        if stop == nil {
            (outcomes, stop) = session.run(
                .policy(snapshot, explores: false),
                episodes: episodes
            )
        }
        if stop == nil { (random, stop) = session.run(.random, episodes: randomEpisodes) }
        let stopping = stage.loop.stop()
        counter.finish()
        var problem: String?
        switch stop {
        case .fault(let fault): problem = stage.describe(fault)
        case .ordered: problem = "stopped before all episodes were done"
        case nil: break
        }
        if !stopping.unconfirmed.isEmpty { problem = stage.describe(stopping) }
        return EvaluationResult(
            policy: EvaluationSummary(outcomes),
            random: random.isEmpty ? nil : EvaluationSummary(random),
            outcomes: outcomes,
            problem: problem
        )
    }
}

/// "12 of 120 episodes" on a terminal.
final class ProgressCount {
    private let total: Int
    private var done = 0
    private let isTerminal = isatty(STDERR_FILENO) != 0

    init(total: Int) { self.total = total }

    func advance() {
        done += 1
        guard isTerminal else { return }
        Say.write("\r\u{1B}[K\(done) of \(total) episodes", to: STDERR_FILENO)
        Say.progressShown.store(true, ordering: .relaxed)
    }

    func finish() {
        if isTerminal { Say.write("\r\u{1B}[K", to: STDERR_FILENO) }
        Say.progressShown.store(false, ordering: .relaxed)
    }
}
