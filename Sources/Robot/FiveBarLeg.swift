internal import Glibc

/// Where a leg points and how far it is stretched.
public struct LegPose: Sendable, Hashable, BitwiseCopyable {
    /// Angle of the line from hip to foot from straight down, positive to the front.
    public var swing: Radians
    /// Mean angle of the upper links from straight up: 0 is folded, pi is stretched.
    public var `extension`: Radians

    /// A pose.
    public init(swing: Radians, extension: Radians) {
        self.swing = swing
        self.extension = `extension`
    }
}

/// How a foot's place follows its leg's joints: one column a joint.
public struct LegJacobian: Sendable, Hashable, BitwiseCopyable {
    /// Metres (forward, up) per radian of the front joint.
    public var front: SIMD2<Double>
    /// Metres (forward, up) per radian of the rear joint.
    public var rear: SIMD2<Double>

    /// The foot's velocity when the joints turn at these speeds.
    public func footVelocity(front speed: Double, rear other: Double) -> SIMD2<Double> {
        speed * front + other * rear
    }

    /// The joints' torques that hold a force the foot feels from the ground, the force times -1.
    ///
    /// By virtual work: the transposed matrix times the force that the foot puts on the ground.
    public func torques(footForce force: SIMD2<Double>) -> (front: Double, rear: Double) {
        ((front * force).sum(), (rear * force).sum())
    }

    /// Zero where a direction of the foot is lost.
    public var determinant: Double { front.x * rear.y - front.y * rear.x }
}

/// The kinematics of a leg of two motors: swing and extension, joints, foot.
///
/// In the leg's plane x is forward and y is up, with the hip's axis at the origin. The upper links
/// lie `extension - swing` (front) and `extension + swing` (rear) from straight up, each to its
/// side: the leg model of Tan et al., "Sim-to-Real", 2018, and of the Minitaur in PyBullet, whose
/// right legs call the rear motor their first. Swings beyond half a turn are taken as they are;
/// from a foot comes a swing in [-pi, pi].
public struct FiveBarLeg: Sendable, Hashable {
    /// Names, joints, lengths.
    public let leg: LegDescription
    /// Where the extension may lie.
    ///
    /// Inside by the leg's margin of where the links lie on one another, and, if the lower links are
    /// the shorter ones, of where they no longer reach each other. The foot stays away from the hip
    /// by the margin (in radians) times the reach: at the hip swing moves nothing.
    public let extensionRange: ClosedRange<Radians>
    /// How far the foot may be from the hip, metres: what `extensionRange` makes of it.
    public let distanceRange: ClosedRange<Double>

    /// The kinematics of a leg.
    ///
    /// - Throws: `unusable` if lengths, directions or margin leave nothing to move in.
    public init(_ leg: LegDescription) throws(LegError) {
        let isUsable =
            leg.upperLength > 0 && leg.lowerLength > 0 && leg.upperLength.isFinite
            && leg.lowerLength.isFinite && leg.margin >= 0 && abs(leg.frontDirection) == 1
            && abs(leg.rearDirection) == 1
        guard isUsable else { throw .unusable(leg: leg.name) }
        let nearest = leg.margin * (leg.upperLength + leg.lowerLength)
        var lowest = Self.closure(leg) + leg.margin
        if nearest > 0, Self.distance(lowest, leg) < nearest {
            lowest = Self.extent(distance: nearest, leg)
        }
        let highest = Double.pi - leg.margin
        guard lowest < highest else { throw .unusable(leg: leg.name) }
        self.leg = leg
        extensionRange = lowest...highest
        distanceRange = Self.distance(lowest, leg)...Self.distance(highest, leg)
    }

    /// The extension from which on the linkage closes and the foot is away from the hip.
    ///
    /// The knees are `2 upper sin(extension)` apart; two lower links span that if it is at most
    /// `2 lower`. Lower links that are no longer than the upper ones meet in the hip or not at all
    /// while the upper links point up.
    private static func closure(_ leg: LegDescription) -> Radians {
        guard leg.lowerLength <= leg.upperLength else { return 0 }
        return .pi - asin(leg.lowerLength / leg.upperLength)
    }

    /// From hip to foot: down from the hip to the knees' line, then down to where the lower links
    /// meet.
    private static func distance(_ extent: Radians, _ leg: LegDescription) -> Double {
        let half = leg.upperLength * sin(extent)
        let rest = max(0, leg.lowerLength * leg.lowerLength - half * half).squareRoot()
        return rest - leg.upperLength * cos(extent)
    }

    /// The extension that has the foot so far from the hip, 0 or pi beyond the reach.
    ///
    /// The triangle hip, knee, foot has the angle pi - extension at the hip; by half of it, which is
    /// exact where a cosine is not.
    private static func extent(distance: Double, _ leg: LegDescription) -> Radians {
        let (upper, lower) = (leg.upperLength, leg.lowerLength)
        let far = (lower - upper + distance) * (lower + upper - distance)
        let near = (upper + distance - lower) * (upper + distance + lower)
        return .pi - 2 * atan2(max(0, far).squareRoot(), max(0, near).squareRoot())
    }

    // MARK: Joints and pose

    /// The pose that joint angles make; any angles do.
    public func pose(front: Radians, rear: Radians) -> LegPose {
        let (a, b) = (Double(leg.frontDirection) * front, Double(leg.rearDirection) * rear)
        return LegPose(swing: (b - a) / 2, extension: (a + b) / 2)
    }

