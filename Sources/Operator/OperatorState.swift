import Foundation

/// What a person is told about a running robot.
///
/// Filled by `sacbot`, shown by `sacbot status`.
public struct OperatorState: Sendable, Codable, Hashable {
    /// The robot's name.
    public var robot = ""
    /// The task's name.
    public var task = ""
    /// simulation, emulator or hardware.
    public var backend = ""
    /// What it is doing: resetting, running, waiting for a person, stopping, stopped.
    public var phase = "starting"
    /// The run's folder.
    public var run = ""
    /// Episodes finished.
    public var episodes = 0
    /// Policy steps recorded.
    public var steps = 0
    /// Gradient updates done.
    public var updates = 0
    /// Share of the newest episodes that held success, `nil` before the first.
    public var recentSuccess: Double?
    /// Where the time of the control thread's ticks goes, `nil` before the first.
    public var ticks: TickState?
    /// The question a person has to answer, if there is one.
    public var prompt: String?
    /// The fault in force with its remedy, if there is one.
    public var fault: String?
    /// Whether the fault is kept across restarts until `sacbot clear-fault`.
    public var isFaultLatched = false
    /// Where the supervisor stands: disarmed, checking, armed, resetting, running, pausing,
    /// stopping, fault or e-stop.
    public var safety = "disarmed"
    /// What was checked last, at most a tenth of a second ago while the robot is read.
    public var checks: [OperatorCheck] = []

    /// A state in which nothing has happened yet.
    public init() {}

    /// One JSON object on one line, its keys in order.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Words and finite numbers always encode.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// One thing that is checked before the robot gets torque and ten times a second after.
public struct OperatorCheck: Sendable, Codable, Hashable {
    /// What should hold.
    public var name: String
    /// pass, warn or fail.
    public var outcome: String
    /// The joints it is about; empty for the robot as a whole.
    public var joints: [String]
    /// What to do; empty if it passed.
    public var remedy: String

    /// A check.
    public init(name: String, outcome: String, joints: [String], remedy: String) {
        self.name = name
        self.outcome = outcome
        self.joints = joints
        self.remedy = remedy
    }
}

/// A request on the control socket: one JSON object on one line.
public struct OperatorRequest: Sendable, Codable {
    /// What may be asked.
    public enum Command: String, Sendable, Codable, CaseIterable {
        /// Tell the state.
        case status
        /// Stop in order: park, checkpoint, leave.
        case stop
        /// Emergency stop.
        case estop
        /// Answer a prompt: it is put right, go on.
        case `continue`
        /// The latched fault was looked into: the robot may be armed again.
        case clearFault = "clear-fault"
        /// Somebody begins to interfere with the robot by hand.
        case markBegin = "mark-begin"
        /// The interference by hand is over.
        case markEnd = "mark-end"
    }

    /// The protocol's version; this one is 1.
    public var version = 1
    /// What is asked.
    public var command: Command

    /// A request.
    public init(_ command: Command) { self.command = command }
}

/// The answer to a request: one JSON object on one line.
public struct OperatorReply: Sendable, Codable {
    /// Whether the request was carried out.
    public var ok: Bool
    /// Why not, or what was done.
    public var message: String
    /// The state after it.
    public var state: OperatorState
}
