/// A section with the name it has in the mapping above it.
public struct NamedSection {
    /// The key in the mapping above.
    public let name: String
    /// What stands under it.
    public let section: Section
}

// Sections below a section.
extension Section {
    /// A mapping that has to be there; asking again gives the same section.
    ///
    /// If it is not, that is one problem and the keys read from the placeholder are none.
    public func section(_ key: String) -> Section {
        if let known = optionalSection(key) { return known }
        if let known = adopted(key).first { return known }
        missing(key, "a mapping")
        return adopt(placeholder(key), under: key)
    }

    /// A mapping, or an empty one if the key is not given: all its defaults apply.
    public func sectionOrEmpty(_ key: String) -> Section {
        if let known = optionalSection(key) ?? adopted(key).first { return known }
        return adopt(
            Section([], at: position, path: name(of: key), log: log),
            under: key
        )
    }

    /// A mapping, or `nil` if the key is not given.
    public func optionalSection(_ key: String) -> Section? {
        let behind = defaultSection(key)
        guard let node = ownNode(key) else {
            // Only in the defaults: every user reads the same section, under its own name there.
            return behind
        }
        if let known = adopted(key).first { return known }
        return adopt(below(node, key, name(of: key), defaults: behind), under: key)
    }

    /// A list of mappings that has to be there, in the order of the file.
    ///
    /// Messages call an item by its `name` if it has one. An empty list is a problem.
    public func sections(_ key: String) -> [Section] {
        guard let sections = optionalSections(key) else {
            missing(key, "a list of mappings")
            return []
        }
        return sections
    }

    /// A list of mappings, or `nil` if the key is not given; an empty list is a problem.
    public func optionalSections(_ key: String) -> [Section]? {
        guard let node = node(key) else { return nil }
        guard case .list(let items) = node.content, !items.isEmpty else {
            complain(key, Complaint(node, "a list of mappings is needed"))
            return []
        }
        if !adopted(key).isEmpty { return adopted(key) }
        return items.enumerated().map { index, item in
            let label = item.name ?? "item \(index + 1)"
            return adopt(below(item, key, "\(name(of: key))[\(label)]", defaults: nil), under: key)
        }
    }

    /// A mapping from names of your choice to mappings, in the order of the file; it has to be
    /// there and have at least one.
    public func namedSections(_ key: String) -> [NamedSection] {
        guard let sections = optionalNamedSections(key) else {
            missing(key, "a mapping from names to mappings")
            return []
        }
        return sections
    }

    /// A mapping from names to mappings, or `nil` if the key is not given.
    public func optionalNamedSections(_ key: String) -> [NamedSection]? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            complain(key, Complaint(node, "a mapping from names to mappings is needed"))
            return []
        }
        if !adopted(key).isEmpty {
            return zip(entries, adopted(key)).map { NamedSection(name: $0.key, section: $1) }
        }
        return entries.map { entry in
            let path = "\(name(of: key))[\(entry.key)]"
            let child = below(entry.value, key, path, defaults: nil)
            return NamedSection(name: entry.key, section: adopt(child, under: key))
        }
    }

    private func below(
        _ node: FileNode,
        _ key: String,
        _ path: String,
        defaults: Section?
    ) -> Section {
        guard case .mapping(let entries) = node.content else {
            log.add("`\(path)` is \(node.shown); a mapping is needed", at: node.position)
            return placeholder(key)
        }
        return Section(entries, at: node.position, path: path, log: log, defaults: defaults)
    }
}

extension FileNode {
    /// The `name` of a mapping, for messages.
    fileprivate var name: String? {
        guard case .mapping(let entries) = content else { return nil }
        for entry in entries where entry.key == "name" {
            if case .scalar(let text, _) = entry.value.content, !text.isEmpty { return text }
        }
        return nil
    }
}
