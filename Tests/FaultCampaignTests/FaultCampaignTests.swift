import Foundation
import Testing

@testable import ServoEmulator

/// `make fault-campaign` runs the long form; `swift test` the short one.
@Suite("Whatever goes wrong, no servo gets a bad goal and every stop is the right one", .serialized)
struct FaultCampaignTests {
    private static let isFull = ProcessInfo.processInfo.environment["SACBOT_CAMPAIGN"] == "full"

    @Test("faults that come and go are ridden through", .enabled(if: !isFull))
    func transient() throws {
        for kind in TransientTrial.all {
            for rate in [0.01, 0.1] {
                let trial = TransientTrial(kinds: [kind], rate: rate, cycles: 300, seed: 1)
                check(try trial.run())
            }
        }
    }

    @Test(
        "faults that stay end in the right stop and can be cleared",
        .enabled(if: !isFull),
        arguments: TerminalTrial.Cause.allCases
    )
    func terminal(cause: TerminalTrial.Cause) throws {
        check([try TerminalTrial(cause: cause, instants: 5, seed: 2).run()])
    }

    @Test("the whole campaign", .enabled(if: isFull), .timeLimit(.minutes(60)))
    func full() throws {
        let campaign = Campaign(seeds: [1, 2, 3])
        let report = try campaign.run()
        let path = ProcessInfo.processInfo.environment["SACBOT_CAMPAIGN_REPORT"]
        if let path { try report.text.write(toFile: path, atomically: true, encoding: .utf8) }
        check(report.rows)
    }

    private func check(_ rows: [CampaignRow]) {
        for row in rows {
            #expect(row.wrongCount == 0, "\(row.fault) at \(row.rate ?? 1): \(row.wrong)")
            #expect(row.hits > 0, "\(row.fault) at \(row.rate ?? 1) never struck")
        }
    }
}
