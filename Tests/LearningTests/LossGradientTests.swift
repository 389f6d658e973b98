import Testing

@testable import Learning

/// One learner of odd sizes, its batch, and the same numbers in double precision.
private struct Setting {
    let kernels: Kernels
    let settings: LearnerSettings
    let actor: TrainedNetwork
    let critics: [TrainedNetwork]
    let input: Matrix
    let noise: FloatBuffer
    let targets: FloatBuffer
    let actionCount = 3
    let observationCount = 5
    let batch = 21

    init(level: Int32, hidden: [Int], threads: Int = 1, seed: UInt64) {
        kernels = Kernels(level: level)
        var settings = LearnerSettings()
        settings.hiddenWidths = hidden
        settings.batchSize = batch
        settings.threads = threads
        self.settings = settings
        var random = RandomSource(seed: seed)
        actor = TrainedNetwork(
            shape: NetworkShape(inputs: observationCount, hidden: hidden, outputs: 2 * actionCount),
            hasTarget: false,
            random: &random
        )
        let inputs = observationCount + actionCount
        critics = (0..<2).map { _ in
            TrainedNetwork(
                shape: NetworkShape(inputs: inputs, hidden: hidden, outputs: 1),
                hasTarget: true,
                random: &random
            )
        }
        // Push one log sigma against each clamp.
        let last = actor.shape.layers[hidden.count]
        actor.parameters[last.biasOffset + actionCount] = 3
        actor.parameters[last.biasOffset + actionCount + 1] = -21
        input = Matrix(rows: batch, columns: inputs)
        for row in 0..<batch {
            for column in 0..<inputs { input[row, column] = Float(random.normal()) }
        }
        let padded = Matrix.stride(batch)
        noise = FloatBuffer(count: padded * actionCount)
        for index in 0..<noise.count { noise[index] = Float(random.normal()) }
        targets = FloatBuffer(count: batch)
        for index in 0..<batch { targets[index] = Float(random.normal()) }
    }

    func row(_ index: Int, _ columns: Range<Int>) -> [Double] {
        columns.map { Double(input[index, $0]) }
    }

    func noiseOf(_ index: Int) -> [Double] {
        (0..<actionCount).map { Double(noise[$0 * Matrix.stride(batch) + index]) }
    }
}

/// Compares the gradient with central differences of `loss`, weight by weight.
private func check(
    _ network: TrainedNetwork,
    named name: String,
    loss: (ReferenceNetwork) -> Double
) {
    let plain = referenceNetwork(network)
    let step = 1e-5
    var worst = 0.0
    for (layer, place) in network.shape.layers.enumerated() {
        let weights = network.shape.weights(layer, in: network.gradient)
        let bias = network.shape.bias(layer, in: network.gradient)
        for i in 0...place.inputs {
            for j in 0..<place.outputs {
                var (up, down) = (plain, plain)
                let found: Float
                if i == place.inputs {
                    up.biases[layer][j] += step
                    down.biases[layer][j] -= step
                    found = bias[0, j]
                } else {
                    up.weights[layer][i][j] += step
                    down.weights[layer][i][j] -= step
                    found = place.outputs == 1 ? weights[0, i] : weights[i, j]
                }
                let expected = (loss(up) - loss(down)) / (2 * step)
                worst = max(worst, abs(Double(found) - expected) / (abs(expected) + 1e-2))
            }
        }
    }
    #expect(worst < 1e-3, "\(name): the gradient is off by \(worst)")
}

@Suite("Gradients of the losses")
struct LossGradientTests {
    @Test(
        "The critic's gradient is that of half the mean squared error",
        arguments: Kernels.available,
        [[20], [17, 24], [8, 9, 10]]
    )
    func criticGradient(level: Int32, hidden: [Int]) {
        let setting = Setting(level: level, hidden: hidden, seed: 11)
        let critic = setting.critics[0]
        let loss = criticLoss(
            critic,
            input: setting.input,
            targets: setting.targets,
            workspace: CriticWorkspace(
                shape: critic.shape,
                batch: setting.batch,
                panel: Activations.panel(for: [critic.shape])
            ),
            kernels: setting.kernels
        )
        let inputs = (0..<setting.batch).map { setting.row($0, 0..<setting.input.columns) }
        let targets = (0..<setting.batch).map { Double(setting.targets[$0]) }
        let plain = ReferenceSAC.criticLoss(
            referenceNetwork(critic),
            inputs: inputs,
            targets: targets
        )
        #expect(abs(loss - plain) < 1e-4 * plain)
        check(critic, named: "critic") {
            ReferenceSAC.criticLoss($0, inputs: inputs, targets: targets)
        }
    }

    @Test(
        "The actor's gradient flows through the action and the density, not through a clamp",
        arguments: Kernels.available.flatMap { [($0, 1), ($0, 2)] },
        [[20], [17, 24], [8, 9, 10]]
    )
    func actorGradient(variant: (level: Int32, threads: Int), hidden: [Int]) {
        let threads = variant.threads
        let setting = Setting(level: variant.level, hidden: hidden, threads: threads, seed: 12)
        let room = LearnerWorkspace(
            actor: setting.actor.shape,
            critic: setting.critics[0].shape,
            actionCount: setting.actionCount,
            settings: setting.settings
        )
        let alpha = 0.37
        let objective = ActorObjective(
            actor: setting.actor,
            critics: setting.critics,
            kernels: setting.kernels
        )
        func evaluate() -> ActorLoss {
            for block in room.blocks {
                objective.slopes(
                    block,
                    input: setting.input,
                    noise: setting.noise,
                    noiseOffset: 0,
                    alpha: Float(alpha)
                )
            }
            for half in threads == 1 ? [Half.whole] : [.first, .second] {
                objective.gradient(
                    half,
                    observations: split(setting.input, actionCount: setting.actionCount)
                        .observations,
                    workspace: room.actor,
                    slopes: room.critics[0].activations
                )
            }
            return ActorLoss(room.blocks, alpha: Float(alpha))
        }
        func gap(_ row: Int) -> Float {
            let block = room.blocks.first { $0.rows.contains(row) }!
            let index = row - block.rows.lowerBound
            return block.values[0][index] - block.values[1][index]
        }
        _ = evaluate()
        // Level the critics, so that each is the lower one somewhere.
        let gaps = (0..<setting.batch).map(gap).sorted()
        let last = setting.critics[1].shape.layers[hidden.count]
        let middle = (gaps[setting.batch / 2] + gaps[setting.batch / 2 + 1]) / 2
        setting.critics[1].parameters[last.biasOffset] += middle
        let found = evaluate()
        let observations = (0..<setting.batch).map {
            setting.row($0, 0..<setting.observationCount)
        }
        let noise = (0..<setting.batch).map(setting.noiseOf)
        let critics = setting.critics.map(referenceNetwork)
        func loss(_ actor: ReferenceNetwork) -> Double {
            ReferenceSAC.actorLoss(
                actor,
                critics: critics,
                observations: observations,
                noise: noise,
                alpha: alpha
            )
        }
        let plain = loss(referenceNetwork(setting.actor))
        #expect(abs(found.loss - plain) < 1e-4 * (1 + abs(plain)))
        let mixed = (1..<setting.batch).contains { (gap($0) < 0) != (gap(0) < 0) }
        #expect(mixed, "both critics must be the lower one somewhere, or half is untested")
        check(setting.actor, named: "actor", loss: loss)
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
