import Foundation
import Robot
import Testing

/// A small generator for reproducible samples (SplitMix64).
private struct Draws: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

@Suite("Five-bar legs")
struct FiveBarLegTests {
    static let seeds = Array(UInt64(1)...40)

    /// Upper and lower lengths of the Minitaur in PyBullet, of the Doggo, and the odd cases.
    static let lengths: [(upper: Double, lower: Double)] = [
        (0.112, 0.199), (0.09, 0.162), (0.1, 0.2), (0.15, 0.15), (0.2, 0.12), (0.1, 0.1001),
    ]

    static func leg(
        _ upper: Double,
        _ lower: Double,
        margin: Double = LegDescription.defaultMargin,
        directions: (Int, Int) = (1, 1)
    ) throws -> FiveBarLeg {
        try FiveBarLeg(
            LegDescription(
                name: "front_left",
                frontJoint: 0,
                rearJoint: 1,
                upperLength: upper,
                lowerLength: lower,
                frontDirection: directions.0,
                rearDirection: directions.1,
                margin: margin
            )
        )
    }

    /// A random leg and a pose in its range.
    private static func draw(_ random: inout Draws) throws -> (leg: FiveBarLeg, pose: LegPose) {
        let length = lengths[Int(random.next() % UInt64(lengths.count))]
        let directions = (random.next() % 2 == 0 ? 1 : -1, random.next() % 2 == 0 ? 1 : -1)
        let leg = try leg(length.upper, length.lower, directions: directions)
        let pose = LegPose(
            swing: .random(in: -3.1...3.1, using: &random),
            extension: .random(in: leg.extensionRange, using: &random)
        )
        return (leg, pose)
    }

    // robots.md 2.4 (bullet3, minitaur): m[2i] = ext - (-1)^(i/2) swing, m[2i+1] = ext + (-1)^(i/2)
    // swing for legs front left, back left, front right, back right.
    @Test("the Minitaur's eight motors are the sheet's formula") func minitaur() throws {
        for i in 0..<4 {
            let sign = i / 2 == 0 ? 1.0 : -1.0
            let (swing, extent) = (0.3 - 0.1 * Double(i), 2.0 + 0.05 * Double(i))
            let motors = [extent - sign * swing, extent + sign * swing]
            // On the right side the first motor is the one behind.
            let front = i / 2 == 0 ? 0 : 1
            let leg = try Self.leg(0.112, 0.199)
            let joints = try leg.joints(LegPose(swing: swing, extension: extent))
            #expect(abs(joints.front - motors[front]) < 1e-15)
            #expect(abs(joints.rear - motors[1 - front]) < 1e-15)
            let back = leg.pose(front: motors[front], rear: motors[1 - front])
            #expect(abs(back.swing - swing) < 1e-15)
            #expect(abs(back.extension - extent) < 1e-15)
            // The sheet's inverse: swing = (-1)^(i/2) (m2 - m1) / 2, ext = (m1 + m2) / 2.
            #expect(abs(sign * 0.5 * (motors[1] - motors[0]) - swing) < 1e-15)
        }
    }

    @Test("poses whose foot is known: horizontal upper links, nearly folded, nearly stretched")
    func knownPoses() throws {
        let leg = try Self.leg(0.1, 0.2, margin: 1e-6)
        // Knees 0.1 to each side: the foot is the third corner, sqrt(0.04 - 0.01) below.
        let level = try leg.foot(LegPose(swing: 0, extension: .pi / 2))
        #expect(abs(level.x) < 1e-15 && abs(level.y + 0.03.squareRoot()) < 1e-15)
        // The same, leaning forward by 30 degrees.
        let leaning = try leg.foot(LegPose(swing: .pi / 6, extension: .pi / 2))
        #expect(abs(leaning.x - 0.03.squareRoot() / 2) < 1e-15)
        #expect(abs(leaning.y + 0.03.squareRoot() * cos(.pi / 6)) < 1e-15)
        #expect(abs(leg.distanceRange.lowerBound - 0.1) < 1e-9)
        #expect(abs(leg.distanceRange.upperBound - 0.3) < 1e-9)
        // A 3-4-5 triangle: upper 0.3, lower 0.5, the foot 0.4 below, upper links level.
        let right = try Self.leg(0.3, 0.5)
        let pose = try right.pose(foot: SIMD2(0, -0.4))
        #expect(abs(pose.extension - .pi / 2) < 1e-12)
    }

