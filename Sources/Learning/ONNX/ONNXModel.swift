import SwiftProtobuf

/// The ONNX file of a policy.
///
/// Only operators that every runtime has: Sub, Mul, Clip, Gemm, Relu, Tanh and Add, none with an
/// attribute, on 32-bit floats, with a batch of any size. A policy that looks at pictures needs Cast,
/// Transpose, Reshape, Conv, MaxPool, LayerNormalization and Concat as well.
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
        if let encoder = graph.encoder { try chain.addBefore(encoder) }
        for (index, layer) in graph.layers.enumerated() { try chain.add(layer, index: index) }
        chain.add("Tanh", name: "squash", output: PolicyGraph.actionName)
        if let scaling = graph.scaling { try chain.add(scaling) }
        chain.graph.name = "policy"
        chain.graph.input = [
            value(PolicyGraph.inputName, graph.observationCount, graph.observationMeaning)
        ]
        if let encoder = graph.encoder { chain.graph.input.append(frames(encoder.image)) }
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

    /// The frames, batch x frames x height x width x channels bytes.
    private static func frames(_ image: ImageLayout) -> ONNXValueInfoProto {
        .with {
            $0.name = PolicyGraph.framesName
            $0.docString =
                "Bytes of the newest frame, then of older ones: height x width x channels."
            $0.type.tensorType.elemType = NodeChain.byte
            let sizes = [image.history, image.height, image.width, image.channels]
            $0.type.tensorType.shape.dim =
                [.with { $0.dimParam = "batch" }]
                + sizes.map { size in .with { $0.dimValue = Int64(size) } }
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
