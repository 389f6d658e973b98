import Foundation
import Testing

@testable import Learning

/// The native mean actions of rows of observations.
private func meanActions(_ policy: PolicySnapshot, _ observations: [Float]) -> [Float] {
    var scratch = PolicyScratch(for: policy)
    var action = [Float](repeating: 0, count: policy.actionCount)
    var all: [Float] = []
    for start in stride(from: 0, to: observations.count, by: policy.observationCount) {
        let row = Array(observations[start..<start + policy.observationCount])
        var target = action.mutableSpan
        policy.mean(row.span, scratch: &scratch, into: &target)
        all += action
    }
    return all
}

private func policy(hidden: [Int], observations: Int, actions: Int, seed: UInt64) -> PolicySnapshot
{
    var settings = LearnerSettings()
    settings.hiddenWidths = hidden
    return Learner(
        settings: settings,
        observationCount: observations,
        actionCount: actions,
        seed: seed
    ).snapshot()
}

private func normals(_ count: Int, seed: UInt64, deviation: Double = 1, mean: Double = 0)
    -> [Float]
{
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in Float(mean + deviation * random.normal()) }
}

private let rows = 1000

/// The bound of the issue.
private let agreement = 1e-5

@Suite(
    "Exported policies in onnxruntime",
    .enabled(if: RuntimePeer.isThere, "needs onnxruntime: make peers"),
    .timeLimit(.minutes(2))
)
struct ONNXTests {
    @Test(
        "The exported mean action is the native one on 1,000 observations",
        arguments: [
            ([256, 256], 17, 6), ([20], 1, 1), ([33, 7, 65], 40, 9), ([64, 80], 138, 8),
            ([512, 512], 21, 9),
        ]
    )
    func plain(hidden: [Int], observations: Int, actions: Int) throws {
        let native = policy(hidden: hidden, observations: observations, actions: actions, seed: 71)
        let seen = normals(rows * observations, seed: 72)
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(native.graph(), producerVersion: "1.2.3"),
            observations: seen,
            expected: ["action": meanActions(native, seen)]
        )
        #expect(answer.rows == rows)
        #expect(try #require(answer.difference["action"]) <= agreement)
        #expect(answer.inputs["observation"]?.shape == [.name("batch"), .number(observations)])
        #expect(
            answer.outputs.mapValues(\.shape) == ["action": [.name("batch"), .number(actions)]]
        )
        let repeated = hidden.flatMap { _ in ["Gemm", "Relu"] }
        #expect(answer.operators == repeated + ["Gemm", "Tanh"])
    }

    @Test(
        "Normaliser with its bound and scaling to radians are inside the graph",
        arguments: [([256, 256], 17, 6), ([20], 1, 1), ([64, 80], 138, 8)]
    )
    func normalisedAndScaled(hidden: [Int], observations: Int, actions: Int) throws {
        let native = policy(hidden: hidden, observations: observations, actions: actions, seed: 73)
        let mean = normals(observations, seed: 74, deviation: 10)
        let scale = normals(observations, seed: 75).map { 0.1 + abs($0) }
        let offsets = normals(actions, seed: 76)
        let factors = normals(actions, seed: 77).map { 0.1 + abs($0) }
        let graph = PolicyGraph(
            normaliser: .init(mean: mean, scale: scale, bound: 1.5),
            layers: native.graph().layers,
            scaling: .init(
                name: "joint_position",
                meaning: "rad",
                offsets: offsets,
                factors: factors
            )
        )
        // Around the mean and wide enough for the bound to cut many of them.
        let seen = normals(rows * observations, seed: 78, deviation: 3).enumerated().map {
            mean[$0.offset % observations] + $0.element
        }
        let normalised = seen.enumerated().map { index, value in
            let column = index % observations
            let number = (Double(value) - Double(mean[column])) * Double(scale[column])
            return Float(min(max(number, -1.5), 1.5))
        }
        let cut = normalised.count { abs($0) == 1.5 }
        #expect(cut > seen.count / 10 && cut < seen.count * 9 / 10, "\(cut) of \(seen.count)")
        let wanted = meanActions(native, normalised)
        let positions = wanted.enumerated().map { index, action in
            let column = index % actions
            return Float(Double(offsets[column]) + Double(factors[column]) * Double(action))
        }
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(graph, producerVersion: "1.2.3"),
            observations: seen,
            expected: ["action": wanted, "joint_position": positions]
        )
        #expect(try #require(answer.difference["action"]) <= agreement)
        #expect(try #require(answer.difference["joint_position"]) <= agreement)
        #expect(answer.operators.prefix(3) == ["Sub", "Mul", "Clip"])
    }

    /// A learner of three observations of unlike sizes, some updates old.
    private func trained(_ settings: LearnerSettings) -> PolicySnapshot {
        var settings = settings
        settings.hiddenWidths = [24, 40]
        settings.criticWidths = settings.criticWidths.map { _ in [32, 32] }
        settings.batchSize = 32
        let learner = Learner(settings: settings, observationCount: 3, actionCount: 2, seed: 81)
        let replay = ReplayBuffer(observationCount: 3, actionCount: 2, capacity: 1000)
        var random = RandomSource(seed: 82)
        func see() -> [Float] {
            [
                50 + 20 * Float(random.normal()), Float(random.normal()),
                0.01 * Float(random.normal()),
            ]
        }
        for _ in 0..<300 {
            let seen = see()
            learner.note(seen.span)
            replay.append(
                observation: seen,
                action: [Float(random.uniform(in: -1...1)), Float(random.uniform(in: -1...1))],
                reward: Float(random.normal()),
                nextObservation: see(),
                terminated: false
            )
        }
        for _ in 0..<60 { _ = learner.update(from: replay) }
        return learner.snapshot()
    }

    @Test(
        "Every profile's policy is exported as it acts, through its own normaliser",
        arguments: LearnerSettings.profileNames
    )
    func profiles(name: String) throws {
        var settings = try #require(LearnerSettings.profile(name))
        settings.normalisesObservations = true
        try expectSameActions(trained(settings))
    }

    @Test("A policy that explores state-dependently is exported without its exploration")
    func stateDependent() throws {
        var settings = LearnerSettings()
        settings.explorationHold = 8
        let native = trained(settings)
        try #require(native.exploration != nil)
        try expectSameActions(native)
    }

    /// Some observations lie further out than a normaliser's bound.
    private func expectSameActions(_ native: PolicySnapshot) throws {
        var random = RandomSource(seed: 83)
        let seen = (0..<rows).flatMap { row -> [Float] in
            let far: Float = row % 10 == 0 ? 30 : 1
            return [
                50 + 20 * far * Float(random.normal()), far * Float(random.normal()),
                0.01 * far * Float(random.normal()),
            ]
        }
        let actions = meanActions(native, seen)
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(native.graph(), producerVersion: "1"),
            observations: seen,
            expected: ["action": actions]
        )
        #expect(try #require(answer.difference["action"]) <= agreement)
        #expect(answer.operators.contains("Clip") == (native.normaliser != nil))
        #expect((actions.max() ?? 0) - (actions.min() ?? 0) > 0.05)
    }

    @Test("A normaliser without a bound cuts nothing")
    func unbounded() throws {
        // One number through a layer of weight 1: the action is tanh((x - 2) 0.5) itself.
        let graph = PolicyGraph(
            normaliser: .init(mean: [2], scale: [0.5], bound: nil),
            layers: [.init(weights: [1], bias: [0], isRectified: false)]
        )
        let seen: [Float] = [-4, 0, 2, 3, 9]
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(graph, producerVersion: "1"),
            observations: seen,
            expected: ["action": seen.map { Float(tanh((Double($0) - 2) / 2)) }]
        )
        #expect(try #require(answer.difference["action"]) <= agreement)
        #expect(answer.operators == ["Sub", "Mul", "Gemm", "Tanh"])
    }

    @Test("Notes, meanings and versions are where ONNX's own reader looks for them")
    func description() throws {
        let notes = ["sacbot.robot": "claw", "sacbot.observation": "a:1\nframes:2", "k": "é \"\\"]
        let graph = policy(hidden: [8], observations: 2, actions: 1, seed: 79).graph(
            scaling: .init(name: "joint_change", meaning: "in rad", offsets: [0], factors: [0.2]),
            observationMeaning: "two numbers",
            metadata: notes
        )
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(graph, producerVersion: "1.2.3"),
            observations: [0, 0],
            expected: [:]
        )
        #expect(answer.metadata == notes)
        #expect(answer.producer == ["sacbot", "1.2.3"])
        #expect(answer.irVersion == 8 && answer.opset == ["": 17])
        #expect(answer.onlyKnownFields)
        #expect(answer.inputs["observation"]?.doc == "two numbers")
        #expect(answer.outputs["joint_change"]?.doc == "in rad")
        // Of the last layer, the means only.
        #expect(answer.constants["policy.1.weight"] == [8, 1])
    }
}

