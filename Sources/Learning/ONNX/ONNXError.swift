/// Why a policy could not be written as an ONNX model.
public enum ONNXError: Error, Equatable, Sendable {
    /// A constant of the graph is an infinity or not a number.
    case notFinite(constant: String)
    /// A model file may have two gigabytes; this many constants do not fit.
    case tooLarge(constants: Int)
}

extension ONNXError: CustomStringConvertible {
    /// What happened, for a person, with what to do about it.
    public var description: String {
        switch self {
        case .notFinite(let constant):
            "`\(constant)` has a number that is not finite; export an earlier policy"
        case .tooLarge(let constants):
            "\(constants) numbers are more than an ONNX file holds (2 GB); "
                + "train a policy with smaller `hidden_widths`"
        }
    }
}
