public import Robot

/// Who knows where a posture puts the robot's bodies: boxes for fingertips and feet, and collisions
/// of the robot with itself.
///
/// `Safety` knows joints and no bodies; a guard is handed to the supervisor. It is asked within the
/// tick: it must not allocate, wait, or take longer than a small part of a tick.
public protocol PostureGuard: Sendable {
    /// What it watches, in the order of the rooms; at most `PostureRooms.capacity`.
    var parts: [PosturePart] { get }

    /// Finds out how much room each part has in a posture of all joints, which is finite.
    func measure(_ posture: JointArray<Radians>, into rooms: inout PostureRooms)
}

/// One thing a posture guard watches.
public struct PosturePart: Sendable, Hashable {
    /// For messages.
    public var name: String
    /// `workspace` or `selfCollision`.
    public var rule: SafetyRule
    /// The joints that move it.
    public var joints: JointSet
    /// Room below which goals move less towards the bound, metres; 0 is without.
    public var softZone: Double

    /// A part.
    public init(name: String, rule: SafetyRule, joints: JointSet, softZone: Double = 0) {
        self.name = name
        self.rule = rule
        self.joints = joints
        self.softZone = softZone
    }
}

/// The room of every part in metres: to the nearest face of its box, or between two bodies less the
/// margin; negative outside or inside one another.
public struct PostureRooms: Sendable, BitwiseCopyable {
    var metres: InlineArray<16, Double>

    /// How many parts there may be.
    public static var capacity: Int { 16 }

    /// Room everywhere.
    public init() { metres = InlineArray(repeating: .infinity) }

    /// The room of a part.
    public subscript(part: Int) -> Double {
        get { metres[part] }
        set { metres[part] = newValue }
    }
}
