import Robot
import Testing

@testable import Control

@Suite("Actions and joints")
struct ActionMappingTests {
    private func goals(_ values: Radians?..., count: Int = 3) -> JointArray<Radians?> {
        var goals = JointArray<Radians?>(count: count, repeating: nil)
        for (joint, value) in values.enumerated() { goals[joint] = value }
        return goals
    }

    private func positions(
        _ mapping: ActionMapping,
        _ actions: [Float],
        from starts: JointArray<Radians?>
    ) -> JointArray<Radians?> {
        var wanted = JointArray<Radians?>(count: starts.count, repeating: nil)
        mapping.positions(actions, from: starts, into: &wanted)
        return wanted
    }

    @Test("absolute actions map to the ends of the joint's limits and back; not a number stays")
    func absolute() {
        let mapping = ActionMapping(task: Fixture.turn(), robot: Fixture.robot)
        #expect(mapping.joints == [0, 1] && mapping.count == 2)
        let ends = positions(mapping, [-1, 2], from: goals(0.3, 0.3, nil))
        #expect(ends[0] == -1 && ends[1] == 1 && ends[2] == nil)
        #expect(positions(mapping, [.nan, 0], from: goals(0, 0, nil))[0]?.isNaN == true)
        var actions: [Float] = [0, 0]
        mapping.actions(goals(0.5, 0.25, nil), from: goals(0.3, 0.3, nil), into: &actions)
        #expect(actions == [0.5, 0.25])
    }

    @Test("relative actions move the goal by at most velocity times step")
    func relative() {
        var task = Fixture.turn()
        task.actionKind = .relative
        let mapping = ActionMapping(task: task, robot: Fixture.robot)
        // 2 rad/s for 0.1 s.
        let moved = positions(mapping, [1, 0], from: goals(0.3, 0.3, nil))
        #expect(abs((moved[0] ?? .nan) - 0.5) < 1e-12 && moved[1] == 0.3)
        var actions: [Float] = [0, 0]
        mapping.actions(goals(0.2, 0.3, nil), from: goals(0.3, 0.3, nil), into: &actions)
        #expect(abs(actions[0] - -0.5) < 1e-6 && actions[1] == 0)
        mapping.places(goals(0.25, 0.25, nil), into: &actions)
        #expect(actions == [0.25, 0.25])
    }

    @Test("a leg's two numbers are swing and extension over the task's ranges, there and back")
    func legs() {
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
        var task = Fixture.turn()
        task.actionKind = .legs
        task.legRanges = LegRanges(swing: -0.5...0.5, extension: 1.5...2.5)
        let mapping = ActionMapping(task: task, robot: robot)
        #expect(mapping.names == ["leg.swing", "leg.extension"])
        // Swing 0.25, extension 1.75: the front link stands at 1.5 from up, the rear one at 2.
        let wanted = positions(mapping, [0.5, -0.5], from: goals(9, 9, nil))
        #expect(wanted[0] == 1.5 && wanted[1] == 2 && wanted[2] == nil)
        var actions: [Float] = [0, 0]
        mapping.actions(wanted, from: goals(9, 9, nil), into: &actions)
        #expect(actions == [0.5, -0.5])
        // Beyond a range is its end.
        mapping.places(goals(3, 3, nil), into: &actions)
        #expect(actions == [0, 1])
    }
}
