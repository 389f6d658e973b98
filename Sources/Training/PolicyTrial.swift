public import Control
import Learning
import Robot
public import Safety

/// Trying policies out between training episodes, where that costs nothing but simulated time.
///
/// An actor's success swings by tens of percent from one hundred updates to the next; what a run
/// leaves behind should be its best policy, not its last. The same starts for every policy; nothing
/// of a trial is learnt from.
public final class PolicyTrial<Body: DrivenBody> {
    /// Transitions between two trials.
    public let everySteps: Int
    private let episodes: Int
    private let runner: EpisodeRunner<Body>
    private let seed: UInt64
    private var best = TrialScore(held: 0, meanReturn: -.infinity)
    private var nextTrial: Int

    /// Trials of `episodes` episodes each; `runner` must keep no transitions.
    public init(
        runner: EpisodeRunner<Body>,
        everySteps: Int,
        episodes: Int,
        seed: UInt64,
        transitions: Int
    ) {
        self.runner = runner
        self.everySteps = everySteps
        self.episodes = episodes
        self.seed = seed
        nextTrial = transitions + everySteps
    }

    /// Saves or restores the best score and when the next trial is due.
    func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&best.held)
        numbers.carry(&best.meanReturn)
        numbers.carry(&nextTrial)
    }

    /// Whether a trial is due after this many transitions.
    func isDue(transitions: Int) -> Bool { transitions >= nextTrial }

    /// Runs a trial.
    ///
    /// - Returns: the score, and whether it is the best so far: of this session, in lock step of
    ///   the run.
    func run(
        _ policy: PolicySnapshot,
        transitions: Int
    ) throws(ControlStop) -> (score: TrialScore, isBest: Bool) {
        nextTrial = transitions + everySteps
        var held = 0
        var sum = 0.0
        for index in 0..<episodes {
            var random = RandomSource(seed: seed, name: "trial-\(index)")
            let prepared = try runner.prepare(random: &random)
            let (outcome, stop) = runner.run(
                prepared,
                index: index,
                actions: .policy(policy, explores: false),
                random: &random
            )
            if let stop { throw stop }
            if outcome.successHeld { held += 1 }
            sum += outcome.totalReward
        }
        let score = TrialScore(
            held: Double(held) / Double(episodes),
            meanReturn: sum / Double(episodes)
        )
        let isBest = score > best
        if isBest { best = score }
        return (score, isBest)
    }
}

/// What a policy achieved in a trial; better is greater.
public struct TrialScore: Sendable, Hashable, Comparable {
    /// Share of episodes that held success.
    public var held: Double
    /// Mean sum of rewards.
    public var meanReturn: Double

    /// A score.
    public init(held: Double, meanReturn: Double) {
        self.held = held
        self.meanReturn = meanReturn
    }

    /// More success, and with equal success more reward.
    public static func < (a: TrialScore, b: TrialScore) -> Bool {
        (a.held, a.meanReturn) < (b.held, b.meanReturn)
    }
}
