/// A place in a file, as an editor counts it.
public struct FilePosition: Sendable, Hashable, Comparable {
    /// Line, the first is 1.
    public var line: Int
    /// Column in characters, the first is 1.
    public var column: Int

    /// A place in a file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Earlier in the file.
    public static func < (a: FilePosition, b: FilePosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// One thing that is wrong in a file: where, what, and what would be right.
public struct FileProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named when it was opened.
    public var file: String
    /// Where in the file.
    public var position: FilePosition
    /// What is wrong and what is allowed, one line.
    public var message: String

    /// A problem at a place in a file.
    public init(file: String, position: FilePosition, message: String) {
        self.file = file
        self.position = position
        self.message = message
    }

    /// `file:line:column: message`, which editors and terminals turn into a link.
    public var description: String {
        "\(file):\(position.line):\(position.column): \(message)"
    }
}

/// Why a file cannot be used.
public enum RobotFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file cannot be opened or read; `errno` says why.
    case unreadable(path: String, errno: Int32)
    /// The file is longer than `YAMLFile.maximumBytes`.
    case tooLong(path: String, bytes: Int)
    /// Everything that is wrong in the file or files, in the order of the lines; never empty.
    case problems([FileProblem])

    /// For a person: one line a problem.
    public var description: String {
        switch self {
        case .unreadable(let path, let errno):
            "\(path): cannot be read: \(reason(ofError: errno))"
        case .tooLong(let path, let bytes):
            """
            \(path): has \(bytes) bytes, a robot file has at most \(YAMLFile.maximumBytes); \
            is this the right file?
            """
        case .problems(let problems):
            problems.map(\.description).joined(separator: "\n")
        }
    }
}

/// The problems of one file, shared by all sections that read it.
///
/// The same problem found twice (by two joints that share a default, say) is kept once.
final class ProblemLog {
    let file: String
    private var seen: Set<FileProblem> = []
    /// How often anything was reported, repetitions included; tells whether a reading went well.
    private(set) var reports = 0

    init(file: String) { self.file = file }

    /// In the order of the lines; two at the same place in alphabetical order.
    var sorted: [FileProblem] {
        seen.sorted { ($0.position, $0.message) < ($1.position, $1.message) }
    }

    func add(_ message: String, at position: FilePosition) {
        reports += 1
        seen.insert(FileProblem(file: file, position: position, message: message))
    }
}
