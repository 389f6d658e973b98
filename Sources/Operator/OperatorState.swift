import Foundation

/// What a person is told about a running robot.
///
/// Filled by `sacbot`, shown by `sacbot status`, the dashboard and the metrics. Keys are only ever
/// added; `version` rises when one is taken away or changes its meaning. All numbers are finite.
public struct OperatorState: Sendable, Codable, Hashable {
    /// The version of this form.
    public var version = 1
    /// Rises with every change, so that who asks again sees whether there was one.
    public var sequence: UInt64 = 0
    /// The program's version.
    public var program = ""
    /// When the program began, seconds since 1970; 0 if nobody said so.
    public var started = 0.0
    /// What the program was started for: train, run, idle or evaluate.
    public var mode = ""
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
    /// The fault in force in parts, if there is one; `fault` has it in words.
    public var faultDetail: OperatorFault?
    /// What is known of every joint, in the robot file's order.
    public var joints: [OperatorJoint] = []
    /// Seconds between two control ticks; 0 before it is known.
    public var tickSeconds = 0.0
    /// The control thread's ticks so far: what the watchdog is fed by.
    public var tickCount: UInt64 = 0
    /// Seconds on the robot's own clock, simulated in simulation, when `joints` was read.
    public var robotSeconds = 0.0
    /// The learner, `nil` where nothing is learnt.
    public var learner: OperatorLearner?
    /// Return of the newest episodes, their mean; `nil` before the first.
    public var recentReturn: Double?
    /// The newest finished episodes, the oldest first, at most `OperatorEpisode.kept`.
    public var recentEpisodes: [OperatorEpisode] = []
    /// Whether the robot is to pause between two episodes, or does.
    public var pause = OperatorPause.no
    /// The newest evaluation somebody asked for, `nil` before the first.
    public var evaluation: OperatorEvaluation?
    /// The commands that this program can carry out, by their names.
    public var commands: [String] = []
    /// The marks of an `OperatorMark` that a person may set on the running episode; empty if the
    /// program takes none.
    public var marks: [String] = []

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
