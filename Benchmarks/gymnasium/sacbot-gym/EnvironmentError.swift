/// Why an environment cannot be used any more.
enum EnvironmentError: Error, CustomStringConvertible {
    /// Its process could not be started.
    case notStarted(program: String, reason: String)
    /// Its process has ended; `errors` is what it wrote to standard error.
    case ended(name: String, how: String, errors: String)
    /// It says that it cannot do what was asked.
    case refused(name: String, reason: String, errors: String)
    /// What came from it cannot be used.
    case notUnderstood(name: String, reason: String)

    var description: String {
        switch self {
        case .notStarted(let program, let reason):
            "cannot start \(program): \(reason); --python names a Python that has gymnasium"
        case .ended(let name, let how, let errors):
            "the process of the environment \(name) \(how)\(Self.quoted(errors))"
        case .refused(let name, let reason, let errors):
            "the environment \(name) failed: \(reason)\(Self.quoted(errors))"
        case .notUnderstood(let name, let reason): "the environment \(name): \(reason)"
        }
    }

    private static func quoted(_ errors: String) -> String {
        errors.isEmpty
            ? "; it wrote nothing to standard error"
            : "; its standard error:\n" + errors
    }
}
