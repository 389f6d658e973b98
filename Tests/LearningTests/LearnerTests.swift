import Glibc
import Testing

@testable import Learning

private func randomReplay(
    observationCount: Int,
    actionCount: Int,
    count: Int,
    seed: UInt64
) -> ReplayBuffer {
    let replay = ReplayBuffer(
        observationCount: observationCount,
        actionCount: actionCount,
        capacity: count
    )
    var random = RandomSource(seed: seed)
    for _ in 0..<count {
        replay.append(
            observation: (0..<observationCount).map { _ in Float(random.normal()) },
            action: (0..<actionCount).map { _ in Float(random.uniform(in: -1...1)) },
            reward: Float(random.normal()),
            nextObservation: (0..<observationCount).map { _ in Float(random.normal()) },
            terminated: random.uniform() < 0.1
        )
    }
    return replay
}

private func settings(hidden: [Int], batch: Int) -> LearnerSettings {
    var settings = LearnerSettings()
    settings.hiddenWidths = hidden
    settings.batchSize = batch
    return settings
}

private func learner(_ settings: LearnerSettings, seed: UInt64) -> Learner {
    Learner(settings: settings, observationCount: 4, actionCount: 2, seed: seed)
}

/// Tensors with their floats as bits, so that equality is of every bit.
private func bits(_ tensors: [NamedTensor]) -> [String: [UInt64]] {
    var result: [String: [UInt64]] = [:]
    for tensor in tensors {
        switch tensor.storage {
        case .floats(let values): result[tensor.name] = values.map { UInt64($0.bitPattern) }
        case .u64(let values): result[tensor.name] = values
        case .i64(let values): result[tensor.name] = values.map { UInt64(bitPattern: $0) }
        }
    }
    return result
}

@Suite("Learner")
struct LearnerTests {
    @Test(
        "A learner restored from a file goes on bit for bit",
        arguments: LearnerSettings.profileNames,
        [false, true]
    )
    func resume(profile: String, plain: Bool) throws {
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 500, seed: 1)
        var options = try #require(LearnerSettings.profile(profile))
        (options.hiddenWidths, options.batchSize) = ([24, 20], 32)
        options.criticWidths = options.criticWidths.map { _ in [20, 24] }
        if !plain {
            (options.normalisesObservations, options.policySmoothing) = (true, 0.1)
            if options.algorithm == .softActorCritic { options.explorationHold = 3 }
        }
        let original = learner(options, seed: 1)
        for index in 0..<20 { original.note([Float(index), -1, 3, Float(index * index)].span) }
        for _ in 0..<37 { _ = original.update(from: replay) }
        let file = Safetensors.encode(original.checkpoint())
        var metrics: [UpdateMetrics] = []
        for _ in 0..<50 { metrics.append(original.update(from: replay)) }

        let resumed = learner(options, seed: 999)
        try resumed.restore(Safetensors.decode(file).tensors)
        #expect(resumed.updateCount == 37)
        for index in 0..<50 { #expect(resumed.update(from: replay) == metrics[index]) }
        #expect(bits(resumed.checkpoint()) == bits(original.checkpoint()))
        #expect(bits(resumed.snapshot().tensors()) == bits(original.snapshot().tensors()))
    }

    @Test("The same seed gives the same bits, another seed others")
    func repeatable() {
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 300, seed: 2)
        let options = settings(hidden: [32], batch: 16)
        let runs = [7, 7, 8].map { (seed: UInt64) in
            let learner = learner(options, seed: seed)
            for _ in 0..<20 { _ = learner.update(from: replay) }
            return bits(learner.checkpoint())
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    @Test("A checkpoint of other widths, cut down or damaged is refused and changes nothing")
    func refusedCheckpoints() throws {
        let options = settings(hidden: [16, 16], batch: 16)
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 100, seed: 3)
        let target = learner(options, seed: 3)
        _ = target.update(from: replay)
        let before = bits(target.checkpoint())
        let good = target.checkpoint()
        for index in good.indices {
            var fewer = good
            fewer.remove(at: index)
            #expect(throws: LearningError.missingTensor(name: good[index].name)) {
                try target.restore(fewer)
            }
            if case .floats(let values) = good[index].storage {
                var damaged = good
                let bad = [Float.nan] + values.dropFirst()
                damaged[index] = NamedTensor(
                    name: good[index].name,
                    shape: good[index].shape,
                    floats: bad
                )
                #expect(throws: LearningError.badValue(name: good[index].name)) {
                    try target.restore(damaged)
                }
            }
        }
        let wider = learner(settings(hidden: [16, 17], batch: 16), seed: 3).checkpoint()
        #expect(throws: LearningError.self) { try target.restore(wider) }
        #expect(bits(target.checkpoint()) == before)
    }

    @Test("A loss that is not finite returns the learner to its last good parameters")
    func rollback() {
        let options = settings(hidden: [16, 16], batch: 16)
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 100, seed: 4)
        let learner = learner(options, seed: 4)
        for _ in 0..<10 { #expect(learner.update(from: replay).isFinite) }
        // The counters are the last tensor; the rest is what must come back.
        let names = Set(learner.checkpoint().map(\.name)).filter {
            !$0.hasPrefix("random") && $0 != "counters"
        }
        let before = bits(learner.checkpoint()).filter { names.contains($0.key) }
        learner.networks.critics[0].parameters[3] = .nan
        let metrics = learner.update(from: replay)
        #expect(!metrics.isFinite && learner.rollbackCount == 1)
        #expect(bits(learner.checkpoint()).filter { names.contains($0.key) } == before)
        #expect(learner.update(from: replay).isFinite)

        learner.networks.actor.parameters[0] = .infinity
        #expect(
            learner.snapshot().tensors().allSatisfy {
                if case .floats(let values) = $0.storage {
                    values.allSatisfy(\.isFinite)
                } else {
                    true
                }
            }
        )
    }

    @Test("The target critic follows by its share of the difference each update")
    func targetSmoothing() {
        var options = settings(hidden: [16], batch: 16)
        options.criticLearningRate = 0
        options.targetSmoothing = 0.25
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 100, seed: 5)
        let learner = learner(options, seed: 5)
        let critic = learner.networks.critics[0]
        let start = critic.parameters[0]
        critic.target?[0] = start + 8
        for _ in 0..<3 { _ = learner.update(from: replay) }
        let expected = start + 8 * 0.75 * 0.75 * 0.75
        #expect(abs((critic.target?[0] ?? 0) - expected) < 1e-5)
        #expect(critic.parameters[0] == start)
    }

    @Test("Random settings of widths and batch run finite")
    func oddSizes() {
        var random = RandomSource(seed: 6)
        for _ in 0..<8 {
            let depth = 1 + random.index(below: 3)
            let widths = (0..<depth).map { _ in 1 + random.index(below: 70) }
            let options = settings(hidden: widths, batch: 1 + random.index(below: 50))
            let (observations, actions) = (1 + random.index(below: 40), 1 + random.index(below: 20))
            let replay = randomReplay(
                observationCount: observations,
                actionCount: actions,
                count: 64,
                seed: 6
            )
            let learner = Learner(
                settings: options,
                observationCount: observations,
                actionCount: actions,
                seed: 6
            )
            for _ in 0..<5 { #expect(learner.update(from: replay).isFinite, "\(widths)") }
        }
    }
}
