import Testing

@testable import Learning

/// A dot on a line that an action pushes; only a picture shows where it is.
///
/// The picture has a dim post at the goal in the middle and the bright dot; the one number beside it
/// is always the same. x moves by a third of the action within [-1, 1]; the reward is -|x|.
private struct DotOnALine {
    static let steps = 8
    let image: ImageLayout
    var place = 0.0

    mutating func begin(_ random: inout RandomSource) { place = random.uniform(in: -1...1) }

    mutating func push(_ action: Double) -> Double {
        place = min(max(place + action / 3, -1), 1)
        return -abs(place)
    }

    /// The dot is 3 pixels wide and spread over them, so that it can lie between two.
    var picture: [UInt8] {
        var bytes = [UInt8](repeating: 20, count: image.frameBytes)
        let middle = Double(image.width - 1) / 2
        let column = middle + place * (middle - 5)
        for row in 0..<image.height {
            for x in 0..<image.width {
                let pixel = (row * image.width + x) * image.channels
                if abs(Double(x) - middle) < 1 { bytes[pixel] = 90 }
                guard abs(row - image.height / 2) <= 1 else { continue }
                let nearness = max(0, 1 - abs(Double(x) - column) / 2)
                bytes[pixel + image.channels - 1] = max(
                    bytes[pixel + image.channels - 1],
                    UInt8(20 + 235 * nearness)
                )
            }
        }
        return bytes
    }
}

/// Learns to bring the dot to the post; returns its mean distance at the end of greedy episodes.
private func distanceAfterLearning(
    _ settings: LearnerSettings,
    updates: Int,
    seed: UInt64
) -> Double {
    let image = ImageLayout(height: 24, width: 28, channels: 2, history: settings.imageHistory)
    let learner = Learner(
        settings: settings,
        observationCount: 1,
        actionCount: 1,
        image: image,
        seed: seed
    )
    let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 5000, image: image)
    var random = RandomSource(seed: seed, name: "dot")
    var dot = DotOnALine(image: image)
    var frames = FrameHistory(image)
    let number: [Float] = [1]
    var policy = learner.snapshot()
    var scratch = PolicyScratch(for: policy)
    var action: [Float] = [0]
    var done = 0
    while done < updates {
        dot.begin(&random)
        var picture = dot.picture
        frames.begin(picture.span)
        for _ in 0..<DotOnALine.steps {
            if replay.count < 300 {
                action[0] = Float(random.uniform(in: -1...1))
            } else {
                var target = action.mutableSpan
                policy.sample(
                    number.span,
                    frames: frames.bytes.span,
                    random: &random,
                    scratch: &scratch,
                    into: &target
                )
            }
            let reward = dot.push(Double(action[0]))
            let next = dot.picture
            frames.push(next.span)
            replay.append(
                observation: number.span,
                pixels: picture.span,
                action: action.span,
                reward: Float(reward),
                nextObservation: number.span,
                nextPixels: next.span,
                terminated: false
            )
            picture = next
            guard replay.count >= 300 else { continue }
            _ = learner.update(from: replay)
            done += 1
        }
        policy = learner.snapshot()
    }
    return meanDistance(policy, image)
}

/// The mean distance from the post after an episode, from starts all along the line.
private func meanDistance(_ policy: PolicySnapshot, _ image: ImageLayout) -> Double {
    var scratch = PolicyScratch(for: policy)
    var dot = DotOnALine(image: image)
    var frames = FrameHistory(image)
    let number: [Float] = [1]
    var action: [Float] = [0]
    var sum = 0.0
    for start in 0..<41 {
        dot.place = Double(start) / 20 - 1
        let picture = dot.picture
        frames.begin(picture.span)
        for _ in 0..<DotOnALine.steps {
            var target = action.mutableSpan
            policy.mean(
                number.span,
                frames: frames.bytes.span,
                scratch: &scratch,
                into: &target
            )
            _ = dot.push(Double(action[0]))
            let next = dot.picture
            frames.push(next.span)
        }
        sum += abs(dot.place)
    }
    return sum / 41
}

@Suite("A task seen only in pictures", .timeLimit(.minutes(5)))
struct PictureTaskTests {
    /// A learner, an encoder and how many updates they get.
    struct Variant: Sendable, CustomStringConvertible {
        let profile: String
        let encoder: LearnerSettings.Encoder
        let augmentation: LearnerSettings.Augmentation
        let updates: Int
        var description: String { "\(profile) \(encoder) \(augmentation)" }
    }

    static let variants = [
        Variant(profile: "sac", encoder: .paper, augmentation: .none, updates: 2500),
        Variant(profile: "sac", encoder: .small, augmentation: .shift, updates: 2500),
        Variant(profile: "crossq", encoder: .paper, augmentation: .none, updates: 2000),
        Variant(profile: "droq", encoder: .paper, augmentation: .none, updates: 2000),
    ]

    // Standing still leaves the dot half a line away.
    @Test("The dot is brought to the post from everywhere", arguments: Self.variants)
    func solves(variant: Variant) throws {
        var settings = try #require(LearnerSettings.profile(variant.profile))
        (settings.hiddenWidths, settings.batchSize) = ([64, 64], 64)
        settings.criticWidths = settings.criticWidths.map { _ in [64, 64] }
        settings.encoder = variant.encoder
        settings.augmentation = variant.augmentation
        settings.imageHistory = 1
        settings.discount = 0.8
        settings.actorInterval = 1
        settings.initialTemperature = 0.1
        settings.actorLearningRate = 1e-3
        settings.criticLearningRate = 1e-3
        settings.temperatureLearningRate = 1e-3
        let distance = distanceAfterLearning(settings, updates: variant.updates, seed: 140)
        #expect(distance < 0.12, "\(distance) of a line's half")
    }
}
