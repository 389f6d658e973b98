import Foundation
import Testing

extension WholeProgram {
    /// docs/new-robot.md, followed to the letter.
    @Suite("The page about a robot of one's own")
    struct NewRobotTests {
        @Test("every block of docs/new-robot.md works, in its order, in an empty folder")
        func followed() throws {
            let page = try String(
                contentsOfFile: Bench.package + "/docs/new-robot.md",
                encoding: .utf8
            )
            let script = Self.script(of: page)
            #expect(script.contains("sacbot train --robot pair.yaml --steps"))
            let bench = try Bench()
            try bench.write(script, to: "page.sh")
            for left in ["robots", "calibration"] {
                for name in try FileManager.default.contentsOfDirectory(atPath: bench.path(left)) {
                    try FileManager.default.removeItem(atPath: bench.path("\(left)/\(name)"))
                }
            }
            let programs = URL(fileURLWithPath: Bench.program).deletingLastPathComponent().path
            let end = try ChildProcess(
                ["/bin/bash", "-eu", bench.path("page.sh")],
                environment: [
                    "PATH": programs + ":/usr/bin:/bin",
                    "XDG_RUNTIME_DIR": bench.path("socket"),
                ],
                folder: bench.folder,
                owner: bench
            ).end()
            #expect(end.code == 0, "\(end)")
            #expect(end.output.contains("all joints"), "\(end)")
            let held = try #require(Self.shares(of: "success held", in: end.output), "\(end)")
            // Nobody tuned this robot: it has to be clearly better than chance, no more.
            #expect(held.policy >= 60 && held.policy >= held.random + 30, "\(end)")
            #expect(FileManager.default.fileExists(atPath: bench.path("pair.onnx")))
        }

        /// Files are written and commands run where they stand on the page.
        private static func script(of page: String) -> String {
            var script = ""
            var lines = page.split(separator: "\n", omittingEmptySubsequences: false)[...]
            while let line = lines.popFirst() {
                guard line.hasPrefix("```") else { continue }
                let words = line.dropFirst(3).split(separator: " ")
                let block = lines.prefix { $0 != "```" }.joined(separator: "\n")
                lines = lines.drop { $0 != "```" }.dropFirst()
                if words == ["sh"] { script += block + "\n" }
                if words.count == 2 {
                    script += "cat > \(words[1]) <<'END_OF_FILE'\n\(block)\nEND_OF_FILE\n"
                }
            }
            return script
        }

        /// The percentages of a row for the policy and for random actions.
        private static func shares(
            of row: String,
            in output: String
        ) -> (policy: Double, random: Double)? {
            guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(row) })
            else {
                return nil
            }
            let numbers = line.split(separator: " ").enumerated().compactMap { place, word in
                word == "%" ? place : nil
            }
            let words = line.split(separator: " ")
            let values = numbers.compactMap { Double(words[$0 - 1]) }
            return values.count >= 2 ? (values[0], values[1]) : nil
        }
    }
}
