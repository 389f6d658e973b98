internal import Glibc

/// How fast a walking robot's body moves, by the feet that stand.
///
/// A foot that stands does not move in the world, so the body moves as the foot moves under it, turned
/// into the horizontal by roll and pitch, with the gyroscope's part for the lever between foot and
/// body. The lowest feet count as standing; a robot in the air, and a foot that slips, are taken for
/// what they are not. The heading is the IMU's and drifts with it.
public struct LegOdometry: Sendable {
    /// A foot this much higher than the lowest one has no weight, metres.
    public static let stanceHeight = 0.010

    private let legs: [FiveBarLeg]
    private let hips: [SIMD2<Double>]

    /// Of the robot's legs; a leg that cannot be is left out.
    public init(_ robot: RobotDescription) {
        let usable = robot.legs.compactMap { leg in
            (try? FiveBarLeg(leg)).map { (leg: $0, hip: leg.hip) }
        }
        legs = usable.map(\.leg)
        hips = usable.map(\.hip)
    }

    /// What the legs say of the body.
    public struct Motion: Sendable, Hashable, BitwiseCopyable {
        /// m/s forward and to the left, in the horizontal plane, by heading.
        public var velocity: SIMD2<Double>
        /// The body's origin above the lowest foot, metres.
        public var height: Double
    }

    /// One foot, levelled.
    private struct Foot {
        var height = Double.infinity
        var velocity = SIMD2<Double>.zero
    }

    /// The body's motion now; `nil` if a joint or the attitude is not known.
    public func motion(
        _ samples: JointArray<JointSample?>,
        _ base: BaseSample?
    ) -> Motion? {
        guard let base, !legs.isEmpty else { return nil }
        var feet = InlineArray<12, Foot>(repeating: Foot())
        var lowest = Double.infinity
        for index in 0..<min(legs.count, feet.count) {
            guard let foot = foot(index, samples, base) else { continue }
            feet[index] = foot
            lowest = min(lowest, foot.height)
        }
        guard lowest.isFinite else { return nil }
        var sum = SIMD2<Double>.zero
        var weights = 0.0
        for index in feet.indices where feet[index].height.isFinite {
            let weight = max(0, 1 - (feet[index].height - lowest) / Self.stanceHeight)
            sum += weight * feet[index].velocity
            weights += weight
        }
        return Motion(velocity: sum / weights, height: -lowest)
    }

    /// How the body moves if this foot stands, and how high the foot is below the body's origin.
    private func foot(
        _ index: Int,
        _ samples: JointArray<JointSample?>,
        _ base: BaseSample
    ) -> Foot? {
        let leg = legs[index]
        guard let front = samples[leg.leg.frontJoint], let rear = samples[leg.leg.rearJoint],
            let place = try? leg.foot(front: front.position, rear: rear.position),
            let jacobian = try? leg.jacobian(front: front.position, rear: rear.position)
        else { return nil }
        let speed = jacobian.footVelocity(front: front.velocity, rear: rear.velocity)
        let arm = SIMD3(hips[index].x + place.x, hips[index].y, place.y)
        let turn = SIMD3(base.rollRate, base.pitchRate, base.yawRate)
        let relative = SIMD3(speed.x, 0, speed.y) + cross(turn, arm)
        let level = levelled(-relative, base)
        return Foot(height: levelled(arm, base).z, velocity: SIMD2(level.x, level.y))
    }

    private func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }

    /// From the body's axes to level ones that point the same way: roll, then pitch.
    private func levelled(_ v: SIMD3<Double>, _ base: BaseSample) -> SIMD3<Double> {
        let (cr, sr) = (cos(base.roll), sin(base.roll))
        let (cp, sp) = (cos(base.pitch), sin(base.pitch))
        let (y, z) = (cr * v.y - sr * v.z, sr * v.y + cr * v.z)
        return SIMD3(cp * v.x + sp * z, y, cp * z - sp * v.x)
    }
}
