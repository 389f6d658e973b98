import Glibc
import SoftMDP
import Testing

@testable import Learning

@Suite("A critic against the soft values of a finite problem")
struct TabularCriticTests {
    private static let bins = 3
    private static let discount = 0.8
    private static let alpha = 0.5
    /// Reward and chance to go to state 0, by state and bin.
    private static let rewards = [[1.0, -0.5, 0.3], [-1, 0.8, 0.2]]
    private static let chances = [[0.9, 0.2, 0.5], [0.1, 0.6, 0.8]]

    private static func observation(_ state: Int) -> [Float] { state == 0 ? [1, 0] : [0, 1] }
    private static func bin(_ action: Double) -> Int {
        min(bins - 1, Int((action + 1) / 2 * Double(bins)))
    }

    /// The chance of each bin and the entropy of the density, for one head.
    private func policy(_ head: [Double]) -> (chances: [Double], entropy: Double) {
        let sigma = exp(head[1])
        func below(_ action: Double) -> Double {
            action >= 1
                ? 1
                : action <= -1
                    ? 0 : 0.5 * erfc(-(atanh(action) - head[0]) / sigma / 2.0.squareRoot())
        }
        let edges = (0...Self.bins).map { -1 + 2 * Double($0) / Double(Self.bins) }
        var entropy = 0.0
        let steps = 4000
        for index in 0...steps {
            let z = -8 + 16 * Double(index) / Double(steps)
            let logNormal = -z * z / 2 - log(2 * Double.pi) / 2
            let u = head[0] + sigma * z
            entropy -=
                exp(logNormal) * (logNormal - head[1] + 2 * log(cosh(u))) * 16 / Double(steps)
        }
        return (zip(edges, edges.dropFirst()).map { below($1) - below($0) }, entropy)
    }

    private func replay() -> ReplayBuffer {
        let replay = ReplayBuffer(observationCount: 2, actionCount: 1, capacity: 40_000)
        var random = RandomSource(seed: 86)
        for _ in 0..<40_000 {
            let (state, action) = (random.index(below: 2), random.uniform(in: -1...1))
            let bin = Self.bin(action)
            let next = random.uniform() < Self.chances[state][bin] ? 0 : 1
            replay.append(
                observation: Self.observation(state),
                action: [Float(action)],
                reward: Float(Self.rewards[state][bin]),
                nextObservation: Self.observation(next),
                terminated: false
            )
        }
        return replay
    }

    @Test("With actions as equal bins it reaches soft policy evaluation, the entropy being shifted")
    func bins() throws {
        var options = LearnerSettings()
        options.hiddenWidths = [64, 64]
        options.discount = Self.discount
        options.initialTemperature = Self.alpha
        options.temperatureLearningRate = 0
        options.actorLearningRate = 0
        options.criticLearningRate = 1e-3
        options.targetSmoothing = 0.02
        (options.criticCount, options.targetCriticCount) = (1, 1)
        let learner = Learner(settings: options, observationCount: 2, actionCount: 1, seed: 85)
        let actor = referenceNetwork(learner.networks.actor)
        let policies = (0..<2).map { state in
            policy(actor.output(Self.observation(state).map { Double($0) }))
        }
        // A density is not a probability: spread evenly over its bin it has log(2 / bins) more
        // entropy than the bin's chance, and less where it is uneven.
        let shifts = policies.map { $0.entropy - Shannon.entropy($0.chances) }
        let most = log(2 / Double(Self.bins))
        #expect(shifts.allSatisfy { $0 <= most + 1e-6 && $0 > most - 0.5 })

        let problem = try FiniteMDP(
            (0..<2).map { state in
                StateDescription(
                    "\(state)",
                    (0..<Self.bins).map { bin in
                        let chance = Self.chances[state][bin]
                        let shift = chance * shifts[0] + (1 - chance) * shifts[1]
                        return ActionDescription(
                            "\(bin)",
                            reward: Self.rewards[state][bin]
                                + Self.discount * Self.alpha * shift,
                            next: ["0": chance, "1": 1 - chance]
                        )
                    }
                )
            },
            discount: Self.discount
        )
        let exact = problem.evaluate(
            try TabularPolicy(policies.map(\.chances), for: problem.dynamics),
            .soft(temperature: Self.alpha)
        )

        let replay = replay()
        for _ in 0..<12_000 { _ = learner.update(from: replay) }
        let critic = referenceNetwork(learner.networks.critics[0])
        for state in 0..<2 {
            for bin in 0..<Self.bins {
                let centre = -1 + (2 * Double(bin) + 1) / Double(Self.bins)
                let found = critic.output(Self.observation(state).map { Double($0) } + [centre])[0]
                let expected = exact.actions[state][bin]
                #expect(abs(found - expected) < 0.1, "Q(\(state), bin \(bin)), \(expected)")
            }
        }
    }
}
