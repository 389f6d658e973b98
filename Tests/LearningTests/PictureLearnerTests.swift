import CAllocationCount
import Testing

@testable import Learning

private let image = ImageLayout(height: 24, width: 26, channels: 3, history: 2)

/// Settings of a profile with an encoder and small networks.
private func settings(
    _ profile: String,
    _ encoder: LearnerSettings.Encoder,
    batch: Int = 20
) throws -> LearnerSettings {
    var settings = try #require(LearnerSettings.profile(profile))
    (settings.hiddenWidths, settings.batchSize) = ([24, 20], batch)
    settings.criticWidths = settings.criticWidths.map { _ in [20, 24] }
    settings.encoder = encoder
    settings.imageHistory = image.history
    return settings
}

private func learner(_ settings: LearnerSettings, seed: UInt64, startsThread: Bool = true)
    -> Learner
{
    Learner(
        settings: settings,
        observationCount: 3,
        actionCount: 2,
        image: image,
        seed: seed,
        kernels: Kernels(),
        startsThread: startsThread
    )
}

/// Episodes of random numbers and pictures, twelve transitions each.
private func replay(count: Int, seed: UInt64, rewardScale: Double = 1) -> ReplayBuffer {
    let replay = ReplayBuffer(
        observationCount: 3,
        actionCount: 2,
        capacity: count,
        image: image
    )
    var random = RandomSource(seed: seed)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    func frame() -> [UInt8] {
        (0..<image.frameBytes).map { _ in UInt8(random.index(below: 256)) }
    }
    var (observation, pixels) = (numbers(3), frame())
    for step in 0..<count {
        let (nextObservation, nextPixels) = (numbers(3), frame())
        replay.append(
            observation: observation.span,
            pixels: pixels.span,
            action: [Float(random.uniform(in: -1...1)), Float(random.uniform(in: -1...1))].span,
            reward: Float(rewardScale * random.normal()),
            nextObservation: nextObservation.span,
            nextPixels: nextPixels.span,
            terminated: step % 12 == 11
        )
        (observation, pixels) =
            step % 12 == 11 ? (numbers(3), frame()) : (nextObservation, nextPixels)
    }
    return replay
}

@Suite("Learning from pictures", .timeLimit(.minutes(5)))
struct PictureLearnerTests {
    static let profiles = ["sac", "droq", "redq", "crossq"]

