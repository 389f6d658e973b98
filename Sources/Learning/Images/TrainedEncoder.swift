/// An encoder's parameters with everything an optimiser keeps about them.
final class TrainedEncoder {
    let shape: EncoderShape
    let parameters: FloatBuffer
    /// The sum of the halves' gradients.
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    /// The slowly following copy.
    let target: FloatBuffer?
    /// The running mean that goes with the policy to keep (`LearnerSettings.policySmoothing`).
    let mean: FloatBuffer?

    init(shape: EncoderShape, hasTarget: Bool, hasMean: Bool, random: inout RandomSource) {
        self.shape = shape
        parameters = FloatBuffer(count: shape.count)
        gradient = FloatBuffer(count: shape.count)
        firstMoment = FloatBuffer(count: shape.count)
        secondMoment = FloatBuffer(count: shape.count)
        target = hasTarget ? FloatBuffer(count: shape.count) : nil
        mean = hasMean ? FloatBuffer(count: shape.count) : nil
        shape.initialize(parameters, random: &random)
        target?.copy(from: parameters)
        mean?.copy(from: parameters)
    }

    /// The buffers that make up its state, each with its name in a checkpoint.
    private var state: [(name: String, buffer: FloatBuffer)] {
        [("parameters", parameters), ("adam.m", firstMoment), ("adam.v", secondMoment)]
            + (target.map { [("target", $0)] } ?? []) + (mean.map { [("mean", $0)] } ?? [])
    }

    /// All buffers that make up its state.
    var buffers: [FloatBuffer] { state.map(\.buffer) }

    /// Moves the parameters against the gradient, and the target after them unless `smoothing` is
    /// `nil`.
    func step(_ step: AdamStep, smoothing: Float?, kernels: Kernels) {
        kernels.adam(
            parameters,
            range: 0..<parameters.count,
            gradient: gradient,
            firstMoment: firstMoment,
            secondMoment: secondMoment,
            step: step,
            target: smoothing == nil ? nil : target,
            smoothing: smoothing ?? 0
        )
    }

    /// Lets the mean take over a share of the parameters, as often as the actor's does.
    func moveMean(_ share: Float) {
        guard let mean else { return }
        for index in 0..<mean.count { mean[index] += share * (parameters[index] - mean[index]) }
    }

    /// Everything an optimiser and a pass keep.
    func tensors(_ prefix: String) -> [NamedTensor] {
        state.flatMap { shape.tensors("\(prefix).\($0.name)", of: $0.buffer) }
    }

    /// What `tensors` wrote, each buffer beside the one it belongs in.
    func read(
        _ prefix: String,
        from tensors: [NamedTensor]
    ) throws(LearningError) -> [(place: FloatBuffer, values: FloatBuffer)] {
        var loaded: [(FloatBuffer, FloatBuffer)] = []
        for (role, buffer) in state {
            loaded.append((buffer, try shape.read("\(prefix).\(role)", from: tensors)))
        }
        return loaded
    }
}
