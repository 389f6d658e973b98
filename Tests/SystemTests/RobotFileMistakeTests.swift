import Foundation
import Testing

extension WholeProgram {
    /// A robot file with a mistake starts nothing and says what to write instead.
    @Suite("Mistakes in what a person writes")
    struct RobotFileMistakeTests {
        /// Where `text` stands in the file, as an editor counts it: `line:column`.
        static func place(of text: String, in file: String) -> String {
            for (index, line) in file.split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                guard let range = line.range(of: text) else { continue }
                return
                    "\(index + 1):\(line.distance(from: line.startIndex, to: range.lowerBound) + 1)"
            }
            return "not in the file"
        }

        @Test(
            "a mistake is named with its place and what is right",
            arguments: [
                ("retries: 1", "retires: 1", "retires", "retries"),
                ("duration: 1 s", "duration: 1 kg", "1 kg", "ms"),
                ("tick: 50 ms", "tick: 50", "50", "ms"),
                ("id: 1,", "id: 300,", "300", "252"),
                ("profile: sac", "profile: ddpg", "ddpg", "sac"),
            ]
        )
        func oneMistake(right: String, wrong: String, shown: String, remedy: String) throws {
            let bench = try Bench()
            let file = BenchRobot().yaml.replacingOccurrences(of: right, with: wrong)
            try bench.write(file, to: "robots/bench.yaml")
            let end = try bench.run("train", "--robot", "robots/bench.yaml", "--steps", "20")
            let place = Self.place(of: wrong, in: file).split(separator: ":")[0]
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("robots/bench.yaml:\(place):"), "\(end)")
            #expect(end.errors.contains(shown) && end.errors.contains(remedy), "\(end)")
            #expect(end.errors.split(separator: "\n").count == 1, "one message: \(end)")
            #expect(!FileManager.default.fileExists(atPath: bench.path("runs")))
        }

        @Test("an unknown key is named to the column, with the nearest key")
        func unknownKey() throws {
            let bench = try Bench()
            let file = BenchRobot().yaml.replacingOccurrences(of: "tolerance:", with: "tolerence:")
            try bench.write(file, to: "robots/bench.yaml")
            let end = try bench.run("check", "--robot", "robots/bench.yaml")
            let place = Self.place(of: "tolerence", in: file)
            #expect(end.code == 1)
            #expect(end.errors.contains("robots/bench.yaml:\(place):"), "\(end)")
            #expect(end.errors.contains("did you mean `tolerance`"), "\(end)")
        }

        @Test("all mistakes of a file are named in one go, in the order of its lines")
        func severalMistakes() throws {
            let bench = try Bench()
            let file = BenchRobot().yaml
                .replacingOccurrences(of: "duration: 1 s", with: "duration: 1 kg")
                .replacingOccurrences(of: "retries: 1", with: "retires: 1")
                .replacingOccurrences(of: "baud: 1 Mbit/s", with: "baud: 1 Mbaud")
            try bench.write(file, to: "robots/bench.yaml")
            let end = try bench.run("train", "--robot", "bench")
            #expect(end.code == 1)
            let lines = end.errors.split(separator: "\n")
            try #require(lines.count == 3, "\(end)")
            #expect(lines[0].contains("baud") && lines[1].contains("retires"), "\(end)")
            #expect(lines[2].contains("duration"), "\(end)")
        }

        @Test("ranges of random worlds are read strictly")
        func randomise() throws {
            let bench = try Bench()
            let file =
                BenchRobot().yaml + """

                    randomise:
                      mass: [1.2, 0.8]
                      latency: [0 ms, 900 ms]
                      colour: [0, 1]
                    """
            try bench.write(file, to: "robots/bench.yaml")
            let end = try bench.run("train", "--robot", "bench", "--steps", "20")
            let lines = end.errors.split(separator: "\n")
            try #require(end.code == 1 && lines.count == 3, "\(end)")
            let first = file.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.contains("mass:") }
            let line = try #require(first) + 1
            #expect(lines[0].contains(":\(line):") && lines[0].contains("[0.8, 1.2]"), "\(end)")
            #expect(lines[1].contains("900 ms") && lines[1].contains("randomise.latency"))
            #expect(lines[2].contains("randomise.colour"), "\(end)")
        }

        @Test("a mistake in the calibration is named there")
        func calibration() throws {
            let bench = try Bench()
            let text = BenchRobot().calibration.replacingOccurrences(of: "pulses", with: "deg")
            try bench.write(text, to: "calibration/bench.yaml")
            let end = try bench.run("check", "--robot", "bench")
            #expect(end.code == 1)
            #expect(end.errors.contains("calibration/bench.yaml:3:"), "\(end)")
            #expect(end.errors.contains("pulses"), "\(end)")
        }

        @Test("a robot file that is not there: where it was looked for")
        func absentFile() throws {
            let bench = try Bench()
            let end = try bench.run("train", "--robot", "claws.yaml")
            #expect(end.code == 1)
            #expect(end.errors.contains("claws.yaml") && end.errors.contains("robots"), "\(end)")
        }

        @Test("a task that is not there: the ones that are")
        func unknownTask() throws {
            let bench = try Bench()
            let end = try bench.run("train", "--robot", "bench", "--task", "juggle")
            #expect(end.code == 1)
            #expect(end.errors.contains("juggle") && end.errors.contains("reach"), "\(end)")
        }

        @Test(
            "a command that makes no sense is misuse, exit code 2",
            arguments: [
                ["train"], ["train", "--robot", "bench", "--backend", "reality"],
                ["train", "--robot", "bench", "--lockstep", "--backend", "hardware"],
                ["train", "--robot", "bench", "--with-replay"],
                ["evaluate", "--robot", "bench", "--episodes", "0"], ["juggle"],
            ]
        )
        func misuse(arguments: [String]) throws {
            let bench = try Bench()
            let end = try bench.start(arguments: arguments).end()
            #expect(end.code == 2, "\(end)")
            #expect(end.output.isEmpty && !end.errors.isEmpty, "\(end)")
        }

        @Test("help and version are no failure")
        func help() throws {
            let bench = try Bench()
            #expect(try bench.run("--version").code == 0)
            let help = try bench.run("train", "--help")
            #expect(help.code == 0)
            #expect(help.output.contains("sacbot train --robot claw.yaml"), "\(help)")
        }
    }
}
