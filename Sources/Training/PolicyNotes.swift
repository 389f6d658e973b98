/// What each number of a policy's observation is, for programs that do not know the robot file.
///
/// In a metadata block lists are one entry a line.
public struct ObservationNotes: Sendable, Hashable {
    /// A name for each number, in order.
    public var names: [String]
    /// A unit for each number: `rad`, `rad/s` or `1`.
    public var units: [String]
    /// How many frames the observation holds, the newest first.
    public var historyFrames: Int
    /// Policy steps in a second, which is also the time between frames.
    public var ratePerSecond: Double

    /// Notes on an observation.
    ///
    /// Traps when there are not as many units as names.
    public init(names: [String], units: [String], historyFrames: Int, ratePerSecond: Double) {
        precondition(names.count == units.count, "\(names.count) names, \(units.count) units")
        self.names = names
        self.units = units
        self.historyFrames = historyFrames
        self.ratePerSecond = ratePerSecond
    }

    /// The notes as a metadata block.
    public var metadata: [String: String] {
        [
            "sacbot.observation_count": String(names.count),
            "sacbot.observation_names": names.joined(separator: "\n"),
            "sacbot.observation_units": units.joined(separator: "\n"),
            "sacbot.history_frames": String(historyFrames),
            "sacbot.policy_rate_hz": "\(ratePerSecond)",
        ]
    }
}

/// What each number of a policy's action means: offset + factor action, in rad.
public struct ActionNotes: Sendable, Hashable {
    /// Positions (`absolute`), or changes of the goal in force (`relative`).
    public var kind: String
    /// The joints, in the order of the actions.
    public var joints: [String]
    /// What an action of 0 stands for, in rad.
    public var offsets: [Double]
    /// What an action of 1 adds to that, in rad.
    public var factors: [Double]
    /// Cut-off of the low-pass between policy and robot, in Hz; `nil` without one.
    public var lowPassHertz: Double?

    /// Notes on an action.
    ///
    /// Traps when there is not an offset and a factor for each joint.
    public init(
        kind: String,
        joints: [String],
        offsets: [Double],
        factors: [Double],
        lowPassHertz: Double? = nil
    ) {
        precondition(
            joints.count == offsets.count && joints.count == factors.count,
            "\(joints.count) joints, \(offsets.count) offsets, \(factors.count) factors"
        )
        self.kind = kind
        self.joints = joints
        self.offsets = offsets
        self.factors = factors
        self.lowPassHertz = lowPassHertz
    }

    /// The notes of a metadata block; `nil` if they are not there or not whole.
    public init?(metadata: [String: String]) {
        func list(_ key: String) -> [Substring] {
            metadata[key]?.split(separator: "\n") ?? []
        }
        let joints = list(Key.joints).map(String.init)
        let offsets = list(Key.offsets).compactMap { Double($0) }.filter(\.isFinite)
        let factors = list(Key.factors).compactMap { Double($0) }.filter(\.isFinite)
        guard let kind = metadata[Key.kind], !joints.isEmpty else { return nil }
        guard offsets.count == joints.count, factors.count == joints.count else { return nil }
        self.init(
            kind: kind,
            joints: joints,
            offsets: offsets,
            factors: factors,
            lowPassHertz: metadata[Key.lowPass].flatMap { Double($0) }
        )
    }

    /// The notes as a metadata block.
    public var metadata: [String: String] {
        var notes = [
            Key.kind: kind,
            Key.joints: joints.joined(separator: "\n"),
            Key.offsets: offsets.map { "\($0)" }.joined(separator: "\n"),
            Key.factors: factors.map { "\($0)" }.joined(separator: "\n"),
        ]
        notes[Key.lowPass] = lowPassHertz.map { "\($0)" }
        return notes
    }

    private enum Key {
        static let kind = "sacbot.action_kind"
        static let joints = "sacbot.action_joints"
        static let offsets = "sacbot.action_offset"
        static let factors = "sacbot.action_scale"
        static let lowPass = "sacbot.action_low_pass_hz"
    }
}
