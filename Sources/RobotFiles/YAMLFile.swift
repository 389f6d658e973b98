/// A YAML file that is being read, with everything that was found wrong in it so far.
///
/// Load it, read its `section`, call `section.finish()`, then `check()`. Reading never throws: a
/// bad value is recorded and a placeholder returned, so that a person sees all mistakes of a file
/// at once. What was read counts only after `check()`.
public final class YAMLFile {
    /// The longest file that is read, in bytes.
    public static let maximumBytes = 1 << 20

    /// The path the file was loaded from, as given.
    public let path: String
    /// The fingerprint of the file's bytes.
    public let contentHash: ContentHash
    /// The whole file.
    public let section: Section

    private let log: ProblemLog

    /// Reads and parses a file.
    ///
    /// Throws `unreadable` or `tooLong`, or `problems` with the one place where it stops being
    /// YAML.
    public static func load(_ path: String) throws(RobotFileError) -> YAMLFile {
        try YAMLFile(path: path, bytes: readBytes(path))
    }

    /// Parses text that is already in memory; `path` is what problems are reported under.
    public convenience init(path: String, text: String) throws(RobotFileError) {
        try self.init(path: path, bytes: Array(text.utf8))
    }

    private init(path: String, bytes: [UInt8]) throws(RobotFileError) {
        let log = ProblemLog(file: path)
        let root: FileNode
        do {
            root = try FileTreeBuilder.root(of: bytes, log: log)
        } catch {
            log.add(error.message, at: error.position)
            throw .problems(log.sorted)
        }
        guard case .mapping(let entries) = root.content else {
            log.add("the file is \(root.shown); `key: value` lines are needed", at: root.position)
            throw .problems(log.sorted)
        }
        self.path = path
        self.log = log
        contentHash = ContentHash(bytes)
        section = Section(entries, at: root.position, path: "", log: log)
    }

    /// Everything found wrong so far, in the order of the lines.
    public var problems: [FileProblem] { log.sorted }

    /// Throws all problems of the file, if there is one.
    public func check() throws(RobotFileError) { try YAMLFile.check([self]) }

    /// Throws all problems of several files in one go, file after file.
    public static func check(_ files: [YAMLFile]) throws(RobotFileError) {
        let problems = files.flatMap(\.problems)
        if !problems.isEmpty { throw .problems(problems) }
    }
}
