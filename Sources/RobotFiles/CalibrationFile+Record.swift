public import Robot

// What `sacbot calibrate` notes beside zero and direction: when, with which servos, and a
// fingerprint by which a file edited by hand is told from a measured one. All of it is optional.
extension RobotFile {
    /// How a calibration came about, from a file whose joints `calibration(_:robot:joints:)` reads.
    public static func calibrationRecord(_ root: Section, joints: [Joint]) -> CalibrationRecord {
        let section = root.section("joints")
        return CalibrationRecord(
            measured: root.optionalText("measured"),
            fingerprint: root.optionalText("fingerprint"),
            joints: joints.map { joint in
                guard section.has(joint.name) else { return JointRecord() }
                return record(section.section(joint.name))
            }
        )
    }

    private static func record(_ section: Section) -> JointRecord {
        var record = JointRecord()
        if section.has("range") {
            let range = section.range("range", .pulses, in: pulseRange)
            record.range = Int(range.lowerBound.rounded())...Int(range.upperBound.rounded())
        }
        if let servo = section.optionalSection("servo") {
            record.servo = ServoRecord(
                id: servo.integer("id", in: 0...255),
                modelNumber: servo.integer("model", in: 0...65_535),
                firmware: servo.integer("firmware", in: 0...65_535),
                homingOffset: servo.integer("homing_offset", in: -1_044_479...1_044_479),
                driveMode: servo.integer("drive_mode", in: 0...255)
            )
        }
        return record
    }

    /// Extended position mode counts 256 turns of 4096 pulses either way (e-manual).
    private static let pulseRange = -1_048_575.0...1_048_575.0

    /// The fingerprint of a calibration: of each joint's zero, direction, range and servo.
    ///
    /// `check` computes it again, so that a file that was edited is not taken for a measured one.
    public static func fingerprint(
        joints: [Joint],
        calibration: [JointCalibration],
        records: [JointRecord]
    ) -> String {
        var text = ""
        for (index, joint) in joints.enumerated() {
            let measured = calibration[index]
            text += "\(joint.name) \(measured.zeroPulse) \(measured.direction)"
            if let range = records[index].range {
                text += " \(range.lowerBound) \(range.upperBound)"
            }
            if let servo = records[index].servo {
                text += " \(servo.id) \(servo.modelNumber) \(servo.firmware)"
                text += " \(servo.homingOffset) \(servo.driveMode)"
            }
            text += "\n"
        }
        return "\(ContentHash(text.utf8))"
    }

    /// The text of a measured calibration file, with where it comes from.
    ///
    /// - Parameters:
    ///   - measured: when, for people.
    ///   - program: name and version of what measured it.
    public static func calibrationText(
        robot: String,
        joints: [Joint],
        calibration: [JointCalibration],
        records: [JointRecord],
        measured: String,
        program: String
    ) -> String {
        let fingerprint = fingerprint(joints: joints, calibration: calibration, records: records)
        var text = """
            # Measured by `sacbot calibrate` (\(program)) on \(measured). Measure again instead of
            # editing: `sacbot check` tells an edited file by its fingerprint.
            robot: \(robot)
            measured: "\(measured)"
            fingerprint: "\(fingerprint)"
            joints:

            """
        for (index, joint) in joints.enumerated() {
            let zero = calibration[index]
            text += "  # \(joint.servo.name)\n"
            text += "  \(joint.name):\n"
            text += "    zero: \(zero.zeroPulse) pulses\n    direction: \(zero.direction)\n"
            if let range = records[index].range {
                text +=
                    "    range: [\(range.lowerBound) pulses, \(range.upperBound) pulses]\n"
            }
            if let servo = records[index].servo {
                text +=
                    "    servo: {id: \(servo.id), model: \(servo.modelNumber), "
                    + "firmware: \(servo.firmware), homing_offset: \(servo.homingOffset), "
                    + "drive_mode: \(servo.driveMode)}\n"
            }
        }
        return text
    }
}

extension RobotFile {
    /// Where a robot's new calibration belongs, so that `locateCalibration` finds it first.
    ///
    /// In the `calibration` folder beside a folder called `robots`; for an installed robot file below
    /// /etc; else below the working folder. Never where an old one was merely found: that may belong
    /// to another copy of the robot file.
    public static func calibrationPath(robot: String, robotFile: String) -> String {
        let own = folder(of: robotFile)
        if own.hasPrefix("/usr/") { return "/etc/sacbot/calibration/\(robot).yaml" }
        let beside = "\(own)/../calibration/\(robot).yaml"
        let known = locateCalibration(robot: robot, robotFile: robotFile)
        if known == beside || own == "robots" || own.hasSuffix("/robots") { return beside }
        return "calibration/\(robot).yaml"
    }
}
