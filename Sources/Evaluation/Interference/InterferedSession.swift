public import Control
public import Learning
public import Robot
public import Safety

/// One episode of an interfered evaluation with everything that was recorded of it.
public struct InterferedEpisode: Sendable {
    /// Its row.
    public var row: EpisodeRow
    /// How it went, for the journal.
    public var outcome: EpisodeOutcome
    /// Its samples, if it was chosen to be taken down.
    public var rollout: Rollout?
    /// Its transitions, each with whether something was done to the robot in it.
    public var transitions: LabelledTransitions
}

/// Episodes of one policy without interference and with each kind, from the same starts.
///
/// A fault ends its episode, not the series: the episode failed, and `recover` brings the robot back.
public final class InterferedSession<Body: DrivenBody>: EpisodeCompanion {
    private let runner: EpisodeRunner<Body>
    private let loop: ControlLoop<Body>
    private let seed: UInt64
    private let sink: LabelledTransitions.Collector
    private let interferer: Interferer<Body>
    private let rolloutsPerKind: Int
    private let recover: (Fault) -> ControlStop?
    private let report: (InterferedEpisode) -> Void
    private var probe: EpisodeProbe
    private var recorder: RolloutRecorder?
    private var drawnWorld: WorldVariation?
    private var nextJournalEpisode = 0
    private var tickCount = 0

    /// A session.
    ///
    /// - Parameters:
    ///   - sink: what `runner` was made with.
    ///   - seed: names the starts: episode n is the same for every policy and kind.
    ///   - mark: what a person says of interference by hand.
    ///   - rolloutsPerKind: how many episodes of each kind are taken down sample by sample.
    ///   - recover: brings the robot back after a fault; what it returns ends the series.
    ///   - report: told of every episode, on the control thread.
    public init(
        runner: EpisodeRunner<Body>,
        sink: LabelledTransitions.Collector,
        seed: UInt64,
        mark: InterferenceMark,
        rolloutsPerKind: Int,
        recover: @escaping (Fault) -> ControlStop?,
        report: @escaping (InterferedEpisode) -> Void
    ) {
        self.runner = runner
        self.sink = sink
        self.seed = seed
        self.rolloutsPerKind = rolloutsPerKind
        self.recover = recover
        self.report = report
        loop = runner.loop
        interferer = Interferer(loop: runner.loop, mark: mark)
        probe = EpisodeProbe(task: runner.task, robot: runner.loop.robot)
        runner.companion = self
    }

    /// Runs one policy through a number of episodes without interference, then through the plans.
    ///
    /// - Returns: what ended it early, if anything did.
    public func run(
        _ policy: PolicySnapshot,
        number: Int,
        episodesWithout: Int,
        plans: [EpisodePlan]
    ) -> ControlStop? {
        for episode in 0..<episodesWithout {
            if let stop = run(policy, number, episode, nil) { return stop }
        }
        for plan in plans {
            if let stop = run(policy, number, plan.episode, plan) { return stop }
        }
        return nil
    }

    private func run(
        _ policy: PolicySnapshot,
        _ number: Int,
        _ episode: Int,
        _ plan: EpisodePlan?
    ) -> ControlStop? {
        var random = RandomSource(seed: seed, name: "evaluation-\(episode)")
        defer { interferer.episodeEnds() }
        let kind = plan?.kind.rawValue ?? EvaluationDocument.without
        let joints = loop.robot.actuatedJoints.count
        let blank = Rollout(policy: number, kind: kind, episode: episode, jointCount: joints)
        recorder =
            episode < rolloutsPerKind
            ? RolloutRecorder(
                blank,
                task: runner.task,
                robot: loop.robot,
                pictureSize: runner.pictureSize
            ) : nil
        do throws(ControlStop) {
            let prepared = try runner.prepare(from: random, recover: recover) {
                interferer.prepare(plan)
            }
            random = prepared.random
            drawnWorld = prepared.episode.world?.variation
            sink.begin(episode: nextJournalEpisode)
            let (outcome, stop) = runner.run(
                prepared.episode,
                index: nextJournalEpisode,
                actions: .policy(policy, explores: false),
                random: &random
            )
            interferer.closeMark(at: tickCount)
            if stop == .ordered { return stop }
            nextJournalEpisode += 1
            finish(outcome, number, episode, plan)
            if case .fault(let fault) = stop { return recover(fault) }
            return nil
        } catch {
            return error
        }
    }

    private func finish(
        _ outcome: EpisodeOutcome,
        _ number: Int,
        _ episode: Int,
        _ plan: EpisodePlan?
    ) {
        let figures = probe.figures(plan?.kind)
        var fault: Int?
        if case .aborted(let why) = outcome.ending { fault = Int(why.code.rawValue) }
        let row = EpisodeRow(
            policy: number,
            kind: plan?.kind.rawValue ?? EvaluationDocument.without,
            episode: episode,
            journalEpisode: outcome.index,
            events: plan?.kind == .byHand ? markedEvents : plan?.events ?? [],
            steps: outcome.steps,
            startError: outcome.startError,
            finalError: outcome.finalError,
            totalReward: outcome.totalReward,
            succeeded: outcome.successHeld,
            end: outcome.ending.word,
            fault: fault,
            score: figures.score,
            recoverySeconds: figures.recoverySeconds,
            worstDeviation: figures.worstDeviation,
            peakCurrent: figures.peakCurrent,
            interventions: figures.interventions,
            speed: probe.meanSpeed,
            world: outcome.world
        )
        report(
            InterferedEpisode(
                row: row,
                outcome: outcome,
                rollout: recorder?.finished(succeeded: outcome.successHeld),
                transitions: sink.taken()
            )
        )
    }

    private var markedEvents: [InterferenceEvent] {
        interferer.marked.map { span in
            InterferenceEvent(
                start: Double(span.lowerBound) * loop.robot.tickSeconds,
                end: Double(span.upperBound) * loop.robot.tickSeconds,
                amount: 0
            )
        }
    }

    // MARK: Within an episode

    /// Begins to measure.
    public func episodeBegins(_ episode: TaskEpisode) {
        probe.begin()
        tickCount = 0
        interferer.episodeBegins(world: drawnWorld, target: episode.targetStart)
        let view = StepView(
            steps: 0,
            error: episode.error(loop.state, step: 0),
            goal: episode.goal(step: 0),
            speed: nil,
            limited: false
        )
        recorder?.take(
            view,
            loop.state,
            loop.supervisor,
            picture: runner.picture,
            current: 0,
            isActive: false
        )
    }

    /// Interferes as planned, and measures.
    public func tick(_ ticks: Int, wanted: inout JointArray<Radians?>) throws(ControlStop) {
        tickCount = ticks
        try interferer.tick(ticks, wanted: &wanted)
        probe.tick(loop.state, isActive: interferer.isActive)
    }

    /// Takes a sample.
    public func stepEnded(_ step: StepView) {
        probe.stepEnded(step, loop.state)
        let newest = probe.newest
        sink.label(newest.isActive)
        recorder?.take(
            step,
            loop.state,
            loop.supervisor,
            picture: runner.picture,
            current: newest.current,
            isActive: newest.isActive
        )
    }
}
