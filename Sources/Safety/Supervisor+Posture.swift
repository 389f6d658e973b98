import Robot

/// What the supervisor keeps of a `PosturePart`: no words.
struct PartWatch: Sendable, BitwiseCopyable {
    var rule: SafetyRule
    var joints: JointSet
    var softZone: Double

    init(_ part: PosturePart) {
        (rule, joints, softZone) = (part.rule, part.joints, part.softZone)
    }
}

/// Goals of one tick that are shaped until the guard has nothing against them.
///
/// Every joint stands on one of three steps. **Free**: the goal the joint's own limits gave, less in
/// a soft zone. **Held**: the goal in force, as far as window and limits let it stay. **Here**: where
/// the joint is, inside its limits; that ends the matter, because the robot is there already.
struct PostureShaping {
    /// Which of the three a joint's goal is.
    enum Step: UInt8, Sendable, BitwiseCopyable { case free, held, here }

    /// Goals of the joints' own limits.
    var free: JointArray<Radians?>
    /// What the same limits make of "stay".
    var held: JointArray<Radians?>
    /// The measured place inside the limits.
    var here: JointArray<Radians?>
    /// The goals in force; for joints without torque where they are.
    var before: JointArray<Radians>
    /// Where all joints are; what a posture has of joints without torque.
    var measured: JointArray<Radians>
    var steps: JointArray<Step>
    /// What of the way from held to free is left, by joint.
    var shares: JointArray<Double>

    /// The goal of a joint with torque.
    func goal(_ joint: Int) -> Radians? {
        guard let free = free[joint], let held = held[joint], let here = here[joint] else {
            return nil
        }
        switch steps[joint] {
        case .free: return shares[joint] == 1 ? free : held + shares[joint] * (free - held)
        case .held: return held
        case .here: return here
        }
    }

    var posture: JointArray<Radians> {
        var posture = measured
        for joint in posture.indices { posture[joint] = goal(joint) ?? measured[joint] }
        return posture
    }

    /// One step back for all of a part's joints; whether any was left to go.
    mutating func stepBack(_ joints: JointSet) -> Bool {
        var hasMoved = false
        for joint in steps.indices where joints.contains(joint) && steps[joint] != .here {
            steps[joint] = steps[joint] == .free ? .held : .here
            hasMoved = true
        }
        return hasMoved
    }
}

extension Supervisor {
    /// Keeps fingertips in their boxes and bodies apart.
    ///
    /// For each part: the goals leave it at least as much room as none at all, or as the goals in
    /// force do; or all its joints are told to stay where they are.
    mutating func shape(_ shaping: inout PostureShaping, _ guardian: any PostureGuard) {
        var rooms = PostureRooms()
        guardian.measure(shaping.posture, into: &rooms)
        if postureParts.indices.allSatisfy({ rooms[$0] >= max(0, postureParts[$0].softZone) }) {
            return countRefusal(false)
        }
        var before = PostureRooms()
        guardian.measure(shaping.before, into: &before)
        if slow(&shaping, rooms, before) { guardian.measure(shaping.posture, into: &rooms) }
        var collides = false
        // Every round takes at least one joint a step back.
        for _ in 0..<2 * shaping.steps.count {
            var hasMoved = false
            for (place, part) in postureParts.enumerated()
            where rooms[place] < min(0, before[place]) {
                if shaping.stepBack(part.joints) { hasMoved = true }
                if part.rule == .selfCollision { collides = true }
                noteRefusal(part)
            }
            if !hasMoved { break }
            guardian.measure(shaping.posture, into: &rooms)
        }
        countRefusal(collides)
    }

    /// Makes steps towards a near face smaller; whether it did.
    private mutating func slow(
        _ shaping: inout PostureShaping,
        _ rooms: PostureRooms,
        _ before: PostureRooms
    ) -> Bool {
        var hasSlowed = false
        for (place, part) in postureParts.enumerated()
        where part.softZone > 0 && rooms[place] < min(part.softZone, before[place]) {
            let share = max(0.05, min(1, max(0, before[place]) / part.softZone))
            for joint in shaping.shares.indices where part.joints.contains(joint) {
                shaping.shares[joint] = min(shaping.shares[joint], share)
            }
            noteRefusal(part)
            hasSlowed = true
        }
        return hasSlowed
    }

    private mutating func noteRefusal(_ part: PartWatch) {
        for joint in previous.indices where part.joints.contains(joint) {
            broken.note(part.rule, joint: joint)
        }
    }

    /// Ticks in which a goal was refused for a collision, less those in which none was.
    private mutating func countRefusal(_ isRefused: Bool) {
        guard state == .running else {
            refusedTicks = 0
            return
        }
        refusedTicks = max(0, refusedTicks + (isRefused ? 1 : -1))
        if refusedTicks >= patience.collision { broken.note(.collisionTime) }
    }
}
