import Foundation
import Glibc
import Testing

extension OnABench {
    /// From a new controller to a calibrated robot, on every bus but Dynamixel 2.0.
    @Suite("Bringing up controllers of other protocols")
    struct BringUpProtocolTests {
        /// One joint of one kind, and where it really stands.
        struct Kind: Sendable, CustomTestStringConvertible {
            var wire: String
            var servo: String
            var baud: String
            /// What `sacbot scan` is told, and finds.
            var scan: (rate: String, words: String)
            var watchdog = "no_watchdog: accepted"
            var current = "1 A"
            var gains = "{p: 32, i: 0, d: 0}"
            /// Pulses in a turn, as the maker counts them, and at joint angle zero.
            var turn: Double
            var zero: Int
            var reboot: (code: Int32, words: String) = (1, "switch their power off and on")
            var testDescription: String { servo }

            private static let spring = "{stiffness: 2 N·m/rad, damping: 0.05 N·m·s/rad}"

            static let all = [
                Kind(
                    wire: "dynamixel-1",
                    servo: "AX-12A",
                    baud: "1 Mbit/s",
                    scan: ("1000000", "1    AX-12A"),
                    // 300 degrees are 1024 positions.
                    turn: 1228.8,
                    zero: 500
                ),
                Kind(
                    wire: "feetech",
                    servo: "STS3215",
                    baud: "1 Mbit/s",
                    scan: ("1000000", "1    STS3215"),
                    turn: 4096,
                    zero: 2200
                ),
                Kind(
                    wire: "moteus",
                    servo: "moteus U8",
                    baud: "12 Mbit/s",
                    scan: ("921600", "1    board"),
                    watchdog: "watchdog: 1 s",
                    current: "20 A",
                    gains: spring,
                    turn: 100_000,
                    zero: -7000,
                    reboot: (0, "motor off, errors cleared")
                ),
                Kind(
                    wire: "odrive",
                    servo: "ODrive U8",
                    baud: "500 kbit/s",
                    scan: ("500000", "1    v"),
                    watchdog: "watchdog: 1 s",
                    current: "20 A",
                    gains: spring,
                    turn: 100_000,
                    zero: 9000,
                    reboot: (0, "motor off, errors cleared")
                ),
            ]

            func robot(_ name: String, id: Int = 1, baud: String? = nil) -> String {
                """
                robot: \(name)
                model: \(name).xml
                tick: 50 ms
                stop: park
                estop: release
                arm: manual
                buses:
                  - {name: desk, port: /dev/nope, protocol: \(wire), baud: \(baud ?? self.baud),
                     \(watchdog)}
                joint_defaults:
                  servo: \(servo)
                  position: [-60 deg, 60 deg]
                  reset: 0 deg
                  goal_velocity: 180 deg/s
                  trip_velocity: 3600 deg/s
                  current: \(current)
                  following_error: 45 deg
                  pause_temperature: 50 degC
                  stop_temperature: 60 degC
                  gains: \(gains)
                joints:
                  - {name: joint, id: \(id), bus: desk}
                safety: {stale_ticks: 40, late_ticks: 400}
                reset: {tolerance: 5 deg, joint_time: 3 s, retries: 1}
                tasks:
                  reach:
                    policy_rate: 10 Hz
                    duration: 1 s
                    pose: {range: 0.8}
                    observation: [joint_positions]
                    reward:
                      - {term: target_error, weight: -5}
                    success: {below: 0.05 rad}
                simulation: {step: 1 ms}
                learner: {profile: sac, hidden_widths: [32, 32], batch: 32, warm_up: 60}

                """
            }

            func calibration(_ name: String, zero: Int, direction: Int) -> String {
                """
                robot: \(name)
                joints:
                  joint: {zero: \(zero) pulses, direction: \(direction)}

                """
            }
        }

        /// A bench with the robot `bench`, and `real` as its joint really stands.
        private func bench(_ kind: Kind) throws -> Bench {
            var robot = BenchRobot()
            robot.name = "real"
            let bench = try Bench(BenchRobot(), robot)
            for name in ["bench", "real"] {
                try bench.write(kind.robot(name), to: "robots/\(name).yaml")
            }
            try bench.write(
                kind.calibration("bench", zero: kind.zero + 30, direction: 1),
                to: "calibration/bench.yaml"
            )
            try bench.write(
                kind.calibration("real", zero: kind.zero, direction: -1),
                to: "calibration/real.yaml"
            )
            return bench
        }

