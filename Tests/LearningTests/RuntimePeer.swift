import Foundation

/// A folder for one model and what onnxruntime is to make of it.
final class RuntimePeer {
    /// What Tests/peers/onnx_policy.py prints.
    struct Answer: Decodable {
        struct Value: Decodable {
            /// Numbers and names of dimensions, as text.
            let shape: [Dimension]
            let doc: String
        }
        enum Dimension: Decodable, Equatable {
            case number(Int)
            case name(String)

            init(from decoder: any Decoder) throws {
                let one = try decoder.singleValueContainer()
                self =
                    if let number = try? one.decode(Int.self) { .number(number) } else {
                        .name(try one.decode(String.self))
                    }
            }
        }
        let rows: Int
        let inputs: [String: Value]
        let outputs: [String: Value]
        let operators: [String]
        let constants: [String: [Int]]
        let irVersion: Int
        let opset: [String: Int]
        let producer: [String]
        let metadata: [String: String]
        let onlyKnownFields: Bool
        let difference: [String: Double]
    }

    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-onnx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Checks and runs the model, and compares each output with the expected rows.
    func run(
        _ model: [UInt8],
        observations: [Float],
        expected: [String: [Float]]
    ) throws -> Answer {
        let url = folder.appendingPathComponent("policy.onnx")
        try Data(model).write(to: url)
        var arguments = [url.path, try write(observations, "observations")]
        for (name, values) in expected { arguments.append("\(name)=\(try write(values, name))") }
        return try answer(of: "onnx_policy.py", arguments)
    }

    /// What Tests/peers/onnx_pictures.py prints.
    struct PictureAnswer: Decodable {
        let rows: Int
        let frames: [String]
        let operators: [String]
        let onlyKnownFields: Bool
        let difference: Double
        let spread: Double
    }

    /// Checks and runs a model that looks at pictures, and compares its actions.
    func run(
        _ model: [UInt8],
        observations: [Float],
        frames: [UInt8],
        expected: [Float]
    ) throws -> PictureAnswer {
        let url = folder.appendingPathComponent("policy.onnx")
        try Data(model).write(to: url)
        let arguments = [
            url.path, try write(observations, "observations"), try write(frames, "frames"),
            try write(expected, "expected"),
        ]
        return try answer(of: "onnx_pictures.py", arguments)
    }

    private func write<Value>(_ values: [Value], _ name: String) throws -> String {
        let url = folder.appendingPathComponent(name)
        try values.withUnsafeBytes { try Data($0).write(to: url) }
        return url.path
    }

    private func answer<Answer: Decodable>(of script: String, _ arguments: [String]) throws
        -> Answer
    {
        let path = Self.package.appendingPathComponent("Tests/peers/\(script)").path
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Answer.self, from: try Self.python([path] + arguments))
    }

    private static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? package.appendingPathComponent(".venv/bin/python3").path

    /// Whether onnxruntime is there: `make peers`.
    static let isThere = (try? python(["-c", "import onnx, onnxruntime"])) != nil

    private struct Ended: Error { let status: Int32 }

    /// What Python prints; its errors go where the test's go.
    private static func python(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Ended(status: process.terminationStatus) }
        return output
    }
}
