import Robot
import RobotFiles
import Testing

@Suite("Mistakes in robot files") struct RobotFileMistakes {
    /// An edit of a small robot file and the problems it has to give.
    struct Row: Sendable, CustomTestStringConvertible {
        var old: String
        var new: String
        var expected: [String]
        init(_ old: String, _ new: String, _ expected: String...) {
            (self.old, self.new, self.expected) = (old, new, expected)
        }
        var testDescription: String { "\(old) -> \(new)" }
    }

    static let base = """
        robot: pair
        tick: 10 ms
        buses:
          - {name: hand, port: /dev/ttyUSB0, baud: 1 Mbit/s, watchdog: 200 ms}
        joint_defaults:
          servo: XM430-W210
          position: [-90 deg, 90 deg]
          goal_velocity: 120 deg/s
          trip_velocity: 400 deg/s
          current: 1 A
          following_error: 25 deg
          pause_temperature: 55 degC
          stop_temperature: 70 degC
          reset: 0 deg
          gains: {p: 800, i: 0, d: 0}
        joints:
          - {name: left, id: 1}
          - {name: right, id: 2}

        """

    static let rows = [
        Row("robot: pair\n", "", "1:1: the file needs `robot`: a name"),
        Row(
            "robot: pair",
            "robot: my robot",
            "1:8: `robot` is `my robot`; a name is a letter, then letters, digits, _ and -, at most 64"
        ),
        Row(
            "tick: 10 ms",
            "tick: 10",
            "2:7: `tick` is `10`; the unit is missing: s, ms, us, min or h"
        ),
        Row("tick: 10 ms", "tick: 1 s", "2:7: `tick` is `1 s`; allowed is 0.001 s to 0.2 s"),
        Row(
            "tick: 10 ms",
            "stop: coast",
            "2:7: `stop` is `coast`; allowed is park, hold, damp or release"
        ),
        Row(
            "tick: 10 ms",
            "estop: relase",
            "2:8: `estop` is `relase`; allowed is park, hold, damp or release; did you mean `release`?"
        ),
        Row(
            "tick: 10 ms",
            "arm: auto",
            "2:6: `arm` is `auto`; allowed is automatic or manual"
        ),
        Row(
            "tick: 10 ms",
            "tik: 10 ms",
            "2:1: `tik` is not a known key; did you mean `tick`?"
        ),
        Row(
            "baud: 1 Mbit/s",
            "baud: 250 kbit/s",
            """
            4:44: `buses[hand].baud` is `250 kbit/s`; XM430-W210 can do 9600 bit/s, 57600 bit/s, \
            115200 bit/s, 1000000 bit/s, 2000000 bit/s, 3000000 bit/s, 4000000 bit/s or \
            4500000 bit/s
            """
        ),
        Row(
            ", watchdog: 200 ms",
            "",
            """
            4:5: `buses[hand]`: servos that nobody talks to have to stop by themselves: give \
            `watchdog`, for example 200 ms, or write `no_watchdog: accepted`
            """
        ),
        Row(
            "watchdog: 200 ms",
            "no_watchdog: yes",
            "4:67: `buses[hand].no_watchdog` is `yes`; allowed is accepted"
        ),
        Row(
            "watchdog: 200 ms",
            "watchdog: 200 ms, no_watchdog: accepted",
            """
            4:85: `buses[hand].no_watchdog` is `accepted`; `watchdog` is given as well; leave out \
            one of them
            """
        ),
        Row(
            "watchdog: 200 ms",
            "watchdog: 3 s",
            "4:64: `buses[hand].watchdog` is `3 s`; allowed is 0.02 s to 2.54 s"
        ),
        Row(
            "watchdog: 200 ms",
            "watchdog: 210 ms",
            "4:64: `buses[hand].watchdog` is `210 ms`; the servos count in steps of 20 ms"
        ),
        Row(
            "watchdog: 200 ms",
            "watchdog: 20 ms",
            """
            4:64: `buses[hand].watchdog` is `20 ms`; it has to last 3 ticks, here 30 ms, or it trips
            """
        ),
        Row(
            "servo: XM430-W210",
            "servo: XM430-W351",
            """
            6:10: `joint_defaults.servo` is `XM430-W351`; on a dynamixel bus known servos are \
            XM430-W210, XM430-W350, XH430-W210, XM540-W270, XL430-W250, XC430-W150, XC430-W240, \
            XL330-M077, XL330-M288, XC330-M181, XC330-M288, XC330-T181, XC330-T288, MX-28, MX-64 \
            and MX-106; did you mean `XM430-W350`?
            """
        ),
        Row(
            "position: [-90 deg, 90 deg]",
            "position: [90 deg, -90 deg]",
            "7:13: `joint_defaults.position` is a list; the first number has to be below the second"
        ),
        Row(
            "goal_velocity: 120 deg/s",
            "goal_velocity: 120 deg",
            """
            8:18: `joint_defaults.goal_velocity` is `120 deg`; the unit has to be deg/s, rad/s or \
            rev/min
            """
        ),
        Row(
            "trip_velocity: 400 deg/s",
            "trip_velocity: 90 deg/s",
            """
            8:18: `joint_defaults.goal_velocity` is `120 deg/s`; it has to be at most \
            `trip_velocity`: 90 deg/s
            """
        ),
        Row(
            "current: 1 A",
            "curent: 1 A",
            "10:3: `joint_defaults.curent` is not a known key; did you mean `current`?",
            "17:5: `joints[left]` needs `current`: a number with a unit (A or mA)",
            "18:5: `joints[right]` needs `current`: a number with a unit (A or mA)"
        ),
        Row(
            "current: 1 A",
            "current: 1000",
            "10:12: `joint_defaults.current` is `1000`; the unit is missing: A or mA"
        ),
        Row(
            "pause_temperature: 55 degC",
            "pause_temperature: 70 degC",
            """
            12:22: `joint_defaults.pause_temperature` is `70 degC`; it has to be below \
            `stop_temperature`: 70 degC
            """
        ),
        Row(
            "stop_temperature: 70 degC",
            "stop_temperature: 90 degC",
            """
            13:21: `joint_defaults.stop_temperature` is `90 degC`; XM430-W210 switches itself off \
            at 80 degC; stop before that
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  torque: 1 N·m",
            """
            11:11: `joint_defaults.torque` is `1 N·m`; `current` is given as well; leave out one of \
            them
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  continuous_current: 1 A",
            """
            11:23: `joint_defaults.continuous_current` is `1 A`; it has to be below the current \
            that stops the robot: 1 A
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  soft_zone: 91 deg",
            "11:14: `joint_defaults.soft_zone` is `91 deg`; allowed is 0 deg to 90 deg"
        ),
        Row(
            "right, id: 2",
            "right, id: 2, position: [-10 deg, 10 deg], soft_zone: 11 deg",
            """
            18:66: `joints[right].soft_zone` is `11 deg`; it has to be at most half of \
            `position`'s width: 10 deg
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  goal_acceleration: 500 deg/s",
            """
            11:22: `joint_defaults.goal_acceleration` is `500 deg/s`; the unit has to be deg/s², \
            deg/s^2, rad/s² or rad/s^2
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  mean_goal_velocity: 121 deg/s",
            """
            11:23: `joint_defaults.mean_goal_velocity` is `121 deg/s`; above `goal_velocity`, \
            120 deg/s, it has no effect
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  power: 5",
            "11:10: `joint_defaults.power` is `5`; the unit is missing: W or mW"
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  voltage: [13 V, 16 V]",
            """
            11:12: `joint_defaults.voltage` is a list; XM430-W210 is made for 12 V, which has to \
            lie in it
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  slow_temperature: 71 degC",
            """
            11:21: `joint_defaults.slow_temperature` is `71 degC`; it has to be at most \
            `stop_temperature`: 70 degC
            """
        ),
        Row(
            "current: 1 A",
            "current: 1 A\n  hardzone: 5 deg",
            "11:3: `joint_defaults.hardzone` is not a known key; did you mean `hard_zone`?"
        ),
        Row(
            "d: 0}",
            "dd: 0}",
            "15:10: `joint_defaults.gains` needs `d`: a whole number from 0 to 16383",
            "15:25: `joint_defaults.gains.dd` is not a known key; did you mean `d`?"
        ),
        Row(
            "p: 800",
            "p: 20000",
            "15:14: `joint_defaults.gains.p` is `20000`; a whole number from 0 to 16383 is needed"
        ),
        Row(
            "gains: {p: 800, i: 0, d: 0}",
            "gains: 800",
            "15:10: `joint_defaults.gains` is `800`; a mapping is needed"
        ),
        Row(
            "right, id: 2",
            "left, id: 2",
            "18:12: `joints[left].name` is `left`; the joint in line 17 has that name too"
        ),
        Row(
            "right, id: 2",
            "right, id: 1",
            "18:23: `joints[right].id` is `1`; `left` has that ID on the same bus"
        ),
        Row(
            "right, id: 2",
            "right, id: 253",
            "18:23: `joints[right].id` is `253`; a whole number from 0 to 252 is needed"
        ),
        Row(
            "right, id: 2",
            "right, id: 2, reset: 91 deg",
            """
            18:33: `joints[right].reset` is `91 deg`; it has to lie in `position`: -90 deg to 90 deg
            """
        ),
        Row(
            "right, id: 2",
            "right, id: 2, bus: foot",
            "18:31: `joints[right].bus` is `foot`; the buses of this robot are hand"
        ),
        Row(
            "right, id: 2",
            "right, id: 2, role: passive",
            "18:32: `joints[right].role` is `passive`; allowed is actuated or object"
        ),
        Row(
            "{name: right, id: 2}",
            "right",
            "18:5: `joints[item 2]` is `right`; a mapping is needed"
        ),
        Row(
            "joint_defaults:\n",
            "joint_defaults:\n  role: object\n",
            "18:3: `joints` is a list; at least one joint has to have `role: actuated`"
        ),
        Row(
            "joints:\n  - {name: left, id: 1}\n  - {name: right, id: 2}\n",
            "joints: []\n",
            "16:9: `joints` is a list; a list of mappings is needed"
        ),
        Row(
            "joints:\n  - {name: left, id: 1}\n  - {name: right, id: 2}\n",
            "",
            "1:1: the file needs `joints`: a list of mappings"
        ),
        Row(
            "  - {name: hand,",
            """
              - {name: foot, port: /dev/ttyUSB1, baud: 1 Mbit/s, watchdog: 200 ms}
              - {name: hand,
            """,
            "18:5: `joints[left]` needs `bus`: one of the buses foot or hand",
            "19:5: `joints[right]` needs `bus`: one of the buses foot or hand"
        ),
    ]

    @Test("the robot file the mistakes are made in is right") func baseIsRight() {
        #expect(problemsOfRobot(Self.base) == [])
    }

    // XM430-W210: 12 V, 2.3 A and 3.0 N·m with the shaft held (its e-manual page).
    @Test("limits that are not given come from the servo's model, those given are kept")
    func limitsOfModel() throws {
        let usual = try robot(Self.base).joints[0].limits
        #expect((usual.continuousCurrent - 0.75).magnitude < 1e-12)
        #expect((usual.power - 2.3 * 15.6).magnitude < 1e-9)
        #expect((usual.voltage.lowerBound - 9).magnitude < 1e-12)
        #expect((usual.voltage.upperBound - 15.6).magnitude < 1e-12)
        #expect(usual.slowTemperature == 62.5 && usual.softZone == 0)
        #expect(usual.hardZone == usual.followingError)
        #expect(usual.goalAcceleration == .infinity && usual.meanGoalVelocity == .infinity)

        let given = """
            torque: 1.5 N·m
              continuous_current: 500 mA
              soft_zone: 10 deg
              hard_zone: 3 deg
              goal_acceleration: 10 rad/s^2
              mean_goal_velocity: 1 rad/s
              slow_temperature: 60 degC
              power: 12 W
              voltage: [10 V, 14 V]
            """
        let limits = try robot(Self.base.replacing("current: 1 A", with: given)).joints[1].limits
        // 1.5 N·m at 3.0 N·m for 2.3 A.
        #expect((limits.current - 1.15).magnitude < 1e-9)
        #expect(limits.continuousCurrent == 0.5 && limits.power == 12)
        #expect((limits.softZone - 0.174_532_9).magnitude < 1e-6)
        #expect((limits.hardZone - 0.052_359_9).magnitude < 1e-6)
        #expect(limits.goalAcceleration == 10 && limits.meanGoalVelocity == 1)
        #expect(limits.slowTemperature == 60 && limits.voltage == 10...14)
    }

    @Test("a mistake is reported where it is, with what would be right", arguments: rows)
    func mistake(_ row: Row) {
        let text = Self.base.replacing(row.old, with: row.new, maxReplacements: 1)
        #expect(text != Self.base)
        #expect(problemsOfRobot(text) == row.expected)
    }

    @Test("mistakes in different sections are reported together") func together() {
        let text = Self.base
            .replacing("tick: 10 ms", with: "tick: 10")
            .replacing("watchdog: 200 ms", with: "watchdog: 210 ms")
            .replacing("right, id: 2", with: "right, id: 2, weight: 3 kg")
        #expect(
            problemsOfRobot(text).map { $0.split(separator: " ")[0] } == [
                "2:7:", "4:64:", "18:26:",
            ]
        )
    }

    @Test("a robot has at most as many joints as a JointArray holds") func capacity() {
        func text(_ count: Int) -> String {
            let joints = (0..<count).map { "  - {name: j\($0), id: \($0)}\n" }
            return Self.base.replacing(
                "  - {name: left, id: 1}\n  - {name: right, id: 2}\n",
                with: joints.joined()
            )
        }
        #expect(problemsOfRobot(text(24)) == [])
        #expect(
            problemsOfRobot(text(25)) == [
                """
                41:5: `joints[j24]`: one joint too many: a robot has at most 24, this file has 25
                """
            ]
        )
    }

    @Test("two buses may use the same IDs") func twoBuses() throws {
        let text = Self.base
            .replacing(
                "  - {name: hand,",
                with: """
                      - {name: foot, port: /dev/ttyUSB1, baud: 1 Mbit/s, watchdog: 200 ms}
                      - {name: hand,
                    """
            )
            .replacing("left, id: 1", with: "left, id: 1, bus: hand")
            .replacing("right, id: 2", with: "right, id: 1, bus: foot")
        #expect(try robot(text).joints.map(\.busIndex) == [1, 0])
    }

    @Test("two buses may not share a name or a port") func busesAreUnique() {
        let text = Self.base
            .replacing(
                "joint_defaults:",
                with: """
                      - {name: hand, port: /dev/ttyUSB0, baud: 1 Mbit/s, watchdog: 200 ms}
                    joint_defaults:
                      bus: hand
                    """
            )
        #expect(
            problemsOfRobot(text) == [
                "5:12: `buses[hand].name` is `hand`; another bus has that name",
                "5:24: `buses[hand].port` is `/dev/ttyUSB0`; another bus has that port",
            ]
        )
    }
}
