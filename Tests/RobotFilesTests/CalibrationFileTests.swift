import Robot
import RobotFiles
import Testing

@Suite("Calibration files") struct CalibrationFileTests {
    static let good = """
        robot: pair
        joints:
          left: {zero: 1000 pulses, direction: 1}
          right: {zero: -20 pulses, direction: -1}

        """

    // google-research/robel, base_env.py: angle = raw * 2 pi / 4096 + offset, offset -pi/2 for
    // 10, 20 and 30 and -pi for the other claw motors and for motor 50.
    @Test("the claw's calibration is ROBEL's") func claw() throws {
        let text = String(
            decoding: try readAll("\(repository)/calibration/claw.yaml"),
            as: UTF8.self
        )
        let claw = try robot(try robotPart("claw.yaml"), calibration: text)
        for (joint, calibration) in zip(claw.joints, claw.calibration) {
            let isTop = [10, 20, 30].contains(joint.servoID)
            for raw in [0, 1024, 2048, 4095] {
                let expected = Double(raw) * 2 * .pi / 4096 + (isTop ? -.pi / 2 : -.pi)
                let angle = calibration.angle(pulses: raw, pulsesPerTurn: 4096)
                #expect(abs(angle - expected) < 1e-12, "\(joint.name) at \(raw)")
            }
        }
    }

    @Test("the calibration is given in the order of the robot's joints") func order() throws {
        let swapped = """
            robot: pair
            joints:
              right: {zero: -20 pulses, direction: -1}
              left: {zero: 1000 pulses, direction: 1}
            """
        for text in [Self.good, swapped] {
            #expect(
                try robot(RobotFileMistakes.base, calibration: text).calibration == [
                    JointCalibration(zeroPulse: 1000, direction: 1),
                    JointCalibration(zeroPulse: -20, direction: -1),
                ]
            )
        }
    }

    static let rows: [RobotFileMistakes.Row] = [
        .init(
            "  right: {zero: -20 pulses, direction: -1}\n",
            "",
            """
            3:3: `joints`: joint `right` is not calibrated; measure it with `sacbot calibrate \
            --robot pair.yaml`
            """
        ),
        .init(
            "right:",
            "rihgt:",
            """
            3:3: `joints`: joint `right` is not calibrated; measure it with `sacbot calibrate \
            --robot pair.yaml`
            """,
            "4:3: `joints.rihgt` is not a known key; did you mean `right`?"
        ),
        .init(
            "robot: pair",
            "robot: claw",
            """
            1:8: `robot` is `claw`; this file is needed for the robot `pair`; measure it with \
            `sacbot calibrate --robot pair.yaml`
            """
        ),
        .init(
            "1000 pulses",
            "1000",
            "3:16: `joints.left.zero` is `1000`; the unit is missing: pulses"
        ),
        .init(
            "1000 pulses",
            "10.5 pulses",
            "3:16: `joints.left.zero` is `10.5 pulses`; a whole number of pulses is needed"
        ),
        .init(
            "direction: 1}",
            "direction: 0}",
            "3:40: `joints.left.direction` is `0`; 1 or -1 is needed"
        ),
        .init(
            "direction: 1}",
            "direction: 2}",
            "3:40: `joints.left.direction` is `2`; a whole number from -1 to 1 is needed"
        ),
    ]

    @Test("a mistake is reported where it is, with what would be right", arguments: rows)
    func mistake(_ row: RobotFileMistakes.Row) {
        let text = Self.good.replacing(row.old, with: row.new, maxReplacements: 1)
        #expect(text != Self.good)
        #expect(problemsOfRobot(RobotFileMistakes.base, calibration: text) == row.expected)
    }

    @Test("what is written is read again") func roundTrip() throws {
        let plain = try robot(RobotFileMistakes.base)
        let measured = [
            JointCalibration(zeroPulse: -1_000_000, direction: -1),
            JointCalibration(zeroPulse: 4095, direction: 1),
        ]
        let text = RobotFile.calibrationText(
            robot: plain.name,
            joints: plain.joints,
            calibration: measured
        )
        #expect(try robot(RobotFileMistakes.base, calibration: text).calibration == measured)
    }
}
