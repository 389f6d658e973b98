internal import Glibc

// Texts that name something: an identifier, a file.
extension Section {
    /// A name that is safe in file names, URLs and metrics; it has to be there.
    ///
    /// A letter, then letters, digits, `_` and `-`, at most 64. The placeholder is empty.
    public func identifier(_ key: String) -> String {
        read(key, .isProblem(needed: "a name", placeholder: "")) { node throws(Complaint) in
            let name = try node.text()
            guard name.isIdentifier else {
                throw Complaint(
                    node,
                    "a name is a letter, then letters, digits, _ and -, at most 64"
                )
            }
            return name
        }
    }

    /// A file named relative to the folder of this file, as an absolute path.
    ///
    /// `nil` if the key is not given. The file need not exist.
    public func optionalPath(_ key: String) -> String? {
        guard let path = optionalText(key) else { return nil }
        if path.hasPrefix("/") { return path }
        return absolutePath(folder(of: log.file) + "/" + path)
    }

    /// Runs `body` and says whether nothing was wrong in all that it read.
    public func isClean<Value>(reading body: () -> Value) -> (value: Value, isClean: Bool) {
        let before = log.reports
        let value = body()
        return (value, log.reports == before)
    }
}

extension String {
    /// Whether the text is a letter, then letters, digits, `_` and `-`, at most 64.
    var isIdentifier: Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= byte | 32
        }
        func isOther(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= byte || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
        guard let first = utf8.first, isLetter(first), utf8.count <= 64 else { return false }
        return utf8.allSatisfy { isLetter($0) || isOther($0) }
    }
}

/// The folder a path is in; `.` for a bare name.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The path from the root, without `.` and `..`; links are not followed.
func absolutePath(_ path: String) -> String {
    var full = path
    if !path.hasPrefix("/") { full = workingFolder() + "/" + path }
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}

/// The process's working folder; the root if it was removed meanwhile.
private func workingFolder() -> String {
    guard let path = unsafe getcwd(nil, 0) else { return "" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
}
