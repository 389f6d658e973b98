extension YAMLFile {
    /// The keys whose values differ between two files, as `joints[finger1].reset`, in order.
    ///
    /// Items of a list are told apart by their `name` where they have one, else by their place. A
    /// list whose items are not the same ones differs as a whole, and so does a value that is of
    /// another kind. Comments, order of keys and quotes do not count.
    public func keysThatDiffer(from other: YAMLFile) -> [String] {
        var found: [String] = []
        KeyDifferences.compare(other.section.written, section.written, "", &found)
        return found
    }
}

private enum KeyDifferences {
    static func compare(
        _ old: [FileEntry],
        _ new: [FileEntry],
        _ path: String,
        _ found: inout [String]
    ) {
        let keys = old.map(\.key) + new.map(\.key).filter { key in !old.contains { $0.key == key } }
        for key in keys {
            let full = path.isEmpty ? key : "\(path).\(key)"
            let before = old.first { $0.key == key }?.value
            let after = new.first { $0.key == key }?.value
            guard let before, let after else {
                found.append(full)
                continue
            }
            compare(before, after, full, &found)
        }
    }

    private static func compare(
        _ old: FileNode,
        _ new: FileNode,
        _ path: String,
        _ found: inout [String]
    ) {
        switch (old.content, new.content) {
        case (.scalar(let a, _), .scalar(let b, _)):
            if a != b { found.append(path) }
        case (.mapping(let a), .mapping(let b)): compare(a, b, path, &found)
        case (.list(let a), .list(let b)):
            let names = zip(a.indices, a).map { name($1, $0) }
            guard names == zip(b.indices, b).map({ name($1, $0) }) else {
                found.append(path)
                return
            }
            for (index, pair) in zip(a, b).enumerated() {
                compare(pair.0, pair.1, "\(path)[\(names[index])]", &found)
            }
        default: found.append(path)
        }
    }

    private static func name(_ node: FileNode, _ index: Int) -> String {
        guard case .mapping(let entries) = node.content,
            case .scalar(let name, _)? = entries.first(where: { $0.key == "name" })?.value.content
        else { return "\(index)" }
        return name
    }
}