    @Test("joints, foot and back, to 1e-9", arguments: seeds) func roundTrip(seed: UInt64) throws {
        var random = Draws(state: seed)
        for _ in 0..<500 {
            let (leg, pose) = try Self.draw(&random)
            let joints = try leg.joints(pose)
            let foot = try leg.foot(front: joints.front, rear: joints.rear)
            let back = try leg.joints(foot: foot)
            #expect(abs(back.front - joints.front) < 1e-9, "seed \(seed): \(leg) \(pose)")
            #expect(abs(back.rear - joints.rear) < 1e-9, "seed \(seed): \(leg) \(pose)")
        }
    }

    @Test("the foot is the far meeting point of two circles about the knees", arguments: seeds)
    func circles(seed: UInt64) throws {
        var random = Draws(state: seed)
        for _ in 0..<500 {
            let (leg, pose) = try Self.draw(&random)
            let joints = try leg.joints(pose)
            let (upper, lower) = (leg.leg.upperLength, leg.leg.lowerLength)
            // Links from straight up, the front one clockwise seen with forward to the right.
            let a = Double(leg.leg.frontDirection) * joints.front
            let b = Double(leg.leg.rearDirection) * joints.rear
            let front = upper * SIMD2(sin(a), cos(a))
            let rear = upper * SIMD2(-sin(b), cos(b))
            // Two circles: from the middle between the centres, across their line.
            let middle = (front + rear) / 2
            let line = front - rear
            let apart = (line * line).sum().squareRoot()
            let height = (lower * lower - apart * apart / 4).squareRoot()
            let across = SIMD2(line.y, -line.x) / apart
            let meetings = [middle + height * across, middle - height * across]
            let foot = try leg.foot(front: joints.front, rear: joints.rear)
            let off = meetings.map { ((foot - $0) * (foot - $0)).sum().squareRoot() }
            #expect((off.min() ?? 1) < 1e-9, "seed \(seed): \(leg) \(pose)")
            // Knees outward: along the leg's direction it is the further one.
            let along = SIMD2(sin(pose.swing), -cos(pose.swing))
            let far = max((meetings[0] * along).sum(), (meetings[1] * along).sum())
            #expect(abs((foot * along).sum() - far) < 1e-9, "seed \(seed): \(leg) \(pose)")
        }
    }

    @Test(
        "the Jacobian is the slope of the foot, and power is the same on both sides",
        arguments: seeds
    )
    func jacobian(seed: UInt64) throws {
        var random = Draws(state: seed)
        for _ in 0..<200 {
            let (leg, drawn) = try Self.draw(&random)
            // A step inside the range on both sides.
            let inside = leg.extensionRange
            let pose = LegPose(
                swing: drawn.swing,
                extension: min(
                    max(drawn.extension, inside.lowerBound + 1e-4),
                    inside.upperBound - 1e-4
                )
            )
            let (f, r) = try leg.joints(pose)
            let jacobian = try leg.jacobian(front: f, rear: r)
            let h = 1e-6
            let front = try (leg.foot(front: f + h, rear: r) - leg.foot(front: f - h, rear: r))
            let rear = try (leg.foot(front: f, rear: r + h) - leg.foot(front: f, rear: r - h))
            for (column, difference) in [(jacobian.front, front), (jacobian.rear, rear)] {
                let error = column - difference / (2 * h)
                #expect(abs(error.x) < 1e-7 && abs(error.y) < 1e-7, "seed \(seed): \(pose)")
            }
            let force = SIMD2(3.0, -7.0)
            let velocity = jacobian.footVelocity(front: 0.4, rear: -0.9)
            let torques = jacobian.torques(footForce: force)
            let power = 0.4 * torques.front - 0.9 * torques.rear
            #expect(abs(power - (force * velocity).sum()) < 1e-12)
            // Nothing is lost inside the margin m: the determinant is half the distance r times
            // upper sin(extension) r / (height of the lower links' triangle), and r is at least m
            // times the reach.
            let (upper, lower) = (leg.leg.upperLength, leg.leg.lowerLength)
            let margin = leg.leg.margin
            let least = upper * sin(margin) * pow(margin * (upper + lower), 2) / (2 * lower)
            #expect(abs(jacobian.determinant) > 0.99 * least, "seed \(seed): \(leg) \(pose)")
        }
    }

