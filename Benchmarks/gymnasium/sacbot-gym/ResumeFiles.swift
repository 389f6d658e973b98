import Foundation
import Learning

/// What an unfinished run leaves beside its curve, so that it can go on.
///
/// `CURVE.steps` holds every transition as raw floats, in order; `CURVE.checkpoint` the learner and
/// how many transitions belong to it. The environment's own state is not in them: Gymnasium has no
/// way to save it, so a resumed run begins a new episode.
final class ResumeFiles {
    private let stepsPath: String
    private let checkpointPath: String
    private let recordCount: Int
    private let identity: [String: String]
    private var steps: FileHandle?
    private var waiting: [Float] = []

    /// The files beside a curve; `identity` says what a run must share to go on from them.
    init(curve: String, recordCount: Int, identity: [String: String]) {
        stepsPath = curve + ".steps"
        checkpointPath = curve + ".checkpoint"
        self.recordCount = recordCount
        self.identity = identity
    }

    /// What a run goes on from.
    struct Found {
        var step: Int
        var tensors: [NamedTensor]
    }

    /// The checkpoint of an earlier run, if there is one.
    func find() throws -> Found? {
        guard let data = FileManager.default.contents(atPath: checkpointPath) else { return nil }
        let (tensors, notes) = try Safetensors.decode([UInt8](data))
        for (key, value) in identity where notes[key] != value {
            throw BenchFailure(
                "\(checkpointPath) is of another run: \(key) is \(notes[key] ?? "unknown") there "
                    + "and \(value) here; give the same options, or leave out --resume"
            )
        }
        guard let step = notes["step"].flatMap({ Int($0) }) else {
            throw BenchFailure("\(checkpointPath) does not say how far it is; delete it")
        }
        return Found(step: step, tensors: tensors)
    }

    /// Opens the file of transitions behind the first `step` ones, handing each of these on.
    func open(after step: Int, each: (ArraySlice<Float>) -> Void) throws {
        if step == 0 || !FileManager.default.fileExists(atPath: stepsPath) {
            _ = FileManager.default.createFile(atPath: stepsPath, contents: nil)
        }
        guard let steps = FileHandle(forUpdatingAtPath: stepsPath) else {
            throw BenchFailure("\(stepsPath) cannot be written")
        }
        self.steps = steps
        let bytes = recordCount * MemoryLayout<Float>.stride
        for index in 0..<step {
            guard let data = try steps.read(upToCount: bytes), data.count == bytes else {
                throw BenchFailure(
                    "\(stepsPath) ends at step \(index), its checkpoint is of step \(step); "
                        + "leave out --resume"
                )
            }
            each(Self.floats(data)[...])
        }
        try steps.truncate(atOffset: UInt64(step * bytes))
    }

    /// Notes a transition; it is written with the next checkpoint.
    func note(_ record: [Float]) { waiting += record }

    /// Writes what was noted, then the learner.
    func save(step: Int, _ tensors: [NamedTensor]) throws {
        var bytes = Data(capacity: waiting.count * MemoryLayout<Float>.stride)
        for number in waiting {
            for place in 0..<4 {
                bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> (8 * place)))
            }
        }
        try steps?.write(contentsOf: bytes)
        waiting.removeAll(keepingCapacity: true)
        var notes = identity
        notes["step"] = "\(step)"
        try Data(Safetensors.encode(tensors, metadata: notes)).write(
            to: URL(fileURLWithPath: checkpointPath),
            options: .atomic
        )
    }

    /// Removes both files: the run is complete.
    func remove() {
        try? steps?.close()
        for path in [stepsPath, checkpointPath] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private static func floats(_ data: Data) -> [Float] {
        stride(from: data.startIndex, to: data.endIndex, by: 4).map { start in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[start + $1]) << (8 * $1) }
            return Float(bitPattern: bits)
        }
    }
}
