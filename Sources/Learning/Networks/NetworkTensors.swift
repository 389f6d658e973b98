/// Networks as named tensors: `prefix.N.weight` (inputs x outputs) and `prefix.N.bias`, then
/// `prefix.norm.N.gain` and `.shift`, then `prefix.exploration`.
extension NetworkShape {
    /// The parameters as tensors.
    func tensors(_ prefix: String, of buffer: FloatBuffer) -> [NamedTensor] {
        parts(prefix, of: buffer).map { part in
            let values = (0..<part.matrix.rows).flatMap { row in
                buffer.values(
                    at: part.matrix.offset + row * part.matrix.stride,
                    count: part.matrix.columns
                )
            }
            return NamedTensor(name: part.name, shape: part.shape, floats: values)
        }
    }

    /// A buffer with the parameters that `tensors` wrote.
    ///
    /// Padding is zero.
    func read(_ prefix: String, from tensors: [NamedTensor]) throws(LearningError) -> FloatBuffer {
        let buffer = FloatBuffer(count: count)
        for part in parts(prefix, of: buffer) {
            let values = try tensors.floats(part.name, shape: part.shape)
            let matrix = part.matrix
            for row in 0..<matrix.rows {
                let start = row * matrix.columns
                let slice = Array(values[start..<start + matrix.columns])
                buffer.set(slice, at: matrix.offset + row * matrix.stride)
            }
        }
        return buffer
    }

    private struct Part {
        var name: String
        var shape: [Int]
        var matrix: Matrix
    }

    private func parts(_ prefix: String, of buffer: FloatBuffer) -> [Part] {
        var parts: [Part] = []
        for (layer, place) in layers.enumerated() {
            let name = "\(prefix).\(layer)"
            let shape = [place.inputs, place.outputs]
            parts.append(
                Part(name: "\(name).weight", shape: shape, matrix: weights(layer, in: buffer))
            )
            parts.append(
                Part(
                    name: "\(name).bias",
                    shape: [place.outputs],
                    matrix: bias(layer, in: buffer)
                )
            )
        }
        for (index, norm) in norms.enumerated() {
            let name = "\(prefix).norm.\(index)"
            parts.append(
                Part(name: "\(name).gain", shape: [norm.width], matrix: gain(index, in: buffer))
            )
            parts.append(
                Part(name: "\(name).shift", shape: [norm.width], matrix: shift(index, in: buffer))
            )
        }
        if let matrix = logDeviations(in: buffer) {
            let shape = [matrix.rows, matrix.columns]
            parts.append(Part(name: "\(prefix).exploration", shape: shape, matrix: matrix))
        }
        return parts
    }
}

extension TrainedNetwork {
    /// Everything an optimiser and a pass keep, `prefix.parameters.0.weight` and so on.
    func tensors(_ prefix: String) -> [NamedTensor] {
        var tensors = state.flatMap { shape.tensors("\(prefix).\($0.name)", of: $0.buffer) }
        if let statistics {
            tensors.append(
                NamedTensor(
                    name: "\(prefix).statistics",
                    shape: [shape.statisticsCount],
                    floats: statistics.values(at: 0, count: shape.statisticsCount)
                )
            )
        }
        return tensors
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
        if let statistics {
            let values = FloatBuffer(count: statistics.count)
            let count = shape.statisticsCount
            values.set(try tensors.floats("\(prefix).statistics", shape: [count]), at: 0)
            loaded.append((statistics, values))
        }
        return loaded
    }
}
