/// What stopped a robot and has to be cleared by a person before it moves again.
public struct LatchedFault: Sendable, Hashable {
    /// The fault's number.
    public var code: Int
    /// The joint that showed it, by name; `nil` for the robot as a whole.
    public var joint: String?
    /// Seconds since 1970.
    public var time: Double
    /// The fault in words, one line.
    public var words: String

    /// A fault.
    public init(code: Int, joint: String?, time: Double, words: String) {
        self.code = code
        self.joint = joint
        self.time = time
        self.words = words
    }
}

/// The small file that keeps a robot's latched fault across restarts; no file is no latch.
///
/// Five lines of text, so that a person can read it. It is written whole or not at all. A file that
/// cannot be understood counts as a latch: whatever it said, somebody wanted the robot to stand.
public struct FaultLatch: Sendable {
    /// Where the file is.
    public let path: String

    /// The latch of `robot` in `folder`, which holds its runs.
    public init(folder: String, robot: String) { path = "\(folder)/\(robot).latch" }

    private static let head = "sacbot latch 1"

    /// The latched fault, `nil` if there is none.
    ///
    /// - Throws: if there is a file that cannot be read, or says nothing that makes sense.
    public func read() throws(JournalError) -> LatchedFault? {
        guard DurableFile.status(path) != nil else { return nil }
        let text = String(decoding: try DurableFile.read(path), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 5, lines[0] == Self.head, let code = Int(lines[1]),
            let time = Double(lines[3])
        else { throw .damaged(path: path, detail: "it is no latch file of this program") }
        return LatchedFault(
            code: code,
            joint: lines[2].isEmpty ? nil : lines[2],
            time: time,
            words: lines[4]
        )
    }

    /// Keeps a fault; when this returns it survives a power cut.
    public func write(_ fault: LatchedFault) throws(JournalError) {
        try DurableFile.makeFolder(DurableFile.parent(of: path))
        let words = fault.words.split(whereSeparator: \.isNewline).joined(separator: " ")
        let lines = [Self.head, "\(fault.code)", fault.joint ?? "", "\(fault.time)", words, ""]
        try DurableFile.write([UInt8](lines.joined(separator: "\n").utf8), to: path)
    }

    /// Forgets it, durably; nothing happens if there is none.
    public func clear() throws(JournalError) {
        guard DurableFile.status(path) != nil else { return }
        try DurableFile.remove(path)
        try DurableFile.syncFolder(DurableFile.parent(of: path))
    }
}
