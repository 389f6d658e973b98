import Robot
import Safety
import Testing

@testable import Control

@Suite("Stops that brake")
struct DampTests {
    private static func bench(stop: StopResponse, emergency: StopResponse) throws -> Bench {
        var robot = Fixture.robot
        (robot.stop, robot.emergencyStop) = (stop, emergency)
        let bench = Bench(robot: robot)
        try bench.loop.holdTick()
        try bench.loop.enableTorque(JointSet(0..<2))
        return bench
    }

    @Test("joints brake until they have been at rest for a tenth of a second, then torque off")
    func brakesToRest() throws {
        let bench = try Self.bench(stop: .damp, emergency: .release)
        bench.body.canBrake = JointSet(0..<3)
        bench.body.velocities = [3, 0, 0]
        let stopping = bench.loop.stop()
        #expect(stopping.response == .damp && stopping.unconfirmed.isEmpty)
        // 3 rad/s, halved six times, is below 0.05 for the first time; that is the first of ten ticks.
        let brakes = bench.body.events.filter { $0 == .brake(JointSet(0..<2)) }.count
        #expect(brakes == 5 + 10)
        #expect(bench.body.torque.isEmpty && bench.loop.supervisor.state == .disarmed)
        #expect(bench.body.events.last == .off(JointSet(0..<3)))
    }

    @Test("joints that never rest lose their torque when the stop's time is over")
    func isBounded() throws {
        let bench = try Self.bench(stop: .damp, emergency: .release)
        bench.body.canBrake = JointSet(0..<3)
        bench.body.velocities = [.infinity, 0, 0]
        let stopping = bench.loop.stop()
        #expect(stopping.seconds <= SafetySettings().stopSeconds && stopping.seconds > 1)
        #expect(bench.body.torque.isEmpty)
    }

    @Test("a joint that does not brake loses its torque at once; the others brake on")
    func oneCannot() throws {
        let bench = try Self.bench(stop: .release, emergency: .damp)
        bench.body.canBrake = JointSet([1])
        bench.body.velocities = [1, 1, 0]
        bench.loop.latch(Fault(.overspeed, joint: 0))
        _ = bench.loop.stop()
        let first = bench.body.events.firstIndex(of: .off(JointSet([0])))
        let second = bench.body.events.firstIndex(of: .brake(JointSet([1])))
        let (off, on) = (try #require(first), try #require(second))
        #expect(off == on + 1)
        #expect(!bench.body.events.contains(.brake(JointSet([0, 1]))))
        #expect(bench.body.torque.isEmpty && bench.loop.supervisor.state == .fault)
    }

    @Test("a body that cannot brake releases")
    func noneCan() throws {
        let bench = try Self.bench(stop: .damp, emergency: .release)
        _ = bench.loop.stop()
        #expect(bench.body.torque.isEmpty)
    }

    @Test("an emergency stop while an ordered stop brakes ends as the emergency stop says")
    func emergencyMeanwhile() throws {
        let bench = try Self.bench(stop: .damp, emergency: .release)
        bench.body.canBrake = JointSet(0..<3)
        bench.body.velocities = [.infinity, 0, 0]
        let began = bench.body.tick
        let (body, stopSwitch) = (bench.body, bench.stopSwitch)
        body.whenTicked = { if body.tick == began + 5 { stopSwitch.ask(.emergency) } }
        let stopping = bench.loop.stop()
        #expect(body.tick == began + 5 && stopping.seconds < 0.1)
        #expect(body.torque.isEmpty && bench.loop.supervisor.state == .emergencyStop)
    }
}
