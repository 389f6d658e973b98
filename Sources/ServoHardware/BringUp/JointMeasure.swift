public import Robot

/// Why what was measured of a joint is no calibration.
public enum CalibrationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// It was hardly moved.
    case notMoved(joint: String, pulses: Int)
    /// Its range goes over the place where the encoder starts from zero again.
    case wraps(joint: String, range: ClosedRange<Int>, reach: ClosedRange<Int>)
    /// It was turned by more than one turn.
    case moreThanOneTurn(joint: String, pulses: Int)
    /// The robot file's limits lie outside the one turn the servo can be sent to.
    case limitsOutsideTurn(joint: String, limits: ClosedRange<Int>, reach: ClosedRange<Int>)

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .notMoved(let joint, let pulses):
            "joint `\(joint)` was moved by \(pulses) pulses only; move it from stop to stop"
        case .wraps(let joint, let range, let reach):
            "joint `\(joint)` goes from pulse \(range.lowerBound) to \(range.upperBound), over the "
                + "place where its encoder starts again (\(reach.lowerBound) to "
                + "\(reach.upperBound) can be reached); take its horn off and put it on turned "
                + "by a quarter, then calibrate again"
        case .moreThanOneTurn(let joint, let pulses):
            "joint `\(joint)` was turned by \(pulses) pulses, more than one turn; a joint with "
                + "stops turns less: is its horn loose?"
        case .limitsOutsideTurn(let joint, let limits, let reach):
            "joint `\(joint)`: the robot file's limits would be pulses \(limits.lowerBound) to "
                + "\(limits.upperBound), a servo reaches \(reach.lowerBound) to "
                + "\(reach.upperBound); narrow `position:`, or put its horn on turned by a "
                + "quarter and calibrate again"
        }
    }
}

/// How a controller counts pulses while a hand turns its joint.
public enum PulseCounting: Sendable, Hashable {
    /// Over many turns, and folded into one when torque comes on: Dynamixel 2.0.
    case foldedByTorque
    /// Within a turn, from whose end it jumps to the other: Dynamixel 1.0, Feetech.
    case folded
    /// Over many turns, torque or not, and can be sent there: moteus, ODrive.
    case unbounded

    /// How a model counts.
    public init(_ servo: ServoSpecification) {
        guard servo.goalPulses != nil else {
            self = .unbounded
            return
        }
        self = servo.wire == .dynamixel ? .foldedByTorque : .folded
    }
}

/// What a hand shows of one joint: where its middle is and how far it goes.
///
/// Takes pulses as the servo counts them with torque off. Results are in pulses as they will be with
/// torque on, when most servos fold their count into one turn.
public struct JointMeasure: Sendable, Hashable {
    /// The joint's name.
    public let name: String
    /// Pulses in a turn.
    public let turn: Int
    /// How they are counted.
    public let counting: PulseCounting
    /// The pulses that can be told apart and be sent to.
    public let reach: ClosedRange<Int>
    /// Homing Offset register, which a count that torque folds includes.
    public let homingOffset: Int
    /// The newest count, `nil` before the first.
    public private(set) var present: Int?
    /// The count in the middle pose, `nil` before `setMiddle`.
    public private(set) var middle: Int?
    /// The lowest count since the middle was set.
    public private(set) var lowest: Int?
    /// The highest count since the middle was set.
    public private(set) var highest: Int?

    /// A joint of which nothing is known.
    public init(name: String, turn: Int, homingOffset: Int) {
        self.name = name
        self.turn = turn
        self.homingOffset = homingOffset
        counting = .foldedByTorque
        reach = 0...(turn - 1)
    }

    /// A joint of a robot of which nothing is known.
    public init(joint: Joint, homingOffset: Int) {
        name = joint.name
        turn = joint.servo.pulsesPerTurn
        counting = PulseCounting(joint.servo)
        reach = joint.servo.goalPulses ?? 0...(turn - 1)
        // The others' counts have it in them before they are folded.
        self.homingOffset = counting == .foldedByTorque ? homingOffset : 0
    }

    /// Takes a reading.
    public mutating func note(_ count: Int) {
        let pulses = unfolded(count)
        present = pulses
        guard middle != nil else { return }
        lowest = min(lowest ?? pulses, pulses)
        highest = max(highest ?? pulses, pulses)
    }

