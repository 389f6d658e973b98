import Glibc
import Testing

@testable import Learning

@Suite("Soft Q-learning")
struct SoftQTests {
    /// Four goals on the axes of a two-coordinate action.
    private static let goals: [(Double, Double)] = [(0.6, 0), (-0.6, 0), (0, 0.6), (0, -0.6)]

    private static func reward(_ action: [Double]) -> Double {
        let near = goals.map {
            exp(
                -((action[0] - $0.0) * (action[0] - $0.0)
                    + (action[1] - $0.1) * (action[1] - $0.1)) / 0.04
            )
        }
        return near.reduce(0, +)
    }

    private func replay() -> ReplayBuffer {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 2, capacity: 20_000)
        var random = RandomSource(seed: 91)
        for _ in 0..<20_000 {
            let action = [random.uniform(in: -1...1), random.uniform(in: -1...1)]
            replay.append(
                observation: [1],
                action: action.map { Float($0) },
                reward: Float(Self.reward(action)),
                nextObservation: [1],
                terminated: true
            )
        }
        return replay
    }

    /// The share of sampled actions that lie near each goal.
    private func shares(_ policy: PolicySnapshot) -> [Double] {
        var random = RandomSource(seed: 92)
        var scratch = PolicyScratch(for: policy)
        var counts = Self.goals.map { _ in 0.0 }
        var action: [Float] = [0, 0]
        let seen: [Float] = [1]
        for _ in 0..<4000 {
            var span = action.mutableSpan
            policy.sample(seen.span, random: &random, scratch: &scratch, into: &span)
            for (index, goal) in Self.goals.enumerated()
            where hypot(Double(action[0]) - goal.0, Double(action[1]) - goal.1) < 0.3 {
                counts[index] += 1 / 4000
            }
        }
        return counts
    }

    @Test("With four goals the sampler reaches all four from one state; a Gaussian cannot")
    func fourModes() throws {
        var options = try #require(LearnerSettings.profile("soft-q"))
        options.hiddenWidths = [64, 64]
        options.batchSize = 32
        options.initialTemperature = 0.1
        options.actorLearningRate = 1e-3
        options.criticLearningRate = 1e-3
        let replay = replay()
        let learner = Learner(settings: options, observationCount: 1, actionCount: 2, seed: 93)
        for _ in 0..<8000 { _ = learner.update(from: replay) }
        let found = shares(learner.snapshot())
        #expect(found.allSatisfy { $0 > 0.1 }, "shares \(found)")
        #expect(found.reduce(0, +) > 0.6, "most actions lie near a goal: \(found)")

        var gaussian = options
        gaussian.algorithm = .softActorCritic
        gaussian.targetSmoothing = 0.005
        gaussian.targetInterval = 1
        gaussian.batchSize = 128
        let other = Learner(settings: gaussian, observationCount: 1, actionCount: 2, seed: 93)
        for _ in 0..<8000 { _ = other.update(from: replay) }
        let unimodal = shares(other.snapshot())
        let covers = unimodal.allSatisfy { $0 > 0.1 } && unimodal.reduce(0, +) > 0.6
        #expect(!covers, "shares \(unimodal)")
    }

    @Test("The soft value of equal values is that value plus alpha times the log volume")
    func softValueOfConstant() {
        let values = FloatBuffer(count: 16)
        for index in 0..<16 { values[index] = 7 }
        let soft = softValue(values, rows: 0..<16, alpha: 0.5, coordinates: 3)
        #expect(abs(soft.value - (7 + 0.5 * 3 * Float(log(2.0)))) < 1e-5)
        #expect(abs(soft.entropy - 3 * Float(log(2.0))) < 1e-5)
    }

    @Test("The soft value survives values of ten thousand and a small temperature")
    func softValueOfExtremes() {
        let values = FloatBuffer(count: 16)
        for index in 0..<4 { values[index] = Float(index) * 10_000 }
        let soft = softValue(values, rows: 0..<4, alpha: 1, coordinates: 1)
        // Only the largest counts: 30000 + log(1/4) + log 2.
        #expect(abs(soft.value - (30_000 - Float(log(2.0)))) < 0.01)
        values[2] = .nan
        #expect(softValue(values, rows: 0..<4, alpha: 1, coordinates: 1).value.isNaN)
    }

    @Test("Stein's direction is the sum of its definition, in double precision")
    func steinDirection() {
        var random = RandomSource(seed: 94)
        let (fixed, moved, count) = (6, 5, 3)
        let matrices = (0..<4).map { _ in Matrix(rows: 2 * fixed, columns: count) }
        for matrix in matrices.prefix(3) { matrix.fill { _, _ in Float(random.normal()) } }
        let (particles, scores, others, slopes) = (
            matrices[0], matrices[1], matrices[2], matrices[3]
        )
        SteinGradient(fixed: fixed, moved: moved, coordinates: count).slopes(
            state: 1,
            fixedParticles: particles,
            scores: scores,
            movedParticles: others,
            scale: 0.5,
            into: slopes
        )
        func row(_ matrix: Matrix, _ index: Int) -> [Double] {
            (0..<count).map { Double(matrix[index, $0]) }
        }
        func square(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let sources = (0..<fixed).map { row(particles, fixed + $0) }
        let targets = (0..<moved).map { row(others, moved + $0) }
        let distances = sources.flatMap { a in targets.map { square(a, $0) } }.sorted()
        let median = (distances[14] + distances[15]) / 2
        let width = median / log(Double(fixed))
        for (j, x) in targets.enumerated() {
            for k in 0..<count {
                var direction = 0.0
                for (i, source) in sources.enumerated() {
                    let kernel = exp(-square(source, x) / width)
                    let slope = -2 * (source[k] - x[k]) / width * kernel
                    direction += kernel * Double(scores[fixed + i, k]) + slope
                }
                let expected = -0.5 * direction / Double(fixed)
                #expect(abs(Double(slopes[moved + j, k]) - expected) < 1e-5)
            }
        }
    }
}
