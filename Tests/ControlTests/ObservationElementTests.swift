import Robot
import Testing

@testable import Control

@Suite("Names of an observation's numbers")
struct ObservationElementTests {
    @Test("Terms, joints and frames in the order the policy sees them")
    func names() {
        var task = Fixture.turn()
        task.observation = [.objectDirection, .jointVelocities, .targetError]
        task.historyFrames = 2
        let elements = task.observationElements(robot: Fixture.robot)
        #expect(
            elements.map(\.name) == [
                "object_direction.cos", "object_direction.sin", "joint_velocities.a",
                "joint_velocities.b", "target_error", "object_direction.cos[-1]",
                "object_direction.sin[-1]", "joint_velocities.a[-1]", "joint_velocities.b[-1]",
                "target_error[-1]",
            ]
        )
        let frame = ["1", "1", "rad/s", "rad/s", "rad"]
        #expect(elements.map(\.unit) == frame + frame)
    }

    @Test("Every number of an observation has one name", arguments: [1, 3])
    func counts(frames: Int) {
        var task = Fixture.turn()
        task.observation = ObservationTerm.allCases
        task.historyFrames = frames
        var pose = task
        pose.goal = .pose([-1...1, -1...1])
        pose.observation = [.jointPositions, .jointVelocities, .lastAction, .targetError]
        for task in [task, pose] {
            let names = task.observationElements(robot: Fixture.robot).map(\.name)
            #expect(names.count == Observer(task: task, robot: Fixture.robot).count)
            #expect(Set(names).count == names.count, "\(names)")
        }
    }

    @Test("An action's offset and factor give the position that the mapping gives")
    func scaling() {
        var task = Fixture.turn()
        var robot = Fixture.robot
        robot.joints[1].limits.position = -0.5...2
        let positions = ActionMapping(task: task, robot: robot)
        // Limits -1...1 and -0.5...2: middle and half of them.
        #expect(positions.offsets == [0, 0.75] && positions.factors == [1, 1.25])
        var goals = JointArray<Radians?>(count: robot.joints.count, repeating: nil)
        positions.positions([0, 0.5], from: goals, into: &goals)
        #expect(goals[1] == 0.75 + 0.5 * 1.25)
        task.actionKind = .relative
        let changes = ActionMapping(task: task, robot: robot)
        // Ten ticks of 10 ms at 2 rad/s.
        #expect(changes.offsets == [0, 0])
        #expect(changes.factors.allSatisfy { abs($0 - 0.2) < 1e-12 })
        var starts = goals
        starts[1] = 1
        changes.positions([0, 0.5], from: starts, into: &goals)
        #expect(goals[1] == 1 + 0.5 * changes.factors[1])
    }
}
