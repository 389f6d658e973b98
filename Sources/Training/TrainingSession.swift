public import Control
import Learning
import Realtime
public import Robot
public import Safety

/// How long a session goes on.
public struct SessionBounds: Sendable, Hashable {
    /// Episodes of this session, `nil` for no bound.
    public var episodes: Int?
    /// Transitions of the whole run, `nil` for no bound.
    public var steps: Int?

    /// Bounds; without any the session goes on until it is stopped.
    public init(episodes: Int? = nil, steps: Int? = nil) {
        self.episodes = episodes
        self.steps = steps
    }
}

/// How a session ended.
public struct SessionOutcome: Sendable {
    /// Why it ended early; `nil` if its bounds were reached.
    public var stop: ControlStop?
    /// How the stop went.
    public var stopping: StopOutcome
}

/// Episode after episode on one body: reset, adopt the newest policy, act, hand everything on.
///
/// Runs on the control thread. Policies change only here, between episodes.
public final class TrainingSession<Body: DrivenBody> {
    private let runner: EpisodeRunner<Body>
    private let learner: any LearnerLink
    private let trial: PolicyTrial<Body>?
    private let recovery: OutageRecovery<Body>?
    private let seed: UInt64
    private let bounds: SessionBounds
    private let clock: () -> Double
    private let waitsForLearner: Bool
    private let report: (FinishedEpisode) -> Void
    private let errands: () -> ControlStop?
    private let phase: (String) -> Void
    private var nextEpisode: Int
    private var transitions: Int

    /// A session.
    ///
    /// - Parameters:
    ///   - trial: tries policies out now and then; `nil` keeps the newest.
    ///   - recovery: waits for a robot that was lost; `nil` to stop then.
    ///   - seed: the run's seed; every episode draws from its own stream, named by its number.
    ///   - nextEpisode: the number of the first episode.
    ///   - transitions: what the run holds already.
    ///   - waitsForLearner: true where the clock is simulated.
    ///   - clock: wall-clock seconds since 1970.
    ///   - phase: told what begins, for people.
    ///   - errands: called before every episode: what people asked for in between. A stop it returns
    ///     ends the session.
    ///   - report: called after every episode, on the control thread.
    public init(
        runner: EpisodeRunner<Body>,
        learner: any LearnerLink,
        trial: PolicyTrial<Body>?,
        recovery: OutageRecovery<Body>? = nil,
        seed: UInt64,
        nextEpisode: Int,
        transitions: Int,
        bounds: SessionBounds,
        waitsForLearner: Bool,
        clock: @escaping () -> Double,
        phase: @escaping (String) -> Void,
        errands: @escaping () -> ControlStop? = { nil },
        report: @escaping (FinishedEpisode) -> Void
    ) {
        self.runner = runner
        self.learner = learner
        self.trial = trial
        self.recovery = recovery
        self.seed = seed
        self.nextEpisode = nextEpisode
        self.transitions = transitions
        self.bounds = bounds
        self.waitsForLearner = waitsForLearner
        self.clock = clock
        self.phase = phase
        self.report = report
        self.errands = errands
        runner.afterStep = { learner.stepFinished() }
    }

    /// Runs until a bound is reached or somebody or something stops it; then stops the robot.
    ///
    /// May be called again after a fault was cleared; `episodes` of the bounds counts anew then.
    public func run() -> SessionOutcome {
        var stop: ControlStop?
        var done = 0
        rest()
        while stop == nil, !isFinished(after: done) {
            stop = (errands() ?? runEpisode() ?? tryPolicy()).flatMap { recovered(from: $0) }
            done += 1
            if stop == nil { rest() }
        }
        phase("stopping")
        let stopping = runner.loop.stop()
        phase("stopped")
        return SessionOutcome(stop: stop, stopping: stopping)
    }

    /// Stops the robot without having run an episode.
    public func stopped(because stop: ControlStop) -> SessionOutcome {
        SessionOutcome(stop: stop, stopping: runner.loop.stop())
    }

    /// Goes on with what `rest` saved beside the loop, which is restored already.
    ///
    /// A robot file that asks for trials only now begins to try now.
    public func restore(_ saved: WorldState) throws(WorldProblem) {
        guard let trial, saved.parts[Self.trialPart] != nil else { return }
        var world = WorldTransfer(restoring: saved)
        world.part(Self.trialPart) { trial.carry(&$0) }
        if let problem = world.problem { throw problem }
    }

    private static var trialPart: String { "trial" }

    /// Between two episodes nothing is under way: a moment to go on from.
    private func rest() {
        learner.betweenEpisodes(nextEpisode: nextEpisode) {
            guard runner.loop.isRestorable else { return nil }
            var world = WorldTransfer()
            runner.loop.carry(&world)
            if let trial { world.part(Self.trialPart) { trial.carry(&$0) } }
            return world.state
        }
    }

    /// Waits for a robot that was lost; `nil` if it is back and work goes on.
    private func recovered(from stop: ControlStop) -> ControlStop? {
        guard let recovery else { return stop }
        phase("waiting for the robot")
        return recovery.recover(from: stop)
    }

    private func isFinished(after episodes: Int) -> Bool {
        if let bound = bounds.episodes, episodes >= bound { return true }
        if let bound = bounds.steps, transitions >= bound { return true }
        return false
    }

    private func runEpisode() -> ControlStop? {
        let episodeSeed = Self.seed(of: nextEpisode, run: seed)
        var random = RandomSource(seed: episodeSeed)
        do throws(ControlStop) {
            phase("resetting")
            let prepared = try runner.prepare(random: &random)
            try waitForLearner()
            phase("running")
            let started = clock()
            let (outcome, stop) = runner.run(
                prepared,
                index: nextEpisode,
                actions: actions(),
                random: &random
            )
            finish(outcome, seed: episodeSeed, started: started)
            return stop
        } catch {
            return error
        }
    }

    private func tryPolicy() -> ControlStop? {
        guard let trial, trial.isDue(transitions: transitions),
            let policy = learner.policyToTry()
        else { return nil }
        phase("trying the policy")
        do throws(ControlStop) {
            let (score, isBest) = try trial.run(policy, transitions: transitions)
            learner.tried(policy, score: score, isBest: isBest)
            return nil
        } catch {
            return error
        }
    }

    private func actions() -> ActionSource {
        guard let policy = learner.policyForNextEpisode() else { return .random }
        return .policy(policy, explores: learner.explores)
    }

    private func finish(_ outcome: EpisodeOutcome, seed: UInt64, started: Double) {
        let finished = FinishedEpisode(
            outcome: outcome,
            seed: seed,
            started: started,
            ended: clock()
        )
        learner.episodeFinished(finished)
        transitions += outcome.steps
        nextEpisode += 1
        report(finished)
    }

    /// A simulated clock stands still meanwhile; a stop asked for is seen by the next tick.
    private func waitForLearner() throws(ControlStop) {
        guard waitsForLearner else { return }
        while learner.mustWait, runner.loop.stopAsked == .none {
            runner.loop.noteProgress()
            MonotonicClock.sleep(until: MonotonicClock.now() + 500_000)
        }
    }

    /// The seed of an episode's own stream.
    public static func seed(of episode: Int, run: UInt64) -> UInt64 {
        var stream = RandomSource(seed: run, name: "episode-\(episode)")
        return stream.next()
    }
}
