import SwiftProtobuf

/// Nodes that each take the one before's output, with their constants.
struct NodeChain {
    /// ONNX's number for 32-bit floats.
    static let float: Int32 = 1
    /// ONNX's number for bytes.
    static let byte: Int32 = 2
    /// ONNX's number for 64-bit whole numbers.
    private static let whole: Int32 = 7

    var graph = ONNXGraphProto()
    /// The name of what the last node gave.
    private var last: String

    init(input: String) { last = input }

    mutating func add(_ normaliser: PolicyGraph.Normaliser) throws(ONNXError) {
        let mean = try constant("normaliser.mean", [normaliser.mean.count], normaliser.mean)
        let scale = try constant("normaliser.scale", [normaliser.scale.count], normaliser.scale)
        add("Sub", name: "centre", with: [mean])
        add("Mul", name: "normalise", with: [scale])
        guard let bound = normaliser.bound else { return }
        let low = try constant("normaliser.low", [], [-bound])
        let high = try constant("normaliser.high", [], [bound])
        add("Clip", name: "clip", with: [low, high])
    }

    mutating func add(_ layer: PolicyGraph.Layer, index: Int) throws(ONNXError) {
        let shape = [layer.inputs, layer.outputs]
        let weights = try constant("policy.\(index).weight", shape, layer.weights)
        let bias = try constant("policy.\(index).bias", [layer.outputs], layer.bias)
        add("Gemm", name: "layer\(index)", with: [weights, bias])
        if layer.isRectified { add("Relu", name: "rectify\(index)") }
    }

    mutating func add(_ scaling: PolicyGraph.Scaling) throws(ONNXError) {
        let factors = try constant("scaling.factor", [scaling.factors.count], scaling.factors)
        let offsets = try constant("scaling.offset", [scaling.offsets.count], scaling.offsets)
        add("Mul", name: "scale", with: [factors])
        add("Add", name: "offset", with: [offsets], output: scaling.name)
    }

    /// A node whose first input is the last node's output.
    mutating func add(
        _ kind: String,
        name: String,
        with constants: [String] = [],
        _ attributes: [ONNXAttributeProto] = [],
        output: String? = nil
    ) {
        let node = ONNXNodeProto.with {
            $0.opType = kind
            $0.name = name
            $0.input = [last] + constants
            $0.attribute = attributes
            $0.output = [output ?? name + ".output"]
        }
        graph.node.append(node)
        last = node.output[0]
    }

    /// Puts what an encoder makes of `frames` before what there is so far.
    mutating func addBefore(_ encoder: PictureEncoder) throws(ONNXError) {
        let numbers = last
        last = PolicyGraph.framesName
        try addPixels(encoder)
        for (index, layer) in encoder.convolutions.enumerated() { try add(layer, index: index) }
        add("Transpose", name: "channels_last", [.ints("perm", [0, 2, 3, 1])])
        let flat = shapeConstant("encoder.flat", [-1, encoder.flatCount])
        add("Reshape", name: "flatten", with: [flat])
        if let linear = encoder.linear { try add(linear) }
        add("Concat", name: "features", with: [numbers], [.int("axis", 1)])
    }

    /// Bytes to numbers, frames beside each other as channels.
    private mutating func addPixels(_ encoder: PictureEncoder) throws(ONNXError) {
        let image = encoder.image
        let scale = try constant("encoder.scale", [], [encoder.scale])
        let offset = try constant("encoder.offset", [], [encoder.offset])
        add("Cast", name: "numbers", [.int("to", Int(Self.float))])
        add("Mul", name: "scale_pixels", with: [scale])
        add("Add", name: "centre_pixels", with: [offset])
        add("Transpose", name: "channels_first", [.ints("perm", [0, 1, 4, 2, 3])])
        let stacked = shapeConstant(
            "encoder.image",
            [-1, image.history * image.channels, image.height, image.width]
        )
        add("Reshape", name: "stack", with: [stacked])
    }

    private mutating func add(
        _ layer: PictureEncoder.Convolution,
        index: Int
    ) throws(ONNXError) {
        let filters = layer.bias.count
        let shape = [filters, layer.weights.count / filters / 9, 3, 3]
        let weights = try constant("encoder.\(index).weight", shape, layer.weights)
        let bias = try constant("encoder.\(index).bias", [filters], layer.bias)
        let padding = Array(repeating: layer.padding, count: 4)
        add(
            "Conv",
            name: "convolution\(index)",
            with: [weights, bias],
            [
                .ints("kernel_shape", [3, 3]), .ints("pads", padding),
                .ints("strides", [layer.stride, layer.stride]),
            ]
        )
        if layer.isPooled {
            add(
                "MaxPool",
                name: "pool\(index)",
                [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])]
            )
        }
        add("Relu", name: "rectify_convolution\(index)")
    }

    private mutating func add(_ linear: PictureEncoder.Linear) throws(ONNXError) {
        let outputs = linear.bias.count
        let shape = [linear.weights.count / outputs, outputs]
        let weights = try constant("encoder.linear.weight", shape, linear.weights)
        let bias = try constant("encoder.linear.bias", [outputs], linear.bias)
        let gain = try constant("encoder.linear.gain", [outputs], linear.gain)
        let shift = try constant("encoder.linear.shift", [outputs], linear.shift)
        add("Gemm", name: "linear", with: [weights, bias])
        add(
            "LayerNormalization",
            name: "norm",
            with: [gain, shift],
            [.int("axis", -1), .float("epsilon", linear.epsilon)]
        )
        add("Tanh", name: "squash_features")
    }

    /// A constant that says a shape; returns its name.
    private mutating func shapeConstant(_ name: String, _ sizes: [Int]) -> String {
        graph.initializer.append(
            .with {
                $0.name = name
                $0.dims = [Int64(sizes.count)]
                $0.dataType = Self.whole
                $0.int64Data = sizes.map { Int64($0) }
            }
        )
        return name
    }

    /// A constant; returns its name.
    private mutating func constant(
        _ name: String,
        _ shape: [Int],
        _ values: [Float]
    ) throws(ONNXError) -> String {
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(constant: name) }
        graph.initializer.append(
            .with {
                $0.name = name
                $0.dims = shape.map { Int64($0) }
                $0.dataType = Self.float
                $0.floatData = values
            }
        )
        return name
    }
}

extension ONNXAttributeProto {
    /// A whole number.
    fileprivate static func int(_ name: String, _ value: Int) -> Self {
        .with {
            $0.name = name
            $0.i = Int64(value)
            $0.type = 2
        }
    }

    /// A number.
    fileprivate static func float(_ name: String, _ value: Float) -> Self {
        .with {
            $0.name = name
            $0.f = value
            $0.type = 1
        }
    }

    /// Whole numbers.
    fileprivate static func ints(_ name: String, _ values: [Int]) -> Self {
        .with {
            $0.name = name
            $0.ints = values.map { Int64($0) }
            $0.type = 7
        }
    }
}
