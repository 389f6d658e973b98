/// What makes two runs the same run: they are resumed, compared and listed by it.
public struct RunKey: Sendable, Hashable {
    /// The robot's name in its file.
    public var robot: String
    /// The task's name.
    public var task: String
    /// Where the robot is: simulation, emulator or hardware.
    public var backend: String
    /// The learner's profile.
    public var profile: String

    /// A key; the four names become folder names (see `JournalError.badName`).
    public init(robot: String, task: String, backend: String, profile: String) {
        self.robot = robot
        self.task = task
        self.backend = backend
        self.profile = profile
    }

    /// The folder of this key's runs, below the root of all runs.
    var folder: String { "\(robot)/\(task)-\(backend)-\(profile)" }

    /// Refuses names that would leave the folder or hide in it.
    func validate() throws(JournalError) {
        let names = [("robot", robot), ("task", task), ("backend", backend), ("profile", profile)]
        for (what, value) in names where !Self.isFileName(value) {
            throw .badName(what: what, value: value)
        }
    }

    /// ASCII letters and digits, '.', '_' and '-', beginning with a letter or digit.
    static func isFileName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 100 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        return isAlphanumeric(first)
            && name.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
}

extension RunKey: CustomStringConvertible {
    /// The key as its folder shows it.
    public var description: String { folder }
}

/// What a run's experience depends on, as text the caller chooses (usually hashes).
public struct RunIdentity: Sendable, Hashable {
    /// The key the run lies under.
    public var key: RunKey
    /// The seed the run began with; a resumed run keeps its first one.
    public var seed: UInt64
    /// What the observation is made of; a resumed run must have the same.
    public var observationHash: String
    /// What the action is made of; a resumed run must have the same.
    public var actionHash: String
    /// Where the joints' zeros lie; a resumed run must have the same.
    public var calibrationHash: String
    /// The robot file; it may change, and every change is logged with its time.
    public var robotHash: String
    /// The program that writes; logged like `robotHash`.
    public var programVersion: String
    /// The machine that writes; logged like `robotHash`.
    public var host = ""

    /// An identity.
    public init(
        key: RunKey,
        seed: UInt64,
        observationHash: String,
        actionHash: String,
        calibrationHash: String,
        robotHash: String,
        programVersion: String
    ) {
        self.key = key
        self.seed = seed
        self.observationHash = observationHash
        self.actionHash = actionHash
        self.calibrationHash = calibrationHash
        self.robotHash = robotHash
        self.programVersion = programVersion
    }
}
