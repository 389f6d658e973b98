import Foundation
import Operator
import Testing

extension WholeProgram {
    /// Where the time of the ticks goes, for people.
    @Suite("Ticks of a running robot")
    struct TickStateTests {
        @Test("status and the end of a training tell every stage, of all ticks")
        func stages() throws {
            let bench = try Bench()
            let process = try bench.start(
                "train",
                "--robot",
                "bench",
                "--backend",
                "emulator",
                "--episodes",
                "2",
                "--json"
            )
            try bench.waitForStatus(of: process) { $0.phase == "running" }
            let during = try bench.run("status", "--robot", "bench")
            for stage in ["lateness", "read", "decide", "judge", "write", "work"] {
                #expect(during.output.contains("\n\(stage) "), "\(during)")
            }
            let end = try process.end()
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("longer than a tick"), "\(end)")
            let last = try #require(end.output.split(separator: "\n").last)
            let state = try JSONDecoder().decode(OperatorState.self, from: Data(last.utf8))
            let ticks = try #require(state.ticks)
            #expect(
                ticks.stages.map(\.name)
                    == ["lateness", "read", "decide", "judge", "write", "work"]
            )
            let counts = ticks.stages.map(\.count)
            // Two episodes of 20 ticks at least, and each judged tick was read and written too.
            #expect(counts[5] >= 40 && counts[3] == counts[4] && counts[4] == counts[5])
            #expect(counts[1] >= counts[5])
            for stage in ticks.stages {
                #expect(stage.p50 <= stage.p99 && stage.p99 <= stage.p999, "\(stage)")
                #expect(stage.p999 <= stage.max, "\(stage)")
            }
            // On this bus a servo's answer alone takes longer than a tenth of a millisecond.
            #expect(ticks.stages[1].p50 > 100)
        }

        @Test("a processor that is not there: said, and the robot runs all the same")
        func noSuchProcessor() throws {
            let bench = try Bench()
            try bench.write(
                BenchRobot().yaml + "realtime: {cpu: 1023, priority: 30}\n",
                to: "robots/bench.yaml"
            )
            let end = try bench.run(
                "train",
                "--robot",
                "bench",
                "--backend",
                "emulator",
                "--episodes",
                "1"
            )
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("cannot stay on processor 1023"), "\(end)")
        }

        @Test(
            "without the right to real time: what is missing and how to permit it",
            .enabled(if: Privileges.nobodyCanRun, "needs root, and a program that nobody may run")
        )
        func notPermitted() throws {
            let bench = try Bench()
            #expect(chmod(bench.folder, 0o777) == 0 && chmod(bench.path("socket"), 0o777) == 0)
            let end = try bench.run(
                "train",
                "--robot",
                "bench",
                "--backend",
                "emulator",
                "--episodes",
                "1",
                before: ["prlimit", "--rtprio=0", "--memlock=8388608"] + Privileges.asNobody
            )
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("no real-time priority 40"), "\(end)")
            #expect(end.errors.contains("LimitMEMLOCK=infinity"), "\(end)")
        }
    }
}
