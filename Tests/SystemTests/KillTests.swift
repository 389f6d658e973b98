import Foundation
import Testing

/// A small generator with a seed to print (Vigna's SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A number from the environment: how long a campaign is.
func number(_ name: String) -> Double? {
    ProcessInfo.processInfo.environment[name].flatMap { Double($0) }
}

/// `make kill-campaign`.
@Suite("Kill campaign", .serialized, .enabled(if: number("SACBOT_KILLS") != nil))
struct KillCampaignTests {
    @Test(
        "killed hundreds of times, a run is whole and goes on",
        arguments: KillCampaign.Manner.allCases
    )
    func campaign(_ manner: KillCampaign.Manner) throws {
        let seed = UInt64(number("SEED") ?? 21)
        var campaign = try KillCampaign(manner: manner, seed: seed)
        try campaign.run(kills: Int(number("SACBOT_KILLS") ?? 0))
        if manner == .lockstep { try campaign.expectSameAsUndisturbed() }
        print("kill campaign, \(manner.rawValue), seed \(seed): \(campaign.figures.text)")
    }
}

extension WholeProgram {
    @Suite("Killed at random instants")
    struct KillTests {
        @Test(
            "killed again and again, a run is whole and goes on",
            arguments: KillCampaign.Manner.allCases
        )
        func short(_ manner: KillCampaign.Manner) throws {
            let seed = UInt64(number("SEED") ?? 22)
            print("seed \(seed)")
            var campaign = try KillCampaign(manner: manner, seed: seed)
            try campaign.run(kills: 6)
            if manner == .lockstep { try campaign.expectSameAsUndisturbed() }
        }
    }
}
