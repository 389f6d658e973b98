import Glibc
import Robot
import Testing

@testable import Physics

@Suite("A servo's motion profile")
struct MotionProfileTests {
    /// Steps until the path rests at the goal; seconds and the highest speed on the way.
    private func run(
        _ profile: inout MotionProfile,
        to goal: Double,
        speed: Double,
        acceleration: Double
    ) -> (seconds: Double, peak: Double, overshoot: Double) {
        var peak = 0.0
        var overshoot = 0.0
        let from = profile.position
        for step in 1...20_000 {
            profile.advance(
                toward: goal,
                speed: speed,
                acceleration: acceleration,
                seconds: 0.0025
            )
            peak = max(peak, abs(profile.velocity))
            overshoot = max(overshoot, (profile.position - goal) * (goal > from ? 1 : -1))
            if profile.position == goal && (profile.velocity == 0 || acceleration == 0) {
                return (Double(step) * 0.0025, peak, overshoot)
            }
        }
        return (.infinity, peak, overshoot)
    }

    @Test("Without a speed it is a step")
    func step() {
        var profile = MotionProfile(position: 100)
        let result = run(&profile, to: 2000, speed: 0, acceleration: 500)
        #expect(result.seconds == 0.0025 && result.peak == 0)
    }

    @Test("Without acceleration it is a rectangle")
    func rectangle() {
        var profile = MotionProfile(position: 0)
        let result = run(&profile, to: -1000, speed: 500, acceleration: 0)
        #expect(abs(result.seconds - 2) <= 0.0026)
        #expect(abs(result.peak - 500) < 1e-9)
    }

    @Test("A trapezoid takes distance / speed + speed / acceleration")
    func trapezoid() {
        var profile = MotionProfile(position: 0)
        let result = run(&profile, to: 1000, speed: 500, acceleration: 1000)
        #expect(abs(result.seconds - 2.5) < 0.03)
        #expect(abs(result.peak - 500) < 1e-9)
        #expect(result.overshoot == 0)
    }

    @Test("A short way is a triangle of 2 sqrt(distance / acceleration)")
    func triangle() {
        var profile = MotionProfile(position: 0)
        let result = run(&profile, to: -100, speed: 5000, acceleration: 1000)
        #expect(abs(result.seconds - 2 * (100.0 / 1000).squareRoot()) < 0.03)
        #expect(result.peak < (100.0 * 1000).squareRoot() * 1.01)
        #expect(result.overshoot == 0)
    }

    @Test("A new goal on the way keeps the speed it has and never exceeds its acceleration")
    func replans() {
        let seed: UInt64 = 7
        var random = SplitMix(state: seed)
        var profile = MotionProfile(position: 0)
        var velocity = 0.0
        var goal = 0.0
        for step in 0..<20_000 {
            if step % 97 == 0 { goal = Double(Int.random(in: -3000...3000, using: &random)) }
            profile.advance(toward: goal, speed: 800, acceleration: 2000, seconds: 0.0025)
            #expect(abs(profile.velocity) <= 800)
            // Two steps' worth when it comes to rest.
            #expect(abs(profile.velocity - velocity) <= 2 * 2000 * 0.0025 + 1e-9, "seed \(seed)")
            velocity = profile.velocity
        }
    }

    @Test("Ramps of velocity 100 at acceleration 10 take the manual's 64 ms x V / A")
    func registerUnits() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = Fixture.position(2048 + 1500)
        command.profileVelocity = 100
        command.profileAcceleration = 10
        plant.command(servo: 0, command)
        // 640 ms up; half of it is half the way to the speed, give or take the servo's lag.
        plant.run(0.32)
        #expect((38...52).contains(plant.measure(servo: 0).velocity))
        plant.run(0.42)
        #expect((96...104).contains(plant.measure(servo: 0).velocity))
        // 1500 pulses at 100 x 0.229 rev/min take 0.96 s, plus the ramp.
        plant.run(1.60 - 0.74 + 0.2)
        #expect(abs(plant.measure(servo: 0).pulses - 3548) < 15)
        #expect(plant.measure(servo: 0).velocity == 0)
    }
}
