/// An array of numbers with a name and a shape, as checkpoints and policies are made of.
public struct NamedTensor: Sendable, Equatable {
    /// The numbers and their kind.
    public enum Storage: Sendable, Equatable {
        /// 32-bit floats (safetensors F32).
        case floats([Float])
        /// Unsigned 64-bit integers (U64).
        case u64([UInt64])
        /// Signed 64-bit integers (I64).
        case i64([Int64])

        /// How many numbers there are.
        public var count: Int {
            switch self {
            case .floats(let values): values.count
            case .u64(let values): values.count
            case .i64(let values): values.count
            }
        }
    }

    /// What it is called, unique in its file.
    public let name: String
    /// The length of each dimension, slowest first; empty for a single number.
    public let shape: [Int]
    /// The numbers, last dimension fastest.
    public let storage: Storage

    /// A tensor.
    ///
    /// Traps when the shape does not hold as many numbers as the storage.
    public init(name: String, shape: [Int], storage: Storage) {
        precondition(
            shape.reduce(1, *) == storage.count,
            "tensor \(name) of shape \(shape) cannot hold \(storage.count) numbers"
        )
        self.name = name
        self.shape = shape
        self.storage = storage
    }

    /// A tensor of floats.
    public init(name: String, shape: [Int], floats: [Float]) {
        self.init(name: name, shape: shape, storage: .floats(floats))
    }
}

extension Collection<NamedTensor> {
    /// The floats of the tensor with this name and shape, all finite.
    func floats(_ name: String, shape: [Int]) throws(LearningError) -> [Float] {
        let tensor = try tensor(name, shape: shape)
        guard case .floats(let values) = tensor.storage else {
            throw .wrongTensor(name: name, expected: "F32", found: "of integers")
        }
        guard values.allSatisfy(\.isFinite) else { throw .badValue(name: name) }
        return values
    }

    /// The unsigned integers of the tensor with this name and shape.
    func unsigned(_ name: String, shape: [Int]) throws(LearningError) -> [UInt64] {
        guard case .u64(let values) = try tensor(name, shape: shape).storage else {
            throw .wrongTensor(name: name, expected: "U64", found: "of another kind")
        }
        return values
    }

    private func tensor(_ name: String, shape: [Int]) throws(LearningError) -> NamedTensor {
        guard let found = first(where: { $0.name == name }) else {
            throw .missingTensor(name: name)
        }
        guard found.shape == shape else {
            throw .wrongTensor(name: name, expected: "\(shape)", found: "\(found.shape)")
        }
        return found
    }
}
