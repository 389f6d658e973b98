import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// `sacbot jog` with a person at a pseudo-terminal.
    @Suite("Jogging joints from the keyboard")
    struct JogTests {
        /// The degrees in the columns of the chosen joint's row.
        private func columns(_ row: String) -> [Double] {
            row.split(separator: " ").compactMap { Double($0) }
        }

        @Test(
            "torque comes on at the chosen joint only, it moves in steps, and q leaves it limp",
            .enabled(if: ServoPeer.isThere, "needs dynamixel-sdk")
        )
        func hardware() throws {
            var robot = BenchRobot()
            robot.joints.append(.init(name: "elbow", id: 2))
            let bench = try Bench(robot)
            let (servos, port) = try bench.emulate()
            let person = try Person()
            let before = person.settings
            let process = try bench.start(
                arguments: ["jog", "--robot", "bench", "--backend", "hardware", "--port", port],
                input: person.input
            )
            try Capture.expect(
                "jog",
                contains: try process.line(with: "torque", on: .output).plain[...]
            )
            try Capture.expect(
                "jog",
                contains: try process.line(with: "space STOP", on: .output).plain[...]
            )
            #expect(person.settings != before)
            // Without torque a nudge moves nothing and says so.
            try person.press("j\u{1B}[C")
            try process.line(with: "`elbow` has no torque", on: .output)
            try person.press("t")
            try process.line(with: "torque is on at `elbow`", on: .output)
            // Two steps of 5 degrees: the goal gets there at 30 degrees a second.
            try person.press("++ll")
            let row = try process.line(
                with: "> elbow",
                until: { columns($0).dropFirst().first == 10 }
            )
            #expect(row.contains("ON"), "\(row)")
            let other = try process.line(with: "  joint ", until: { !$0.contains("position") })
            #expect(other.contains("off"), "\(other)")
            try process.line(with: "> elbow", until: { abs((columns($0).first ?? 0) - 10) < 2 })
            try person.press(" ")
            try process.line(with: "torque is off at all joints", on: .output)
            try person.press("t")
            try process.line(with: "torque is on at `elbow`", on: .output)
            try person.press("q")
            let end = try process.end()
            #expect(end.code == 0 && end.errors.contains("torque off"), "\(end.errors)")
            #expect(person.settings == before)
            #expect(
                try ServoPeer.ask(
                    port,
                    "read:1:\(ServoPeer.torqueEnable)",
                    "read:2:\(ServoPeer.torqueEnable)"
                ) == [0, 0]
            )
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test(
            "the terminal is put back however it ends",
            arguments: [SIGTERM, SIGINT, SIGHUP, SIGABRT, SIGSEGV]
        )
        func putBack(number: Int32) throws {
            let bench = try Bench()
            let person = try Person()
            let before = person.settings
            let process = try bench.start(
                arguments: ["jog", "--robot", "bench"],
                input: person.input
            )
            try process.line(with: "> joint", on: .output)
            #expect(person.settings != before)
            let end = try process.end(by: number)
            let isCrash = number == SIGABRT || number == SIGSEGV
            #expect(end.signal == (isCrash ? number : nil), "\(end.errors)")
            #expect(person.settings == before)
            // Cursor on, usual screen.
            #expect(end.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        }

        @Test("a goal does not leave the joint's limits, however often it is nudged")
        func limits() throws {
            let bench = try Bench()
            let person = try Person()
            let process = try bench.start(
                arguments: ["jog", "--robot", "bench"],
                input: person.input
            )
            try process.line(with: "> joint", on: .output)
            try person.press("t")
            try process.line(with: "torque is on at `joint`", on: .output)
            // Limits are +-90 degrees; 12 steps of 10.
            try person.press("+++" + String(repeating: "l", count: 12))
            let row = try process.line(
                with: "> joint",
                until: { columns($0).dropFirst().first == 90 }
            )
            #expect(row.contains("ON"))
            try person.press("q")
            let end = try process.end()
            #expect(end.code == 0, "\(end.errors)")
            let goals = end.output.split(separator: "\n").filter { $0.contains("> joint") }
                .compactMap { columns(String($0).plain).dropFirst().first }
            #expect(goals.allSatisfy { abs($0) <= 90 })
        }

        @Test("without a terminal, or without a calibration, it does not begin")
        func refused() throws {
            let bench = try Bench()
            let none = try bench.run("jog", "--robot", "bench")
            #expect(none.code == 1 && none.errors.contains("needs a terminal"), "\(none)")
            var stranger = BenchRobot()
            stranger.name = "stranger"
            try bench.add(stranger)
            try FileManager.default.removeItem(atPath: bench.path("calibration/stranger.yaml"))
            let end = try bench.run("jog", "--robot", "stranger", "--backend", "hardware")
            #expect(end.code == 1 && end.errors.contains("sacbot calibrate"), "\(end)")
        }
    }
}

extension String {
    /// Without what moves the cursor.
    var plain: String {
        var text = ""
        var rest = Substring(self)
        while let escape = rest.firstIndex(of: "\u{1B}") {
            text += rest[..<escape]
            rest = rest[escape...].dropFirst(2)
            rest = rest.drop { $0.isNumber || "?;".contains($0) }.dropFirst()
        }
        return (text + rest).filter { $0 != "\r" }
    }
}

extension ChildProcess {
    /// Waits for a line of output with `text` that is as wanted, and returns it without escapes.
    @discardableResult
    func line(with text: String, until isWanted: (String) -> Bool) throws -> String {
        while true {
            let found = try line(with: text, on: .output).plain
            if isWanted(found) { return found }
        }
    }
}
