/// A number over time, such as a loss.
public struct MetricRecord: Sendable, Hashable {
    /// The step it belongs to.
    public var step: Int
    /// What it is.
    public var name: String
    /// Its value; NaN is kept as NaN.
    public var value: Double

    /// A metric.
    public init(step: Int, name: String, value: Double) {
        self.step = step
        self.name = name
        self.value = value
    }
}

/// How much an event matters.
public enum EventLevel: String, Sendable, CaseIterable {
    /// Good to know.
    case info
    /// Something a person should look at when there is time.
    case warning
    /// Something that stopped the work.
    case error
}

/// Something that happened in a run, for a person.
public struct EventRecord: Sendable, Hashable {
    /// When, in seconds since 1970.
    public var time: Double
    /// How much it matters.
    public var level: EventLevel
    /// What happened.
    public var text: String

    /// An event.
    public init(time: Double, level: EventLevel, text: String) {
        self.time = time
        self.level = level
        self.text = text
    }
}

/// A change between two openings of a run, of something a run may survive.
public struct ChangeRecord: Sendable, Hashable {
    /// When the run was opened with it, in seconds since 1970.
    public var time: Double
    /// What changed: `robot file`, `program version`.
    public var what: String
    /// Before.
    public var was: String
    /// After.
    public var now: String
}

/// What reading the transitions found.
public struct RecoveryReport: Sendable, Hashable {
    /// Blocks that could be used.
    public var keptBlocks = 0
    /// Transitions that could be used.
    public var keptTransitions = 0
    /// Blocks that could not, from the first damaged one on.
    public var droppedBlocks = 0
    /// Transitions in them, by the database's count.
    public var droppedTransitions = 0
    /// What was wrong with the first of them; nil if nothing was.
    public var reason: String?

    /// Whether everything could be used.
    public var isWhole: Bool { reason == nil }
}

extension RecoveryReport: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        let kept = "\(keptTransitions) transitions in \(keptBlocks) blocks"
        guard let reason else { return "\(kept), whole" }
        return "\(kept) kept; \(droppedTransitions) in \(droppedBlocks) blocks set aside: \(reason)"
    }
}

/// A checkpoint's entry in the journal.
public struct CheckpointRecord: Sendable, Hashable {
    /// Its number in the run; it always rises.
    public var id: Int
    /// The step it was taken after.
    public var step: Int
    /// How many updates the learner had done.
    public var updates: Int
    /// When it was taken, in seconds since 1970.
    public var time: Double
    /// Its file in the run's `checkpoints` folder.
    public var fileName: String
    /// How many bytes the file has.
    public var size: Int
    /// The CRC-32 of the file.
    public var crc32: UInt32
    /// Whether it was read back and compared.
    public var isComplete: Bool
}

/// The newest checkpoint that can be used, and those that could not.
public struct CheckpointSearch: Sendable, Hashable {
    /// Its entry; nil if no checkpoint can be used.
    public var record: CheckpointRecord?
    /// Its bytes, verified.
    public var bytes: [UInt8] = []
    /// Newer ones that were passed over: file and what is wrong with it.
    public var rejected: [String] = []
}

/// The newest things a run holds; where a resumed run goes on.
public struct RunProgress: Sendable, Hashable {
    /// The number of the newest block; 0 if there is none.
    public var lastSequence = 0
    /// The newest step; -1 if there is none.
    public var lastStep = -1
    /// How many transitions there are.
    public var transitions = 0
    /// The next number for an episode: above every one that has a transition or a record.
    public var nextEpisode = 0
}
