import Foundation

@testable import ServoEmulator

/// The long form: every fault at every rate, and every fault that stays, with every seed.
struct Campaign {
    var seeds: [UInt64]

    struct Report {
        var rows: [CampaignRow]
        var text: String
    }

    func run() throws -> Report {
        let start = Date()
        tell(CampaignRow.header)
        var rows: [CampaignRow] = []
        for rate in [1e-1, 1e-2, 1e-3] {
            for kind in TransientTrial.all { rows += try transient([kind], rate) }
        }
        // At the lowest rate hits do not meet: all kinds share one long run.
        rows += try transient(TransientTrial.all, 1e-4)
        for cause in TerminalTrial.Cause.allCases {
            var sum = CampaignRow(fault: cause.name, rate: nil)
            for seed in seeds {
                sum.add(try TerminalTrial(cause: cause, instants: 100, seed: seed).run())
            }
            tell(sum.line)
            rows.append(sum)
        }
        return Report(rows: rows, text: text(rows, seconds: Date().timeIntervalSince(start)))
    }

    /// Rows as they come, unbuffered: the whole takes a while.
    private func tell(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    private func transient(_ kinds: [FaultKind], _ rate: Double) throws -> [CampaignRow] {
        let cycles = max(10_000, Int((100 / rate).rounded()))
        var sums = kinds.map { CampaignRow(fault: $0.rawValue, rate: rate) }
        for seed in seeds {
            let trial = TransientTrial(kinds: kinds, rate: rate, cycles: cycles, seed: seed)
            for (index, row) in try trial.run().enumerated() { sums[index].add(row) }
        }
        for sum in sums { tell(sum.line) }
        return sums
    }

    private func text(_ rows: [CampaignRow], seconds: Double) -> String {
        let wrong = rows.flatMap { row in row.wrong.map { "- \(row.fault): \($0)\n" } }
        let list = seeds.map(String.init).joined(separator: ", ")
        return """
            # The fault campaign
            ```
            make fault-campaign
            ```
            The claw of robots/claw.yaml: control loop, supervisor, servo body, bus and port on one
            side; line faults and ten emulated servos on the other; between them a line in memory
            instead of a pseudo-terminal, whose time jumps to the end of the host's patience, so that
            a lost byte costs nothing and a seed gives the same bytes again. Ticks of 10 ms under the
            stepped clock. The scripted mover asks for new positions all the time, a quarter of them
            beyond the limits. Seeds \(list); odd ones read in one shared status (firmware 46), even
            ones in one status a servo (44).

            *Faults with a rate* hit each reply, each request, or one servo for one request
            ([emulator.md](../emulator.md)); for every seed max(10,000, 100 / rate) ticks. At 0.0001
            all kinds share one run, because hits hardly ever meet. A late reply comes 120 ms late,
            after the host's patience (100 ms) has ended. *Faults that stay* strike at 100 random
            instants a seed; the script then stops the robot, removes the cause, restarts servos that
            hold an error, turns every joint by hand, and arms again.

            Judged on the servos' side of the wire, by an oracle that knows only the robot file: no
            goal outside its joint's limits; none further from the last one than the goal velocity
            allows, unless it comes nearer to where the joint is; no torque on a goal that is not
            where the joint is. *Wrong* counts what the oracle saw, a stop with another number than
            the fault's own or later than it should be, a servo left with torque, a re-arming that
            failed, or after which a joint moved or a servo lacked its gains or watchdog.

            \(CampaignRow.header)
            \(rows.map(\.line).joined(separator: "\n"))

            \(wrong.isEmpty ? "Nothing went wrong.\n" : "Wrong:\n" + wrong.joined())
            \(Int(seconds)) s.

            """
    }
}
