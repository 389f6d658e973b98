import Testing

@testable import Learning

@Suite("Every profile learns to swing up a pendulum")
struct PendulumTests {
    /// A random policy reaches about -1200, the best about -140 from these starts.
    static let solved = -300.0

    struct Variant: Sendable, CustomTestStringConvertible {
        var profile: String
        var testDescription: String
        var change: @Sendable (inout LearnerSettings) -> Void

        init(
            _ profile: String,
            _ name: String? = nil,
            change: @escaping @Sendable (inout LearnerSettings) -> Void = { _ in }
        ) {
            (self.profile, self.change) = (profile, change)
            testDescription = name ?? profile
        }
    }

    static let variants: [Variant] = [
        Variant("sac"),
        Variant("sac", "sac, returns of 3 steps with the entropy between") {
            ($0.returnSteps, $0.countsEntropyBetween) = (3, true)
        },
        Variant("sac", "sac, smooth log sigma and layer norm") {
            ($0.logSigmaForm, $0.lowestLogSigma, $0.hasLayerNorm) = (.smooth, -5, true)
        },
        Variant("sac", "sac, state-dependent exploration") { $0.explorationHold = 8 },
        Variant("sac-v1") { ($0.initialTemperature, $0.rewardScale) = (0.2, 1) },
        Variant("soft-q") {
            ($0.initialTemperature, $0.batchSize, $0.targetInterval) = (0.3, 64, 200)
        },
        Variant("droq") { ($0.updatesPerTransition, $0.actorInterval) = (2, 2) },
        Variant("redq") {
            ($0.criticCount, $0.updatesPerTransition, $0.actorInterval) = (5, 2, 2)
        },
        Variant("crossq") { ($0.actorInterval, $0.criticWidths) = (1, [64, 64]) },
        Variant("rlpd") {
            ($0.criticCount, $0.updatesPerTransition, $0.actorInterval) = (4, 2, 2)
        },
    ]

    @Test("From fixed starts the return rises from random to swung up", arguments: variants)
    func learns(variant: Variant) throws {
        var settings = try #require(LearnerSettings.profile(variant.profile))
        settings.hiddenWidths = [64, 64]
        settings.batchSize = 128
        settings.actorLearningRate = 1e-3
        settings.criticLearningRate = 1e-3
        if settings.temperatureLearningRate > 0 { settings.temperatureLearningRate = 1e-3 }
        settings.discount = 0.97
        variant.change(&settings)
        var random = RandomSource(seed: 71)
        let chance = PendulumRun.evaluate { _ in random.uniform(in: -1...1) }
        #expect(chance < -800, "a random policy got \(chance)")
        var run = PendulumRun(settings: settings, seed: 72)
        if settings.priorShare > 0 { run.prior = Self.earlier() }
        let reached = run.train(episodes: 70, until: Self.solved)
        #expect(reached >= Self.solved, "reached \(reached) after \(run.replay.count) steps")
    }

    /// Twenty episodes of random actions.
    private static func earlier() -> ReplayBuffer {
        let replay = ReplayBuffer(observationCount: 3, actionCount: 1, capacity: 4000)
        var random = RandomSource(seed: 73)
        for _ in 0..<20 {
            var state = Pendulum(angle: random.uniform(in: -3...3), speed: 0)
            for _ in 0..<Pendulum.episodeSteps {
                let (seen, action) = (state.observation, random.uniform(in: -1...1))
                let reward = Float(state.step(action))
                replay.append(
                    observation: seen,
                    action: [Float(action)],
                    reward: reward,
                    nextObservation: state.observation,
                    terminated: false
                )
            }
        }
        return replay
    }

    @Test("Observations a thousand times too large are learnt from once they are normalised")
    func normalised() throws {
        var settings = LearnerSettings()
        settings.hiddenWidths = [64, 64]
        settings.batchSize = 128
        settings.actorLearningRate = 1e-3
        settings.criticLearningRate = 1e-3
        settings.temperatureLearningRate = 1e-3
        settings.discount = 0.97
        settings.normalisesObservations = true
        var run = PendulumRun(settings: settings, seed: 74)
        run.shown = { $0.enumerated().map { 1000 * $1 + Float(500 * $0) } }
        let reached = run.train(episodes: 70, until: Self.solved)
        #expect(reached >= Self.solved, "reached \(reached)")
    }
}
