import Testing

extension WholeProgram {
    @Suite("A rehearsal")
    struct RehearseTests {
        /// Ticks are 50 ms, `stale_ticks` 40, `late_ticks` 400, `overspeed_ticks` 3 and
        /// `overcurrent_ticks` 50 in the bench robot; the rest are defaults.
        @Test(
            "each trouble has its fault, its end and its time",
            arguments: [
                ("stops answering", "10", "2050 ms", "torque off"),
                ("stop_temperature", "13", "50 ms", "parked"),
                ("half the supply", "19", "1000 ms", "parked"),
                ("too fast", "11", "150 ms", "torque off"),
                ("10 % above", "15", "2500 ms", "torque off"),
                ("NaN", "16", "50 ms", "torque off"),
                ("estop", "60", "50 ms", "torque off"),
                ("Ctrl-C", "-", "-", "parked"),
                ("slow_temperature", "-", "-", "goes on"),
            ] as [(String, String, String, String)]
        )
        func rows(trouble: String, fault: String, noticed: String, end: String) throws {
            let bench = try Bench()
            let result = try bench.run("rehearse", "--robot", "bench")
            try #require(result.code == 0, "\(result)")
            let lines = result.output.split(separator: "\n").map(String.init)
            let line = try #require(lines.first { $0.prefix(38).contains(trouble) }, "\(result)")
            let cells = line.split(separator: "  ", omittingEmptySubsequences: true)
                .map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
            #expect(cells[1] == fault, "\(line)")
            #expect(cells[3] == noticed, "\(line)")
            #expect(cells[4].hasPrefix(end), "\(line)")
        }
    }
}
