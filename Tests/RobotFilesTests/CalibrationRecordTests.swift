import Robot
import RobotFiles
import Testing

@Suite("Measured calibration files") struct CalibrationRecordTests {
    private let calibration = [
        JointCalibration(zeroPulse: 1000, direction: -1),
        JointCalibration(zeroPulse: 2100, direction: 1),
    ]
    private let records = [
        JointRecord(
            range: 700...1300,
            servo: ServoRecord(
                id: 4,
                modelNumber: 1030,
                firmware: 46,
                homingOffset: -12,
                driveMode: 1
            )
        ),
        JointRecord(),
    ]

    private func text(_ joints: [Joint]) -> String {
        RobotFile.calibrationText(
            robot: "pair",
            joints: joints,
            calibration: calibration,
            records: records,
            measured: "2026-01-31T18:05:09Z",
            program: "sacbot 1"
        )
    }

    @Test("what is written is read again, with where it came from") func roundTrip() throws {
        let joints = try robot(RobotFileMistakes.base).joints
        let file = try YAMLFile(path: "pair.yaml", text: text(joints))
        let read = RobotFile.calibration(file.section, robot: "pair", joints: joints)
        try file.check()
        #expect(read == calibration)
        let record = RobotFile.calibrationRecord(file.section, joints: joints)
        #expect(record.joints == records)
        #expect(record.measured == "2026-01-31T18:05:09Z")
        #expect(
            record.fingerprint
                == RobotFile.fingerprint(joints: joints, calibration: read, records: records)
        )
    }

    @Test("any change of a joint changes the fingerprint") func fingerprint() throws {
        let joints = try robot(RobotFileMistakes.base).joints
        func fingerprint(
            _ calibration: [JointCalibration],
            _ records: [JointRecord]
        ) -> String {
            RobotFile.fingerprint(joints: joints, calibration: calibration, records: records)
        }
        var all: Set<String> = [fingerprint(calibration, records)]
        for change in 0..<5 {
            var changed = calibration
            var noted = records
            switch change {
            case 0: changed[0].zeroPulse += 1
            case 1: changed[1].direction = -1
            case 2: noted[0].range = 700...1301
            case 3: noted[0].servo?.homingOffset = 12
            default: noted[0].servo?.driveMode = 0
            }
            all.insert(fingerprint(changed, noted))
        }
        #expect(all.count == 6)
    }

    @Test("mistakes in the record are reported where they are") func mistakes() throws {
        let joints = try robot(RobotFileMistakes.base).joints
        let text = text(joints)
            .replacing("model: 1030", with: "modell: 1030")
            .replacing("1300 pulses", with: "600 pulses")
        let found = problemsOfRobot(RobotFileMistakes.base, calibration: text).joined()
        #expect(found.contains("`joints.left.servo.modell` is not a known key"))
        #expect(found.contains("the first number has to be below the second"))
    }

    @Test("the old file is kept under a dated name, and the new one takes its place")
    func store() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/calibration/claw.yaml"
            #expect(try CalibrationStore.replace(path: path, text: "one", date: "D") == nil)
            #expect(try readAll(path) == Array("one".utf8))
            let backup = try CalibrationStore.replace(path: path, text: "two", date: "D")
            #expect(backup == folder + "/calibration/claw.D.yaml")
            #expect(try readAll(path) == Array("two".utf8))
            #expect(try readAll(folder + "/calibration/claw.D.yaml") == Array("one".utf8))
            // A second one within the same second does not overwrite the first backup.
            let next = try CalibrationStore.replace(path: path, text: "three", date: "D")
            #expect(next == folder + "/calibration/claw.D-1.yaml")
            #expect(try readAll(folder + "/calibration/claw.D.yaml") == Array("one".utf8))
            #expect(try readAll(path) == Array("three".utf8))
        }
    }

    @Test("a folder that cannot be made is named, and nothing is left behind")
    func noFolder() throws {
        try withTemporaryFolder { folder in
            try write(Array("a file".utf8), to: folder + "/calibration")
            let path = folder + "/calibration/claw.yaml"
            #expect(throws: CalibrationStoreError.self) {
                _ = try CalibrationStore.replace(path: path, text: "one", date: "D")
            }
            #expect(try readAll(folder + "/calibration") == Array("a file".utf8))
        }
    }

    @Test("a new calibration goes where it is found first")
    func place() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/robots")
            let file = folder + "/robots/some.yaml"
            let path = RobotFile.calibrationPath(robot: "some", robotFile: file)
            #expect(path == folder + "/robots/../calibration/some.yaml")
            _ = try CalibrationStore.replace(path: path, text: "one", date: "D")
            #expect(RobotFile.locateCalibration(robot: "some", robotFile: file) == path)
        }
        #expect(
            RobotFile.calibrationPath(robot: "r", robotFile: "/usr/share/sacbot/robots/r.yaml")
                == "/etc/sacbot/calibration/r.yaml"
        )
    }
}
