import Control
import Realtime
import Robot
import Safety

/// The control thread of `sacbot jog`: every goal goes through the supervisor, and torque is on only
/// where the person asked for it.
final class JogControl<Body: DrivenBody> {
    private let loop: ControlLoop<Body>
    private let desk: JogDesk
    /// Simulated time is held back to the pace of the clock.
    private let isPaced: Bool
    private var view: JogView
    private var wanted: JointArray<Radians?>

    /// Without a sign of the keyboard side for this long, torque goes off.
    private static var patience: Int64 { 2_000_000_000 }

    private struct Leave: Error { var problem: String? }

    init(loop: ControlLoop<Body>, desk: JogDesk, isPaced: Bool) {
        self.loop = loop
        self.desk = desk
        self.isPaced = isPaced
        view = JogView(jointCount: loop.robot.joints.count)
        view.message = "torque is off; t switches the chosen joint on"
        wanted = loop.unchanged
    }

    /// Runs until the person leaves; torque is off at the end.
    func run() {
        var problem: String?
        while true {
            do {
                try tick()
            } catch let leave as Leave {
                problem = leave.problem
                break
            } catch let stop as ControlStop {
                guard case .fault(let fault) = stop else { break }
                letGo()
                view.message =
                    FaultWords.text(
                        fault,
                        robot: loop.robot,
                        detail: loop.armingProblem
                    ) + "; c clears it"
                // Nothing can be read any more: there is nothing left to jog.
                if fault.code == .lostBus || fault.code == .simulationBroken {
                    problem = view.message
                    break
                }
                if loop.stopAsked != .none { break }
                desk.show(view)
            } catch {
                break
            }
        }
        desk.finish(JogOutcome(unconfirmed: loop.stop().unconfirmed, problem: problem))
    }

    private func tick() throws {
        let start = MonotonicClock.now()
        try loop.beginTick()
        // A stop that was asked for while another one ran is not thrown.
        if loop.stopAsked != .none { throw Leave() }
        if desk.unattended(now: start) > Self.patience {
            throw Leave(problem: "nobody was at the keyboard for 2 s")
        }
        for order in desk.takeOrders() { try carryOut(order) }
        if !loop.state.torqueEnabled.isEmpty { try loop.endTick(wanted) }
        publish()
        if isPaced { MonotonicClock.sleep(until: start + loop.robot.tickNanoseconds) }
    }

    private func publish() {
        view.state = loop.state
        for joint in view.goals.indices { view.goals[joint] = loop.supervisor.lastGoal(joint) }
        view.skippedTicks = loop.skippedTicks
        desk.show(view)
    }

    private func carryOut(_ order: JogOrder) throws {
        switch order {
        case .nudge(let joint, let angle): nudge(joint, angle)
        case .torque(let joint): try switchTorque(joint)
        case .stop:
            letGo()
            view.message = "stopped: torque is off at all joints"
        case .clearFault:
            loop.clearFault()
            view.message = "fault cleared"
        case .quit: throw Leave()
        }
    }

    private func nudge(_ joint: Int, _ angle: Radians) {
        guard let goal = wanted[joint] ?? loop.supervisor.lastGoal(joint) else {
            view.message = "`\(loop.robot.joints[joint].name)` has no torque; t switches it on"
            return
        }
        let limits = loop.robot.joints[joint].limits.position
        wanted[joint] = min(max(goal + angle, limits.lowerBound), limits.upperBound)
        view.message = ""
    }

    private func switchTorque(_ joint: Int) throws {
        let name = loop.robot.joints[joint].name
        wanted[joint] = nil
        if loop.state.torqueEnabled.contains(joint) {
            try loop.disableTorque(JointSet([joint]))
            view.message = "torque is off at `\(name)`"
        } else {
            try loop.enableTorque(JointSet([joint]))
            view.message = "torque is on at `\(name)`"
        }
    }

    /// All torque off, whatever goes wrong.
    private func letGo() {
        wanted = loop.unchanged
        let unconfirmed = loop.stop().unconfirmed
        guard let joint = unconfirmed.indices.first else { return }
        view.message = "NOT CONFIRMED by \(loop.robot.joints[joint].name): cut its power"
    }
}
