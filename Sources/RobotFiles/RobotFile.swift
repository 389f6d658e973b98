public import Robot

/// The part of a robot file that says what the robot is; docs/robot-file.md lists every key.
///
/// Other sections (the task, the learner) are read by whoever owns their settings, from the same
/// root section; then the caller calls `finish()` on the root and `check()` on the file.
public enum RobotFile {
    /// Reads the robot itself: its buses, its joints and how it stops.
    ///
    /// `calibration` is the root of the robot's calibration file. Without it every joint has
    /// `defaultCalibration`, which is right for simulation and wrong for a real robot. Problems of
    /// both files are recorded in their files; the description is only good if both check out.
    public static func robot(_ root: Section, calibration: Section? = nil) -> RobotDescription {
        let name = root.identifier("robot")
        let tick = root.quantity("tick", .seconds, in: tickRange, default: defaultTick)
        let buses = root.sections("buses").map { BusReader.read($0, tick: tick) }
        let joints = joints(root, buses: buses)
        checkUnique(buses, root.sections("buses"))
        checkBaudRates(root, buses, joints)
        let imu = root.optionalSection("imu").map { IMUFileReader.read($0, buses: buses) }
        let legs = LegReader.read(root, joints: joints)
        let stop = root.choice("stop", default: StopResponse.park)
        let emergencyStop = root.choice("estop", default: StopResponse.release)
        let pause = root.choice("pause", default: StopResponse.park)
        for (key, response) in [("stop", stop), ("estop", emergencyStop), ("pause", pause)] {
            StopReader.check(response, key, root, buses: buses, joints: joints)
        }
        var robot = RobotDescription(
            name: name,
            joints: joints,
            calibration: calibration.map { self.calibration($0, robot: name, joints: joints) }
                ?? joints.map { defaultCalibration($0.servo) },
            buses: buses,
            tickNanoseconds: Int64((tick * 1e9).rounded()),
            modelPath: root.optionalPath("model"),
            stop: stop,
            emergencyStop: emergencyStop,
            arming: root.choice("arm", default: ArmingPolicy.manual),
            pause: pause,
            imu: imu,
            legs: legs,
            cameras: CameraFileReader.cameras(root)
        )
        robot.workspace = PostureReader.workspace(root, legs: legs)
        robot.selfCollision = PostureReader.selfCollision(root)
        robot.speedSensor = root.optionalSection("speed_sensor").map {
            SpeedSensorReader.read($0, tick: tick, legs: legs)
        }
        return robot
    }

    /// From 1000 to 5 ticks a second.
    private static let tickRange: ClosedRange<Seconds> = 0.001...0.2
    private static let defaultTick: Seconds = 0.010

    private static func joints(_ root: Section, buses: [ServoBusDescription]) -> [Joint] {
        let defaults = root.sectionOrEmpty("joint_defaults")
        let sections = root.sections("joints")
        // Without a joint nobody asks for the defaults; one problem about that is enough.
        if sections.isEmpty { defaults.ignoreUnreadKeys() }
        let capacity = JointArray<Double>.capacity
        if sections.count > capacity {
            sections[capacity].report(
                "one joint too many: a robot has at most \(capacity), this file has "
                    + "\(sections.count)"
            )
        }
        let readers = sections.map { JointReader($0.backed(by: defaults), buses: buses) }
        checkUnique(readers)
        if !readers.isEmpty, !readers.contains(where: { $0.joint.role == .actuated }) {
            root.report("joints", "at least one joint has to have `role: actuated`")
        }
        return readers.prefix(capacity).map(\.joint)
    }

    /// No two joints share a name, and no two share an ID on one bus.
    private static func checkUnique(_ readers: [JointReader]) {
        var lines: [String: Int] = [:]
        var owners: [[Int]: String] = [:]
        for reader in readers {
            let joint = reader.joint
            if !joint.name.isEmpty {
                if let line = lines[joint.name] {
                    reader.section.report("name", "the joint in line \(line) has that name too")
                }
                lines[joint.name] = lines[joint.name] ?? reader.section.position(of: "name").line
            }
            guard reader.isClean else { continue }
            let address = [joint.busIndex, Int(joint.servoID)]
            if let owner = owners[address] {
                reader.section.report("id", "`\(owner)` has that ID on the same bus")
            }
            owners[address] = owners[address] ?? joint.name
        }
    }

    /// No two buses share a name or a port.
    private static func checkUnique(_ buses: [ServoBusDescription], _ sections: [Section]) {
        for (index, bus) in buses.enumerated() {
            let earlier = buses[..<index]
            if !bus.name.isEmpty, earlier.contains(where: { $0.name == bus.name }) {
                sections[index].report("name", "another bus has that name")
            }
            if !bus.port.isEmpty, earlier.contains(where: { $0.port == bus.port }) {
                sections[index].report("port", "another bus has that port")
            }
        }
    }

    /// Every servo on a bus has a register code for the bus's rate.
    private static func checkBaudRates(
        _ root: Section,
        _ buses: [ServoBusDescription],
        _ joints: [Joint]
    ) {
        let sections = root.sections("buses")
        for (index, bus) in buses.enumerated() where bus.baudRate > 0 {
            for joint in joints where joint.busIndex == index {
                guard let rates = joint.servo.baudRates, !rates.contains(bus.baudRate) else {
                    continue
                }
                let shown = listed(rates.map { "\($0) bit/s" })
                sections[index].report("baud", "\(joint.servo.name) can do \(shown)")
            }
        }
    }
}
