/// Why the learner refused something it was given to read.
public enum LearningError: Error, Equatable, Sendable {
    /// A tensor file is cut short or contradicts itself at this byte.
    case corruptFile(reason: String, byte: Int)
    /// A checkpoint or policy lacks a tensor.
    case missingTensor(name: String)
    /// A tensor is there with another shape or kind than the learner's.
    case wrongTensor(name: String, expected: String, found: String)
    /// A tensor holds an infinity, a NaN or an impossible value.
    case badValue(name: String)
}

extension LearningError: CustomStringConvertible {
    /// What happened, for a person, with what to do about it.
    public var description: String {
        switch self {
        case .corruptFile(let reason, let byte):
            "the tensor file is corrupt at byte \(byte): \(reason); use an earlier checkpoint"
        case .missingTensor(let name):
            "there is no tensor \"\(name)\"; the file belongs to another kind of learner or policy"
        case .wrongTensor(let name, let expected, let found):
            "tensor \"\(name)\" is \(found) where \(expected) is needed; "
                + "the robot, task or network widths have changed since it was written"
        case .badValue(let name):
            "tensor \"\(name)\" holds a value no learner writes; use an earlier checkpoint"
        }
    }
}
