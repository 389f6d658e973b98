/// What a servo's lasting registers said when its joint was calibrated.
///
/// A calibration is only good for this servo with these settings: another Homing Offset or Drive
/// Mode moves the joint's zero or turns it round without anybody being told.
public struct ServoRecord: Sendable, Hashable {
    /// Its ID.
    public var id: Int
    /// The number by which it names its model.
    public var modelNumber: Int
    /// Its firmware version.
    public var firmware: Int
    /// Homing Offset register, pulses.
    public var homingOffset: Int
    /// Drive Mode register; bit 0 turns the direction round.
    public var driveMode: Int

    /// A servo's settings.
    public init(id: Int, modelNumber: Int, firmware: Int, homingOffset: Int, driveMode: Int) {
        self.id = id
        self.modelNumber = modelNumber
        self.firmware = firmware
        self.homingOffset = homingOffset
        self.driveMode = driveMode
    }
}

/// What was measured of one joint beside its zero and direction.
public struct JointRecord: Sendable, Hashable {
    /// How far a hand could turn it, in pulses; `nil` if it was not measured.
    public var range: ClosedRange<Int>?
    /// Its servo; `nil` if the file does not say.
    public var servo: ServoRecord?

    /// What was measured of a joint.
    public init(range: ClosedRange<Int>? = nil, servo: ServoRecord? = nil) {
        self.range = range
        self.servo = servo
    }
}

/// How a calibration came about.
public struct CalibrationRecord: Sendable, Hashable {
    /// When it was measured, for people; `nil` if the file does not say.
    public var measured: String?
    /// The fingerprint the file carries; `nil` if it was written by hand.
    public var fingerprint: String?
    /// What was measured of each joint, in the order of the robot file.
    public var joints: [JointRecord]

    /// How a calibration came about.
    public init(measured: String?, fingerprint: String?, joints: [JointRecord]) {
        self.measured = measured
        self.fingerprint = fingerprint
        self.joints = joints
    }
}
