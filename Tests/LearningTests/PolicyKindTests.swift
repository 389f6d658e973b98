import Glibc
import Testing

@testable import Learning

/// What acts, for every kind of policy there is.
@Suite("Kinds of policy")
struct PolicyKindTests {
    private static let count = 3
    private static let observation: [Float] = [0.4, -1, 2]

    private func snapshot(
        _ profile: String,
        _ change: (inout LearnerSettings) -> Void = { _ in }
    ) throws -> (snapshot: PolicySnapshot, learner: Learner) {
        var settings = try #require(LearnerSettings.profile(profile))
        settings.hiddenWidths = [24, 20]
        change(&settings)
        let learner = Learner(
            settings: settings,
            observationCount: Self.count,
            actionCount: 2,
            seed: 67
        )
        for index in 0..<9 { learner.note([Float(index), Float(index % 2), 1].span) }
        return (learner.snapshot(), learner)
    }

    private func actions(_ policy: PolicySnapshot, count: Int, seed: UInt64) -> [[Float]] {
        var random = RandomSource(seed: seed)
        var scratch = PolicyScratch(for: policy)
        var action: [Float] = [0, 0]
        return (0..<count).map { _ in
            var target = action.mutableSpan
            policy.sample(
                Self.observation.span,
                random: &random,
                scratch: &scratch,
                into: &target
            )
            return action
        }
    }

    @Test("State-dependent noise is kept for its steps, and its spread is the learnt one")
    func heldNoise() throws {
        let (policy, learner) = try snapshot("sac") {
            ($0.explorationHold, $0.initialExploration) = (4, -1)
        }
        let drawn = actions(policy, count: 40_000, seed: 68)
        for step in 0..<40 {
            #expect((drawn[step] == drawn[step - step % 4]), "step \(step)")
            if step > 0, step % 4 == 0 { #expect(drawn[step] != drawn[step - 1]) }
        }
        // sigma² = features² · exp(2 S), every log deviation being -1 before training.
        let actor = referenceNetwork(learner.networks.actor)
        let input = Self.observation.map { Double($0) }
        let features = actor.features([input])[0]
        let sigma = exp(-1.0) * features.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let means = actor.output(input)
        let draws = stride(from: 0, to: drawn.count, by: 4)
        for index in 0..<2 {
            var (sum, square) = (0.0, 0.0)
            for step in draws {
                let z = (atanh(Double(drawn[step][index])) - means[index]) / sigma
                sum += z / 10_000
                square += z * z / 10_000
            }
            #expect(abs(sum) < 0.05)
            #expect(abs(square - 1) < 0.08)
        }
    }

    @Test("The smooth form's log sigma lies between its bounds by the tanh of the output")
    func smoothSigma() throws {
        let (policy, learner) = try snapshot("sac") {
            ($0.logSigmaForm, $0.lowestLogSigma, $0.highestLogSigma) = (.smooth, -3, 0)
        }
        let head = referenceNetwork(learner.networks.actor).output(
            Self.observation.map { Double($0) }
        )
        let drawn = actions(policy, count: 20_000, seed: 69)
        for index in 0..<2 {
            let sigma = exp(-3 + 1.5 * (1 + tanh(head[2 + index])))
            let square = drawn.reduce(0) { sum, action in
                let z = (atanh(Double(action[index])) - head[index]) / sigma
                return sum + z * z / 20_000
            }
            #expect(abs(square - 1) < 0.06)
        }
    }

    @Test("A normaliser centres and scales by what was noted, and cuts off")
    func normalised() throws {
        let (policy, learner) = try snapshot("sac") { $0.normalisesObservations = true }
        // Of 0...8 the variance is 20/3; of four ones in nine 20/81; the third never changed.
        let shown = [
            (0.4 - 4) / (20.0 / 3).squareRoot(), (-1 - 4.0 / 9) / (20.0 / 81).squareRoot(), 1,
        ]
        let head = referenceNetwork(learner.networks.actor).output(shown)
        var scratch = PolicyScratch(for: policy)
        var action: [Float] = [0, 0]
        var target = action.mutableSpan
        policy.mean(Self.observation.span, scratch: &scratch, into: &target)
        for index in 0..<2 { #expect(abs(Double(action[index]) - tanh(head[index])) < 1e-5) }
        let normaliser = try #require(policy.normaliser)
        #expect(normaliser.apply(1e9, at: 0) == 10 && normaliser.apply(-1e9, at: 1) == -10)
    }

    @Test(
        "Every kind read from its file draws the same actions, bit for bit",
        arguments: LearnerSettings.profileNames,
        [0, 5]
    )
    func roundTrip(profile: String, hold: Int) throws {
        let canHold = !["soft-q", "crossq"].contains(profile)
        let (policy, _) = try snapshot(profile) {
            $0.normalisesObservations = true
            if canHold { $0.explorationHold = hold }
        }
        let file = Safetensors.encode(policy.tensors())
        let read = try PolicySnapshot(tensors: Safetensors.decode(file).tensors)
        #expect(read.kind == policy.kind && read.normaliser == policy.normaliser)
        #expect(actions(read, count: 30, seed: 70) == actions(policy, count: 30, seed: 70))
    }
}
