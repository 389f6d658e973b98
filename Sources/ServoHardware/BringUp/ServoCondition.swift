import Robot

/// What a controller keeps when its power goes off, as far as bring-up looks at it.
struct LastingSettings {
    /// Homing Offset register, pulses; 0 where there is none.
    var homingOffset = 0
    /// Drive Mode register; 0 where there is none.
    var driveMode = 0
    /// Its own position limits, pulses; `nil` where it has none.
    var limits: (low: Int, high: Int)?
    /// The supply it accepts; `nil` where it does not say.
    var voltages: ClosedRange<Volts>?
    /// Return Delay Time register, 2 us a unit; `nil` where there is none.
    var returnDelay: Int?
}

/// What was read of one joint's controller, whatever it speaks.
struct ServoCondition {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let pulses: JointPulses
    /// The number by which it names its model; 0 if it does not.
    var modelNumber: Int
    /// Firmware version as a number, the newer the larger.
    var firmware: Int
    /// Firmware version for people.
    var version: String
    var voltage: Volts?
    var temperature: Celsius?
    /// What it reports, in words; empty if nothing.
    var errorWords = ""
    var hasTorque = false
    var settings = LastingSettings()

    init(robot: RobotDescription, joint index: Int, found: FoundServo) {
        self.index = index
        joint = robot.joints[index]
        pulses = JointPulses(joint: joint, calibration: robot.calibration[index])
        modelNumber = Int(found.modelNumber)
        firmware = Int(found.firmware)
        version = "\(found.firmware)"
    }

    /// `thumb (ID 12)`.
    var name: String { "\(joint.name) (ID \(joint.servoID))" }

    /// What a calibration of this controller depends on.
    var record: ServoRecord {
        ServoRecord(
            id: Int(joint.servoID),
            modelNumber: modelNumber,
            firmware: firmware,
            homingOffset: settings.homingOffset,
            driveMode: settings.driveMode
        )
    }
}
