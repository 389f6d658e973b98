import Learning

/// Updates a second from pictures, for both encoders, on one core and on two, and what 100,000
/// transitions with pictures take.
///
/// The claw's sizes: 32 x 32 RGB, three frames, nine joint positions, nine actions, batch 256. With
/// `BENCH_PEERS=1` the same networks run in PyTorch between our turns, on one core, and the matrix
/// products that the small encoder amounts to in NumPy and PyTorch.
enum PixelUpdates {
    static let name = "learner.pixels.updates_per_second"
    static let ratioName = "learner.pixels.ratio_to_torch"
    static let shareName = "learner.pixels.share_of_sgemm"
    static let memoryName = "replay.pixels.mb_per_100k"
    static let names = [name, ratioName, shareName, memoryName]

    private static let turns = 4
    private static let turnSeconds = 0.4
    /// Transitions in the replay; how many there are matters little, their frames leave the caches.
    private static let stored = 20_000

    static func measure() throws -> [Figure] {
        let replay = PixelShape.replay(count: stored)
        var contestants = PixelShape.all.map { shape in
            PixelContestant(shape: shape, replay: replay)
        }
        for index in contestants.indices { try contestants[index].warmUp(seconds: 0.2) }
        func takeTurns() throws {
            for _ in 0..<turns {
                for index in contestants.indices {
                    try contestants[index].takeTurn(seconds: turnSeconds)
                }
            }
        }
        // Before and after the peers, so that a slow phase of the machine does not favour either.
        try takeTurns()
        let peers = Peers.areWanted ? try Peers.pixelRates() : [:]
        let products = Peers.areWanted ? try Peers.pictureProductRate() : nil
        try takeTurns()
        let own = contestants.map(figure)
        let ratios = contestants.compactMap { contestant -> Figure? in
            guard contestant.shape.threads == 1 else { return nil }
            return peers[contestant.shape.encoder.rawValue].map { ratio(contestant, to: $0) }
        }
        let shares = contestants.compactMap { contestant -> Figure? in
            guard contestant.shape.threads == 1, contestant.shape.encoder == .small else {
                return nil
            }
            return products.map { share(contestant, of: $0) }
        }
        return own + ratios + shares + [memory(of: replay)]
    }

    private static func figure(_ contestant: PixelContestant) -> Figure {
        Figure(
            name: name,
            value: contestant.rates.median,
            unit: "1/s",
            parameters: contestant.shape.fields.joined([
                "cpu_ms": .number(contestant.milliseconds.median),
                "min": .number(contestant.rates.quantile(0)),
                "max": .number(contestant.rates.quantile(1)),
                "repetitions": .integer(contestant.rates.count),
            ])
        )
    }

    /// By processor time, which what else runs on the machine changes least.
    private static func ratio(_ contestant: PixelContestant, to peer: Peers.PixelRate) -> Figure {
        Figure(
            name: ratioName,
            value: peer.milliseconds / contestant.milliseconds.median,
            unit: "1",
            parameters: contestant.shape.fields.joined([
                "cpu_ms": .number(contestant.milliseconds.median),
                "torch_cpu_ms": .number(peer.milliseconds),
                "torch_updates_per_second": .number(peer.rate),
            ])
        )
    }

    private static func share(_ contestant: PixelContestant, of rate: Double) -> Figure {
        let useful = contestant.shape.operations * 1e-6 / contestant.milliseconds.median
        return Figure(
            name: shareName,
            value: useful / rate,
            unit: "1",
            parameters: contestant.shape.fields.joined([
                "useful_gflops": .number(useful),
                "sgemm_gflops": .number(rate),
                "gflop_per_update": .number(contestant.shape.operations * 1e-9),
            ])
        )
    }

    private static func memory(of replay: ReplayBuffer) -> Figure {
        let bytes = Double(replay.residentBytes) / Double(replay.count) * 1e5
        return Figure(
            name: memoryName,
            value: bytes / 1_048_576,
            unit: "MiB",
            parameters: [
                "pixels": .text("32x32x3"), "history": .integer(PixelShape.image.history),
                "frames": .integer(replay.frameCount), "transitions": .integer(replay.count),
            ]
        )
    }
}

