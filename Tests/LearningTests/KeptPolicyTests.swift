import Testing

@testable import Learning

@Suite("The policy to keep")
struct KeptPolicyTests {
    private func learner(smoothing: Double) -> (Learner, ReplayBuffer) {
        var settings = LearnerSettings()
        settings.hiddenWidths = [8]
        settings.batchSize = 16
        settings.policySmoothing = smoothing
        let replay = ReplayBuffer(observationCount: 3, actionCount: 1, capacity: 64)
        var random = RandomSource(seed: 3)
        for _ in 0..<64 {
            replay.append(
                observation: (0..<3).map { _ in Float(random.normal()) },
                action: [Float(random.uniform(in: -1...1))],
                reward: Float(random.normal()),
                nextObservation: (0..<3).map { _ in Float(random.normal()) },
                terminated: false
            )
        }
        let learner = Learner(settings: settings, observationCount: 3, actionCount: 1, seed: 9)
        return (learner, replay)
    }

    private func weights(_ policy: PolicySnapshot) -> [Float] {
        policy.tensors().flatMap { tensor -> [Float] in
            guard case .floats(let values) = tensor.storage else { return [] }
            return values
        }
    }

    @Test("without smoothing it is the actor itself")
    func unsmoothed() {
        let (learner, replay) = learner(smoothing: 1)
        for _ in 0..<5 { _ = learner.update(from: replay) }
        #expect(weights(learner.keptPolicy()) == weights(learner.snapshot()))
    }

    @Test("with smoothing it is the actor's running mean, weight by weight")
    func runningMean() {
        let (learner, replay) = learner(smoothing: 0.1)
        var mean = weights(learner.snapshot()).map(Double.init)
        for _ in 0..<40 {
            _ = learner.update(from: replay)
            for (index, weight) in weights(learner.snapshot()).enumerated() {
                mean[index] += 0.1 * (Double(weight) - mean[index])
            }
        }
        let kept = weights(learner.keptPolicy())
        #expect(zip(kept, mean).allSatisfy { (Double($0) - $1).magnitude < 1e-5 })
        #expect(kept != weights(learner.snapshot()))
    }

    @Test("it survives a checkpoint bit for bit")
    func checkpoint() throws {
        let (first, replay) = learner(smoothing: 0.1)
        for _ in 0..<20 { _ = first.update(from: replay) }
        let (second, _) = learner(smoothing: 0.1)
        try second.restore(first.checkpoint())
        #expect(weights(second.keptPolicy()) == weights(first.keptPolicy()))
    }
}
