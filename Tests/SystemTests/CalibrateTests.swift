import Foundation
import Glibc
import RobotFiles
import Testing

extension OnABench {
    /// `sacbot calibrate` with emulated servos, a hand that turns them and a person who answers.
    @Suite("Calibrating a robot")
    struct CalibrateTests {
        /// Emulated servos that stand as `zeros` say, and the robot that does not know it yet.
        private final class Stand {
            let bench: Bench
            let servos: ChildProcess
            let port: String
            let person: Person
            private let hand: Person

            /// `elbow` is mounted the other way round.
            init(zeros: (shoulder: Int, elbow: Int) = (1500, 2200)) throws {
                var robot = BenchRobot()
                robot.joints = [.init(name: "shoulder", id: 1), .init(name: "elbow", id: 2)]
                var real = robot
                real.name = "real"
                bench = try Bench(robot, real)
                try bench.write(
                    """
                    robot: real
                    joints:
                      shoulder: {zero: \(zeros.shoulder) pulses, direction: 1}
                      elbow: {zero: \(zeros.elbow) pulses, direction: -1}

                    """,
                    to: "calibration/real.yaml"
                )
                person = try Person()
                hand = try Person()
                servos = try bench.start(
                    arguments: ["emulate", "--robot", "real", "--hand"],
                    before: Privileges.ofOwnProcessor,
                    input: hand.input
                )
                let line = try servos.line(with: "/dev/", on: .output)
                port = try #require(line.split(separator: " ").last.map(String.init))
            }

            func calibrate(_ more: String...) throws -> ChildProcess {
                try bench.start(
                    arguments: ["calibrate", "--robot", "bench", "--port", port] + more,
                    input: person.input
                )
            }

            /// Turns a joint to an angle in degrees of its own sense and holds it.
            func turn(_ joint: String, _ degrees: Int) throws {
                try hand.type("turn \(joint) \(degrees)")
                try servos.line(with: "turned \(joint)", on: .output)
            }

            func letGo() throws {
                for joint in ["shoulder", "elbow"] {
                    try hand.type("let-go \(joint)")
                    try servos.line(with: "let go \(joint)", on: .output)
                }
            }

            /// From the first question to the end of the range.
            func showRange(_ process: ChildProcess, by degrees: Int = 95) throws {
                try process.line(with: "torque is off at all joints", on: .output)
                for joint in ["shoulder", "elbow"] { try turn(joint, 0) }
                try process.line(with: "middle of its range", on: .output)
                try person.type("")
                try process.line(with: "from stop to stop", on: .output)
                for joint in ["shoulder", "elbow"] {
                    for angle in [-degrees, degrees, 20] {
                        try turn(joint, angle)
                        try hand.type("wait")
                        try servos.line(with: "read", on: .output)
                    }
                }
                try person.type("")
            }

            /// What the calibration file says.
            func text() throws -> String {
                try String(contentsOfFile: bench.path("calibration/bench.yaml"), encoding: .utf8)
            }

            func finish() throws { #expect(try servos.end(by: SIGTERM).code == 0) }
        }

