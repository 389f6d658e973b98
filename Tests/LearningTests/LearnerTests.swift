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

private func learner(_ settings: LearnerSettings, seed: UInt64) -> SACLearner {
    SACLearner(settings: settings, observationCount: 4, actionCount: 2, seed: seed)
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
    @Test("A learner restored from a file goes on bit for bit")
    func resume() throws {
        let replay = randomReplay(observationCount: 4, actionCount: 2, count: 500, seed: 1)
        let options = settings(hidden: [24, 20], batch: 32)
        let original = learner(options, seed: 1)
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
        learner.critics[0].parameters[3] = .nan
        let metrics = learner.update(from: replay)
        #expect(!metrics.isFinite && learner.rollbackCount == 1)
        #expect(bits(learner.checkpoint()).filter { names.contains($0.key) } == before)
        #expect(learner.update(from: replay).isFinite)

        learner.actor.parameters[0] = .infinity
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
        let critic = learner.critics[0]
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
            let learner = SACLearner(
                settings: options,
                observationCount: observations,
                actionCount: actions,
                seed: 6
            )
            for _ in 0..<5 { #expect(learner.update(from: replay).isFinite, "\(widths)") }
        }
    }
}

@Suite("What the learner learns")
struct LearningOutcomeTests {
    /// KL(tanh-Gaussian ‖ exp(Q / alpha) / Z) on [-1, 1] by the trapezoid rule over u.
    private func divergence(
        mean: Double,
        logSigma: Double,
        logPartition: Double,
        energy: (Double) -> Double
    ) -> Double {
        let sigma = exp(logSigma)
        var sum = 0.0
        let steps = 400
        for index in 0...steps {
            let z = -8 + 16 * Double(index) / Double(steps)
            let u = mean + sigma * z
            let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
            let logPolicy = -z * z / 2 - log(2 * Double.pi) / 2 - logSigma + 2 * log(cosh(u))
            sum += density * (logPolicy - energy(tanh(u)) + logPartition) * 16 / Double(steps)
        }
        return sum
    }

    @Test("On a bandit the policy comes as near to exp(Q / alpha) as a squashed Gaussian can")
    func bandit() {
        let alpha = 0.2
        func reward(_ a: Double) -> Double { -2 * (a - 0.4) * (a - 0.4) }
        var options = LearnerSettings()
        options.hiddenWidths = [64, 64]
        options.batchSize = 128
        options.initialTemperature = alpha
        options.temperatureLearningRate = 0
        options.actorLearningRate = 1e-3
        options.criticLearningRate = 1e-3
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 5000)
        var random = RandomSource(seed: 31)
        for _ in 0..<5000 {
            let a = random.uniform(in: -1...1)
            replay.append(
                observation: [1],
                action: [Float(a)],
                reward: Float(reward(a)),
                nextObservation: [1],
                terminated: true
            )
        }
        let learner = SACLearner(
            settings: options,
            observationCount: 1,
            actionCount: 1,
            seed: 31
        )
        for _ in 0..<4000 { _ = learner.update(from: replay) }

