import Testing

@testable import Learning

@Suite(
    "Exported policies that look at pictures, in onnxruntime",
    .enabled(if: RuntimePeer.isThere, "needs onnxruntime: make peers"),
    .timeLimit(.minutes(2))
)
struct ONNXPictureTests {
    @Test(
        "The exported action is the native one on random frames and observations",
        arguments: ["sac", "crossq"],
        [LearnerSettings.Encoder.paper, .small]
    )
    func sameActions(profile: String, encoder: LearnerSettings.Encoder) throws {
        let image = ImageLayout(height: 33, width: 30, channels: 3, history: 2)
        let native = try trained(profile, encoder, image)
        var random = RandomSource(seed: 151)
        let rows = 60
        let seen = (0..<rows * 4).map { _ in Float(3 * random.normal()) }
        let frames = (0..<rows * image.observationBytes).map { _ in
            UInt8(random.index(below: 256))
        }
        var actions: [Float] = []
        var scratch = PolicyScratch(for: native)
        var action = [Float](repeating: 0, count: 2)
        for row in 0..<rows {
            let numbers = Array(seen[row * 4..<row * 4 + 4])
            let start = row * image.observationBytes
            let pictures = Array(frames[start..<start + image.observationBytes])
            var target = action.mutableSpan
            native.mean(numbers.span, frames: pictures.span, scratch: &scratch, into: &target)
            actions += action
        }
        let answer = try RuntimePeer().run(
            try ONNXModel.encode(native.graph(), producerVersion: "1"),
            observations: seen,
            frames: frames,
            expected: actions
        )
        #expect(answer.rows == rows)
        #expect(answer.frames == ["tensor(uint8)", "2", "33", "30", "3"])
        #expect(answer.difference <= 1e-4)
        #expect(answer.spread > 0.05)
        #expect(answer.onlyKnownFields)
        #expect(answer.operators.contains("MaxPool") == (encoder == .paper))
        #expect(answer.operators.contains("LayerNormalization") == (encoder == .small))
        #expect(answer.operators.contains("Clip"))
    }

    /// A policy some updates old, with a normaliser.
    private func trained(
        _ profile: String,
        _ encoder: LearnerSettings.Encoder,
        _ image: ImageLayout
    ) throws -> PolicySnapshot {
        var settings = try #require(LearnerSettings.profile(profile))
        (settings.hiddenWidths, settings.batchSize) = ([24, 40], 16)
        settings.criticWidths = settings.criticWidths.map { _ in [32, 32] }
        settings.normalisesObservations = true
        settings.encoder = encoder
        settings.imageHistory = image.history
        let learner = Learner(
            settings: settings,
            observationCount: 4,
            actionCount: 2,
            image: image,
            seed: 152
        )
        let replay = ReplayBuffer(observationCount: 4, actionCount: 2, capacity: 50, image: image)
        var random = RandomSource(seed: 153)
        func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
        func frame() -> [UInt8] {
            (0..<image.frameBytes).map { _ in UInt8(random.index(below: 256)) }
        }
        for _ in 0..<50 {
            let (seen, next) = (numbers(4), numbers(4))
            learner.note(seen.span)
            replay.append(
                observation: seen.span,
                pixels: frame().span,
                action: numbers(2).span,
                reward: Float(random.normal()),
                nextObservation: next.span,
                nextPixels: frame().span,
                terminated: false
            )
        }
        for _ in 0..<20 { _ = learner.update(from: replay) }
        return learner.snapshot()
    }
}
