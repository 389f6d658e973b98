/// A mapping of a file that is being read; remembers which keys were asked for.
///
/// Every key is asked for by name, type, unit and range. What was asked for is what the section
/// knows: `finish()` reports every other key with the nearest known one. A value that is missing
/// or wrong is recorded in the file's problems and replaced by a placeholder.
public final class Section {
    /// Where the mapping begins.
    public let position: FilePosition
    /// The way to it from the file's top, for example `joints[valve].gains`; empty for the top.
    public let path: String

    let log: ProblemLog
    /// Stands for a section that is missing or not a mapping; that was reported, so that its own
    /// missing keys are not.
    let isPlaceholder: Bool
    private let entries: [FileEntry]
    /// Where keys come from that are not here.
    private let defaults: Section?
    private var asked: Set<String> = []
    private var children: [String: [Section]] = [:]

    init(
        _ entries: [FileEntry],
        at position: FilePosition,
        path: String,
        log: ProblemLog,
        defaults: Section? = nil,
        isPlaceholder: Bool = false
    ) {
        self.entries = entries
        self.position = position
        self.path = path
        self.log = log
        self.defaults = defaults
        self.isPlaceholder = isPlaceholder
    }

    /// The keys that are written in this mapping, in the order of the file.
    public var keys: [String] { entries.map(\.key) }

    /// What is written in this mapping, as it stands in the file.
    var written: [FileEntry] { entries }

    /// Whether the key is given, here or in the defaults; it counts as asked for.
    public func has(_ key: String) -> Bool { node(key) != nil }

    /// Where the key's value is, the section's own place if it is not given.
    public func position(of key: String) -> FilePosition { node(key)?.position ?? position }

    /// Records a problem of a value that was read, after a check that only the caller can make.
    ///
    /// `message` follows "`key` is `value`; " and says what is allowed.
    public func report(_ key: String, _ message: String) {
        guard let node = node(key) else { return report("`\(key)` is not given; \(message)") }
        log.add("`\(name(of: key))` is \(node.shown); \(message)", at: node.position)
    }

    /// Records a problem of the section as a whole.
    public func report(_ message: String) {
        log.add(path.isEmpty ? message : "`\(path)`: \(message)", at: position)
    }

    /// The same section with another one behind it: a key that is not here is taken from there.
    ///
    /// Mappings inside are joined key by key in the same way. Asking again gives the same section;
    /// read through it and no longer through this one.
    public func backed(by defaults: Section) -> Section {
        if let known = children[""]?.first { return known }
        let backed = Section(
            entries,
            at: position,
            path: path,
            log: log,
            defaults: defaults,
            isPlaceholder: isPlaceholder
        )
        children[""] = [backed]
        asked.formUnion(keys)
        return backed
    }

    /// Takes all keys as known, for a section that is read elsewhere or not at all.
    public func ignoreUnreadKeys() { asked.formUnion(keys) }

    /// Reports every key that nobody asked for, here and in all sections below.
    ///
    /// Call it once on the top section, after everything was read.
    public func finish() {
        if !isPlaceholder {
            for entry in entries where !asked.contains(entry.key) {
                log.add(unknown(entry.key), at: entry.keyPosition)
            }
        }
        for child in children.values.joined() { child.finish() }
    }

    private func unknown(_ key: String) -> String {
        let found = "`\(name(of: key))` is not a known key"
        if let near = nearest(to: key, among: asked) { return "\(found); did you mean `\(near)`?" }
        if asked.isEmpty { return "\(found); no keys are expected here" }
        return "\(found); known here: " + asked.sorted().joined(separator: ", ")
    }
}

// What the readers of values and sections are made of.
extension Section {
    /// The key's full name in messages, where it is written: a default is called by the name it
    /// has there, so that one mistake is one problem however many sections use it.
    func name(of key: String) -> String {
        if let defaults, !keys.contains(key), defaults.has(key) { return defaults.name(of: key) }
        return path.isEmpty ? key : "\(path).\(key)"
    }

    /// The key's value, here or in the defaults.
    func node(_ key: String) -> FileNode? {
        asked.insert(key)
        let inherited = defaults?.node(key)
        return entries.first { $0.key == key }?.value ?? inherited
    }

    /// The key's value here and nowhere else.
    func ownNode(_ key: String) -> FileNode? {
        asked.insert(key)
        return entries.first { $0.key == key }?.value
    }

    /// The section the defaults have under this key.
    func defaultSection(_ key: String) -> Section? { defaults?.optionalSection(key) }

    /// The sections made so far from this key's value: whoever asks again gets the same ones, so
    /// that two readers of one section share what was asked for.
    func adopted(_ key: String) -> [Section] { children[key] ?? [] }

    /// Remembers a section below, so that `finish()` reaches it.
    func adopt(_ child: Section, under key: String) -> Section {
        children[key, default: []].append(child)
        return child
    }

    func placeholder(_ key: String) -> Section {
        Section([], at: position, path: name(of: key), log: log, isPlaceholder: true)
    }

    func missing(_ key: String, _ needed: String) {
        if isPlaceholder { return }
        let place = path.isEmpty ? "the file" : "`\(path)`"
        log.add("\(place) needs `\(key)`: \(needed)", at: position)
    }

    func complain(_ key: String, _ complaint: Complaint) {
        log.add(
            "`\(name(of: key))` is \(complaint.found); \(complaint.needed)",
            at: complaint.position
        )
    }
}
