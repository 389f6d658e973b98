import Robot
import Testing

@Suite("Robot vocabulary")
struct RobotTests {
    @Test(
        "angles wrap into [-pi, pi)",
        arguments: [
            (0.0, 0.0), (.pi, -.pi), (-.pi, -.pi), (3 * .pi / 2, -.pi / 2), (-7, -7 + 2 * .pi),
        ]
            as [(Double, Double)]
    )
    func wrapping(angle: Double, wrapped: Double) {
        #expect((wrappedAngle(angle) - wrapped).magnitude < 1e-12)
    }

    @Test("a pulse count survives the way to an angle and back", arguments: [1, -1])
    func calibrationRoundTrip(direction: Int) {
        let calibration = JointCalibration(zeroPulse: 1024, direction: direction)
        for pulses in -5000...5000 {
            let angle = calibration.angle(pulses: pulses, pulsesPerTurn: 4096)
            #expect(calibration.pulses(angle: angle, pulsesPerTurn: 4096) == pulses)
        }
        // A quarter turn of a 4096-pulse encoder is 1024 pulses.
        let quarter = calibration.angle(pulses: 1024 + direction * 1024, pulsesPerTurn: 4096)
        #expect((quarter - .pi / 2).magnitude < 1e-12)
    }

    @Test("joint sets add, drop and list")
    func jointSets() {
        var set = JointSet([0, 5, 23])
        #expect(set.indices == [0, 5, 23])
        set.remove(5)
        #expect(set.contains(23) && !set.contains(5) && !set.isEmpty)
    }
}
