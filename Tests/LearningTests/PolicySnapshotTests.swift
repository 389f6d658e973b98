import Glibc
import Testing

@testable import Learning

private func policy(hidden: [Int], observations: Int, actions: Int, seed: UInt64) -> Learner {
    var settings = LearnerSettings()
    settings.hiddenWidths = hidden
    return Learner(
        settings: settings,
        observationCount: observations,
        actionCount: actions,
        seed: seed
    )
}

@Suite("Policy")
struct PolicySnapshotTests {
    @Test(
        "The mean action is tanh of the network's first outputs",
        arguments: [([256, 256], 17, 6), ([20], 1, 1), ([33, 7, 65], 40, 9), ([64, 80], 138, 8)]
    )
    func meanAction(hidden: [Int], observations: Int, actions: Int) {
        let learner = policy(hidden: hidden, observations: observations, actions: actions, seed: 61)
        let snapshot = learner.snapshot()
        var random = RandomSource(seed: 61)
        var scratch = PolicyScratch(for: snapshot)
        var action = [Float](repeating: 0, count: actions)
        for _ in 0..<20 {
            let observation = (0..<observations).map { _ in Float(random.normal()) }
            var target = action.mutableSpan
            snapshot.mean(observation.span, scratch: &scratch, into: &target)
            let head = referenceNetwork(learner.networks.actor).output(
                observation.map { Double($0) }
            )
            for index in 0..<actions {
                #expect(abs(Double(action[index]) - tanh(head[index])) < 1e-5)
            }
        }
    }

    @Test("Sampled actions have the Gaussian's mean and width before the squash")
    func sampledActions() {
        let learner = policy(hidden: [16], observations: 2, actions: 2, seed: 62)
        let snapshot = learner.snapshot()
        let head = referenceNetwork(learner.networks.actor).output([0.3, -0.4])
        var random = RandomSource(seed: 62)
        var scratch = PolicyScratch(for: snapshot)
        var action = [Float](repeating: 0, count: 2)
        let observation: [Float] = [0.3, -0.4]
        var (sums, squares) = ([0.0, 0.0], [0.0, 0.0])
        let count = 20_000
        for _ in 0..<count {
            var target = action.mutableSpan
            snapshot.sample(
                observation.span,
                random: &random,
                scratch: &scratch,
                into: &target
            )
            for index in 0..<2 {
                let z = (atanh(Double(action[index])) - head[index]) / exp(head[2 + index])
                sums[index] += z
                squares[index] += z * z
            }
        }
        for index in 0..<2 {
            #expect(abs(sums[index] / Double(count)) < 5 / Double(count).squareRoot())
            let spread = squares[index] / Double(count) - 1
            #expect(abs(spread) < 5 * (2 / Double(count)).squareRoot() + 1e-3)
        }
    }

    @Test("A policy read from its file acts the same, bit for bit")
    func roundTrip() throws {
        let original = policy(hidden: [24, 40], observations: 5, actions: 3, seed: 63).snapshot()
        let file = Safetensors.encode(original.tensors(), metadata: ["robot": "claw"])
        let read = try PolicySnapshot(tensors: Safetensors.decode(file).tensors)
        #expect(read.observationCount == 5 && read.actionCount == 3)
        #expect(read.hiddenWidths == [24, 40] && read.version == original.version)
        var (first, second) = ([Float](repeating: 0, count: 3), [Float](repeating: 0, count: 3))
        let observation: [Float] = [0.1, -2, 3, 0.5, 0]
        var scratch = PolicyScratch(for: original)
        var one = first.mutableSpan
        original.mean(observation.span, scratch: &scratch, into: &one)
        var two = second.mutableSpan
        read.mean(observation.span, scratch: &scratch, into: &two)
        #expect(first == second)
    }

    @Test("A policy file with a tensor missing or impossible is refused")
    func refused() {
        let good = policy(hidden: [8], observations: 2, actions: 1, seed: 64).snapshot().tensors()
        for index in good.indices {
            var fewer = good
            fewer.remove(at: index)
            #expect(throws: LearningError.missingTensor(name: good[index].name)) {
                try PolicySnapshot(tensors: fewer)
            }
        }
        let shapes: [[UInt64]] = [[2, 8, 3], [0, 8, 2], [2, 8], [2, .max, 2], [3, 8, 2]]
        for widths in shapes {
            let others = good.filter { $0.name != "policy.shape" }
            let odd = NamedTensor(
                name: "policy.shape",
                shape: [widths.count],
                storage: .u64(widths)
            )
            #expect(throws: LearningError.self) { try PolicySnapshot(tensors: others + [odd]) }
        }
    }

    @Test("A snapshot does not change when the learner goes on")
    func immutable() {
        let learner = policy(hidden: [16], observations: 2, actions: 1, seed: 65)
        let replay = ReplayBuffer(observationCount: 2, actionCount: 1, capacity: 300)
        for index in 0..<300 {
            let x = Float(index) / 300
            replay.append(
                observation: [x, 1],
                action: [x],
                reward: x,
                nextObservation: [x, 0],
                terminated: false
            )
        }
        let snapshot = learner.snapshot()
        let before = snapshot.tensors()
        for _ in 0..<5 { _ = learner.update(from: replay) }
        #expect(snapshot.tensors() == before)
        #expect(learner.snapshot().tensors() != before)
    }
}
