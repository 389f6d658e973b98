import Foundation
import Learning

/// A learner with its replay and its way of exploring.
///
/// This file, `LearnerChoice` and `ResumeFiles` hold all that the benchmark uses of `Learning`. The
/// policy that acts is made anew for every step, from the parameters of that moment.
final class BenchmarkLearner {
    /// What it was made with.
    let settings: LearnerSettings
    private let learner: Learner
    private let replay: ReplayBuffer
    private var exploration: RandomSource
    private var scratch: PolicyScratch
    /// Share of the next update that earlier steps have earned.
    private var owed = 0.0

    /// The settings of a profile; `nil` if there is none of this name.
    static func profile(_ name: String) -> LearnerSettings? {
        LearnerSettings.profile(name)
    }

    /// A fresh learner; `capacity` is the replay's.
    init(
        settings: LearnerSettings,
        observationCount: Int,
        actionCount: Int,
        seed: UInt64,
        capacity: Int
    ) {
        self.settings = settings
        learner = Learner(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount,
            seed: seed
        )
        replay = ReplayBuffer(
            observationCount: observationCount,
            actionCount: actionCount,
            capacity: capacity
        )
        exploration = RandomSource(seed: seed, name: "exploration")
        scratch = PolicyScratch(for: learner.snapshot())
    }

    /// Updates done so far.
    var updates: Int { learner.updateCount }
    /// The settings as text, to tell whether two runs have the same.
    func settingsText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(settings), as: UTF8.self)
    }
    /// How often a loss that was not finite was taken back.
    var rollbacks: Int { learner.rollbackCount }
    /// Transitions refused because a number in them was not finite.
    var refused: Int { replay.refusedCount }

    /// An action drawn uniformly from the box.
    func randomAction() -> [Float] {
        (0..<learner.actionCount).map { _ in Float(exploration.uniform(in: -1...1)) }
    }

    /// An action drawn from the policy of this moment.
    func explore(_ observation: [Float]) -> [Float] {
        var action = [Float](repeating: 0, count: learner.actionCount)
        var output = action.mutableSpan
        learner.snapshot().sample(
            observation.span,
            random: &exploration,
            scratch: &scratch,
            into: &output
        )
        return action
    }

    /// The policy without exploration, as it is at the moment of the call.
    func evaluated() -> (_ observation: [Float]) -> [Float] {
        let policy = learner.keptPolicy()
        return { [self] observation in
            var action = [Float](repeating: 0, count: learner.actionCount)
            var output = action.mutableSpan
            policy.mean(observation.span, scratch: &scratch, into: &output)
            return action
        }
    }

    /// Keeps a transition; `terminated` is false at a time limit.
    ///
    /// - Returns: the transition as `keep(record:)` takes it.
    func keep(
        _ observation: [Float],
        _ action: [Float],
        reward: Double,
        next: [Float],
        terminated: Bool
    ) -> [Float] {
        let record = observation + action + next + [Float(reward), terminated ? 1 : 0]
        keep(record: record[...])
        return record
    }

    /// Keeps a transition given as one row: observation, action, next, reward, terminated.
    func keep(record: ArraySlice<Float>) {
        let row = Array(record)
        let (seen, inputs) = (
            learner.observationCount, learner.observationCount + learner.actionCount
        )
        let numbers = row.span
        learner.note(numbers.extracting(0..<seen))
        replay.append(
            observation: numbers.extracting(0..<seen),
            action: numbers.extracting(seen..<inputs),
            reward: row[inputs + seen],
            nextObservation: numbers.extracting(inputs..<inputs + seen),
            terminated: row[inputs + seen + 1] != 0
        )
    }

    /// Everything to go on with but the transitions, which are kept elsewhere.
    func checkpoint() -> [NamedTensor] {
        learner.checkpoint() + [
            NamedTensor(name: "run.exploration", shape: [4], storage: .u64(exploration.words)),
            NamedTensor(name: "run.owed", shape: [1], storage: .u64([owed.bitPattern])),
        ]
    }

    /// Goes on from a checkpoint of a learner with the same settings.
    func restore(_ tensors: [NamedTensor]) throws {
        for tensor in tensors {
            guard case .u64(let words) = tensor.storage else { continue }
            if tensor.name == "run.exploration", let source = RandomSource(words: words) {
                exploration = source
            }
            if tensor.name == "run.owed", let bits = words.first { owed = Double(bitPattern: bits) }
        }
        try learner.restore(tensors)
    }

    /// The updates that one more step has earned.
    func learn() {
        owed += settings.updatesPerTransition
        while owed >= 1 {
            _ = learner.update(from: replay)
            owed -= 1
        }
    }
}
