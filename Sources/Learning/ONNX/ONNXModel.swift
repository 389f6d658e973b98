import SwiftProtobuf

/// The ONNX file of a policy.
///
/// Only operators that every runtime has (Sub, Mul, Clip, Gemm, Relu, Tanh, Add), none with an
/// attribute, on 32-bit floats, with a batch of any size.
public enum ONNXModel {
    /// The format's version: 8 of July 2021, the oldest that goes with the operators' version.
    static let formatVersion: Int64 = 8
    /// The version of ONNX's operators, of June 2022.
    static let operatorVersion: Int64 = 17

    /// The bytes of a model file.
    ///
    /// - Parameter version: the program's version, for the model's producer.
    /// - Throws: `ONNXError` when a number is not finite or there are too many of them.
    public static func encode(
        _ graph: PolicyGraph,
        producerVersion version: String
    ) throws(ONNXError) -> [UInt8] {
        var model = ONNXModelProto()
        model.irVersion = formatVersion
        model.producerName = "sacbot"
        model.producerVersion = version
        model.docString = "The mean action of a policy. Notes on its input and output: metadata."
        model.opsetImport = [.with { $0.version = operatorVersion }]
        model.metadataProps = graph.metadata.sorted { $0.key < $1.key }.map { key, value in
            .with {
                $0.key = key
                $0.value = value
            }
        }
        var chain = NodeChain(input: PolicyGraph.inputName)
        if let normaliser = graph.normaliser { try chain.add(normaliser) }
        for (index, layer) in graph.layers.enumerated() { try chain.add(layer, index: index) }
        chain.add("Tanh", name: "squash", output: PolicyGraph.actionName)
        if let scaling = graph.scaling { try chain.add(scaling) }
        chain.graph.name = "policy"
        chain.graph.input = [
            value(PolicyGraph.inputName, graph.observationCount, graph.observationMeaning)
        ]
        chain.graph.output = [
            value(PolicyGraph.actionName, graph.actionCount, "The mean action, each in [-1, 1].")
        ]
        if let scaling = graph.scaling {
            chain.graph.output.append(value(scaling.name, graph.actionCount, scaling.meaning))
        }
        model.graph = chain.graph
        return try bytes(of: model)
    }

    /// A tensor of floats, batch x `width`.
    private static func value(
        _ name: String,
        _ width: Int,
        _ meaning: String
    ) -> ONNXValueInfoProto {
        .with {
            $0.name = name
            $0.docString = meaning
            $0.type.tensorType.elemType = NodeChain.float
            $0.type.tensorType.shape.dim = [
                .with { $0.dimParam = "batch" },
                .with { $0.dimValue = Int64(width) },
            ]
        }
    }

    private static func bytes(of model: ONNXModelProto) throws(ONNXError) -> [UInt8] {
        do {
            return try model.serializedBytes()
        } catch {
            // Nothing else can fail: there are no required fields.
            throw .tooLarge(constants: model.graph.initializer.map(\.floatData.count).reduce(0, +))
        }
    }
}

/// Nodes that each take the one before's output, with their constants.
private struct NodeChain {
    /// ONNX's number for 32-bit floats.
    static let float: Int32 = 1

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
        output: String? = nil
    ) {
        let node = ONNXNodeProto.with {
            $0.opType = kind
            $0.name = name
            $0.input = [last] + constants
            $0.output = [output ?? name + ".output"]
        }
        graph.node.append(node)
        last = node.output[0]
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
