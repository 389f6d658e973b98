/// One serial bus of the robot.
public struct ServoBusDescription: Sendable, Hashable {
    /// The bus's name in the robot file.
    public var name: String
    /// The device, for example `/dev/serial/by-id/usb-FTDI_...`.
    public var port: String
    /// What is spoken on it.
    public var wire: BusProtocol
    /// Bits per second.
    public var baudRate: Int
    /// How long controllers on this bus may go without a word before they stop by themselves, in
    /// seconds; `nil` if the file says `no_watchdog: accepted`.
    public var servoWatchdog: Seconds?

    /// A bus.
    public init(
        name: String,
        port: String,
        wire: BusProtocol = .dynamixel,
        baudRate: Int,
        servoWatchdog: Seconds?
    ) {
        self.name = name
        self.wire = wire
        self.port = port
        self.baudRate = baudRate
        self.servoWatchdog = servoWatchdog
    }
}

/// How a stop ends.
public enum StopResponse: String, Sendable, CaseIterable {
    /// Move to the reset pose, then torque off.
    case park
    /// Stay where it is with torque on.
    case hold
    /// Give way slowly: the controllers brake in proportion to velocity until every joint is at
    /// rest or time is over, then torque off.
    case damp
    /// Torque off at once.
    case release

    /// What it does to the robot, for people.
    public var words: String {
        switch self {
        case .park: "moves to the reset pose along the usual limits, then torque off"
        case .hold: "stays where it is with torque on"
        case .damp: "the controllers brake by velocity until all joints rest, then torque off"
        case .release: "torque off at once"
        }
    }

    /// When it is over.
    public var ending: String {
        switch self {
        case .park, .damp: "at most `safety.stop_time`"
        case .hold: "when a person says so"
        case .release: "at once"
        }
    }

    /// What it falls back to if it does not succeed.
    public var fallback: StopResponse { .release }

    /// Why the controllers on a bus cannot do it, `nil` if they can.
    public func obstacle(on wire: BusProtocol) -> String? {
        guard self == .damp, !wire.canDamp else { return nil }
        return "\(wire.rawValue) servos cannot brake by velocity while their torque is on"
    }
}

/// Who decides that motors may move after a start.
public enum ArmingPolicy: String, Sendable, CaseIterable {
    /// The program arms by itself after its checks.
    case automatic
    /// A person confirms first.
    case manual
}

/// What a robot is: everything that does not change while it runs.
public struct RobotDescription: Sendable, Hashable {
    /// The robot's name; runs and calibration are filed under it.
    public var name: String
    /// Joints in the order of the file; at most `JointArray.capacity`.
    public var joints: [Joint]
    /// Calibration of each joint, same order.
    public var calibration: [JointCalibration]
    /// Serial buses.
    public var buses: [ServoBusDescription]
    /// Time of one control tick in nanoseconds.
    public var tickNanoseconds: Int64
    /// Path of the MuJoCo model, absolute.
    public var modelPath: String?
    /// How an ordered stop ends.
    public var stop: StopResponse
    /// What an emergency stop does.
    public var emergencyStop: StopResponse
    /// How a pause between two episodes begins: parked and without torque, holding, or let go.
    public var pause: StopResponse
    /// Who arms.
    public var arming: ArmingPolicy
    /// The inertial measurement unit, if there is one.
    public var imu: IMUDescription?
    /// Legs of two motors each, if the robot has them.
    public var legs: [LegDescription]
    /// Boxes for fingertips and feet.
    public var workspace: [WorkspaceBox] = []
    /// How far the robot's bodies stay apart; `nil` if nobody looks.
    public var selfCollision: SelfCollisionLimits?
    /// Where place and speed come from; `nil` if nobody says (a simulation then says it exactly).
    public var speedSensor: SpeedSensorDescription?
    /// Cameras that policies may look through, in the order of the file.
    public var cameras: [CameraDescription]

    /// A robot.
    public init(
        name: String,
        joints: [Joint],
        calibration: [JointCalibration],
        buses: [ServoBusDescription],
        tickNanoseconds: Int64,
        modelPath: String?,
        stop: StopResponse,
        emergencyStop: StopResponse,
        arming: ArmingPolicy,
        pause: StopResponse = .park,
        imu: IMUDescription? = nil,
        legs: [LegDescription] = [],
        cameras: [CameraDescription] = []
    ) {
        self.pause = pause
        self.name = name
        self.joints = joints
        self.calibration = calibration
        self.buses = buses
        self.tickNanoseconds = tickNanoseconds
        self.modelPath = modelPath
        self.stop = stop
        self.emergencyStop = emergencyStop
        self.arming = arming
        self.imu = imu
        self.legs = legs
        self.cameras = cameras
    }

    /// Indices of the joints the policy moves.
    public var actuatedJoints: [Int] { joints.indices.filter { joints[$0].role == .actuated } }

    /// Index of the task's object, if there is one.
    public var objectJoint: Int? { joints.firstIndex { $0.role == .object } }

    /// The tick in seconds.
    public var tickSeconds: Seconds { Double(tickNanoseconds) * 1e-9 }
}
