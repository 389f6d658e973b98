import Glibc
import Testing

@testable import Learning

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
        let learner = Learner(
            settings: options,
            observationCount: 1,
            actionCount: 1,
            seed: 31
        )
        for _ in 0..<4000 { _ = learner.update(from: replay) }

        let head = referenceNetwork(learner.networks.actor).output([1])
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
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 32)
        var meanQ = 0.0
        for _ in 0..<4000 { meanQ = learner.update(from: replay).meanQ }
        #expect(abs(meanQ - expected) < 0.05 * expected)
    }

    @Test("Under a fixed policy the critic reaches the soft value that quadrature gives")
    func softValue() {
        let (alpha, discount) = (0.3, 0.8)
        func reward(_ a: Double) -> Double { a - 0.5 * a * a }
        var options = LearnerSettings()
        options.hiddenWidths = [32, 32]
        options.batchSize = 64
        options.discount = discount
        options.targetSmoothing = 0.05
        options.initialTemperature = alpha
        options.temperatureLearningRate = 0
        options.actorLearningRate = 0
        options.criticLearningRate = 1e-3
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 4000)
        var random = RandomSource(seed: 35)
        for _ in 0..<4000 {
            let a = random.uniform(in: -1...1)
            replay.append(
                observation: [1],
                action: [Float(a)],
                reward: Float(reward(a)),
                nextObservation: [1],
                terminated: false
            )
        }
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 35)
        for _ in 0..<4000 { _ = learner.update(from: replay) }
        var meanQ = 0.0
        for _ in 0..<200 { meanQ += learner.update(from: replay).meanQ / 200 }

        // V = E[r + discount V - alpha log pi] under the policy; the replay's actions are uniform,
        // so the mean of Q there is the uniform mean of r, -1/6, plus discount V.
        let policy = referenceNetwork(learner.networks.actor).output([1])
        var gain = 0.0
        let steps = 2000
        for index in 0...steps {
            let z = -8 + 16 * Double(index) / Double(steps)
            let u = policy[0] + exp(policy[1]) * z
            let logNormal = -z * z / 2 - log(2 * Double.pi) / 2
            let logPolicy = logNormal - policy[1] + 2 * log(cosh(u))
            gain += exp(logNormal) * (reward(tanh(u)) - alpha * logPolicy) * 16 / Double(steps)
        }
        let expected = -1.0 / 6 + discount * gain / (1 - discount)
        #expect(abs(meanQ - expected) < 0.03 * (1 + abs(expected)), "\(meanQ), not \(expected)")
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
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 33)
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
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 34)
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
