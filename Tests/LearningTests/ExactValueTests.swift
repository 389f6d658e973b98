import Glibc
import Testing

@testable import Learning

/// Mean, mean square and entropy of tanh(mu + sigma z), by the trapezoid rule.
private func squashedMoments(mean: Double, logSigma: Double) -> (
    mean: Double, square: Double, entropy: Double
) {
    var result = (mean: 0.0, square: 0.0, entropy: 0.0)
    let steps = 4000
    for index in 0...steps {
        let z = -8 + 16 * Double(index) / Double(steps)
        let u = mean + exp(logSigma) * z
        let logNormal = -z * z / 2 - log(2 * Double.pi) / 2
        let weight = exp(logNormal) * 16 / Double(steps)
        result.mean += weight * tanh(u)
        result.square += weight * tanh(u) * tanh(u)
        result.entropy -= weight * (logNormal - logSigma + 2 * log(cosh(u)))
    }
    return result
}

@Suite("Critics against exact values")
struct ExactValueTests {
    /// s' = 0.8 s + 0.5 a + noise with reward -s² - 0.3 a², and a policy that ignores s: the soft
    /// value is a parabola with coefficients in closed form.
    private struct LinearGaussian {
        let decay = 0.8
        let gain = 0.5
        let noise = 0.2
        let cost = 0.3
        let discount = 0.9
        let alpha = 0.4

        func value(_ moments: (mean: Double, square: Double, entropy: Double)) -> (
            square: Double, linear: Double, constant: Double
        ) {
            let square = -1 / (1 - discount * decay * decay)
            let linear =
                2 * discount * square * decay * gain * moments.mean / (1 - discount * decay)
            let step = square * (gain * gain * moments.square + noise * noise)
            let constant =
                (-cost * moments.square + alpha * moments.entropy
                    + discount * (step + linear * gain * moments.mean)) / (1 - discount)
            return (square, linear, constant)
        }
    }

    @Test(
        "On a linear-Gaussian problem Q is the closed form's parabola",
        arguments: [(profile: "sac", steps: 1), ("sac", 3), ("sac-v1", 1), ("redq", 1)]
    )
    func linearGaussian(variant: (profile: String, steps: Int)) throws {
        let problem = LinearGaussian()
        var options = try #require(LearnerSettings.profile(variant.profile))
        options.hiddenWidths = [64, 64]
        options.batchSize = 256
        options.rewardScale = 1
        options.discount = problem.discount
        options.initialTemperature = problem.alpha
        options.temperatureLearningRate = 0
        options.actorLearningRate = 0
        options.criticLearningRate = 1e-3
        options.targetSmoothing = 0.02
        options.actorInterval = 1
        // The lower of two or more critics is biased; a single one is not.
        (options.criticCount, options.targetCriticCount) = (1, 1)
        (options.returnSteps, options.countsEntropyBetween) = (variant.steps, true)
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 81)
        // An actor whose last layer has no weights ignores what it sees.
        let shape = learner.networks.actor.shape
        shape.weights(2, in: learner.networks.actor.parameters).fill { _, _ in 0 }
        let head = referenceNetwork(learner.networks.actor).output([0])
        let moments = squashedMoments(mean: head[0], logSigma: head[1])
        let exact = problem.value(moments)

        let replay = fill(problem, head: head)
        for _ in 0..<12_000 { _ = learner.update(from: replay) }
        learner.settle(on: replay)
        let critic = referenceNetwork(learner.networks.critics[0])
        for state in [-0.8, -0.3, 0, 0.4, 0.9] {
            for action in [-0.7, 0, 0.6] {
                let next = problem.decay * state + problem.gain * action
                let spread = problem.noise * problem.noise
                let later =
                    exact.square * (next * next + spread) + exact.linear * next + exact.constant
                let expected =
                    -state * state - problem.cost * action * action + problem.discount * later
                let found = critic.output([state, action])[0]
                #expect(abs(found - expected) < 0.12, "Q(\(state), \(action))")
            }
        }
    }

    /// Episodes of the policy itself, as returns of several steps need them.
    private func fill(_ problem: LinearGaussian, head: [Double]) -> ReplayBuffer {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 40_000)
        var random = RandomSource(seed: 82)
        for _ in 0..<4000 {
            var state = random.uniform(in: -1.5...1.5)
            for _ in 0..<10 {
                let action = tanh(head[0] + exp(head[1]) * random.normal())
                let next =
                    problem.decay * state + problem.gain * action + problem.noise * random.normal()
                replay.append(
                    observation: [Float(state)],
                    action: [Float(action)],
                    reward: Float(-state * state - problem.cost * action * action),
                    nextObservation: [Float(next)],
                    terminated: false
                )
                state = next
            }
        }
        return replay
    }

    @Test("Half of each batch is earlier data, and all of it without any")
    func priorShare() {
        var options = LearnerSettings()
        options.hiddenWidths = [32, 32]
        options.batchSize = 64
        options.criticLearningRate = 3e-3
        options.priorShare = 0.5
        let learner = Learner(settings: options, observationCount: 1, actionCount: 1, seed: 83)
        let (replay, prior, empty) = (replay(of: 0), replay(of: 1), replay(of: nil))
        var metrics = learner.update(from: replay, prior: prior)
        for _ in 0..<3000 { metrics = learner.update(from: replay, prior: prior) }
        // Q is 0 where the run's own data lies and 1 where the earlier lies, half and half.
        #expect(abs(metrics.meanQ - 0.5) < 0.02)
        #expect(abs(learner.update(from: replay, prior: empty).meanQ) < 0.05)
        #expect(abs(learner.update(from: replay).meanQ) < 0.05)
    }

    private func replay(of reward: Float?) -> ReplayBuffer {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 1000)
        for _ in 0..<(reward == nil ? 0 : 1000) {
            replay.append(
                observation: [reward ?? 0],
                action: [0],
                reward: reward ?? 0,
                nextObservation: [0],
                terminated: true
            )
        }
        return replay
    }

    @Test("The temperature falls while there is more entropy than asked for, and rises with less")
    func temperatureDrift() {
        for (density, target) in [(-2.0, -6.0), (4, -6), (4, -3), (1, 3)] {
            // log pi + target > 0: too little entropy, so the temperature must rise.
            let expected = density + target > 0 ? 1.0 : -1.0
            var temperature = Temperature(initial: 0.5)
            let slope = Temperature.loss(
                logarithm: Double(temperature.logarithm),
                meanLogDensity: density,
                targetEntropy: target
            ).slope
            let step = AdamStep(count: 1, rate: 1e-2, settings: LearnerSettings())
            temperature.step(slope: slope, step: step)
            #expect((Double(temperature.value) - 0.5) * expected > 0, "\(density), \(target)")
        }
    }
}

extension Learner {
    /// Averages the critics' parameters over more updates, to take the noise of the last ones out.
    fileprivate func settle(on replay: ReplayBuffer) {
        let count = networks.critics[0].parameters.count
        var sums = networks.critics.map { _ in [Double](repeating: 0, count: count) }
        let updates = 2000
        for _ in 0..<updates {
            _ = update(from: replay)
            for (index, critic) in networks.critics.enumerated() {
                for place in 0..<count { sums[index][place] += Double(critic.parameters[place]) }
            }
        }
        for (index, critic) in networks.critics.enumerated() {
            for place in 0..<count {
                critic.parameters[place] = Float(sums[index][place] / Double(updates))
            }
        }
    }
}