        @Test("zero, range and direction are measured, written with provenance, and pass the check")
        func moving() throws {
            let stand = try Stand()
            let old = try stand.text()
            let process = try stand.calibrate()
            try stand.showRange(process)
            let heading = try process.line(with: "lowest", on: .output)
            try Capture.expect("calibrate", contains: heading[...])
            try process.line(with: "Now each joint moves", on: .output)
            try stand.letGo()
            try stand.person.type("")
            // Both stand at +20 degrees and are moved towards their middle: against the arrow.
            for joint in ["shoulder", "elbow"] {
                try process.line(with: "`\(joint)` moved by", on: .output)
                try stand.person.type("n")
            }
            let end = try process.end()
            #expect(end.code == 0, "\(end)")

            let text = try stand.text()
            let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            // A hand holds to a pulse; 95 degrees are 1081 pulses.
            func numbers(_ key: String) -> [Int] {
                lines.filter { $0.hasPrefix(key) }.flatMap { line in
                    line.split { !"-0123456789".contains($0) }.compactMap { Int($0) }
                }
            }
            let zeros = numbers("zero:")
            try #require(zeros.count == 2, "\(text)")
            #expect(abs(zeros[0] - 1500) <= 2 && abs(zeros[1] - 2200) <= 2, "\(text)")
            #expect(numbers("direction:") == [1, -1], "\(text)")
            for (found, expected) in zip(numbers("range:"), [419, 2581, 1119, 3281]) {
                #expect(abs(found - expected) <= 2, "\(text)")
            }
            // The model number of an XL330-M288 is 1200 (e-manual).
            #expect(text.contains("servo: {id: 2, model: 1200, firmware: 46, homing_offset: 0,"))
            #expect(text.contains("sacbot 0.") && text.contains("fingerprint:"))
            let measured = try #require(lines.first { $0.hasPrefix("measured:") })
                .split(separator: "\"")[1]
            let written =
                try FileManager.default.attributesOfItem(
                    atPath: stand.bench.path("calibration/bench.yaml")
                )[.modificationDate] as? Date
            let date = ISO8601DateFormatter().date(from: String(measured))
            #expect(try #require(date).distance(to: #require(written)).magnitude < 3600)
            let folder = stand.bench.path("calibration")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let backup = try #require(names.first { $0.hasPrefix("bench.2") })
            #expect(try String(contentsOfFile: folder + "/" + backup, encoding: .utf8) == old)

            let check = try stand.bench.check(stand.port)
            #expect(check.code == 0, "\(check)")
            #expect(check.output.contains("[pass] desk: calibration"), "\(check)")
            #expect(check.output.contains("[pass] desk: limits"), "\(check)")
            #expect(check.output.contains("fingerprint"), "\(check)")
            try stand.bench.write(
                text.replacingOccurrences(of: "direction: -1", with: "direction: 1"),
                to: "calibration/bench.yaml"
            )
            let edited = try stand.bench.check(stand.port)
            #expect(edited.output.contains("was edited after it was measured"), "\(edited)")
            try stand.finish()
        }

        @Test("with --no-move directions are shown by hand and nothing moves by itself")
        func byHand() throws {
            let stand = try Stand()
            let process = try stand.calibrate("--no-move")
            try stand.showRange(process)
            for joint in ["shoulder", "elbow"] {
                try process.line(with: "Bring `\(joint)` near its middle", on: .output)
                try stand.turn(joint, 0)
                try stand.person.type("")
                try process.line(with: "Turn `\(joint)` in its positive sense", on: .output)
                try stand.turn(joint, 12)
                try stand.person.type("")
            }
            let end = try process.end()
            #expect(end.code == 0, "\(end)")
            let text = try stand.text()
            let first = try #require(text.range(of: "direction: 1\n"))
            let second = try #require(text.range(of: "direction: -1\n"))
            #expect(first.lowerBound < second.lowerBound, "\(text)")
            try stand.finish()
        }

        @Test("a range over the encoder's end is refused, and the old file stays")
        func wrap() throws {
            let stand = try Stand(zeros: (300, 2200))
            let old = try stand.text()
            let process = try stand.calibrate()
            try stand.showRange(process)
            let end = try process.end()
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("joint `shoulder` goes from pulse"), "\(end)")
            #expect(end.errors.contains("horn"), "\(end)")
            #expect(try stand.text() == old)
            try stand.finish()
        }

        @Test("leaving at any question writes nothing", arguments: ["q", "signal", "end of input"])
        func left(how: String) throws {
            let stand = try Stand()
            let old = try stand.text()
            let process = try stand.calibrate()
            try process.line(with: "middle of its range", on: .output)
            switch how {
            case "q": try stand.person.type("q")
            case "signal": process.signal(SIGINT)
            // Ctrl-D on an empty line.
            default: try stand.person.press("\u{04}")
            }
            let end = try process.end()
            #expect(end.code == 1 && end.errors.contains("old calibration still stands"), "\(end)")
            #expect(try stand.text() == old)
            try stand.finish()
        }
    }
}
