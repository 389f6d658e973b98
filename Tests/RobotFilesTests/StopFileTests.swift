import Robot
import RobotFiles
import Testing

@Suite("How a robot stops, in robot files") struct StopFileTests {
    private static func file(_ head: String, wire: String, gains: String, servo: String) -> String {
        """
        robot: pair
        \(head)
        buses:
          - {name: hand, port: /dev/ttyUSB0, protocol: \(wire), baud: 1 Mbit/s, \(
            wire == "feetech" || wire == "dynamixel-1" ? "no_watchdog: accepted" : "watchdog: 200 ms")}
        joint_defaults:
          servo: \(servo)
          position: [-90 deg, 90 deg]
          goal_velocity: 120 deg/s
          trip_velocity: 400 deg/s
          current: 1 A
          following_error: 25 deg
          pause_temperature: 55 degC
          stop_temperature: 70 degC
          reset: 0 deg
          gains: \(gains)
        joints:
          - {name: left, id: 1}

        """
    }

    @Test("damp is for buses whose controllers can brake by velocity")
    func whoCan() throws {
        for (wire, servo, gains) in [
            ("dynamixel", "XM430-W210", "{p: 800, i: 0, d: 0}"),
            ("moteus", "moteus U8", "{stiffness: 8 N·m/rad, damping: 0.1 N·m·s/rad}"),
            ("odrive", "ODrive U8", "{stiffness: 8 N·m/rad, damping: 0.1 N·m·s/rad}"),
        ] {
            let text = Self.file("estop: damp", wire: wire, gains: gains, servo: servo)
            #expect(problemsOfRobot(text) == [], "\(wire)")
            #expect(try robot(text).emergencyStop == .damp)
        }
    }

    @Test("others are told what to write instead, for stop and estop alike")
    func whoCannot() {
        let text = Self.file(
            "stop: damp\nestop: damp",
            wire: "feetech",
            gains: "{p: 32, i: 0, d: 0}",
            servo: "STS3215"
        )
        let reason =
            "is `damp`; feetech servos cannot brake by velocity while their torque is on, and "
            + "`hand` is a bus of such; write `release` or `hold`"
        #expect(problemsOfRobot(text) == ["2:7: `stop` \(reason)", "3:8: `estop` \(reason)"])
    }

    @Test("a motor without damping has nothing to brake with")
    func noDamping() {
        let text = Self.file(
            "estop: damp",
            wire: "moteus",
            gains: "{stiffness: 8 N·m/rad, damping: 0 N·m·s/rad}",
            servo: "moteus U8"
        )
        #expect(
            problemsOfRobot(text) == [
                "2:8: `estop` is `damp`; `left` has no `damping` in its gains to brake with; "
                    + "give it some"
            ]
        )
    }
}
