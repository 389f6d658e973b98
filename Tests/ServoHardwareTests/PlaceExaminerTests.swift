import Robot
import Testing

@testable import ServoHardware

@Suite("The speed sensor's line of a check")
struct PlaceExaminerTests {
    @Test(
        "says what is heard and whether that is enough",
        arguments: [
            (0, 0, 0, false, CheckLine.Verdict.fail, "start the estimator"),
            (0, 0, 0, true, .warn, "start the estimator"),
            (0, 0, 200, false, .fail, "docs/speed-sensor.md"),
            // 100 a second: ten within 0.1 s.
            (200, 0, 0, false, .pass, ""),
            (200, 30, 0, false, .warn, "time stamps"),
            // 15 a second: one and a half within 0.1 s.
            (30, 0, 0, false, .fail, "more often"),
        ] as [(Int, Int, Int, Bool, CheckLine.Verdict, String)]
    )
    func verdicts(
        taken: Int,
        dropped: Int,
        malformed: Int,
        fallback: Bool,
        verdict: CheckLine.Verdict,
        remedy: String
    ) {
        var sensor = SpeedSensorDescription(source: .udp(port: 47_600))
        sensor.fallsBackToLegs = fallback
        var tally = PlaceReceiver.Tally()
        (tally.taken, tally.dropped, tally.malformed) = (taken, dropped, malformed)
        let line = PlaceExaminer.judge(tally, "here", sensor)
        #expect(line.verdict == verdict && line.remedy.contains(remedy))
    }
}
