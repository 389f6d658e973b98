import Learning
import Robot
import Testing

@testable import Control

@Suite("Walking")
struct WalkTests {
    private static let goal = WalkGoal(speed: 0.5, fallTilt: degrees(30), track: 5)

    /// Steps of a tenth of a second.
    private static func episode(_ rewards: [RewardTerm] = []) -> TaskEpisode {
        var task = Fixture.turn()
        task.goal = .walk(goal)
        task.rewards = rewards
        var robot = Fixture.robot
        robot.legs = [
            LegDescription(
                name: "leg",
                frontJoint: 0,
                rearJoint: 1,
                upperLength: 0.1,
                lowerLength: 0.2
            )
        ]
        var random = RandomSource(seed: 1)
        return TaskEpisode(task: task, robot: robot, random: &random)
    }

    private static func state(
        x: Double = 0,
        y: Double = 0,
        heading: Double = 0,
        roll: Double = 0,
        pitch: Double = 0,
        joints: [Double] = [2, 2, 0]
    ) -> BodyState {
        var state = Fixture.state(joints)
        let time = MonotonicTime(nanoseconds: 0)
        state.base = BaseSample(
            roll: roll,
            pitch: pitch,
            yaw: heading,
            rollRate: 0,
            pitchRate: 0,
            yawRate: 0,
            time: time
        )
        state.place = BasePlace(x: x, y: y, height: 0.2, heading: heading, time: time)
        return state
    }

    @Test("speed counts along the heading at the start, at most the threshold")
    func speed() throws {
        var episode = Self.episode([RewardTerm(kind: .forwardSpeed, weight: 2, threshold: 0.6)])
        // Heading 90 degrees: forward is the frame's y. Turning on the way changes nothing.
        episode.begin(Self.state(x: 1, y: 1, heading: .pi / 2))
        episode.stepEnded(Self.state(x: 1.3, y: 1.04, heading: 0))
        let first = episode.reward(Self.state(), step: 1, actions: ActionDifferences())
        #expect(abs((first ?? .nan) - 2 * 0.4) < 1e-9)
        episode.stepEnded(Self.state(x: 1, y: 1.2))
        let second = episode.reward(Self.state(), step: 2, actions: ActionDifferences())
        #expect(abs((second ?? .nan) - 2 * 0.6) < 1e-9, "1.6 m/s are cut to 0.6")
        // 0.2 m in two steps of 0.1 s is 1 m/s: nothing is missing of 0.5.
        #expect(episode.error(Self.state(), step: 2) == 0)
        // In eight steps it would be 0.25 m/s: half is missing.
        #expect(abs((episode.error(Self.state(), step: 8) ?? .nan) - 0.25) < 1e-9)
    }

    @Test("without a place there is no speed, no reward and no error")
    func unknownPlace() {
        var episode = Self.episode([RewardTerm(kind: .forwardSpeed, weight: 1, threshold: 1)])
        episode.begin(Self.state())
        var lost = Self.state(x: 1)
        lost.place = nil
        episode.stepEnded(lost)
        #expect(episode.reward(lost, step: 1, actions: ActionDifferences()) == nil)
        #expect(episode.error(lost, step: 1) == nil)
        // A place that comes back does not make up for the way nobody saw.
        episode.stepEnded(Self.state(x: 2))
        #expect(episode.error(Self.state(x: 2), step: 2) == nil)
    }

    @Test("a fall is a tilt from the vertical, whichever way; an unknown attitude is neither")
    func falls() {
        let episode = Self.episode()
        #expect(episode.hasEnded(Self.state(roll: degrees(29))) == false)
        #expect(episode.hasEnded(Self.state(pitch: degrees(-31))) == true)
        // cos 22 degrees twice is cos 30.7 degrees.
        #expect(episode.hasEnded(Self.state(roll: degrees(22), pitch: degrees(22))) == true)
        #expect(episode.hasEnded(Self.state(roll: degrees(21), pitch: degrees(21))) == false)
        var blind = Self.state()
        blind.base = nil
        #expect(episode.hasEnded(blind) == nil)
    }

    @Test("pitch, legs under the body and jerky actions cost what the file says")
    func penalties() {
        let episode = Self.episode([
            RewardTerm(kind: .basePitch, weight: -2),
            RewardTerm(kind: .legsUnderBody, weight: -3, threshold: 0.1, legs: [0]),
            RewardTerm(kind: .actionAcceleration, weight: -0.5),
        ])
        // The front link at 2.3 and the rear at 1.7 from up: a swing of -0.3, back under the body.
        let state = Self.state(pitch: -0.2, joints: [2.3, 1.7, 0])
        let value = episode.reward(
            state,
            step: 1,
            actions: ActionDifferences(change: 9, acceleration: 4)
        )
        // -2 x 0.2, -3 x 0.2 and -0.5 x 4.
        let wanted: Double = -3.0
        #expect(abs((value ?? .nan) - wanted) < 1e-9)
    }

    @Test("Euler angles are those of turns about one axis after the other")
    func eulerAngles() {
        // Half angles of yaw 0.4, then pitch -0.3, then roll 0.2, multiplied out by hand.
        let (cy, sy): (Double, Double) = (0.980066577841242, 0.198669330795061)
        let (cp, sp): (Double, Double) = (0.988771077936042, -0.149438132473599)
        let (cr, sr): (Double, Double) = (0.995004165278026, 0.0998334166468282)
        let w: Double = cr * cp * cy + sr * sp * sy
        let x: Double = sr * cp * cy - cr * sp * sy
        let y: Double = cr * sp * cy + sr * cp * sy
        let z: Double = cr * cp * sy - sr * sp * cy
        let quaternion = SIMD4<Double>(w, x, y, z)
        let angles = EulerAngles(quaternion: quaternion)
        #expect(abs(angles.yaw - 0.4) < 1e-9)
        #expect(abs(angles.pitch + 0.3) < 1e-9)
        #expect(abs(angles.roll - 0.2) < 1e-9)
    }
}
