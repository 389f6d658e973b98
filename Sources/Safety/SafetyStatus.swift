public import Robot

/// What the control thread says about safety ten times a second: numbers, no words.
@frozen public struct SafetyStatus: Sendable, BitwiseCopyable {
    /// Where the supervisor stands.
    public var state = SafetyState.disarmed
    /// Why it stopped by itself, if it did.
    public var fault: Fault?
    /// Whether that has to be remembered across restarts.
    public var isLatched = false
    /// The rules that are broken now.
    public var checks = RuleReport()
    /// Joints with torque.
    public var torqueEnabled = JointSet()

    /// A status in which nothing was looked at yet.
    public init() {}
}

/// One line of the checks, in words.
public struct SafetyCheck: Sendable, Hashable {
    /// How a check came out.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// As it should be.
        case pass
        /// A person should know.
        case warn
        /// The robot must not get torque, or is stopped.
        case fail
    }

    /// What was checked.
    public var name: String
    /// How it came out.
    public var outcome: Outcome
    /// The joints it is about, by name; empty for the robot as a whole.
    public var joints: [String]
    /// What to do; empty if it passed.
    public var remedy: String

    /// All checks of a status, in the order of the rules.
    public static func list(_ status: SafetyStatus, robot: RobotDescription) -> [SafetyCheck] {
        RuleTable.rows.filter(\.rule.isCheck).map { row in
            let isBroken = status.checks.isBroken(row.rule)
            let joints = status.checks[row.rule].indices.filter(robot.joints.indices.contains)
            return SafetyCheck(
                name: row.name,
                outcome: isBroken ? Outcome(row.rule.response) : .pass,
                joints: joints.map { robot.joints[$0].name },
                remedy: isBroken ? row.remedy : ""
            )
        }
    }
}

extension SafetyCheck.Outcome {
    init(_ response: SafetyResponse) {
        switch response {
        case .none: self = .pass
        case .warn, .slow, .pause, .endEpisode: self = .warn
        case .stopInOrder, .stopAtOnce: self = .fail
        }
    }
}
