import Control
import Robot
import Testing

@testable import Training

@Suite("Governor and ring layout")
struct GovernorTests {
    @Test("updates follow transitions after the warm-up and never lead")
    func follows() {
        let governor = Governor(updatesPerTransition: 2, warmUpTransitions: 100)
        #expect(governor.target(transitions: 99) == 0)
        #expect(governor.target(transitions: 150) == 100)
        #expect(governor.lag(transitions: 150, updates: 40) == 60)
        #expect(governor.lag(transitions: 150, updates: 400) == 0)
        // An episode of 40 steps is worth 80 updates.
        #expect(!governor.mustWait(transitions: 150, updates: 20, episodeSteps: 40))
        #expect(governor.mustWait(transitions: 150, updates: 19, episodeSteps: 40))
    }

    @Test(
        "a header survives the ring's floats, whatever the time",
        arguments: [0, 1, 4_194_303, 4_194_304, 86_400_000_000_000, Int64.max >> 4] as [Int64]
    )
    func headerRoundTrip(nanoseconds: Int64) {
        let layout = TransitionLayout(observationCount: 3, actionCount: 2)
        let header = TransitionHeader(
            episode: 123_456,
            step: 39,
            reward: -1.5,
            terminated: false,
            truncated: true,
            limited: true,
            time: MonotonicTime(nanoseconds: nanoseconds)
        )
        var row = [Float](repeating: 0, count: layout.size)
        layout.encode(header, into: &row)
        #expect(layout.header(row.span) == header)
        #expect(layout.size == layout.proposed.upperBound)
    }
}
