/// Where a fingertip or a foot may be; the robot file's `workspace`.
public struct WorkspaceBox: Sendable, Hashable {
    /// What is kept in a box.
    public enum Point: Sendable, Hashable {
        /// A site of the MuJoCo model, by name; metres in the model's frame.
        case site(String)
        /// The foot of a leg, by index in `RobotDescription.legs`; metres forward (x) and up (z) of
        /// its hip.
        case foot(Int)
    }

    /// What is kept in it.
    public var point: Point
    /// Its name for messages: the site's or the leg's.
    public var name: String
    /// The box's faces; an axis that is not given has none.
    public var x: ClosedRange<Double>
    /// As `x`.
    public var y: ClosedRange<Double>
    /// As `x`.
    public var z: ClosedRange<Double>
    /// Room to a face below which goals move less towards it, metres.
    public var softZone: Double

    /// A box.
    public init(
        point: Point,
        name: String,
        x: ClosedRange<Double>,
        y: ClosedRange<Double>,
        z: ClosedRange<Double>,
        softZone: Double
    ) {
        self.point = point
        self.name = name
        self.x = x
        self.y = y
        self.z = z
        self.softZone = softZone
    }

    /// How far a point is from the nearest face, metres; negative outside.
    public func room(at point: SIMD3<Double>) -> Double {
        let upwards = min(point.x - x.lowerBound, point.y - y.lowerBound, point.z - z.lowerBound)
        let downwards = min(x.upperBound - point.x, y.upperBound - point.y, z.upperBound - point.z)
        return min(upwards, downwards)
    }
}

/// How far the robot's own bodies stay apart; the robot file's `self_collision`.
public struct SelfCollisionLimits: Sendable, Hashable {
    /// The least distance between two bodies, metres.
    public var margin: Double
    /// Pairs of bodies of the model that may touch.
    public var except: [[String]]
    /// How much longer goals may be refused than not before the episode ends.
    public var seconds: Seconds

    /// Limits.
    public init(margin: Double, except: [[String]], seconds: Seconds) {
        self.margin = margin
        self.except = except
        self.seconds = seconds
    }
}
