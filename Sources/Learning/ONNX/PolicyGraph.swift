/// A policy's mean action as a chain of plain operations, for other programs to run.
///
/// observation (batch x inputs) → normaliser, if any → layers → tanh: `action` in [-1, 1] → scaling,
/// if any, to physical units. With an encoder, what it makes of `frames` stands before the normalised
/// observation.
public struct PolicyGraph: Sendable, Equatable {
    /// The name of the input, batch x observations, in the units the robot measures.
    public static let inputName = "observation"
    /// The name of the second input of a policy that looks at pictures: bytes, batch x frames x height
    /// x width x channels, the newest frame first.
    public static let framesName = "frames"
    /// The name of the first output, batch x actions, each in [-1, 1].
    public static let actionName = "action"

    /// What happens to each number of an observation before the network sees it.
    ///
    /// y = (x - mean) scale, then clipped to ±bound.
    public struct Normaliser: Sendable, Equatable {
        /// What is taken away from each number, in its unit.
        public var mean: [Float]
        /// One over the deviation of each number.
        public var scale: [Float]
        /// The largest magnitude that is let through, in deviations; `nil` for no bound.
        public var bound: Float?

        /// A normaliser.
        ///
        /// Traps when mean and scale differ in length or the bound is not above 0.
        public init(mean: [Float], scale: [Float], bound: Float?) {
            precondition(mean.count == scale.count, "\(mean.count) means, \(scale.count) scales")
            precondition(bound.map { $0 > 0 } ?? true, "a bound above 0")
            self.mean = mean
            self.scale = scale
            self.bound = bound
        }
    }

    /// y = x W + b, and what is negative zeroed if the layer is rectified.
    public struct Layer: Sendable, Equatable {
        /// W, inputs x outputs, a row after the other.
        public let weights: [Float]
        /// b, one number for each output.
        public let bias: [Float]
        /// Whether a rectifier follows.
        public let isRectified: Bool

        /// Numbers that go in.
        public var inputs: Int { weights.count / bias.count }
        /// Numbers that come out.
        public var outputs: Int { bias.count }

        /// A layer.
        ///
        /// Traps when the weights are not whole rows as long as the bias.
        public init(weights: [Float], bias: [Float], isRectified: Bool) {
            precondition(!bias.isEmpty && !weights.isEmpty, "a layer needs weights and a bias")
            precondition(weights.count.isMultiple(of: bias.count), "weights are not whole rows")
            self.weights = weights
            self.bias = bias
            self.isRectified = isRectified
        }
    }

    /// What an action means: offset + factor action, as the second output.
    public struct Scaling: Sendable, Equatable {
        /// The output's name.
        public var name: String
        /// What the output is, with its unit, for a person.
        public var meaning: String
        /// What an action of 0 stands for.
        public var offsets: [Float]
        /// What an action of 1 adds to that.
        public var factors: [Float]

        /// A scaling.
        ///
        /// Traps when offsets and factors differ in length.
        public init(name: String, meaning: String, offsets: [Float], factors: [Float]) {
            precondition(offsets.count == factors.count, "an offset and a factor for each action")
            self.name = name
            self.meaning = meaning
            self.offsets = offsets
            self.factors = factors
        }
    }

    /// What turns pictures into numbers; `nil` for a policy that looks at none.
    public let encoder: PictureEncoder?
    /// What happens to an observation first; `nil` for nothing.
    public let normaliser: Normaliser?
    /// The layers; the last one's outputs are the means of the actions before tanh.
    public let layers: [Layer]
    /// What actions mean; `nil` for `action` as the only output.
    public let scaling: Scaling?
    /// What the input's numbers are, for a person.
    public let observationMeaning: String
    /// Notes that go with the graph.
    public let metadata: [String: String]

    /// A graph.
    ///
    /// Traps when there is no layer, when layers do not chain, or when the normaliser or scaling has
    /// another width.
    public init(
        encoder: PictureEncoder? = nil,
        normaliser: Normaliser? = nil,
        layers: [Layer],
        scaling: Scaling? = nil,
        observationMeaning: String = "",
        metadata: [String: String] = [:]
    ) {
        precondition(!layers.isEmpty, "a policy needs a layer")
        for (layer, next) in zip(layers, layers.dropFirst()) {
            precondition(layer.outputs == next.inputs, "layers do not chain")
        }
        self.encoder = encoder
        self.normaliser = normaliser
        self.layers = layers
        self.scaling = scaling
        self.observationMeaning = observationMeaning
        self.metadata = metadata
        precondition(observationCount >= 0, "more features than the first layer reads")
        precondition(
            normaliser.map { $0.mean.count == observationCount } ?? true,
            "a mean and a scale for each of \(observationCount) observations"
        )
        precondition(
            scaling.map { $0.offsets.count == actionCount } ?? true,
            "an offset and a factor for each of \(actionCount) actions"
        )
    }

    /// Numbers in an observation, without what the encoder makes of pictures.
    public var observationCount: Int { layers[0].inputs - (encoder?.featureCount ?? 0) }
    /// Numbers in an action.
    public var actionCount: Int { layers[layers.count - 1].outputs }
}
