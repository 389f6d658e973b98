import Foundation
import Testing

@testable import Learning

/// The tangent that the reference uses; a name that Foundation's does not hide.
func hyperbolicTangent(_ value: Double) -> Double { tanh(value) }

/// Pictures of random bytes, a row for each.
private func randomPictures(_ image: ImageLayout, count: Int, _ random: inout RandomSource)
    -> ByteMatrix
{
    let pictures = ByteMatrix(rows: count, columns: image.observationBytes)
    for row in 0..<count {
        for index in 0..<image.observationBytes {
            pictures.pointer(row: row)[index] = UInt8(random.index(below: 256))
        }
    }
    return pictures
}

private func bytes(_ pictures: ByteMatrix, _ row: Int) -> [UInt8] {
    (0..<pictures.columns).map { pictures[row, $0] }
}

/// An encoder with parameters that are nowhere zero or one.
private func encoder(
    _ kind: LearnerSettings.Encoder,
    _ image: ImageLayout,
    _ random: inout RandomSource
) throws -> TrainedEncoder {
    let shape = try #require(EncoderShape(kind, image: image))
    let trained = TrainedEncoder(shape: shape, hasTarget: true, hasMean: false, random: &random)
    if let head = shape.head {
        for index in 0..<head.outputs {
            trained.parameters[head.gainOffset + index] = Float(random.uniform(in: 0.5...1.5))
            trained.parameters[head.shiftOffset + index] = Float(0.3 * random.normal())
        }
    }
    return trained
}

/// One case of encoder and picture, some of them odd.
struct EncoderVariant: Sendable, CustomStringConvertible {
    let kind: LearnerSettings.Encoder
    let image: ImageLayout
    let count: Int
    var description: String { "\(kind.rawValue) \(image) \(count)" }

    static let all = [
        EncoderVariant(
            kind: .paper,
            image: ImageLayout(height: 32, width: 32, channels: 3, history: 3),
            count: 16
        ),
        EncoderVariant(
            kind: .paper,
            image: ImageLayout(height: 11, width: 14, channels: 1, history: 2),
            count: 19
        ),
        EncoderVariant(
            kind: .small,
            image: ImageLayout(height: 32, width: 32, channels: 3, history: 1),
            count: 3
        ),
        EncoderVariant(
            kind: .small,
            image: ImageLayout(height: 25, width: 28, channels: 3, history: 2),
            count: 18
        ),
    ]
}

@Suite("Encoders")
struct EncoderTests {
    /// The pictures' part of an update of `count` pictures, and what it works on.
    private func prepared(
        _ variant: EncoderVariant,
        level: Int32,
        seed: UInt64
    ) throws -> (TrainedEncoder, ReplayBatch, PictureUpdate) {
        var random = RandomSource(seed: seed)
        let trained = try encoder(variant.kind, variant.image, &random)
        let batch = ReplayBatch(
            observationCount: 2,
            actionCount: 1,
            size: variant.count,
            pixelCount: variant.image.observationBytes,
            featureCount: trained.shape.featureCount
        )
        for (matrix, seed) in [(batch.pixels, 1), (batch.nextPixels, 2)] as [(ByteMatrix, UInt64)] {
            var random = RandomSource(seed: seed)
            let pictures = randomPictures(variant.image, count: variant.count, &random)
            for row in 0..<variant.count {
                matrix.pointer(row: row).update(
                    from: pictures.pointer(row: row),
                    count: pictures.columns
                )
            }
        }
        var settings = LearnerSettings()
        settings.batchSize = variant.count
        settings.encoder = variant.kind
        settings.augmentation = .none
        let update = PictureUpdate(
            trained,
            batch: batch,
            settings: settings,
            kernels: Kernels(level: level)
        )
        return (trained, batch, update)
    }

