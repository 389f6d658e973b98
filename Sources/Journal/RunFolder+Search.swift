extension RunFolder {
    /// Every run below `root`, the last written first; empty if there is no such folder.
    public static func list(root: String, robot: String? = nil) throws(JournalError) -> [RunFolder]
    {
        guard DurableFile.isFolder(root) else { return [] }
        var runs: [RunFolder] = []
        for name in try DurableFile.names(in: root) where robot == nil || name == robot {
            let folder = root + "/" + name
            guard DurableFile.isFolder(folder) else { continue }
            for key in try DurableFile.names(in: folder) {
                runs += try Self.runs(in: folder + "/" + key)
            }
        }
        let dated = runs.map { (run: $0, written: $0.lastWritten) }
        return dated.sorted { ($0.written, $0.run.path) > ($1.written, $1.run.path) }.map(\.run)
    }

    /// Whether it records an evaluation: it has no policy of its own.
    public var isEvaluation: Bool {
        DurableFile.parent(of: path).hasSuffix("-" + Self.evaluationProfile)
    }

    /// What stands in a run's key instead of a learner's profile if it records an evaluation.
    public static let evaluationProfile = "evaluation"

    /// The run a person means by `latest`, a path, a path below the root, or a run's name.
    ///
    /// `latest` is the training run written last, of `robot` if given. A path may also be a key's folder
    /// (its current run) or a file in a run. Throws `notFound` or `ambiguous`.
    public static func find(
        root: String,
        name: String,
        robot: String? = nil
    ) throws(JournalError) -> RunFolder {
        if name == "latest" {
            let runs = try list(root: root, robot: robot)
            guard let run = runs.first(where: { !$0.isEvaluation }) else {
                throw .notFound(name: robot.map { "latest of \($0)" } ?? name, root: root)
            }
            return run
        }
        var candidates = [name, root + "/" + name]
        if let robot { candidates.append(root + "/" + robot + "/" + name) }
        for path in candidates {
            if let run = try run(at: path) { return run }
        }
        var matches = try list(root: root, robot: robot).filter { $0.name == name }
        if matches.isEmpty, robot != nil {
            matches = try list(root: root).filter { $0.name == name }
        }
        guard let run = matches.first else { throw .notFound(name: name, root: root) }
        guard matches.count == 1 else {
            throw .ambiguous(name: name, paths: matches.map(\.path).sorted())
        }
        return run
    }

    /// The run at a path: its folder, a file in it, or the folder above with its `current`.
    private static func run(at path: String) throws(JournalError) -> RunFolder? {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        // Through the link, so that the run keeps its own name.
        if let target = DurableFile.target(ofLink: path), !target.hasPrefix("/") {
            path = DurableFile.parent(of: path) + "/" + target
        }
        guard DurableFile.isFolder(path) else {
            guard DurableFile.status(path) != nil else { return nil }
            let run = RunFolder(path: DurableFile.parent(of: path), isNew: false)
            return run.hasJournal ? run : nil
        }
        let run = RunFolder(path: path, isNew: false)
        if run.hasJournal { return run }
        guard let target = DurableFile.target(ofLink: path + "/" + currentName) else { return nil }
        let current = RunFolder(path: path + "/" + target, isNew: false)
        return current.hasJournal ? current : nil
    }
}
