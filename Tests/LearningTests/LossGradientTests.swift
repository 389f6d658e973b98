import Testing

@testable import Learning

/// One learner's networks of odd sizes, its batch, and the same numbers in double precision.
private struct Setting {
    let kernels: Kernels
    let settings: LearnerSettings
    let networks: LearnerNetworks
    let input: Matrix
    let noise: FloatBuffer
    let targets: FloatBuffer
    let actionCount = 3
    let observationCount = 5

    init(level: Int32, seed: UInt64, change: (inout LearnerSettings) -> Void) {
        kernels = Kernels(level: level)
        var settings = LearnerSettings()
        settings.batchSize = 21
        change(&settings)
        self.settings = settings
        let shapes = LearnerShapes(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount
        )
        var random = RandomSource(seed: seed)
        networks = LearnerNetworks(shapes: shapes, settings: settings, random: &random)
        for network in networks.all {
            // Gains and shifts that are not all alike.
            for norm in network.shape.norms {
                for unit in 0..<norm.width {
                    network.parameters[norm.gainOffset + unit] = Float(
                        random.uniform(in: 0.5...1.5)
                    )
                    network.parameters[norm.shiftOffset + unit] = Float(random.normal() * 0.3)
                }
            }
        }
        input = Matrix(rows: settings.batchSize, columns: observationCount + actionCount)
        input.fill { _, _ in Float(random.normal()) }
        noise = FloatBuffer(count: Matrix.stride(settings.batchSize) * actionCount)
        for index in 0..<noise.count { noise[index] = Float(random.normal()) }
        targets = FloatBuffer(count: settings.batchSize)
        for index in 0..<settings.batchSize { targets[index] = Float(random.normal()) }
    }

    func rows(_ columns: Range<Int>) -> [[Double]] {
        (0..<settings.batchSize).map { row in columns.map { Double(input[row, $0]) } }
    }

    var noiseRows: [[Double]] {
        (0..<settings.batchSize).map { row in
            (0..<actionCount).map { Double(noise[$0 * Matrix.stride(settings.batchSize) + row]) }
        }
    }
}

private func sets(_ dropped: DroppedUnits?, layers: Int) -> [Set<Int>] {
    guard let dropped else { return [] }
    return (0..<layers).map { Set(dropped.places($0)) }
}

@Suite("Gradients of the losses")
struct LossGradientTests {
    static let hidden = [[20], [17, 24], [8, 9, 10]]

    /// Widths of a critic with its dropout; `nil` is without layer norm.
    struct CriticVariant: Sendable {
        var hidden: [Int]
        var dropout: Double?
    }

    static let criticVariants: [CriticVariant] = hidden.flatMap { (hidden: [Int]) in
        [nil, 0.0, 0.2].map { CriticVariant(hidden: hidden, dropout: $0) }
    }

    static let places: [(level: Int32, hidden: [Int])] = Kernels.available.flatMap { level in
        hidden.map { (level: level, hidden: $0) }
    }

    @Test(
        "The critic's gradient is that of half the mean squared error",
        arguments: Kernels.available,
        criticVariants
    )
    func criticGradient(level: Int32, variant: CriticVariant) {
        let setting = Setting(level: level, seed: 11) {
            $0.hiddenWidths = variant.hidden
            $0.hasLayerNorm = variant.dropout != nil
            $0.dropout = variant.dropout ?? 0
        }
        let critic = setting.networks.critics[0]
        let workspace = CriticWorkspace(
            shape: critic.shape,
            batch: setting.settings.batchSize,
            dropout: setting.settings.dropout,
            panel: Activations.panel(for: [critic.shape])
        )
        var random = RandomSource(seed: 13)
        workspace.dropped?.draw(random: &random)
        let loss = criticLoss(
            critic,
            input: setting.input,
            targets: setting.targets,
            workspace: workspace,
            kernels: setting.kernels
        )
        let inputs = setting.rows(0..<setting.input.columns)
        let targets = inputs.indices.map { Double(setting.targets[$0]) }
        var plain = referenceNetwork(critic)
        plain.dropped = sets(workspace.dropped, layers: variant.hidden.count)
        if setting.settings.dropout > 0 { #expect(plain.dropped.allSatisfy { !$0.isEmpty }) }
        let reference = ReferenceSAC()
        let expected = reference.criticLoss(plain, inputs: inputs, targets: targets)
        #expect(abs(loss - expected) < 1e-4 * expected)
        let worst = worstError(critic, from: plain) {
            reference.criticLoss($0, inputs: inputs, targets: targets)
        }
        #expect(worst < 1e-3, "off by \(worst)")
    }

    /// A way to set up the actor's loss.
    struct ActorVariant: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var threads = 1
        var change: @Sendable (inout LearnerSettings) -> Void
    }

    static let actorVariants: [ActorVariant] = [
        ActorVariant(testDescription: "lower of two critics") { _ in },
        ActorVariant(testDescription: "in two halves", threads: 2) { $0.threads = 2 },
        ActorVariant(testDescription: "smooth log sigma") { $0.logSigmaForm = .smooth },
        ActorVariant(testDescription: "lowest of three") { $0.criticCount = 3 },
        ActorVariant(testDescription: "mean of four") {
            ($0.criticCount, $0.actorUsesMeanCritic) = (4, true)
        },
        ActorVariant(testDescription: "layer norm") { $0.hasLayerNorm = true },
        ActorVariant(testDescription: "mean with dropout") {
            ($0.hasLayerNorm, $0.dropout, $0.actorUsesMeanCritic) = (true, 0.2, true)
        },
        ActorVariant(testDescription: "wider critics") { $0.criticWidths = [31, 30] },
        ActorVariant(testDescription: "state-dependent exploration") {
            ($0.explorationHold, $0.initialExploration) = (4, -1)
        },
    ]