        @Test(
            "a robot is found, calibrated by hand and by moving, and passes its check",
            arguments: Kind.all
        )
        func calibrate(kind: Kind) throws {
            let bench = try bench(kind)
            let hand = try Person()
            let servos = try bench.start(
                arguments: ["emulate", "--robot", "real", "--hand"],
                before: Privileges.ofOwnProcessor,
                input: hand.input
            )
            let line = try servos.line(with: "/dev/", on: .output)
            let port = try #require(line.split(separator: " ").last.map(String.init))

            let scan = try bench.run("scan", "--port", port, "--baud", kind.scan.rate)
            #expect(scan.code == 0 && scan.output.contains("\n" + kind.scan.words), "\(scan)")

            let end = try HandCalibration(
                bench: bench,
                servos: servos,
                hand: hand,
                joints: ["joint"]
            ).run(port: port, upTo: 70)
            #expect(end.code == 0, "\(end)")

            let text = try String(
                contentsOfFile: bench.path("calibration/bench.yaml"),
                encoding: .utf8
            )
            func numbers(_ key: String) -> [Double] {
                text.split(separator: "\n").filter { $0.contains(key) }.flatMap { line in
                    line.split { !"-0123456789".contains($0) }.compactMap { Double($0) }
                }
            }
            // A hand holds to half a degree.
            let slack = kind.turn / 720
            let zero = try #require(numbers("zero:").first, "\(text)")
            #expect(abs(zero - Double(kind.zero)) <= slack, "\(text)")
            #expect(numbers("direction:") == [-1], "\(text)")
            let expected = [-70.0, 70].map { Double(kind.zero) + $0 / 360 * kind.turn }
            let range = numbers("range:")
            try #require(range.count == 2, "\(text)")
            for (found, wanted) in zip(range, expected) {
                #expect(abs(found - wanted) <= slack, "\(text)")
            }

            let check = try bench.check(port)
            #expect(check.code == 0, "\(check)")
            for subject in [
                "servos", "firmware", "voltage", "temperature", "hardware errors", "torque",
                "calibration", "limits", "time",
            ] {
                #expect(check.output.contains("[pass] desk: \(subject): "), "\(check)")
            }
            let release = try bench.run("release", "--robot", "bench", "--port", port)
            #expect(release.output.contains("torque is off at all 1"), "\(release)")
            let reboot = try bench.run("reboot", "--robot", "bench", "--port", port, "joint")
            #expect(reboot.code == kind.reboot.code, "\(reboot)")
            #expect(reboot.output.contains(kind.reboot.words), "\(reboot)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test(
            "setup gives a servo of protocol 1.0 its ID and rate",
            arguments: Kind.all.filter { !$0.watchdog.hasPrefix("watchdog") }
        )
        func setup(kind: Kind) throws {
            let bench = try bench(kind)
            try bench.write(
                kind.robot("bench", id: 5, baud: "500 kbit/s"),
                to: "robots/bench.yaml"
            )
            let (servos, port) = try bench.emulate("real")
            let person = try Person()
            let process = try bench.start(
                arguments: ["setup", "--robot", "bench", "--port", port],
                input: person.input
            )
            try process.line(with: "Connect the servo of `joint`", on: .output)
            try person.type("")
            let done = try process.line(with: "joint: was", on: .output)
            #expect(
                done == "joint: was ID 1 at 1000000 bit/s, is ID 5 at 500000 bit/s, return delay 0"
            )
            let end = try process.end()
            #expect(end.code == 0, "\(end)")
            let check = try bench.check(port)
            #expect(check.output.contains("[pass] desk: servos"), "\(check)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test(
            "setup names the maker's program where it does nothing itself",
            arguments: [("moteus", "moteus_tool"), ("odrive", "odrivetool")]
        )
        func elsewhere(wire: String, program: String) throws {
            let kind = try #require(Kind.all.first { $0.wire == wire })
            let bench = try bench(kind)
            let end = try bench.run("setup", "--robot", "bench", "--port", "/dev/nope")
            #expect(end.code == 0 && end.output.contains(program), "\(end)")
        }

        @Test(
            "a check hears the IMU, and says what is wrong when nobody talks or another unit does"
        )
        func imu() throws {
            let bench = try Bench()
            let text = BenchRobot().yaml
            func write(_ spoken: String) throws {
                let unit =
                    "imu: {port: /dev/nope, protocol: \(spoken)}\njoint_defaults:"
                let changed = text.replacingOccurrences(of: "joint_defaults:", with: unit)
                try #require(changed != text)
                try bench.write(changed, to: "robots/bench.yaml")
            }
            try write("vectornav-ascii, rate: 50 Hz")
            let servos = try bench.emulate("bench", "--links", bench.folder).process
            func check() throws -> ChildEnd {
                try bench.run(
                    "check",
                    "--robot",
                    "bench",
                    "--backend",
                    "hardware",
                    "--port",
                    "desk=\(bench.folder)/desk",
                    "--port",
                    "imu=\(bench.folder)/imu"
                )
            }
            let good = try check()
            #expect(
                good.code == 0 && good.output.contains("[pass] imu: unit: vectornav-ascii"),
                "\(good)"
            )
            let scan = try bench.run("scan", "--port", bench.folder + "/imu", "--baud", "115200")
            #expect(scan.code == 0 && scan.output.contains("vectornav-ascii"), "\(scan)")
            try write("bno08x-rvc")
            let other = try check()
            #expect(other.code == 1 && other.output.contains("[fail] imu: unit"), "\(other)")
            #expect(other.errors.contains("correct `protocol:`"), "\(other)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }
    }
}