    @Test(
        "A learner with pictures restored from a file goes on bit for bit, with two threads too",
        arguments: Self.profiles,
        [LearnerSettings.Encoder.paper, .small]
    )
    func resume(profile: String, encoder: LearnerSettings.Encoder) throws {
        let replay = replay(count: 100, seed: 121)
        var options = try settings(profile, encoder)
        (options.normalisesObservations, options.policySmoothing) = (true, 0.1)
        let original = learner(options, seed: 1)
        for index in 0..<20 { original.note([Float(index), -1, 3].span) }
        for _ in 0..<7 { #expect(original.update(from: replay).isFinite) }
        let file = Safetensors.encode(original.checkpoint())
        var metrics: [UpdateMetrics] = []
        for _ in 0..<6 { metrics.append(original.update(from: replay)) }
        let wanted = Safetensors.encode(original.checkpoint())
        for threads in 1...2 {
            options.threads = threads
            let resumed = learner(options, seed: 999)
            try resumed.restore(Safetensors.decode(file).tensors)
            for index in 0..<6 { #expect(resumed.update(from: replay) == metrics[index]) }
            #expect(Safetensors.encode(resumed.checkpoint()) == wanted)
            for policies in [
                (resumed.snapshot(), original.snapshot()),
                (resumed.keptPolicy(), original.keptPolicy()),
            ] {
                let (one, other) = policies
                #expect(Safetensors.encode(one.tensors()) == Safetensors.encode(other.tensors()))
            }
        }
    }

    @Test("The encoder moves, its target follows, and augmentation changes what is learned")
    func moves() throws {
        let replay = replay(count: 100, seed: 122)
        var files: [[UInt8]] = []
        for augmentation in LearnerSettings.Augmentation.allCases {
            var options = try settings("sac", .paper)
            options.augmentation = augmentation
            let learner = learner(options, seed: 2)
            let encoder = try #require(learner.networks.encoder)
            let start = encoder.parameters.values(at: 0, count: encoder.parameters.count)
            for _ in 0..<3 { _ = learner.update(from: replay) }
            let target = try #require(encoder.target)
            let moved = start.indices.filter { encoder.parameters[$0] != start[$0] }
            let followed = start.indices.filter { target[$0] != start[$0] }
            #expect(moved.count > start.count / 2)
            #expect(followed.count > start.count / 2)
            for index in moved {
                let (gone, behind) = (
                    abs(encoder.parameters[index] - start[index]), abs(target[index] - start[index])
                )
                #expect(behind <= gone + 1e-3)
            }
            files.append(Safetensors.encode(learner.checkpoint()))
        }
        #expect(files[0] != files[1])
    }

    @Test(
        "The critics' loss falls along the encoder's gradient as fast as the gradient says",
        arguments: ["sac", "droq", "redq"],
        [LearnerSettings.Encoder.paper, .small]
    )
    func lossSlope(profile: String, encoder: LearnerSettings.Encoder) throws {
        let replay = replay(count: 100, seed: 123, rewardScale: 3)
        var options = try settings(profile, encoder, batch: 37)
        // Targets that are the rewards alone do not depend on the encoder.
        options.discount = 0
        options.augmentation = .none
        let first = learner(options, seed: 3)
        let file = first.checkpoint()
        let trained = try #require(first.networks.encoder)
        _ = first.update(from: replay)
        let gradient = trained.gradient.values(at: 0, count: trained.gradient.count)
        let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        try #require(length > 1e-3)
        // Longer steps cross the edges of rectifiers and pools.
        let step = 1e-3
        func loss(_ distance: Double) throws -> Double {
            let other = learner(options, seed: 4)
            try other.restore(file)
            let moved = try #require(other.networks.encoder)
            for index in gradient.indices {
                moved.parameters[index] += Float(distance * Double(gradient[index]) / length)
            }
            return other.update(from: replay).criticLoss
        }
        let slope = (try loss(step) - loss(-step)) / (2 * step)
        #expect(abs(slope - length) < 0.02 * length, "\(slope), not \(length)")
    }

    @Test("A broken encoder is brought back, and no policy is made of it", arguments: Self.profiles)
    func rollback(profile: String) throws {
        let replay = replay(count: 100, seed: 124)
        let learner = learner(try settings(profile, .small), seed: 5)
        for _ in 0..<5 { #expect(learner.update(from: replay).isFinite) }
        let encoder = try #require(learner.networks.encoder)
        _ = learner.checkpoint()
        let before = encoder.buffers.map { $0.values(at: 0, count: $0.count) }
        encoder.parameters[encoder.shape.convolutions[1].weightOffset + 2] = .nan
        #expect(!learner.update(from: replay).isFinite)
        #expect(learner.rollbackCount == 1)
        #expect(encoder.buffers.map { $0.values(at: 0, count: $0.count) } == before)
        #expect(learner.update(from: replay).isFinite)
        encoder.parameters[0] = .infinity
        let policy = learner.snapshot()
        for tensor in policy.tensors() {
            guard case .floats(let values) = tensor.storage else { continue }
            let isSound = values.allSatisfy { $0.isFinite }
            #expect(isSound, "\(tensor.name)")
        }
    }

    @Test(
        "Updates from pictures allocate nothing",
        arguments: Self.profiles,
        [LearnerSettings.Encoder.paper, .small]
    )
    func allocations(profile: String, encoder: LearnerSettings.Encoder) throws {
        let replay = replay(count: 100, seed: 125)
        for threads in 1...2 {
            var options = try settings(profile, encoder)
            options.threads = threads
            let learner = learner(options, seed: 6, startsThread: false)
            _ = learner.update(from: replay)
            let before = allocation_count()
            for _ in 0..<5 { _ = learner.update(from: replay) }
            let found = allocation_count() - before
            #expect(found == 0, "\(found) allocations")
        }
    }
}

@Suite("Policies that look at pictures")
struct PicturePolicyTests {
    private func policy(_ profile: String, _ encoder: LearnerSettings.Encoder) throws
        -> PolicySnapshot
    {
        let learner = learner(try settings(profile, encoder), seed: 7)
        let replay = replay(count: 100, seed: 126)
        for _ in 0..<5 { _ = learner.update(from: replay) }
        return learner.snapshot()
    }

    private func action(_ policy: PolicySnapshot, _ observation: [Float], _ frames: [UInt8])
        -> [Float]
    {
        var scratch = PolicyScratch(for: policy)
        var action = [Float](repeating: 0, count: policy.actionCount)
        var target = action.mutableSpan
        policy.mean(observation.span, frames: frames.span, scratch: &scratch, into: &target)
        return action
    }

    @Test(
        "A policy read from its file acts alike, and only on pictures of its size",
        arguments: PictureLearnerTests.profiles,
        [LearnerSettings.Encoder.paper, .small]
    )
    func files(profile: String, encoder: LearnerSettings.Encoder) throws {
        let original = try policy(profile, encoder)
        let file = Safetensors.encode(original.tensors())
        let read = try PolicySnapshot(tensors: Safetensors.decode(file).tensors)
        #expect(read.image == image && read.observationCount == 3)
        var random = RandomSource(seed: 127)
        var seen: Set<[Float]> = []
        for _ in 0..<10 {
            let frames = (0..<image.observationBytes).map { _ in UInt8(random.index(below: 256)) }
            let wanted = action(original, [1, 2, 3], frames)
            #expect(action(read, [1, 2, 3], frames) == wanted)
            seen.insert(wanted)
        }
        #expect(seen.count == 10, "the pictures change nothing")
        // Anything missing or impossible is refused.
        for name in original.tensors().map(\.name) where name.hasPrefix("policy.encoder") {
            let fewer = original.tensors().filter { $0.name != name }
            #expect(throws: LearningError.self, "\(name)") { try PolicySnapshot(tensors: fewer) }
        }
        for (name, values) in [
            ("kind", [3]), ("image", [24, 26, 9, 2]), ("image", [24, 52, 3, 2]),
        ] {
            let odd = NamedTensor(
                name: "policy.encoder.\(name)",
                shape: [values.count],
                storage: .u64(values.map { UInt64($0) })
            )
            let others = original.tensors().filter { $0.name != odd.name }
            #expect(throws: LearningError.self, "\(name)") {
                try PolicySnapshot(tensors: others + [odd])
            }
        }
    }

    @Test("The features behind an action are those of the reference")
    func features() throws {
        let policy = try policy("sac", .small)
        let encoder = try #require(policy.frozenEncoder)
        let reference = ReferenceEncoder(shape: encoder.shape, parameters: encoder.parameters)
        var random = RandomSource(seed: 128)
        let frames = (0..<image.observationBytes).map { _ in UInt8(random.index(below: 256)) }
        let scratch = PictureScratch(shape: encoder.shape)
        scratch.run(
            Encoder(shape: encoder.shape, kernels: Kernels()),
            encoder.parameters,
            frames.span
        )
        for (index, wanted) in reference.features(frames).enumerated() {
            #expect(abs(Double(scratch.features.features[0, index]) - wanted) < 1e-5)
        }
    }

    @Test(
        "Actions from pictures allocate nothing",
        arguments: [LearnerSettings.Encoder.paper, .small]
    )
    func allocations(encoder: LearnerSettings.Encoder) throws {
        let policy = try policy("sac", encoder)
        var history = FrameHistory(image)
        let frame = [UInt8](repeating: 9, count: image.frameBytes)
        history.begin(frame.span)
        var scratch = PolicyScratch(for: policy)
        var random = RandomSource(seed: 129)
        var action = [Float](repeating: 0, count: 2)
        let observation: [Float] = [1, 2, 3]
        func act() {
            history.push(frame.span)
            var target = action.mutableSpan
            policy.sample(
                observation.span,
                frames: history.bytes.span,
                random: &random,
                scratch: &scratch,
                into: &target
            )
        }
        // The runtime looks some types up when they are first met.
        act()
        let before = allocation_count()
        for _ in 0..<20 { act() }
        let found = allocation_count() - before
        #expect(found == 0, "\(found) allocations")
    }
}

@Suite("Histories of pictures in a replay")
struct PictureHistoryTests {
    @Test("Pictures may go back further than the numbers; an episode's first one is repeated")
    func longer() {
        let small = ImageLayout(height: 1, width: 8, channels: 1, history: 3)
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 40, image: small)
        func picture(_ frame: Int) -> [UInt8] { (0..<8).map { UInt8((frame * 8 + $0) & 255) } }
        for episode in 0..<8 {
            for step in 0..<6 {
                let frame = episode * 7 + step
                replay.append(
                    observation: [Float(frame)].span,
                    pixels: picture(frame).span,
                    action: [Float(episode)].span,
                    reward: Float(step),
                    nextObservation: [Float(frame + 1)].span,
                    nextPixels: picture(frame + 1).span,
                    terminated: false
                )
            }
        }
        let batch = ReplayBatch(
            observationCount: 1,
            actionCount: 1,
            size: 40,
            pixelCount: small.observationBytes,
            featureCount: 5
        )
        var random = RandomSource(seed: 130)
        replay.sample(into: batch, rows: 0..<40, steps: 1, discount: 1, random: &random)
        for row in 0..<40 {
            let (episode, step) = (Int(batch.inputs[row, 6]), Int(batch.rewards[row]))
            #expect(Int(batch.inputs[row, 5]) == episode * 7 + step)
            #expect(Int(batch.nextInputs[row, 5]) == episode * 7 + step + 1)
            func history(_ step: Int) -> [UInt8] {
                (0..<3).flatMap { picture(episode * 7 + max(0, step - $0)) }
            }
            #expect((0..<24).map { batch.pixels[row, $0] } == history(step))
            #expect((0..<24).map { batch.nextPixels[row, $0] } == history(step + 1))
        }
    }
}
