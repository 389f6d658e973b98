public import Robot

// The calibration file: `robot: NAME` and `joints: {NAME: {zero: N pulses, direction: 1}}`.
extension RobotFile {
    /// A servo mounted with its middle at the joint's zero, turning the joint's way; a motor
    /// controller whose zero is the joint's.
    ///
    /// Simulated servos are; real ones are measured by `sacbot calibrate`.
    public static func defaultCalibration(_ servo: ServoSpecification) -> JointCalibration {
        let middle = servo.goalPulses.map { ($0.lowerBound + $0.upperBound + 1) / 2 }
        return JointCalibration(zeroPulse: middle ?? 0, direction: 1)
    }

    /// Reads a whole calibration file, in the order of `joints`; includes `finish()`.
    ///
    /// Every joint has to be there and no other. A joint without an entry gets
    /// `defaultCalibration` and a problem that names `sacbot calibrate`.
    public static func calibration(
        _ root: Section,
        robot: String,
        joints: [Joint]
    ) -> [JointCalibration] {
        let remedy = "measure it with `sacbot calibrate --robot \(robot).yaml`"
        let measured = root.identifier("robot")
        if !measured.isEmpty, !robot.isEmpty, measured != robot {
            root.report("robot", "this file is needed for the robot `\(robot)`; \(remedy)")
        }
        let section = root.section("joints")
        let calibration = joints.map { joint -> JointCalibration in
            guard section.has(joint.name) else {
                if !joint.name.isEmpty, !section.isPlaceholder {
                    section.report("joint `\(joint.name)` is not calibrated; \(remedy)")
                }
                return defaultCalibration(joint.servo)
            }
            return self.calibration(section.section(joint.name))
        }
        // Read here as well, so that its mistakes are found and its keys are known.
        _ = calibrationRecord(root, joints: joints)
        root.finish()
        return calibration
    }

    /// The text of a calibration file, as `calibration(_:robot:joints:)` reads it.
    public static func calibrationText(
        robot: String,
        joints: [Joint],
        calibration: [JointCalibration]
    ) -> String {
        let lines = zip(joints, calibration).map { joint, measured in
            "  \(joint.name): {zero: \(measured.zeroPulse) pulses, "
                + "direction: \(measured.direction)}\n"
        }
        return "robot: \(robot)\njoints:\n" + lines.joined()
    }

    private static func calibration(_ section: Section) -> JointCalibration {
        let (zero, isClean) = section.isClean {
            // Extended position mode counts 256 turns of 4096 pulses either way (e-manual).
            section.quantity("zero", .pulses, in: -1_048_575...1_048_575)
        }
        if isClean, zero != zero.rounded() {
            section.report("zero", "a whole number of pulses is needed")
        }
        let direction = section.integer("direction", in: -1...1)
        if direction == 0 { section.report("direction", "1 or -1 is needed") }
        return JointCalibration(
            zeroPulse: Int(zero.rounded()),
            direction: direction == 0 ? 1 : direction
        )
    }
}
