import Learning
import Robot
import Safety
import Testing

@testable import Control

@Suite("Randomised worlds")
struct RandomisationTests {
    private static let ranges = {
        var ranges = Randomisation()
        ranges.mass = 0.8...1.2
        ranges.motorStrength = 0.5...0.9
        ranges.latency = 0...0.04
        ranges.startPose = -0.3...0.3
        return ranges
    }()

    @Test("an episode's world comes from its stream alone and leaves the stream as it was")
    func seeded() {
        let stream = RandomSource(seed: 4, name: "episode-7")
        let (first, second) = (
            Self.ranges.world(of: stream, robot: Fixture.robot),
            Self.ranges.world(of: stream, robot: Fixture.robot)
        )
        let (one, two) = (first.figures, second.figures)
        #expect(one == two)
        let other = Self.ranges.world(
            of: RandomSource(seed: 4, name: "episode-8"),
            robot: Fixture.robot
        ).figures
        #expect(other != one)
        let names = one.keys.sorted()
        #expect(
            names == [
                "latency", "mass", "motor_strength.a", "motor_strength.b", "start_pose.a",
                "start_pose.b",
            ]
        )
    }

    @Test("draws fill their ranges and a range more or less shifts no other")
    func ranges() {
        var more = Self.ranges
        more.jointFriction = 0...1
        more.supply = 10...12
        var (least, most) = (2.0, 0.0)
        for episode in 0..<400 {
            let stream = RandomSource(seed: 1, name: "episode-\(episode)")
            let world = Self.ranges.world(of: stream, robot: Fixture.robot)
            let mass = world.variation.massFactor
            (least, most) = (min(least, mass), max(most, mass))
            let again = more.world(of: stream, robot: Fixture.robot).variation
            #expect(again.massFactor == mass)
            #expect((0.5...0.9).contains(world.variation.motorStrength[0]))
            // Objects have no motor that works in an episode.
            #expect(world.variation.motorStrength[2] == 1 && world.poseOffsets[2] == 0)
        }
        #expect(least >= 0.8 && least < 0.81 && most <= 1.2 && most > 1.19)
    }

    @Test("the start pose moves the reset's goal, within the limits")
    func startPose() throws {
        let bench = Bench()
        let runner = bench.runner()
        runner.randomisation = Self.ranges
        for episode in 0..<5 {
            var random = RandomSource(seed: 2, name: "episode-\(episode)")
            let drawn = Self.ranges.world(of: random, robot: Fixture.robot)
            _ = try runner.prepare(random: &random)
            for (joint, reset) in [(0, 0.5), (1, -0.5)] {
                let wanted = min(max(reset + drawn.poseOffsets[joint], -1), 1)
                let error = (bench.body.positions[joint] - wanted).magnitude
                // Within the reset's tolerance, of five degrees.
                #expect(error < degrees(5), "joint \(joint), episode \(episode)")
            }
        }
    }
}
