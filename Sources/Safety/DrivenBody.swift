public import Robot

/// Why a joint's torque could not be enabled, for a person.
public struct ArmingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The joint's index.
    public var joint: Int
    /// What went wrong and what to do, one sentence.
    public var reason: String

    /// A refusal to arm `joint`.
    public init(joint: Int, reason: String) {
        self.joint = joint
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }
}

/// A body that can be moved, by goals that `Safety` made and in no other way.
public protocol DrivenBody: RobotBody {
    /// Sends goals to the servos of every joint that has one. Does not wait for the motion.
    func write(_ goal: consuming SafeGoal)

    /// Enables torque on the permit's joints without a jump.
    ///
    /// For each joint, in this order: settings that are lost by a reboot (gains, current limit),
    /// goal := present position, both read back and compared, the servo's own watchdog armed,
    /// torque on, torque read back. On an error the joints enabled so far are switched off again.
    /// May take many ticks. `state` is brought up to date.
    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError)

    /// Switches torque off, with bounded retries, and says which joints did not confirm it.
    ///
    /// Needs no permit and never throws: it is part of every way to stop.
    func disableTorque(_ joints: JointSet) -> JointSet

    /// Has joints that have torque brake in proportion to velocity instead of going to a goal.
    ///
    /// To be called once a tick as long as it is to last: the first call switches over and reads
    /// back, later ones keep the controllers' watchdogs quiet. Ends with `disableTorque`; goals are
    /// not to be written meanwhile. Needs no permit and never throws: it is a way to stop.
    /// - Returns: joints that do not brake; their torque is to be switched off.
    func damp(_ joints: JointSet) -> JointSet
}

extension DrivenBody {
    /// A body that cannot brake says so of every joint.
    public func damp(_ joints: JointSet) -> JointSet { joints }
}

/// A body whose connection may be lost and come back.
public protocol ReconnectableBody: DrivenBody {
    /// Whether a part of the body cannot be reached and `reconnect` may bring it back.
    var isDisconnected: Bool { get }

    /// Tries once to reach the whole body again; what is found there has no torque afterwards.
    ///
    /// What was read before of the joints that were away is forgotten: they are judged and prepared
    /// anew before they get torque. May take many ticks.
    /// - Throws: what stands in the way; the body is as disconnected as before.
    func reconnect(state: inout BodyState) throws(ReconnectProblem)
}

/// Why a body could not be reached again, for a person.
public struct ReconnectProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is missing and what to do.
    public var description: String

    /// A problem in words.
    public init(_ description: String) { self.description = description }
}