    @Test(
        "Features are those of the layers written out in double precision, with every kernel",
        arguments: EncoderVariant.all,
        Kernels.available
    )
    func forward(variant: EncoderVariant, level: Int32) throws {
        let (trained, batch, update) = try prepared(variant, level: level, seed: 101)
        // A target of its own: the next observations are seen by both.
        var random = RandomSource(seed: 102)
        let target = try #require(trained.target)
        trained.shape.initialize(target, random: &random)
        for half in 0..<2 { update.encode(half: half) }
        let nowReference = ReferenceEncoder(shape: trained.shape, parameters: trained.parameters)
        let targetReference = ReferenceEncoder(shape: trained.shape, parameters: target)
        var worst = 0.0
        for row in Set([0, variant.count / 2, variant.count - 1]) {
            let now = nowReference.features(bytes(batch.pixels, row))
            let next = nowReference.features(bytes(batch.nextPixels, row))
            for column in now.indices {
                worst = max(worst, abs(Double(batch.inputs[row, column]) - now[column]))
                worst = max(worst, abs(Double(batch.nextInputs[row, column]) - next[column]))
            }
        }
        update.putTargets(0..<variant.count)
        let last = variant.count - 1
        let followed = targetReference.features(bytes(batch.nextPixels, last))
        for column in followed.indices {
            worst = max(worst, abs(Double(batch.nextInputs[last, column]) - followed[column]))
        }
        #expect(worst < 2e-5, "\(worst)")
    }

