public import Control
import Learning
public import Safety

/// Episodes from fixed start states, acting without exploration and without learning.
///
/// Start states come from the seed alone: two policies evaluated with the same seed meet the same
/// starts, and so does the random policy beside them.
///
/// A fault ends its episode, which failed; whether the series goes on, `recover` says.
public final class EvaluationSession<Body: DrivenBody> {
    private let runner: EpisodeRunner<Body>
    private let seed: UInt64
    private let recover: (Fault) -> ControlStop?
    private let report: (EpisodeOutcome) -> Void

    /// A session.
    ///
    /// - Parameters:
    ///   - recover: brings the robot back after a fault in an episode; what it returns ends the
    ///     series.
    ///   - report: told of every episode, on the control thread.
    public init(
        runner: EpisodeRunner<Body>,
        seed: UInt64,
        recover: @escaping (Fault) -> ControlStop?,
        report: @escaping (EpisodeOutcome) -> Void
    ) {
        self.runner = runner
        self.seed = seed
        self.recover = recover
        self.report = report
    }

    /// Runs `episodes` episodes; leaves the robot armed where the last one ended.
    ///
    /// - Returns: the outcomes, and what ended the series early, if anything did.
    public func run(
        _ actions: ActionSource,
        episodes: Int
    ) -> (outcomes: [EpisodeOutcome], stop: ControlStop?) {
        var outcomes: [EpisodeOutcome] = []
        for index in 0..<episodes {
            var random = RandomSource(seed: seed, name: "evaluation-\(index)")
            do throws(ControlStop) {
                let prepared = try runner.prepare(from: random, recover: recover)
                random = prepared.random
                let (outcome, stop) = runner.run(
                    prepared.episode,
                    index: index,
                    actions: actions,
                    random: &random
                )
                if stop != .ordered {
                    outcomes.append(outcome)
                    report(outcome)
                }
                switch stop {
                case .fault(let fault):
                    if let end = recover(fault) { return (outcomes, end) }
                case .ordered: return (outcomes, stop)
                case nil: break
                }
            } catch {
                return (outcomes, error)
            }
        }
        return (outcomes, nil)
    }
}

/// Takes transitions and keeps none.
public final class NoTransitions: TransitionSink {
    /// A sink.
    public init() {}

    /// Takes anything.
    public func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool { true }
}