/// An encoder and a number of threads at the claw's sizes.
struct PixelShape {
    let encoder: LearnerSettings.Encoder
    let threads: Int

    static let joints = 9
    static let actions = 9
    static let batch = 256
    static let image = ImageLayout(height: 32, width: 32, channels: 3, history: 3)

    static let all = [LearnerSettings.Encoder.paper, .small].flatMap { encoder in
        (1...2).map { PixelShape(encoder: encoder, threads: $0) }
    }

    func learner() -> Learner {
        var settings = LearnerSettings()
        settings.encoder = encoder
        settings.batchSize = Self.batch
        settings.threads = threads
        return Learner(
            settings: settings,
            observationCount: Self.joints,
            actionCount: Self.actions,
            image: Self.image,
            seed: 1
        )
    }

    /// Useful multiplications and additions of an update: three forward passes and one backward pass
    /// of the encoder, and what `sac` does with 256 x 256 networks behind it.
    var operations: Double {
        let isSmall = encoder == .small
        // A layer's outputs x inputs; the first needs no slopes at its input.
        let small: [(outputs: Int, inputs: Int)] = [
            (225 * 32, 81), (49 * 32, 288), (25 * 32, 288), (9 * 32, 288), (50, 288),
        ]
        let paper: [(outputs: Int, inputs: Int)] = [(1024 * 4, 81), (256 * 4, 36)]
        let layers = (isSmall ? small : paper).map { Double($0.outputs * $0.inputs) }
        let forward = layers.reduce(0, +)
        let pictures = 3 * forward + forward + (forward - layers[0])
        let features: Double = isSmall ? 50 : 256
        let (read, actions) = (features + Double(Self.joints), Double(Self.actions))
        let hidden = 256.0 * 256
        let actor: Double = read * 256 + hidden + 512 * actions
        let critic: Double = (read + actions) * 256 + hidden + 256
        let targets: Double = actor + 2 * critic
        let oneCritic: Double = 2 * critic + hidden + 256 + 256 * features
        let critics: Double = 2 * oneCritic
        let climb: Double = actor + 2 * critic + hidden + 256 * actions
        let actorGradient: Double = actor + hidden + 512 * actions
        return 2 * Double(Self.batch) * (pictures + targets + critics + climb + actorGradient)
    }

    /// A replay with random transitions and pictures, episodes of 100.
    static func replay(count: Int) -> ReplayBuffer {
        let replay = ReplayBuffer(
            observationCount: joints,
            actionCount: actions,
            capacity: count,
            image: image
        )
        var random = RandomSource(seed: 1, name: "pictures")
        func numbers(_ count: Int) -> [Float] {
            (0..<count).map { _ in Float(2 * random.uniform() - 1) }
        }
        func frame() -> [UInt8] {
            (0..<image.frameBytes / 8).flatMap { _ in
                let word = random.next()
                return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            }
        }
        var (now, seen) = (numbers(joints), frame())
        for step in 0..<count {
            let (next, nextSeen) = (numbers(joints), frame())
            let action = numbers(actions)
            replay.append(
                observation: now.span,
                pixels: seen.span,
                action: action.span,
                reward: now[0],
                nextObservation: next.span,
                nextPixels: nextSeen.span,
                terminated: step % 100 == 99
            )
            (now, seen) = (next, nextSeen)
        }
        return replay
    }

    /// The fields of a figure's line that say what was measured.
    var fields: KeyValuePairs<String, Figure.Value> {
        [
            "encoder": .text(encoder.rawValue), "pixels": .text("32x32x3"),
            "history": .integer(Self.image.history), "obs": .integer(Self.joints),
            "act": .integer(Self.actions), "batch": .integer(Self.batch),
            "hidden": .text("256x256"), "cores": .integer(threads),
        ]
    }
}
