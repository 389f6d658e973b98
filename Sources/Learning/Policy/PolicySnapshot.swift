import Glibc

/// An actor that no longer changes, for the thread that drives the robot.
///
/// Acting allocates nothing and takes no lock; each thread brings its own scratch.
public final class PolicySnapshot: Sendable {
    /// What the network's output means.
    public enum Kind: Sendable, Equatable {
        /// Means, then numbers for the log sigmas, of a Gaussian before the squash.
        case gaussian(form: LearnerSettings.LogSigmaForm, lowest: Float, highest: Float)
        /// The action before the squash, of an observation with this many normals beside it.
        case sampler(noiseCount: Int)
    }

    /// Numbers in an observation, without its pictures.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// Units of each hidden layer.
    public let hiddenWidths: [Int]
    /// The learner's update count when it was taken.
    public let version: Int
    /// What the network's output means.
    public let kind: Kind
    /// What observations go through first, if anything.
    public let normaliser: ObservationNormaliser?
    /// State-dependent exploration, if it explores that way.
    public let exploration: Exploration?

    let shape: NetworkShape
    /// What turns pictures into the numbers before an observation's, if there are any.
    let encoder: Encoder?
    private let kernels: Kernels
    // Safety: a private copy made in init; nobody writes to it afterwards, so any thread may read.
    nonisolated(unsafe) private let parameters: FloatBuffer
    // Safety: as `parameters`.
    nonisolated(unsafe) private let encoderParameters: FloatBuffer?

    init(
        network: FrozenNetwork,
        kind: Kind,
        exploration: Exploration?,
        normaliser: ObservationNormaliser?,
        encoder frozen: FrozenEncoder? = nil,
        version: Int,
        kernels: Kernels
    ) {
        precondition(network.shape.normalisation == .none, "a network that is not at rest")
        shape = network.shape
        self.version = version
        self.kind = kind
        self.exploration = exploration
        self.normaliser = normaliser
        self.kernels = kernels
        let copy = FloatBuffer(count: shape.count)
        copy.copy(startOf: network.parameters)
        unsafe self.parameters = copy
        let features = frozen?.shape.featureCount ?? 0
        encoder = frozen.map { Encoder(shape: $0.shape, kernels: kernels) }
        unsafe encoderParameters = frozen.map { frozen in
            let copy = FloatBuffer(count: frozen.shape.count)
            copy.copy(from: frozen.parameters)
            return copy
        }
        hiddenWidths = shape.hiddenWidths
        switch kind {
        case .gaussian:
            observationCount = shape.inputs - features
            actionCount = exploration == nil ? shape.outputs / 2 : shape.outputs
        case .sampler(let noiseCount):
            observationCount = shape.inputs - features - noiseCount
            actionCount = shape.outputs
        }
    }

    /// The network, to be written to a file.
    var network: FrozenNetwork { unsafe FrozenNetwork(shape: shape, parameters: parameters) }

    /// The encoder, to be written to a file.
    var frozenEncoder: FrozenEncoder? {
        guard let encoder, let parameters = unsafe encoderParameters else { return nil }
        return FrozenEncoder(shape: encoder.shape, parameters: parameters)
    }

    /// The pictures it looks at beside the numbers, if any.
    public var image: ImageLayout? { encoder?.shape.image }

    /// The mean action, tanh(mu), or a sampler's without noise, each in [-1, 1].
    ///
    /// Traps when a length is not the policy's, and when it looks at pictures.
    public func mean(
        _ observation: Span<Float>,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        mean(observation, frames: Span(), scratch: &scratch, into: &action)
    }

    /// The mean action of a policy that looks at pictures.
    ///
    /// `frames` are `image.history` frames, the newest first (`FrameHistory`); none without pictures.
    /// Traps when a length is not the policy's.
    public func mean(
        _ observation: Span<Float>,
        frames: Span<UInt8>,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        precondition(action.count == actionCount, "an action of \(action.count) numbers")
        if case .sampler = kind {
            let input = scratch.buffers[0]
            for index in observationCount..<shape.inputs { input[index] = 0 }
        }
        run(observation, frames, scratch: scratch)
        squash(scratch, into: &action)
    }

    /// An action drawn from the policy, each in [-1, 1].
    ///
    /// Traps when a length is not the policy's, and when it looks at pictures.
    public func sample(
        _ observation: Span<Float>,
        random: inout RandomSource,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        sample(observation, frames: Span(), random: &random, scratch: &scratch, into: &action)
    }