    @Test(
        "The gradient of every kind of parameter is the difference of the loss",
        arguments: EncoderVariant.all,
        Kernels.available
    )
    func gradient(variant: EncoderVariant, level: Int32) throws {
        let (trained, batch, update) = try prepared(variant, level: level, seed: 103)
        for half in 0..<2 { update.encode(half: half) }
        // The loss is a weighted sum of a few pictures' features, shared between two critics.
        var random = RandomSource(seed: 104)
        let rows = Array(Set([0, variant.count - 1])).sorted()
        let columns = trained.shape.featureCount
        let weights = rows.map { _ in (0..<columns).map { _ in random.normal() } }
        for matrix in update.slopes { matrix.fill { _, _ in 0 } }
        for (place, row) in rows.enumerated() {
            for column in 0..<columns {
                update.slopes[0][row, column] = Float(0.75 * weights[place][column])
                update.slopes[1][row, column] = Float(0.25 * weights[place][column])
            }
        }
        for half in 0..<2 { update.backward(half: half) }
        let step = AdamStep(count: 1, rate: 0, settings: LearnerSettings())
        update.step(
            UpdatePlan(
                alpha: 0,
                criticStep: step,
                actorStep: step,
                policySmoothing: 1,
                movesActor: false
            )
        )
        let reference = ReferenceEncoder(shape: trained.shape, parameters: trained.parameters)
        let found = ReferenceEncoder(shape: trained.shape, parameters: trained.gradient).values
        func loss(_ encoder: ReferenceEncoder) -> Double {
            zip(rows, weights).reduce(0) { sum, pair in
                let features = encoder.features(bytes(batch.pixels, pair.0))
                return sum + zip(features, pair.1).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
        let heavy = variant.image.observationBytes > 5000 || variant.kind == .small
        for (name, values) in reference.values {
            let gradient = try #require(found[name])
            let size = gradient.reduce(0) { max($0, abs($1)) }
            try #require(size > 1e-3, "\(name) has no gradient")
            for _ in 0..<(heavy ? 2 : 6) {
                let index = random.index(below: values.count)
                // Small, so that no rectifier or choice of a pool changes on the way.
                let difference = 1e-6
                var (up, down) = (reference, reference)
                up.values[name]?[index] += difference
                down.values[name]?[index] -= difference
                let wanted = (loss(up) - loss(down)) / (2 * difference)
                #expect(
                    abs(gradient[index] - wanted) < 1e-4 * max(size, 1),
                    "\(name)[\(index)]: \(gradient[index]), not \(wanted)"
                )
            }
        }
    }

    @Test("A NaN in a weight comes out as NaN, pooled or not", arguments: Kernels.available)
    func notANumber(level: Int32) throws {
        for variant in EncoderVariant.all {
            let (trained, batch, update) = try prepared(variant, level: level, seed: 105)
            trained.parameters[trained.shape.convolutions[0].weightOffset] = .nan
            for half in 0..<2 { update.encode(half: half) }
            let isLost = (0..<trained.shape.featureCount).allSatisfy { !batch.inputs[0, $0].isNaN }
            #expect(!isLost, "\(variant)")
        }
    }

    @Test(
        "Pictures too small or without an encoder are refused in words",
        arguments: [
            (LearnerSettings.Encoder.small, 22, false), (.small, 23, true), (.paper, 7, false),
            (.paper, 8, true), (.none, 32, false),
        ]
    )
    func refused(kind: LearnerSettings.Encoder, size: Int, isPossible: Bool) {
        var settings = LearnerSettings()
        settings.encoder = kind
        let image = ImageLayout(height: size, width: size, channels: 3, history: 3)
        #expect((settings.problem(of: image) == nil) == isPossible)
        if isPossible { #expect((EncoderShape(kind, image: image)?.featureCount ?? 0) > 0) }
    }
}

@Suite("Random shifts of pictures")
struct RandomShiftTests {
    @Test("A shifted picture shows the nearest pixel of the old one, all frames alike")
    func nearest() {
        let image = ImageLayout(height: 9, width: 12, channels: 3, history: 2)
        var random = RandomSource(seed: 110)
        let pictures = randomPictures(image, count: 200, &random)
        let before = (0..<200).map { bytes(pictures, $0) }
        var shift = RandomShift(count: 200)
        shift.draw(random: &random)
        let frame = ByteMatrix(rows: 1, columns: image.frameBytes)
        shift.apply(to: pictures, rows: 0..<100, layout: image, frame: frame)
        shift.apply(to: pictures, rows: 100..<200, layout: image, frame: frame)
        var seen: Set<[Int]> = []
        for row in 0..<200 {
            let after = bytes(pictures, row)
            let moves = (-4...4).flatMap { down in (-4...4).map { [down, $0] } }
            let fitting = moves.filter { after == moved(before[row], image, $0[0], $0[1]) }
            #expect(fitting.count == 1, "row \(row)")
            seen.formUnion(fitting)
        }
        // 200 draws of 81 moves miss about seven of them.
        #expect(seen.count > 60)
    }

    private func moved(_ bytes: [UInt8], _ image: ImageLayout, _ down: Int, _ across: Int)
        -> [UInt8]
    {
        (0..<bytes.count).map { index in
            let channel = index % image.channels
            let pixel = index / image.channels
            let (frame, place) = (
                pixel / (image.width * image.height), pixel % (image.width * image.height)
            )
            let row = min(max(place / image.width + down, 0), image.height - 1)
            let column = min(max(place % image.width + across, 0), image.width - 1)
            let source = (frame * image.height + row) * image.width + column
            return bytes[source * image.channels + channel]
        }
    }
}

@Suite("Frame history")
struct FrameHistoryTests {
    @Test("An episode begins with its first frame repeated; the newest frame comes first")
    func order() {
        var history = FrameHistory(ImageLayout(height: 8, width: 8, channels: 1, history: 3))
        func frame(_ value: UInt8) -> [UInt8] { Array(repeating: value, count: 64) }
        func values() -> [UInt8] { (0..<3).map { history.bytes[$0 * 64 + 63] } }
        history.begin(frame(7).span)
        #expect(values() == [7, 7, 7])
        for value in 8...12 as ClosedRange<UInt8> { history.push(frame(value).span) }
        #expect(values() == [12, 11, 10])
        history.begin(frame(1).span)
        #expect(values() == [1, 1, 1])
    }
}