    @Test("poses are refused exactly where the links cannot close", arguments: lengths)
    func closure(upper: Double, lower: Double) throws {
        let leg = try Self.leg(upper, lower, margin: 0)
        for step in 0...4000 {
            let extent = -0.2 + Double(step) * (.pi + 0.4) / 4000
            // The triangle inequality for the knees, who are apart and not past each other, and a
            // foot below the hip.
            let apart = 2 * upper * sin(extent)
            let closes = apart >= 0 && apart <= 2 * lower
            let below = (max(0, lower * lower - apart * apart / 4)).squareRoot()
            let foot = below - upper * cos(extent)
            // Where rounding decides, nothing is asked.
            if abs(apart) < 1e-9 || abs(apart - 2 * lower) < 1e-9 || abs(foot) < 1e-9 {
                let isFoldedFlat = upper == lower && extent < .pi / 2 - 1e-6
                guard isFoldedFlat else { continue }
            }
            let isGood = closes && foot > 1e-9
            let found = try? leg.foot(LegPose(swing: 0.1, extension: extent))
            #expect((found != nil) == isGood, "extension \(extent)")
        }
        for step in 0...4000 {
            let distance = Double(step) * 1.2 * (upper + lower) / 4000
            // Hip, knee and foot close to a triangle; with short lower links only from where the
            // foot hangs below the line between the knees.
            let nearest =
                lower > upper ? lower - upper : (upper * upper - lower * lower).squareRoot()
            let farthest = upper + lower
            if abs(distance - nearest) < 1e-9 || abs(distance - farthest) < 1e-9 { continue }
            let isGood = distance > nearest && distance < farthest
            let found = try? leg.pose(foot: SIMD2(0, -distance))
            #expect((found != nil) == isGood, "distance \(distance)")
        }
    }

    @Test("near poses have near feet and near joints", arguments: seeds)
    func continuity(seed: UInt64) throws {
        var random = Draws(state: seed)
        for _ in 0..<200 {
            let (leg, start) = try Self.draw(&random)
            let (_, other) = try Self.draw(&random)
            let end = LegPose(
                swing: other.swing,
                extension: min(
                    max(other.extension, leg.extensionRange.lowerBound),
                    leg.extensionRange.upperBound
                )
            )
            var last: (foot: SIMD2<Double>, front: Double, rear: Double)?
            for step in 0...50 {
                let t = Double(step) / 50
                let pose = LegPose(
                    swing: start.swing + t * (end.swing - start.swing),
                    extension: start.extension + t * (end.extension - start.extension)
                )
                let foot = try leg.foot(pose)
                let joints = try leg.joints(foot: foot)
                if let last {
                    let moved = ((foot - last.foot) * (foot - last.foot)).sum().squareRoot()
                    let turned = max(abs(joints.front - last.front), abs(joints.rear - last.rear))
                    // At most 6.2 rad of swing and pi of extension in 50 steps.
                    #expect(turned < (6.2 + .pi) / 50 + 1e-6, "seed \(seed): \(leg) \(pose)")
                    // The foot moves at most by the reach per radian of swing, and by upper over
                    // the sine of the margin per radian of extension.
                    #expect(moved < 0.3, "seed \(seed): \(leg) \(pose)")
                }
                last = (foot, joints.front, joints.rear)
            }
        }
    }

    @Test("a refusal names leg, value and range") func errors() throws {
        let leg = try Self.leg(0.1, 0.2)
        #expect {
            _ = try leg.foot(front: 3.4, rear: 3.4)
        } throws: { error in
            "\(error)"
                == "leg `front_left` cannot be at extension 194.8 deg; allowed is 5.0 deg to "
                + "175.0 deg"
        }
        #expect {
            _ = try leg.joints(foot: SIMD2(0.3, -0.1))
        } throws: { error in
            // 0.1 and 0.2 at 175 and 5 degrees between: 299.6 and 100.2 mm.
            "\(error)"
                == "leg `front_left` cannot have its foot 316.2 mm from the hip; allowed is "
                + "100.2 mm to 299.4 mm"
        }
        #expect(throws: LegError.notANumber(leg: "front_left")) {
            _ = try leg.joints(foot: SIMD2(.nan, 0))
        }
        #expect(throws: LegError.notANumber(leg: "front_left")) {
            _ = try leg.foot(front: .infinity, rear: 0)
        }
        for (upper, lower, margin) in [
            (0.0, 0.1, 0.1), (0.1, -0.1, 0.1), (0.1, 0.2, 1.6),
            (0.2, 0.02, 0.06), (.nan, 0.1, 0.1),
        ] {
            #expect(throws: LegError.unusable(leg: "front_left")) {
                _ = try Self.leg(upper, lower, margin: margin)
            }
        }
    }
}