        let head = referenceNetwork(learner.actor).output([1])
        func energy(_ a: Double) -> Double { reward(a) / alpha }
        let cells = 20_000
        let partition = (0..<cells).reduce(0.0) { sum, index in
            sum + exp(energy(-1 + 2 * (Double(index) + 0.5) / Double(cells))) * 2 / Double(cells)
        }
        func divergence(_ mean: Double, _ logSigma: Double) -> Double {
            self.divergence(
                mean: mean,
                logSigma: logSigma,
                logPartition: log(partition),
                energy: energy
            )
        }
        var best = Double.infinity
        for mean in stride(from: -1.0, through: 2, by: 0.05) {
            for logSigma in stride(from: -2.0, through: 1, by: 0.05) {
                best = min(best, divergence(mean, logSigma))
            }
        }
        let found = divergence(head[0], head[1])
        #expect(best >= 0 && best < 0.1, "the quadrature is wrong, or the target odd: \(best)")
        #expect(found < best + 0.02, "KL \(found), the best Gaussian's \(best)")
    }

    @Test(
        "A transition that did not end bootstraps; one that did, does not",
        arguments: [(false, 10.0), (true, 1.0)]
    )
    func bootstrap(terminated: Bool, expected: Double) {
        var options = LearnerSettings()
        options.hiddenWidths = [32, 32]
        options.batchSize = 64
        options.discount = 0.9
        options.targetSmoothing = 0.05
        options.initialTemperature = 1e-4
        options.temperatureLearningRate = 0
        options.criticLearningRate = 1e-3
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 1000)
        var random = RandomSource(seed: 32)
        for _ in 0..<1000 {
            replay.append(
                observation: [0.5],
                action: [Float(random.uniform(in: -1...1))],
                reward: 1,
                nextObservation: [0.5],
                terminated: terminated
            )
        }
        let learner = SACLearner(settings: options, observationCount: 1, actionCount: 1, seed: 32)
        var meanQ = 0.0
        for _ in 0..<4000 { meanQ = learner.update(from: replay).meanQ }
        #expect(abs(meanQ - expected) < 0.05 * expected)
    }

    @Test("The temperature settles where the entropy is the one to keep")
    func temperature() {
        var options = LearnerSettings()
        options.hiddenWidths = [32]
        options.batchSize = 64
        options.actorLearningRate = 3e-3
        options.criticLearningRate = 3e-3
        options.temperatureLearningRate = 3e-3
        options.targetEntropy = -0.5
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 2000)
        var random = RandomSource(seed: 33)
        for _ in 0..<2000 {
            let a = Float(random.uniform(in: -1...1))
            replay.append(
                observation: [1],
                action: [a],
                reward: -a * a,
                nextObservation: [1],
                terminated: true
            )
        }
        let learner = SACLearner(settings: options, observationCount: 1, actionCount: 1, seed: 33)
        for _ in 0..<4000 { _ = learner.update(from: replay) }
        var entropy = 0.0
        for _ in 0..<500 { entropy += learner.update(from: replay).entropy / 500 }
        #expect(abs(entropy + 0.5) < 0.05)
        #expect(learner.currentTemperature > 0 && learner.currentTemperature < 1)
    }

    @Test("Acting in a loop, the learner comes to do what its observation says")
    func identityTask() {
        var options = LearnerSettings()
        options.hiddenWidths = [32, 32]
        options.batchSize = 64
        options.discount = 0.5
        options.actorLearningRate = 3e-3
        options.criticLearningRate = 3e-3
        options.temperatureLearningRate = 3e-3
        options.initialTemperature = 0.1
        options.targetEntropy = -2
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 10_000)
        let learner = SACLearner(settings: options, observationCount: 1, actionCount: 1, seed: 34)
        var random = RandomSource(seed: 34)
        var observation = [Float(0)]
        var action = [Float(0)]
        for step in 0..<2500 {
            let policy = learner.snapshot()
            var scratch = PolicyScratch(for: policy)
            var target = action.mutableSpan
            policy.sample(observation.span, random: &random, scratch: &scratch, into: &target)
            let error = action[0] - observation[0]
            let next = [Float(random.uniform(in: -0.8...0.8))]
            replay.append(
                observation: observation,
                action: action,
                reward: -error * error,
                nextObservation: next,
                terminated: false
            )
            observation = next
            if step >= 100 { _ = learner.update(from: replay) }
        }
        let policy = learner.snapshot()
        var scratch = PolicyScratch(for: policy)
        for value in stride(from: Float(-0.7), through: 0.7, by: 0.1) {
            var target = action.mutableSpan
            policy.mean([value].span, scratch: &scratch, into: &target)
            #expect(abs(action[0] - value) < 0.1, "told \(value), did \(action[0])")
        }
    }
}
