/// Encoders as named tensors: `prefix.convolution.N.weight` (3 x 3 x channels x filters) and
/// `.bias`, then `prefix.linear.weight` (inputs x outputs), `.bias`, `.gain` and `.shift`.
extension EncoderShape {
    /// The parameters as tensors.
    func tensors(_ prefix: String, of buffer: FloatBuffer) -> [NamedTensor] {
        parts(prefix).map { part in
            let values = (0..<part.rows).flatMap { row in
                buffer.values(at: part.offset + row * part.stride, count: part.columns)
            }
            return NamedTensor(name: part.name, shape: part.shape, floats: values)
        }
    }

    /// A buffer with the parameters that `tensors` wrote.
    ///
    /// Padding is zero.
    func read(_ prefix: String, from tensors: [NamedTensor]) throws(LearningError) -> FloatBuffer {
        let buffer = FloatBuffer(count: count)
        for part in parts(prefix) {
            let values = try tensors.floats(part.name, shape: part.shape)
            for row in 0..<part.rows {
                let start = row * part.columns
                let slice = Array(values[start..<start + part.columns])
                buffer.set(slice, at: part.offset + row * part.stride)
            }
        }
        return buffer
    }

    /// A tensor's name and shape, and where its rows lie.
    private struct Part {
        var name: String
        var shape: [Int]
        var offset: Int
        var rows = 1
        var columns: Int
        var stride = 0
    }

    private func parts(_ prefix: String) -> [Part] {
        var parts: [Part] = []
        for (index, layer) in convolutions.enumerated() {
            let name = "\(prefix).convolution.\(index)"
            parts.append(
                Part(
                    name: "\(name).weight",
                    shape: [3, 3, layer.channels, layer.filters],
                    offset: layer.weightOffset,
                    columns: layer.weightCount
                )
            )
            parts.append(
                Part(
                    name: "\(name).bias",
                    shape: [layer.filters],
                    offset: layer.biasOffset,
                    columns: layer.filters
                )
            )
        }
        guard let head else { return parts }
        parts.append(
            Part(
                name: "\(prefix).linear.weight",
                shape: [head.inputs, head.outputs],
                offset: head.weightOffset,
                rows: head.inputs,
                columns: head.outputs,
                stride: head.stride
            )
        )
        let rows = [
            ("bias", head.biasOffset), ("gain", head.gainOffset), ("shift", head.shiftOffset),
        ]
        return parts
            + rows.map { name, offset in
                Part(
                    name: "\(prefix).linear.\(name)",
                    shape: [head.outputs],
                    offset: offset,
                    columns: head.outputs
                )
            }
    }
}

extension FrozenEncoder {
    /// The encoder as tensors of a policy.
    func tensors() -> [NamedTensor] {
        let image = shape.image
        return shape.tensors("policy.encoder", of: parameters) + [
            .unsigned("policy.encoder.kind", [Self.number(of: shape.kind)]),
            .unsigned(
                "policy.encoder.image",
                [image.height, image.width, image.channels, image.history]
            ),
            NamedTensor(
                name: "policy.encoder.pixels",
                shape: [2],
                floats: [PixelScale.factor, PixelScale.offset]
            ),
        ]
    }

    /// The encoder that `tensors()` wrote.
    ///
    /// - Throws: `LearningError` when a tensor is missing or of no encoder there is.
    init(tensors: [NamedTensor]) throws(LearningError) {
        let number = try tensors.unsigned("policy.encoder.kind", shape: [1])[0]
        guard let kind = Self.kinds.first(where: { UInt64(Self.number(of: $0)) == number }) else {
            throw .badValue(name: "policy.encoder.kind")
        }
        let sizes = try tensors.unsigned("policy.encoder.image", shape: [4])
        guard sizes.allSatisfy({ $0 <= 1 << 16 }) else {
            throw .badValue(name: "policy.encoder.image")
        }
        let image = ImageLayout(
            height: Int(sizes[0]),
            width: Int(sizes[1]),
            channels: Int(sizes[2]),
            history: Int(sizes[3])
        )
        var settings = LearnerSettings()
        settings.encoder = kind
        let isPossible = settings.problem(of: image) == nil
        guard isPossible, let shape = EncoderShape(kind, image: image) else {
            throw .badValue(name: "policy.encoder.image")
        }
        let pixels = try tensors.floats("policy.encoder.pixels", shape: [2])
        guard pixels == [PixelScale.factor, PixelScale.offset] else {
            throw .badValue(name: "policy.encoder.pixels")
        }
        self.shape = shape
        parameters = try shape.read("policy.encoder", from: tensors)
    }

    private static let kinds: [LearnerSettings.Encoder] = [.paper, .small]

    /// A number that stays an encoder's in files.
    private static func number(of kind: LearnerSettings.Encoder) -> Int {
        switch kind {
        case .none: 0
        case .paper: 1
        case .small: 2
        }
    }
}
