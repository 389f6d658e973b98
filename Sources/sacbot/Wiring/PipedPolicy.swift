import Control
import GymProtocol
import Synchronization

/// Asks over a pipe what to do at every step, and answers what the step before led to.
///
/// Made anew for every episode.
final class PipedPolicy: OutsidePolicy {
    /// What the numbers of `GymOutcome.info` are called.
    static let infoNames = ["error", "success", "limited", "success_final", "success_held"]

    /// What came instead of an action.
    enum Interruption {
        /// The other side wants another episode.
        case reset(GymReset)
        /// The other side is gone.
        case gone
        /// What came cannot be used.
        case broken(GymPipeError)
    }

    private struct State {
        var step: StepResult?
        var observation: [Float] = []
        var interruption: Interruption?
    }

    private let pipe: GymPipe
    private let state = Mutex(State())

    init(pipe: GymPipe) { self.pipe = pipe }

    /// Why the episode was ended from outside; `nil` if it was not.
    var interruption: Interruption? { state.withLock { $0.interruption } }

    func stepped(_ result: StepResult, observation: [Float]) {
        state.withLock { ($0.step, $0.observation) = (result, observation) }
    }

    func act(_ observation: [Float], into action: inout [Float]) throws(ControlStop) {
        let step = state.withLock { $0.step }
        let outcome = GymOutcome(
            observation: observation,
            reward: step?.reward ?? 0,
            info: Self.info(step, outcome: nil)
        )
        let numbers: [Float]
        do throws(GymPipeError) {
            try pipe.send(.outcome(outcome))
            numbers = try nextAction(count: action.count)
        } catch {
            interrupt(error == .closed ? .gone : .broken(error))
            throw .ordered
        }
        if numbers.isEmpty { throw .ordered }
        for (place, number) in numbers.enumerated() { action[place] = number }
    }

    /// What the last step led to; only now is it known whether success was held.
    func lastOutcome(of episode: EpisodeOutcome) -> GymOutcome {
        let (step, observation) = state.withLock { ($0.step, $0.observation) }
        return GymOutcome(
            observation: observation,
            reward: step?.reward ?? 0,
            isTruncated: true,
            info: Self.info(step, outcome: episode)
        )
    }

    /// The next action; empty when a reset came instead.
    private func nextAction(count: Int) throws(GymPipeError) -> [Float] {
        while true {
            switch try pipe.nextRequest() {
            case .reset(let reset):
                interrupt(.reset(reset))
                return []
            case .step(let action):
                if action.count == count { return action }
                try pipe.send(
                    .refusal("an action of \(action.count) numbers; this robot takes \(count)")
                )
            }
        }
    }

    private func interrupt(_ interruption: Interruption) {
        state.withLock { $0.interruption = interruption }
    }

    private static func info(_ step: StepResult?, outcome: EpisodeOutcome?) -> [Double] {
        [
            step?.error ?? .nan,
            number(step?.isSuccess),
            number(step?.isLimited),
            number(outcome?.successFinal),
            number(outcome?.successHeld),
        ]
    }

    private static func number(_ truth: Bool?) -> Double { truth.map { $0 ? 1 : 0 } ?? .nan }
}