    @Test(
        "The actor's gradient flows through the action and the density, not through a clamp",
        arguments: places,
        actorVariants
    )
    func actorGradient(where place: (level: Int32, hidden: [Int]), variant: ActorVariant) {
        let setting = Setting(level: place.level, seed: 12) {
            $0.hiddenWidths = place.hidden
            variant.change(&$0)
        }
        let networks = setting.networks
        let room = LearnerWorkspace(shapes: networks.shapes, settings: setting.settings)
        if networks.actor.shape.exploration == nil {
            // Push one log sigma against each clamp.
            let last = networks.actor.shape.layers[place.hidden.count]
            let bounds: (Float, Float) =
                setting.settings.logSigmaForm == .smooth ? (1, -2) : (3, -21)
            networks.actor.parameters[last.biasOffset + setting.actionCount] = bounds.0
            networks.actor.parameters[last.biasOffset + setting.actionCount + 1] = bounds.1
        }
        var random = RandomSource(seed: 14)
        for block in room.blocks { block.drawDropped(random: &random, forActor: true) }
        level(networks, setting, room)
        let alpha = 0.37
        let found = evaluate(setting, room, alpha)

        var reference = ReferenceSAC()
        reference.isSmooth = setting.settings.logSigmaForm == .smooth
        reference.usesMean = setting.settings.actorUsesMeanCritic
        let observations = setting.rows(0..<setting.observationCount)
        let layers = networks.shapes.critic.hiddenCount
        let critics = networks.critics.enumerated().map { index, critic in
            var plain = referenceNetwork(critic)
            plain.dropped = sets(room.blocks[0].actorDropped?[index], layers: layers)
            return plain
        }
        let features = referenceNetwork(networks.actor).features(observations)
        func loss(_ actor: ReferenceNetwork) -> Double {
            reference.actorLoss(
                actor,
                critics: critics,
                observations: observations,
                noise: setting.noiseRows,
                alpha: alpha,
                features: features
            )
        }
        let plain = loss(referenceNetwork(networks.actor))
        #expect(abs(found.loss - plain) < 1e-4 * (1 + abs(plain)))
        let worst = worstError(networks.actor, loss: loss)
        #expect(worst < 1e-3, "off by \(worst)")
    }

    private func evaluate(
        _ setting: Setting,
        _ room: LearnerWorkspace,
        _ alpha: Double
    ) -> ActorLoss {
        let networks = setting.networks
        let objective = ActorObjective(
            usesMean: setting.settings.actorUsesMeanCritic,
            kernels: setting.kernels
        )
        let noise = NoiseRows(
            buffer: setting.noise,
            offset: 0,
            stride: Matrix.stride(setting.settings.batchSize)
        )
        for block in room.blocks {
            objective.slopes(
                block,
                actor: networks.actor.frozen,
                critics: networks.critics.map(\.frozen),
                input: setting.input,
                noise: noise,
                alpha: Float(alpha)
            )
        }
        for half in setting.settings.threads == 1 ? [Half.whole] : [.first, .second] {
            objective.gradient(
                half,
                of: networks.actor,
                observations: split(setting.input, actionCount: setting.actionCount).observations,
                workspace: room.actor,
                blocks: room.blocks
            )
        }
        return ActorLoss(room.blocks, alpha: Float(alpha))
    }

    /// Levels the critics, so that each is the lowest one somewhere.
    private func level(_ networks: LearnerNetworks, _ setting: Setting, _ room: LearnerWorkspace) {
        guard !setting.settings.actorUsesMeanCritic else { return }
        _ = evaluate(setting, room, 0.37)
        let last = networks.shapes.critic.layers[networks.shapes.critic.hiddenCount]
        for index in networks.critics.indices.dropFirst() {
            let gaps = room.blocks.flatMap { block in
                (0..<block.rows.count).map { block.values[index][$0] - block.values[0][$0] }
            }.sorted()
            let middle = (gaps[gaps.count / 2] + gaps[gaps.count / 2 + 1]) / 2
            networks.critics[index].parameters[last.biasOffset] -= middle
        }
        _ = evaluate(setting, room, 0.37)
        for index in networks.critics.indices {
            let isLowest = room.blocks.contains { block in
                (0..<block.rows.count).contains { row in
                    block.actorValue(row) == block.values[index][row]
                }
            }
            #expect(isLowest, "critic \(index) is the lowest nowhere, so it is untested")
        }
    }

    @Test("The temperature's slope is the difference of its loss")
    func temperatureGradient() {
        for (logarithm, density, target) in [(0.3, -2.0, -6.0), (-2, 4, -3), (0, 1.5, 1)] {
            func loss(_ x: Double) -> Double {
                -x * (density + target)
            }
            let (value, slope) = Temperature.loss(
                logarithm: logarithm,
                meanLogDensity: density,
                targetEntropy: target
            )
            #expect(abs(value - loss(logarithm)) < 1e-12)
            let difference = (loss(logarithm + 1e-3) - loss(logarithm - 1e-3)) / 2e-3
            #expect(abs(slope - difference) < 1e-9)
        }
    }
}