    /// An action drawn from a policy that looks at pictures.
    ///
    /// `frames` are `image.history` frames, the newest first (`FrameHistory`); none without pictures.
    /// Traps when a length is not the policy's.
    public func sample(
        _ observation: Span<Float>,
        frames: Span<UInt8>,
        random: inout RandomSource,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        precondition(action.count == actionCount, "an action of \(action.count) numbers")
        let output = scratch.output
        switch kind {
        case .sampler:
            let input = scratch.buffers[0]
            for index in observationCount..<shape.inputs { input[index] = Float(random.normal()) }
            run(observation, frames, scratch: scratch)
        case .gaussian(let form, let lowest, let highest):
            run(observation, frames, scratch: scratch)
            if let exploration {
                explore(exploration, random: &random, scratch: &scratch)
            } else {
                for index in 0..<actionCount {
                    let number = output[actionCount + index]
                    let logSigma =
                        form == .clamped
                        ? min(max(number, lowest), highest)
                        : lowest + (highest - lowest) / 2 * (1 + tanhf(number))
                    output[index] += expf(logSigma) * Float(random.normal())
                }
            }
        }
        squash(scratch, into: &action)
    }

    /// Adds features · noise, the noise being kept for some steps.
    private func explore(
        _ exploration: Exploration,
        random: inout RandomSource,
        scratch: inout PolicyScratch
    ) {
        if scratch.stepsLeft == 0 || scratch.noiseVersion != version {
            exploration.draw(into: &scratch.noise, random: &random)
            scratch.stepsLeft = exploration.hold
            scratch.noiseVersion = version
        }
        scratch.stepsLeft -= 1
        let features = scratch.buffers[scratch.buffers.count - 2]
        for feature in 0..<hiddenWidths[hiddenWidths.count - 1] where features[feature] != 0 {
            for index in 0..<actionCount {
                let noise = scratch.noise[feature * actionCount + index]
                scratch.output[index] += features[feature] * noise
            }
        }
    }

    /// Leaves the network's output in `scratch.output`.
    private func run(
        _ observation: Span<Float>,
        _ frames: Span<UInt8>,
        scratch: borrowing PolicyScratch
    ) {
        precondition(observation.count == observationCount, "\(observation.count) observations")
        precondition(scratch.shape == shape, "scratch of another policy")
        let input = scratch.buffers[0]
        let features = encode(frames, scratch: scratch)
        if let normaliser {
            for index in observation.indices {
                input[features + index] = normaliser.apply(observation[index], at: index)
            }
        } else {
            for index in observation.indices { input[features + index] = observation[index] }
        }
        for layer in shape.layers.indices {
            kernels.row(
                scratch.buffers[layer],
                times: unsafe shape.weights(layer, in: parameters),
                bias: unsafe parameters,
                biasOffset: shape.layers[layer].biasOffset,
                rectified: layer < shape.hiddenCount,
                into: scratch.buffers[layer + 1]
            )
        }
    }

    /// Leaves what the encoder makes of the frames at the input's start; returns how many numbers.
    private func encode(_ frames: Span<UInt8>, scratch: borrowing PolicyScratch) -> Int {
        precondition(
            frames.count == image?.observationBytes ?? 0,
            "\(frames.count) bytes of frames"
        )
        guard let encoder, let parameters = unsafe encoderParameters else { return 0 }
        guard let pictures = scratch.pictures, pictures.shape == encoder.shape else {
            preconditionFailure("scratch of another policy")
        }
        pictures.run(encoder, parameters, frames)
        let features = pictures.features.features
        for index in 0..<features.columns { scratch.buffers[0][index] = features[0, index] }
        return features.columns
    }

    private func squash(_ scratch: borrowing PolicyScratch, into action: inout MutableSpan<Float>) {
        kernels.tanh(scratch.output, count: scratch.output.count)
        for index in 0..<actionCount { action[index] = scratch.output[index] }
    }
}

/// Room for one pass of a policy, and the exploration noise that is kept from step to step.
///
/// Make one for each thread and policy shape, outside the tick.
public struct PolicyScratch: ~Copyable {
    let shape: NetworkShape
    /// The observation, then each layer's output.
    let buffers: [FloatBuffer]
    /// The encoder's, if there is one.
    let pictures: PictureScratch?
    /// State-dependent exploration's noise, features x actions.
    var noise: [Float]
    /// Steps for which it is still to be kept.
    var stepsLeft = 0
    /// The policy it was drawn for.
    var noiseVersion = -1

    /// Room for this policy and for any of the same shape.
    public init(for policy: PolicySnapshot) {
        shape = policy.shape
        buffers =
            [FloatBuffer(count: policy.shape.inputs)]
            + policy.shape.layers.map { FloatBuffer(count: $0.outputs) }
        pictures = policy.encoder.map { PictureScratch(shape: $0.shape) }
        let explores = policy.exploration != nil
        noise = Array(repeating: 0, count: explores ? policy.exploration?.deviations.count ?? 0 : 0)
    }

    var output: FloatBuffer { buffers[buffers.count - 1] }
}
