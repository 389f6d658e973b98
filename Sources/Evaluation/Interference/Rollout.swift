public import Foundation

/// One episode sample by sample: a sample a policy step, the first before the first step.
///
/// Every column has as many entries as `time`; a joint's or the base's column is absent (empty) if
/// the robot has none.
public struct Rollout: Sendable, Codable, Hashable {
    /// The policy's index in `EvaluationDocument.policies`.
    public var policy: Int
    /// The kind's name, or `none`.
    public var kind: String
    /// The episode's number among its kind's.
    public var episode: Int
    /// Whether success was held to the end.
    public var succeeded: Bool
    /// Seconds since the first step began.
    public var time: [Double]
    /// Whether an interference is active in the step that ends here.
    public var active: [Bool]
    /// The goal: the target's angle (rad), the wanted speed (m/s); `nil` for poses.
    public var goal: [Double?]
    /// The error that success is judged by, `nil` where it was not read.
    public var error: [Double?]
    /// The object's angle, rad; empty without an object.
    public var objectAngle: [Double?]
    /// The object's velocity, rad/s; empty without an object.
    public var objectVelocity: [Double?]
    /// Positions of the actuated joints, rad: one list a joint, in the setting's order.
    public var jointPositions: [[Double?]]
    /// The goals in force of the actuated joints, rad: one list a joint.
    public var jointGoals: [[Double?]]
    /// Currents of the actuated joints at the sample, A: one list a joint.
    public var jointCurrents: [[Double?]]
    /// Temperatures of the actuated joints at the sample, °C: one list a joint.
    public var jointTemperatures: [[Double?]]
    /// Largest current of any actuated joint within the step, A.
    public var peakCurrent: [Double]
    /// Whether the supervisor changed the step's action.
    public var limited: [Bool]
    /// Where the trunk is and how it lies; empty for robots that do not walk.
    public var base: [BaseSampleRow]
    /// What the policy's camera saw; `nil` without a camera.
    public var seen: SeenPictures?

    /// A rollout without samples.
    public init(policy: Int, kind: String, episode: Int, jointCount: Int) {
        self.policy = policy
        self.kind = kind
        self.episode = episode
        succeeded = false
        time = []
        active = []
        goal = []
        error = []
        objectAngle = []
        objectVelocity = []
        jointPositions = Array(repeating: [], count: jointCount)
        jointGoals = Array(repeating: [], count: jointCount)
        jointCurrents = Array(repeating: [], count: jointCount)
        jointTemperatures = Array(repeating: [], count: jointCount)
        peakCurrent = []
        limited = []
        base = []
    }
}

/// Where a walking robot's trunk is at a sample; metres, radians, m/s.
public struct BaseSampleRow: Sendable, Codable, Hashable {
    /// Along the track.
    public var x: Double
    /// Across it, to the left.
    public var y: Double
    /// Above the ground's zero.
    public var height: Double
    /// Turn about the forward axis.
    public var roll: Double
    /// Turn about the left axis.
    public var pitch: Double
    /// Turn about the vertical.
    public var yaw: Double
    /// Speed along the track in the step that ends here.
    public var speed: Double

    /// A sample.
    public init(
        x: Double,
        y: Double,
        height: Double,
        roll: Double,
        pitch: Double,
        yaw: Double,
        speed: Double
    ) {
        self.x = x
        self.y = y
        self.height = height
        self.roll = roll
        self.pitch = pitch
        self.yaw = yaw
        self.speed = speed
    }
}

/// Some of the pictures that a policy acted on in one episode.
public struct SeenPictures: Sendable, Codable, Hashable {
    /// Width of each in pixels.
    public var width: Int
    /// Height of each in pixels.
    public var height: Int
    /// When each was acted on, seconds since the first step began, rising.
    public var time: [Double]
    /// The pictures as PNG.
    public var png: [Data]
}
