import Robot
import Testing

@testable import ServoHardware

@Suite("Ticks of a real body")
struct TickClockTests {
    @Test("Late ticks are skipped and counted; the grid stays where it was")
    func skipping() {
        var clock = TickClock(pacing: .realTime, tickNanoseconds: 10)
        #expect(clock.plan(now: 1000) == 0)
        #expect(clock.planned == 1000)
        // On time, a little late, exactly one tick late, far too late, early again.
        for (now, skipped, planned) in [
            (1003, 0, 1010), (1029, 0, 1020), (1040, 1, 1040), (1099, 4, 1090), (1100, 0, 1100),
            (1100, 0, 1110),
        ] as [(Int64, Int, Int64)] {
            #expect(clock.plan(now: now) == skipped)
            #expect(clock.planned == planned)
        }
    }

    @Test("A stepped clock moves by one tick a wait")
    func stepped() {
        var clock = TickClock(pacing: .stepped, tickNanoseconds: 7)
        #expect(clock.wait().start.nanoseconds == 7)
        #expect(clock.wait().start.nanoseconds == 14)
        #expect(clock.now().nanoseconds == 14)
    }
}
