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
            withIntermediates: settings.countsEntropyBetween
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
        let critics = (0..<settings.criticCount).map {
            CriticWorkspace(
                shape: shapes.critic,
                batch: size,
                dropout: settings.dropout,
                panel: panels[$0 % panels.count]
            )
        }
        let room = ActorWorkspace(
            shape: shapes.actor,
            batch: size,
            panel: panels[0],
            lent: critics.first?.activations
        )
        value = shapes.value.map { CriticWorkspace(shape: $0, batch: size, panel: panels[0]) }
        // Left-out units and state-dependent noise are drawn and summed over the whole batch.
        let isWhole = settings.threads == 1 || settings.dropout > 0 || settings.explorationHold > 0
        let parts = (isWhole ? [Half.whole] : [.first, .second])
            .map { $0.range(of: size, grain: 16) }
            .filter { !$0.isEmpty }
        blocks = zip(parts, panels).map { rows, panel in
            BatchBlock(
                rows: rows,
                actor: room,
                critics: critics,
                shapes: shapes,
                settings: settings,
                panel: panel
            )
        }
        (self.critics, self.actor) = (critics, room)
    }

    /// The normals of one draw: 0 for the next actions, 1 for the fresh ones, then the steps between.
    func noise(_ draw: Int) -> NoiseRows {
        NoiseRows(buffer: noise, offset: draw * actionCount * noiseStride, stride: noiseStride)
    }
}
