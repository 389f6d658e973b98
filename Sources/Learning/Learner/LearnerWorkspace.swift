/// Everything an actor-critic update writes besides the networks, allocated once.
final class LearnerWorkspace {
    let batch: ReplayBatch
    /// Normals for the next actions, then for the fresh ones, then for the steps between.
    let noise: FloatBuffer
    var noiseWords: [UInt64]
    let targets: FloatBuffer
    let critics: [CriticWorkspace]
    let actor: ActorWorkspace
    /// The value network's, for the algorithm that has one.
    let value: CriticWorkspace?
    /// The value network's targets.
    let valueTargets: FloatBuffer
    /// The batch in one part for each thread.
    let blocks: [BatchBlock]
    private let noiseStride: Int
    private let actionCount: Int

    init(shapes: LearnerShapes, settings: LearnerSettings) {
        let size = settings.batchSize
        batch = ReplayBatch(
            observationCount: shapes.observationCount,
            actionCount: shapes.actionCount,
            size: size,
            steps: settings.returnSteps,
            withIntermediates: settings.countsEntropyBetween,
            pixelCount: shapes.encoder?.image.observationBytes ?? 0,
            featureCount: shapes.featureCount
        )
        actionCount = shapes.actionCount
        noiseStride = Matrix.stride(size)
        let draws = 2 + batch.intermediates.count
        noise = FloatBuffer(count: (draws * actionCount * noiseStride + 31) / 32 * 32)
        noiseWords = Array(repeating: 0, count: noise.count / 2)
        targets = FloatBuffer(count: size)
        valueTargets = FloatBuffer(count: size)
        // One thread turns all weights in one panel, which then stays in the first-level cache.
        let panels = (0..<settings.threads).map { _ in
            Activations.panel(for: [shapes.actor, shapes.critic])
        }
        // Left-out units and state-dependent noise are drawn and summed over the whole batch.
        let isWhole = settings.threads == 1 || settings.dropout > 0 || settings.explorationHold > 0
        let parts = (isWhole ? [Half.whole] : [.first, .second])
            .map { $0.range(of: size, grain: 16) }
            .filter { !$0.isEmpty }
        let room = BlockRoom(shape: shapes.critic, batch: size, parts: parts)
        let layers = (0..<settings.criticCount).map {
            room.layers(panel: panels[$0 % panels.count])
        }
        let critics = layers.map {
            CriticWorkspace(
                activations: $0,
                shape: shapes.critic,
                batch: size,
                dropout: settings.dropout
            )
        }
        let actor = ActorWorkspace(
            shape: shapes.actor,
            batch: size,
            panel: panels[0],
            lent: parts.count == 1 ? critics.first?.activations : nil
        )
        value = shapes.value.map { CriticWorkspace(shape: $0, batch: size, panel: panels[0]) }
        blocks = parts.indices.map { index in
            BatchBlock(
                rows: parts[index],
                actor: actor,
                critics: room.share(of: index, in: layers, panels[index]),
                shapes: shapes,
                settings: settings,
                panel: panels[index]
            )
        }
        (self.critics, self.actor) = (critics, actor)
    }

    /// The normals of one draw: 0 for the next actions, 1 for the fresh ones, then the steps between.
    func noise(_ draw: Int) -> NoiseRows {
        NoiseRows(buffer: noise, offset: draw * actionCount * noiseStride, stride: noiseStride)
    }
}

/// Which layers of the critics each block of the batch uses for its rows.
///
/// Thread t moves the critics whose number is even or odd as t, and works there on all rows; what it
/// does with its own rows on the way uses the layers of the same critics, those of two critics one
/// above the other in each. So no layer is written by both threads in turn: taking a cache line
/// from another core costs as much as a hundred multiplications, and an update has ten thousand.
private struct BlockRoom {
    let shape: NetworkShape
    let batch: Int
    let parts: [Range<Int>]

    /// One critic's layers, with room for two blocks of the longer kind where there are two.
    func layers(panel: FloatBuffer) -> Activations {
        Activations(shape: shape, batch: rowCount, panel: panel)
    }

    /// The layers that a block uses for each critic.
    func share(of block: Int, in layers: [Activations], _ panel: FloatBuffer) -> [Activations] {
        layers.indices.map { critic in
            let owner = critic / 2 * 2 + block
            // The last of an odd number has no partner; its layers are cut as the batch is.
            guard parts.count == 2, critic / 2 * 2 + 1 < layers.count else {
                return Activations(parts[block], of: layers[critic], panel: panel)
            }
            let first = critic % 2 * parts[0].count
            return Activations(
                first..<first + parts[block].count,
                of: layers[owner],
                panel: panel
            )
        }
    }

    private var rowCount: Int { parts.count == 2 ? max(batch, 2 * parts[0].count) : batch }
}