    /// A count as if the encoder did not begin again: nobody turns a joint by half a turn between
    /// two readings.
    private func unfolded(_ count: Int) -> Int {
        guard counting == .folded, let present else { return count }
        let turns = (Double(present - count) / Double(turn)).rounded()
        return count + Int(turns) * turn
    }

    /// Takes the newest reading for the middle pose and begins to record the range.
    public mutating func setMiddle() {
        middle = present
        lowest = present
        highest = present
    }

    /// What has to be added to a count to get the one with torque on, if it comes on in the middle.
    private var shift: Int {
        guard let middle, counting != .unbounded else { return 0 }
        let raw = (middle - homingOffset) % turn
        return (raw < 0 ? raw + turn : raw) + homingOffset - middle
    }

    /// The middle pose in pulses with torque on, `nil` before it is set.
    public var middlePulse: Int? { middle.map { $0 + shift } }

    /// The range in pulses with torque on, `nil` before the middle is set.
    public var range: ClosedRange<Int>? {
        guard let lowest, let highest else { return nil }
        return (lowest + shift)...(highest + shift)
    }

    /// Whether the range goes over the place where the encoder starts again.
    public var wraps: Bool {
        guard let range, counting != .unbounded else { return false }
        // A potentiometer that ends before the turn does stands still at its ends.
        if reach.count < turn {
            return range.lowerBound <= reach.lowerBound || range.upperBound >= reach.upperBound
        }
        return range.lowerBound < max(0, homingOffset)
            || range.upperBound > turn - 1 + min(0, homingOffset)
    }

    /// The range, if the joint has been moved and stays within one turn.
    ///
    /// - Parameter turnsFreely: an object's joint: its range means nothing and `nil` is returned.
    public func checkedRange(
        turnsFreely: Bool
    ) throws(CalibrationProblem) -> ClosedRange<Int>? {
        guard let range, !turnsFreely else { return nil }
        if range.count - 1 < Self.leastMotion * turn / 360 {
            throw .notMoved(joint: name, pulses: range.count - 1)
        }
        if counting != .unbounded, range.count > turn {
            throw .moreThanOneTurn(joint: name, pulses: range.count - 1)
        }
        if wraps { throw .wraps(joint: name, range: range, reach: reach) }
        return range
    }

    /// Degrees by which every joint must have been moved.
    private static let leastMotion = 5
}

extension JointCalibration {
    /// The calibration of a joint whose middle pose is where its file's limits have their middle.
    ///
    /// - Throws: `limitsOutsideTurn` if the servo cannot reach the limits.
    public init(
        joint: Joint,
        middlePulse: Int,
        direction: Int
    ) throws(CalibrationProblem) {
        let turn = joint.servo.pulsesPerTurn
        let plain = JointCalibration(zeroPulse: 0, direction: direction)
        let middle = plain.pulses(angle: joint.limits.middle, pulsesPerTurn: turn)
        self.init(zeroPulse: middlePulse - middle, direction: direction)
        guard joint.role == .actuated, let reach = joint.servo.goalPulses else { return }
        let ends = [joint.limits.position.lowerBound, joint.limits.position.upperBound]
            .map { pulses(angle: $0, pulsesPerTurn: turn) }.sorted()
        guard reach.contains(ends[0]), reach.contains(ends[1]) else {
            throw .limitsOutsideTurn(joint: joint.name, limits: ends[0]...ends[1], reach: reach)
        }
    }
}

extension JointLimits {
    /// The angle half-way between the limits: the pose a person brings the joint to.
    public var middle: Radians { (position.lowerBound + position.upperBound) / 2 }
}

extension RobotDescription {
    /// The robot with angles that are plain pulse counts: zero at pulse 0, all pulses allowed.
    ///
    /// What bring-up reads servos with before their calibration is known.
    public var countingPulses: RobotDescription {
        var robot = self
        for index in robot.joints.indices {
            let servo = robot.joints[index].servo
            let reach = servo.goalPulses ?? 0...(servo.pulsesPerTurn - 1)
            robot.calibration[index] = JointCalibration(zeroPulse: 0, direction: 1)
            robot.joints[index].limits.position =
                Double(reach.lowerBound) * servo.radiansPerPulse...Double(reach.upperBound)
                * servo.radiansPerPulse
            robot.joints[index].resetPosition = 0
        }
        return robot
    }
}