    /// The joint angles of a pose.
    ///
    /// - Throws: `extensionOutOfRange`, or `notANumber`.
    public func joints(_ pose: LegPose) throws(LegError) -> (front: Radians, rear: Radians) {
        try check(pose)
        return (
            Double(leg.frontDirection) * (pose.extension - pose.swing),
            Double(leg.rearDirection) * (pose.extension + pose.swing)
        )
    }

    // MARK: Foot

    /// Where the foot is, metres forward and up of the hip.
    ///
    /// - Throws: `extensionOutOfRange`, or `notANumber`.
    public func foot(front: Radians, rear: Radians) throws(LegError) -> SIMD2<Double> {
        try foot(pose(front: front, rear: rear))
    }

    /// Where the foot is in a pose, metres forward and up of the hip.
    ///
    /// - Throws: `extensionOutOfRange`, or `notANumber`.
    public func foot(_ pose: LegPose) throws(LegError) -> SIMD2<Double> {
        try check(pose)
        let distance = Self.distance(pose.extension, leg)
        return SIMD2(distance * sin(pose.swing), -distance * cos(pose.swing))
    }

    /// The pose that has the foot there, metres forward and up of the hip.
    ///
    /// - Throws: `footOutOfReach`, or `notANumber`.
    public func pose(foot: SIMD2<Double>) throws(LegError) -> LegPose {
        let distance = (foot * foot).sum().squareRoot()
        guard distance.isFinite else { throw .notANumber(leg: leg.name) }
        let slack = Self.rounding * (leg.upperLength + leg.lowerLength)
        guard distance >= distanceRange.lowerBound - slack, distance > 0,
            distance <= distanceRange.upperBound + slack
        else {
            throw .footOutOfReach(leg: leg.name, distance: distance, allowed: distanceRange)
        }
        let extent = Self.extent(distance: distance, leg)
        let (lowest, highest) = (extensionRange.lowerBound, extensionRange.upperBound)
        return LegPose(
            swing: atan2(foot.x, -foot.y),
            extension: min(max(extent, lowest), highest)
        )
    }

    /// The joint angles that have the foot there, metres forward and up of the hip.
    ///
    /// - Throws: `footOutOfReach`, or `notANumber`.
    public func joints(
        foot: SIMD2<Double>
    ) throws(LegError) -> (front: Radians, rear: Radians) {
        try joints(pose(foot: foot))
    }

    /// How the foot moves with the joints.
    ///
    /// - Throws: `extensionOutOfRange`, or `notANumber`.
    public func jacobian(front: Radians, rear: Radians) throws(LegError) -> LegJacobian {
        let pose = pose(front: front, rear: rear)
        try check(pose)
        let (upper, lower) = (leg.upperLength, leg.lowerLength)
        let (sine, cosine) = (sin(pose.extension), cos(pose.extension))
        let rest = (lower * lower - upper * upper * sine * sine).squareRoot()
        let stretching = upper * sine * (1 - upper * cosine / rest)
        let distance = rest - upper * cosine
        let along = SIMD2(sin(pose.swing), -cos(pose.swing))
        let across = SIMD2(cos(pose.swing), sin(pose.swing))
        // Extension and swing are half the sum and half the difference of the two angles.
        let (sum, difference) = (stretching / 2 * along, distance / 2 * across)
        return LegJacobian(
            front: Double(leg.frontDirection) * (sum - difference),
            rear: Double(leg.rearDirection) * (sum + difference)
        )
    }

    /// What rounding may put a bound off by, of the bound.
    private static let rounding = 1e-12

    private func check(_ pose: LegPose) throws(LegError) {
        guard pose.swing.isFinite, pose.extension.isFinite else {
            throw .notANumber(leg: leg.name)
        }
        let range = extensionRange
        guard pose.extension >= range.lowerBound - Self.rounding,
            pose.extension <= range.upperBound + Self.rounding
        else {
            throw .extensionOutOfRange(
                leg: leg.name,
                extension: pose.extension,
                allowed: extensionRange
            )
        }
    }
}

/// Why a leg cannot be where it is wanted.
public enum LegError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Lengths and margin leave no room to move.
    case unusable(leg: String)
    /// The linkage does not close there, or loses a direction of its foot.
    case extensionOutOfRange(leg: String, extension: Radians, allowed: ClosedRange<Radians>)
    /// The foot cannot be that near or far.
    case footOutOfReach(leg: String, distance: Double, allowed: ClosedRange<Double>)
    /// A number is none.
    case notANumber(leg: String)

    /// Which leg, which value, what is allowed.
    public var description: String {
        switch self {
        case .unusable(let leg):
            "leg `\(leg)` cannot move: lengths have to be positive, directions 1 or -1, and the "
                + "margin smaller; correct the leg in the robot file"
        case .extensionOutOfRange(let leg, let value, let allowed):
            "leg `\(leg)` cannot be at extension \(Self.degrees(value)); allowed is "
                + "\(Self.degrees(allowed.lowerBound)) to \(Self.degrees(allowed.upperBound))"
        case .footOutOfReach(let leg, let value, let allowed):
            "leg `\(leg)` cannot have its foot \(Self.millimetres(value)) from the hip; allowed is "
                + "\(Self.millimetres(allowed.lowerBound)) to "
                + Self.millimetres(allowed.upperBound)
        case .notANumber(let leg):
            "leg `\(leg)` was asked for a pose that is no number"
        }
    }

    private static func degrees(_ angle: Radians) -> String { tenths(angle * 180 / .pi) + " deg" }

    private static func millimetres(_ length: Double) -> String { tenths(length * 1000) + " mm" }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
