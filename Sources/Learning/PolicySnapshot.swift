import Glibc

/// An actor that no longer changes, for the thread that drives the robot.
///
/// Acting allocates nothing and takes no lock; each thread brings its own scratch.
public final class PolicySnapshot: Sendable {
    /// Numbers in an observation.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// Units of each hidden layer.
    public let hiddenWidths: [Int]
    /// The learner's update count when it was taken.
    public let version: Int

    let shape: NetworkShape
    let logSigmaRange: ClosedRange<Float>
    private let kernels: Kernels
    // Safety: a private copy made in init; nobody writes to it afterwards, so any thread may read.
    nonisolated(unsafe) private let parameters: FloatBuffer

    init(
        shape: NetworkShape,
        parameters: FloatBuffer,
        version: Int,
        logSigmaRange: ClosedRange<Float>,
        kernels: Kernels
    ) {
        self.shape = shape
        self.version = version
        self.logSigmaRange = logSigmaRange
        self.kernels = kernels
        let copy = FloatBuffer(count: shape.count)
        copy.copy(from: parameters)
        unsafe self.parameters = copy
        observationCount = shape.inputs
        actionCount = shape.outputs / 2
        hiddenWidths = shape.layers.dropLast().map(\.outputs)
    }

    /// The policy that `tensors()` wrote.
    ///
    /// Other tensors beside it are ignored.
    ///
    /// - Throws: `LearningError` when one is missing or they do not fit together.
    public convenience init(tensors: [NamedTensor]) throws(LearningError) {
        let header = tensors.first { $0.name == "policy.shape" }
        guard let header else { throw .missingTensor(name: "policy.shape") }
        guard case .u64(let widths) = header.storage, widths.count >= 3 else {
            throw .wrongTensor(name: header.name, expected: "3 or more U64", found: "other")
        }
        let isSane = widths.allSatisfy { $0 >= 1 && $0 <= 1 << 20 }
        guard isSane, widths[widths.count - 1] % 2 == 0 else { throw .badValue(name: header.name) }
        let shape = NetworkShape(
            inputs: Int(widths[0]),
            hidden: widths.dropFirst().dropLast().map { Int($0) },
            outputs: Int(widths[widths.count - 1])
        )
        let range = try tensors.floats("policy.log_sigma_range", shape: [2])
        guard range[0] <= range[1] else { throw .badValue(name: "policy.log_sigma_range") }
        let version = try tensors.unsigned("policy.version", shape: [1])[0]
        guard version < 1 << 62 else { throw .badValue(name: "policy.version") }
        self.init(
            shape: shape,
            parameters: try shape.read("policy", from: tensors),
            version: Int(version),
            logSigmaRange: range[0]...range[1],
            kernels: Kernels()
        )
    }

    /// The policy as tensors, for a file.
    ///
    /// `policy.N.weight` (inputs x outputs), `policy.N.bias`, its shape, version and range of log
    /// sigma. The last layer gives the means, then the log sigmas.
    public func tensors() -> [NamedTensor] {
        let widths = [observationCount] + hiddenWidths + [2 * actionCount]
        return unsafe shape.tensors("policy", of: parameters) + [
            NamedTensor(
                name: "policy.shape",
                shape: [widths.count],
                storage: .u64(widths.map { UInt64($0) })
            ),
            NamedTensor(name: "policy.version", shape: [1], storage: .u64([UInt64(version)])),
            NamedTensor(
                name: "policy.log_sigma_range",
                shape: [2],
                floats: [logSigmaRange.lowerBound, logSigmaRange.upperBound]
            ),
        ]
    }

    /// The mean action, tanh(mu), each in [-1, 1].
    ///
    /// Traps when a length is not the policy's.
    public func mean(
        _ observation: Span<Float>,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        run(observation, scratch: scratch)
        precondition(action.count == actionCount, "an action of \(action.count) numbers")
        squash(scratch, into: &action)
    }

    /// An action drawn from the policy, each in [-1, 1].
    ///
    /// Traps when a length is not the policy's.
    public func sample(
        _ observation: Span<Float>,
        random: inout RandomSource,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        run(observation, scratch: scratch)
        precondition(action.count == actionCount, "an action of \(action.count) numbers")
        let output = scratch.output
        for index in 0..<actionCount {
            let width = output[actionCount + index]
            let clamped = min(max(width, logSigmaRange.lowerBound), logSigmaRange.upperBound)
            output[index] += expf(clamped) * Float(random.normal())
        }
        squash(scratch, into: &action)
    }

    /// Leaves the means and log sigmas in `scratch.output`.
    private func run(_ observation: Span<Float>, scratch: borrowing PolicyScratch) {
        precondition(observation.count == observationCount, "\(observation.count) observations")
        precondition(scratch.shape == shape, "scratch of another policy")
        for index in observation.indices { scratch.buffers[0][index] = observation[index] }
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

    private func squash(_ scratch: borrowing PolicyScratch, into action: inout MutableSpan<Float>) {
        kernels.tanh(scratch.output, count: scratch.output.count)
        for index in 0..<actionCount { action[index] = scratch.output[index] }
    }
}

/// Room for one pass of a policy.
///
/// Make one for each thread and policy shape, outside the tick.
public struct PolicyScratch: ~Copyable {
    let shape: NetworkShape
    /// The observation, then each layer's output.
    let buffers: [FloatBuffer]

    /// Room for this policy and for any of the same shape.
    public init(for policy: PolicySnapshot) {
        shape = policy.shape
        buffers =
            [FloatBuffer(count: policy.shape.inputs)]
            + policy.shape.layers.map { FloatBuffer(count: $0.outputs) }
    }

    var output: FloatBuffer { buffers[buffers.count - 1] }
}
