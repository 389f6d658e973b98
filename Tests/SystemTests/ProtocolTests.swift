import Foundation
import Testing

extension WholeProgram {
    /// What makes a protocol count as supported: everything an owner does, through its emulator.
    @Suite("Every bus protocol, from check to resume")
    struct ProtocolTests {
        @Test(
            "check, calibrate, ten training episodes, an unplug in the midst of one, a resume",
            .timeLimit(.minutes(3)),
            arguments: BenchRobot.Wire.all
        )
        func wholeWay(wire: BenchRobot.Wire) throws {
            let bench = try Bench(BenchRobot(on: wire))
            let port = bench.folder + "/desk"
            let hand = try Person()
            let servos = try bench.start(
                arguments: ["emulate", "--robot", "bench", "--hand", "--links", bench.folder],
                before: Privileges.ofOwnProcessor,
                input: hand.input
            )
            try servos.line(with: "/dev/", on: .output)
            let check = try bench.check(port)
            #expect(check.code == 0, "\(check)")
            let calibration = try HandCalibration(
                bench: bench,
                servos: servos,
                hand: hand,
                joints: ["left", "right"]
            ).run(port: port, upTo: 95)
            #expect(calibration.code == 0, "\(calibration)")
            let ten = try bench.startOnServos(ports: [port], ["--arm", "--episodes", "10"]).end()
            #expect(ten.code == 0, "\(ten)")
            #expect(ten.errors.contains("parked, torque off"), "\(ten)")
            let run = try bench.onlyRun()
            #expect(run.steps == 10 * BenchRobot.episodeSteps)

            let process = try bench.startOnServos(ports: [port], ["--arm"])
            try bench.waitForStatus(of: process) { $0.phase == "running" && $0.steps > run.steps }
            _ = try servos.end(by: SIGKILL)
            let end = try process.end()
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("fault 20"), "\(end)")

            let again = try bench.emulate("bench", "--links", bench.folder).process
            let resumed = try bench.startOnServos(
                ports: [port],
                ["--arm", "--episodes", "1"]
            ).end()
            #expect(resumed.code == 0, "\(resumed)")
            #expect(resumed.errors.contains("resumed \(run.path)"), "\(resumed)")
            #expect(try bench.run("runs", "verify", "latest").code == 0)
            #expect(try again.end(by: SIGTERM).code == 0)
        }

        @Test("a robot of a servo bus, a motor bus and an IMU is driven in one tick")
        func mixed() throws {
            var robot = BenchRobot()
            robot.arm = "automatic"
            let bench = try Bench(robot)
            let servo = BenchRobot.Wire.all[0]
            let motor = try #require(BenchRobot.Wire.all.first { $0.spoken == "moteus" })
            var text = robot.yaml
            text = text.replacingOccurrences(
                of: "joint_defaults:",
                with: """
                      - {name: legs, port: /dev/nope-legs, protocol: moteus, baud: \(motor.baud),
                         watchdog: 1 s}
                    imu: {port: /dev/nope-imu, protocol: vectornav-binary, rate: 100 Hz}
                    joint_defaults:
                    """
            )
            text = text.replacingOccurrences(
                of: "joints:\n",
                with: """
                    joints:
                      - {name: leg, id: 5, bus: legs, servo: \(motor.servo),
                         current: \(motor.current), trip_velocity: 3600 deg/s,
                         gains: \(motor.gains)}

                    """
            )
            text = text.replacingOccurrences(of: "step: 2.5 ms", with: "step: 1 ms")
            #expect(text.contains(servo.gains) && text.contains("name: leg,"))
            try bench.write(text, to: "robots/bench.yaml")
            robot.joints.append(.init(name: "leg", id: 5))
            try bench.write(robot.model, to: "robots/bench.xml")
            try bench.write(
                """
                robot: bench
                joints:
                  joint: {zero: 2048 pulses, direction: 1}
                  leg: {zero: 0 pulses, direction: -1}

                """,
                to: "calibration/bench.yaml"
            )
            let servos = try bench.emulate("bench", "--links", bench.folder).process
            let ports = ["desk", "legs", "imu"].map { "\($0)=\(bench.folder)/\($0)" }
            let end = try bench.startOnServos(ports: ports, ["--episodes", "3"]).end()
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("bus legs:"), "\(end)")
            #expect(end.errors.contains("0 without a sample of every joint"), "\(end)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }
    }
}