@Suite("Policy graphs")
struct PolicyGraphTests {
    @Test("Rows of noise and columns of width are left out of the exported layers")
    func meanOnly() {
        // Two observations and one of noise; two means and two widths.
        let tensors = [
            NamedTensor(name: "policy.0.weight", shape: [3, 2], floats: [1, 2, 3, 4, 50, 60]),
            NamedTensor(name: "policy.0.bias", shape: [2], floats: [7, 8]),
            NamedTensor(
                name: "policy.1.weight",
                shape: [2, 4],
                floats: [1, 2, 30, 40, 5, 6, 70, 80]
            ),
            NamedTensor(name: "policy.1.bias", shape: [4], floats: [9, 10, 110, 120]),
        ]
        let layers = PolicyGraph.meanLayers(tensors, observationCount: 2, actionCount: 2)
        #expect(
            layers == [
                .init(weights: [1, 2, 3, 4], bias: [7, 8], isRectified: true),
                .init(weights: [1, 2, 5, 6], bias: [9, 10], isRectified: false),
            ]
        )
    }

    @Test("A number that is not finite is refused by the constant's name")
    func notFinite() {
        let graph = PolicyGraph(
            layers: [.init(weights: [1], bias: [.infinity], isRectified: false)]
        )
        #expect(throws: ONNXError.notFinite(constant: "policy.0.bias")) {
            try ONNXModel.encode(graph, producerVersion: "1")
        }
    }
}
