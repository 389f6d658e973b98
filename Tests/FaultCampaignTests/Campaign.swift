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
        return """
            # The fault campaign
            ```
            make fault-campaign
            ```
            Seeds \(seeds.map(String.init).joined(separator: ", ")); \(Int(seconds)) s.

            \(CampaignRow.header)
            \(rows.map(\.line).joined(separator: "\n"))

            \(wrong.isEmpty ? "Nothing went wrong.\n" : "Wrong:\n" + wrong.joined())
            """
    }
}
