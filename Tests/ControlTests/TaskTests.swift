import Learning
import Robot
import Testing

@testable import Control

/// A robot of two actuated joints and a valve, and ROBEL's turn task on it.
enum Fixture {
    static func joint(_ name: String, role: JointRole, id: UInt8, reset: Double = 0) -> Joint {
        Joint(
            name: name,
            role: role,
            busIndex: 0,
            servoID: id,
            servo: .xm430w210,
            limits: JointLimits(
                position: role == .object ? -.pi ... .pi : -1...1,
                goalVelocity: 2,
                tripVelocity: 9,
                current: 2,
                followingError: 0.5,
                pauseTemperature: 50,
                stopTemperature: 60
            ),
            resetPosition: reset,
            gains: .registers(PositionGains(proportional: 200, integral: 0, derivative: 0))
        )
    }

    static let robot = RobotDescription(
        name: "pair",
        joints: [
            joint("a", role: .actuated, id: 1, reset: 0.5),
            joint("b", role: .actuated, id: 2, reset: -0.5),
            joint("valve", role: .object, id: 3),
        ],
        calibration: [JointCalibration](
            repeating: JointCalibration(zeroPulse: 2048, direction: 1),
            count: 3
        ),
        buses: [],
        tickNanoseconds: 10_000_000,
        modelPath: nil,
        stop: .park,
        emergencyStop: .release,
        arming: .automatic
    )

    static func turn(steps: Int = 40) -> TaskSettings {
        TaskSettings(
            name: "turn",
            ticksPerStep: 10,
            stepCount: steps,
            goal: .objectAngle(
                ObjectAngleGoal(
                    start: -1...1,
                    startIsRelative: true,
                    target: 3...3,
                    targetVelocity: 0.5...0.5
                )
            ),
            observation: [.jointPositions, .objectDirection, .lastAction, .targetError],
            historyFrames: 1,
            rewards: [
                RewardTerm(kind: .targetError, weight: -5),
                RewardTerm(kind: .resetPoseDistance, weight: -1),
                RewardTerm(kind: .fastJoints, weight: -1, threshold: 0.5),
                RewardTerm(kind: .targetWithin, weight: 10, threshold: 0.25),
                RewardTerm(kind: .targetWithin, weight: 50, threshold: 0.1),
            ],
            successTolerance: 0.1,
            heldSteps: 5,
            replayAction: .applied
        )
    }

    static func state(_ positions: [Double], velocities: [Double] = [0, 0, 0]) -> BodyState {
        var state = BodyState(jointCount: positions.count)
        for index in positions.indices {
            state.samples[index] = JointSample(
                position: positions[index],
                velocity: velocities[index],
                current: 0,
                time: MonotonicTime(nanoseconds: 0)
            )
        }
        return state
    }
}

@Suite("Tasks")
struct TaskTests {
    /// robel/dclaw/turn.py with numbers put in by hand.
    @Test("ROBEL's reward is what its source says")
    func reward() throws {
        var random = RandomSource(seed: 1)
        let episode = TaskEpisode(task: Fixture.turn(), robot: Fixture.robot, random: &random)
        // Target 3, object 2.8: error 0.2. Joints 0.3 and 0.4 off the reset pose: distance 0.5.
        // Velocities 0.6 and 0.4: only the first counts.
        let state = Fixture.state([0.8, -0.1, 2.8], velocities: [0.6, 0.4, 9])
        let value = try #require(episode.reward(state, step: 0, actions: ActionDifferences()))
        #expect((value - (-5 * 0.2 - 0.5 - 0.6 + 10)).magnitude < 1e-12)
        let near = Fixture.state([0.5, -0.5, 2.95])
        let best = try #require(episode.reward(near, step: 0, actions: ActionDifferences()))
        #expect((best - (-5 * 0.05 + 60)).magnitude < 1e-9)
    }

    @Test("errors wrap at a half turn and the target moves")
    func error() throws {
        var random = RandomSource(seed: 1)
        let episode = TaskEpisode(task: Fixture.turn(), robot: Fixture.robot, random: &random)
        let error = try #require(episode.objectError(Fixture.state([0, 0, -3]), step: 0))
        #expect((error - (6 - 2 * .pi)).magnitude < 1e-12)
        // 0.5 rad/s for ten steps of 0.1 s.
        #expect((episode.target(step: 10) - 3.5).magnitude < 1e-12)
    }

    @Test("a joint that was never read gives no error, no reward and no observation")
    func unread() {
        var random = RandomSource(seed: 1)
        let episode = TaskEpisode(task: Fixture.turn(), robot: Fixture.robot, random: &random)
        var state = Fixture.state([0, 0, 0])
        state.samples[2] = nil
        #expect(episode.error(state, step: 0) == nil)
        #expect(episode.reward(state, step: 0, actions: ActionDifferences()) == nil)
        var observer = Observer(task: Fixture.turn(), robot: Fixture.robot)
        let seen = observer.observe(
            state,
            episode: episode,
            step: 0,
            action: [0, 0],
            isFirst: true
        )
        #expect(!seen)
    }

    @Test("the observation is the terms in their order, newest frame first")
    func observation() {
        var task = Fixture.turn()
        task.historyFrames = 2
        var random = RandomSource(seed: 1)
        let episode = TaskEpisode(task: task, robot: Fixture.robot, random: &random)
        var observer = Observer(task: task, robot: Fixture.robot)
        let first = observer.observe(
            Fixture.state([0.25, -0.25, 0]),
            episode: episode,
            step: 0,
            action: [0.5, -0.5],
            isFirst: true
        )
        let frame: [Float] = [0.25, -0.25, 1, 0, 0.5, -0.5, 3]
        #expect(first && observer.values == frame + frame)
        let second = observer.observe(
            Fixture.state([0.125, 0, 0]),
            episode: episode,
            step: 2,
            action: [0, 0],
            isFirst: false
        )
        #expect(second && observer.values.count == observer.count)
        #expect(Array(observer.values[0..<2]) == [0.125, 0])
        #expect(Array(observer.values[7...]) == frame)
    }

    @Test("draws stay in their ranges and depend on the seed alone")
    func draws() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            var again = RandomSource(seed: seed)
            let a = TaskEpisode(task: Fixture.turn(), robot: Fixture.robot, random: &random)
            let b = TaskEpisode(task: Fixture.turn(), robot: Fixture.robot, random: &again)
            #expect(a.objectStart == b.objectStart)
            let offset = wrappedAngle((a.objectStart ?? .nan) - 3)
            #expect(offset.magnitude <= 1, "seed \(seed)")
        }
    }
}
