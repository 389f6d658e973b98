/// One value of a YAML file with the place it stands at.
struct FileNode {
    enum Content {
        /// Text as written; `isPlain` is false for quoted and block text.
        case scalar(text: String, isPlain: Bool)
        case list([FileNode])
        case mapping([FileEntry])
    }

    var content: Content
    var position: FilePosition

    /// Whether nothing was written: `key:`, `~` or `null`.
    var isEmpty: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null"].contains(text)
    }

    /// How a message names the value.
    var shown: String {
        switch content {
        case .scalar(let text, isPlain: true): isEmpty ? "empty" : "`\(text)`"
        case .scalar(let text, isPlain: false): "the text \"\(text)\""
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One `key: value` of a mapping.
struct FileEntry {
    var key: String
    var keyPosition: FilePosition
    var value: FileNode
}

/// Builds the tree of one document from the events, and refuses what a robot file has no use for.
///
/// Anchors, aliases and tags are refused because they make a value depend on another place in the
/// file; `joint_defaults` is there for what joints share.
struct FileTreeBuilder {
    /// Deeper than any robot file; bounds the recursion.
    static let maximumDepth = 16

    private let events: EventReader
    private let log: ProblemLog

    /// The root of the only document in `bytes`; duplicate keys go to `log`, the first one counts.
    static func root(
        of bytes: [UInt8],
        log: ProblemLog
    ) throws(YAMLSyntaxError) -> FileNode {
        if let offset = firstTab(in: bytes) {
            throw YAMLSyntaxError(
                position: FilePosition(byteOffset: offset, in: bytes),
                message: "a tab; indent and separate with spaces"
            )
        }
        let builder = FileTreeBuilder(events: EventReader(bytes), log: log)
        _ = try builder.events.next()  // The stream's start.
        let start = try builder.events.next()
        guard start.kind == .documentStart else {
            throw YAMLSyntaxError(position: start.position, message: "the file is empty")
        }
        let root = try builder.node(from: builder.events.next(), depth: 0)
        _ = try builder.events.next()  // The document's end.
        let end = try builder.events.next()
        guard end.kind == .streamEnd else {
            throw YAMLSyntaxError(
                position: end.position,
                message: "a second document; a robot file has one, without `---` in between"
            )
        }
        return root
    }

    /// The first tab that is not in a comment.
    private static func firstTab(in bytes: [UInt8]) -> Int? {
        var isComment = false
        var previous = UInt8(ascii: "\n")
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"): isComment = false
            case UInt8(ascii: "#"):
                let startsComment =
                    previous == UInt8(ascii: " ") || previous == UInt8(ascii: "\n")
                if startsComment { isComment = true }
            case UInt8(ascii: "\t"): if !isComment { return offset }
            default: break
            }
            previous = byte
        }
        return nil
    }

    private func node(from event: YAMLEvent, depth: Int) throws(YAMLSyntaxError) -> FileNode {
        try refuseUnused(event)
        guard depth <= Self.maximumDepth else {
            throw YAMLSyntaxError(
                position: event.position,
                message: "more than \(Self.maximumDepth) levels deep"
            )
        }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return FileNode(
                content: .scalar(text: text, isPlain: isPlain),
                position: event.position
            )
        case .sequenceStart:
            return FileNode(content: .list(try items(depth: depth)), position: event.position)
        case .mappingStart:
            return FileNode(content: .mapping(try entries(depth: depth)), position: event.position)
        default:
            throw YAMLSyntaxError(position: event.position, message: "a value is missing")
        }
    }

    private func items(depth: Int) throws(YAMLSyntaxError) -> [FileNode] {
        var items: [FileNode] = []
        while true {
            let event = try events.next()
            if event.kind == .sequenceEnd { return items }
            items.append(try node(from: event, depth: depth + 1))
        }
    }

    private func entries(depth: Int) throws(YAMLSyntaxError) -> [FileEntry] {
        var entries: [FileEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if event.kind == .mappingEnd { return entries }
            try refuseUnused(event)
            guard case .scalar(let key, _) = event.kind else {
                throw YAMLSyntaxError(position: event.position, message: "a key has to be a word")
            }
            let value = try node(from: events.next(), depth: depth + 1)
            if let line = lines[key] {
                log.add("`\(key)` was already given in line \(line)", at: event.position)
            } else {
                lines[key] = event.position.line
                entries.append(FileEntry(key: key, keyPosition: event.position, value: value))
            }
        }
    }

    private func refuseUnused(_ event: YAMLEvent) throws(YAMLSyntaxError) {
        let found: String? =
            if event.kind == .alias {
                "an alias (*name)"
            } else if event.hasAnchor {
                "an anchor (&name)"
            } else if event.hasTag {
                "a tag (!name)"
            } else {
                nil
            }
        guard let found else { return }
        throw YAMLSyntaxError(
            position: event.position,
            message: "\(found) is not used in robot files; write the value out"
        )
    }
}
