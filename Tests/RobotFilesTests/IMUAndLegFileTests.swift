import Robot
import RobotFiles
import Testing

@Suite("The IMU and the legs in robot files") struct IMUAndLegFileTests {
    static let base = """
        robot: pair
        buses:
          - {name: hand, port: /dev/ttyUSB0, baud: 1 Mbit/s, watchdog: 200 ms}
        imu: {port: /dev/ttyUSB1, protocol: vectornav-binary, rate: 100 Hz}
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
          - {name: other, id: 3}
          - {name: ball, id: 4, role: object}
        legs:
          - {name: hind, front: left, rear: right, upper: 0.1 m, lower: 200 mm}

        """

    @Test("the file says what stands in it") func values() throws {
        let robot = try robot(Self.base)
        let imu = try #require(robot.imu)
        #expect(
            imu
                == IMUDescription(
                    port: "/dev/ttyUSB1",
                    baudRate: 115_200,
                    protocolName: .vectorNavBinary,
                    rate: 100,
                    mounting: .zero,
                    staleAfter: 0.05
                )
        )
        #expect(
            robot.legs == [
                LegDescription(
                    name: "hind",
                    frontJoint: 0,
                    rearJoint: 1,
                    upperLength: 0.1,
                    lowerLength: 0.2,
                    frontDirection: 1,
                    rearDirection: 1,
                    margin: degrees(5)
                )
            ]
        )
    }

    @Test("everything that can be said") func everything() throws {
        let text = Self.base
            .replacing(
                "protocol: vectornav-binary, rate: 100 Hz",
                with: """
                    protocol: witmotion, baud: 115200 bit/s, rate: 50 Hz, \
                    mounting: [180 deg, 0 deg, -90 deg], stale_after: 200 ms
                    """
            )
            .replacing(
                "lower: 200 mm}",
                with: "lower: 200 mm, front_direction: -1, rear_direction: 1, margin: 10 deg}"
            )
        let robot = try robot(text)
        let imu = try #require(robot.imu)
        #expect(imu.protocolName == .witMotion)
        #expect((imu.baudRate, imu.rate, imu.staleAfter) == (115_200, 50, 0.2))
        #expect(imu.mounting == SIMD3(.pi, 0, -.pi / 2))
        #expect(robot.legs.first?.frontDirection == -1)
        #expect(robot.legs.first?.margin == degrees(10))
    }

    @Test("a robot without either") func neither() throws {
        let imu = "imu: {port: /dev/ttyUSB1, protocol: vectornav-binary, rate: 100 Hz}\n"
        let legs = """
            legs:
              - {name: hind, front: left, rear: right, upper: 0.1 m, lower: 200 mm}

            """
        let robot = try robot(Self.base.replacing(imu, with: "").replacing(legs, with: ""))
        #expect(robot.imu == nil)
        #expect(robot.legs == [])
    }

    @Test("without a rate the unit is taken as it left the factory") func factory() throws {
        for (name, baud, stale) in [
            ("bno08x-rvc", 115_200, 0.05), ("vectornav-ascii", 115_200, 0.125),
            ("vectornav-binary", 115_200, 0.125), ("witmotion", 9600, 0.5),
        ] {
            let text = Self.base.replacing(
                "protocol: vectornav-binary, rate: 100 Hz",
                with: "protocol: \(name)"
            )
            let imu = try #require(try robot(text).imu)
            #expect(imu.rate == nil)
            #expect(imu.baudRate == baud, "\(name)")
            #expect(imu.staleAfter == stale, "\(name)")
        }
    }

    static let rows: [RobotFileMistakes.Row] = [
        .init("port: /dev/ttyUSB1, ", "", "4:6: `imu` needs `port`: a text"),
        .init(
            "protocol: vectornav-binary, ",
            "",
            "4:6: `imu` needs `protocol`: bno08x-rvc, vectornav-ascii, vectornav-binary or witmotion"
        ),
        .init(
            "vectornav-binary",
            "vectornav-binry",
            """
            4:37: `imu.protocol` is `vectornav-binry`; allowed is bno08x-rvc, vectornav-ascii, \
            vectornav-binary or witmotion; did you mean `vectornav-binary`?
            """
        ),
        .init(
            "/dev/ttyUSB1",
            "/dev/ttyUSB0",
            "4:13: `imu.port` is `/dev/ttyUSB0`; the bus `hand` has that port"
        ),
        .init(
            "rate: 100 Hz",
            "rate: 300 Hz",
            """
            4:61: `imu.rate` is `300 Hz`; vectornav-binary can do 1 Hz, 2 Hz, 4 Hz, 5 Hz, 10 Hz, \
            20 Hz, 25 Hz, 40 Hz, 50 Hz, 80 Hz, 100 Hz, 160 Hz, 200 Hz or 400 Hz
            """
        ),
        .init(
            "rate: 100 Hz",
            "rate: 100",
            "4:61: `imu.rate` is `100`; the unit is missing: Hz or kHz"
        ),
        // 54 bytes, 540 bits; nine tenths of 57600 carry 96 of them.
        .init(
            "rate: 100 Hz",
            "rate: 100 Hz, baud: 57600 bit/s",
            """
            4:61: `imu.rate` is `100 Hz`; samples of 54 bytes fit at most 96 times a second through \
            57600 bit/s
            """
        ),
        .init(
            "vectornav-binary, rate: 100 Hz",
            "bno08x-rvc, baud: 9600 bit/s",
            """
            4:55: `imu.baud` is `9600 bit/s`; UART-RVC is always 115200 bit/s; leave it out
            """
        ),
        .init(
            "rate: 100 Hz",
            "stale_after: 20 ms",
            """
            4:68: `imu.stale_after` is `20 ms`; it has to be at least two samples, here 50 ms
            """
        ),
        .init(
            "rate: 100 Hz",
            "mounting: [0 deg, 90 deg]",
            """
            4:65: `imu.mounting` has 2 items; a list of 3 numbers with a unit (deg or rad) is needed
            """
        ),
        .init(
            "rate: 100 Hz",
            "mounting: [0 deg, 90 deg, 270 deg]",
            "4:81: `imu.mounting` is `270 deg`; allowed is -180 deg to 180 deg"
        ),
        .init(
            "rate: 100 Hz",
            "rte: 200 Hz",
            "4:55: `imu.rte` is not a known key; did you mean `rate`?"
        ),
        .init(
            "front: left",
            "front: lft",
            """
            22:25: `legs[hind].front` is `lft`; the joints of this robot are left, right, other and \
            ball; did you mean `left`?
            """
        ),
        .init(
            "front: left",
            "front: ball",
            """
            22:25: `legs[hind].front` is `ball`; that joint is the object's, a leg needs \
            `role: actuated`
            """
        ),
        .init(
            "rear: right",
            "rear: left",
            "22:37: `legs[hind].rear` is `left`; the leg `hind` has that joint"
        ),
        .init(
            "lower: 200 mm}",
            """
            lower: 200 mm}
              - {name: hind, front: right, rear: other, upper: 0.1 m, lower: 200 mm}
            """,
            "23:12: `legs[hind].name` is `hind`; another leg has that name",
            "23:25: `legs[hind].front` is `right`; the leg `hind` has that joint"
        ),
        .init(
            "upper: 0.1 m",
            "upper: 0.1",
            "22:51: `legs[hind].upper` is `0.1`; the unit is missing: m or mm"
        ),
        .init(
            "lower: 200 mm",
            "lower: 200 mm, front_direction: 0",
            "22:90: `legs[hind].front_direction` is `0`; 1 or -1 is needed"
        ),
        // Lower links of a tenth: asin(0.1) is 5.7 degrees, less than the margin from both sides.
        .init(
            "lower: 200 mm",
            "lower: 10 mm",
            "22:5: `legs[hind]`: `margin` is not given; with these lengths nothing is left to move in"
        ),
    ]

    @Test("a mistake is reported where it is, with what would be right", arguments: rows)
    func mistake(_ row: RobotFileMistakes.Row) {
        let text = Self.base.replacing(row.old, with: row.new, maxReplacements: 1)
        #expect(text != Self.base)
        #expect(problemsOfRobot(text) == row.expected)
    }
}
