public import Robot
import Safety

/// How a stop went.
public struct StopOutcome: Sendable, Hashable {
    /// How it ended.
    public var response: StopResponse
    /// Whether the reset pose was reached (only `park` tries).
    public var parked: Bool
    /// Joints that did not confirm torque off.
    public var unconfirmed: JointSet
    /// How long it took on the body's clock.
    public var seconds: Seconds
}

extension ControlLoop {
    /// The one way to stop: bounded in time, never throws, ends as the robot file says.
    ///
    /// Parks along the same limits as any other motion. Whatever goes wrong on the way ends in
    /// torque off (or in holding, if the file says so). Calling it again does nothing new.
    public func stop() -> StopOutcome {
        beginStopping()
        let start = body.now()
        var response = supervisor.stopResponse
        var parked = false
        // A robot without torque has nothing to park; that is also how a second call ends.
        if response == .park, !state.torqueEnabled.isEmpty {
            parked = park(within: supervisor.settings.stopSeconds)
            // A fault on the way that makes the joints unusable changes how the stop ends.
            let other = supervisor.stopResponse
            if !parked, other == .hold || other == .damp { response = other }
        }
        if response == .damp { damp(within: supervisor.settings.stopSeconds) }
        var unconfirmed = JointSet()
        if response != .hold {
            unconfirmed = releaseTorque(JointSet(0..<robot.joints.count))
        } else if !state.torqueEnabled.isEmpty {
            note(.stopHolds)
        }
        publishSafety(isNow: true)
        return StopOutcome(
            response: response,
            parked: parked,
            unconfirmed: unconfirmed,
            seconds: body.now().seconds(since: start)
        )
    }

    /// Drives the joints that have torque to the reset pose; `false` if time or a fault ended it.
    private func park(within seconds: Seconds) -> Bool {
        var wanted = unchanged
        for joint in robot.actuatedJoints { wanted[joint] = robot.joints[joint].resetPosition }
        do {
            for _ in 0..<ticks(seconds * 0.8) {
                try beginTick()
                try endTick(wanted)
                if hasArrived(wanted, tolerance: degrees(5)) { return true }
            }
        } catch {
            return false
        }
        return false
    }

    /// Has the joints give way slowly until they are at rest for a while, or time is over.
    ///
    /// A joint that does not brake loses its torque at once.
    func damp(within seconds: Seconds) {
        var settled = 0
        for _ in 0..<ticks(seconds * 0.8) {
            let left = body.damp(state.torqueEnabled)
            if !left.isEmpty { releaseTorque(left) }
            guard !state.torqueEnabled.isEmpty, state.fault != .lostBus else { return }
            dampingTick()
            if stopAsked == .emergency, supervisor.state != .emergencyStop {
                latch(Fault(.emergencyStop))
                if supervisor.stopResponse != .damp { return }
            }
            settled = isAtRest ? settled + 1 : 0
            if settled >= ticks(0.1) { return }
        }
    }

    /// Whether every joint with torque is slower than 0.05 rad/s, or two units of a coarser servo.
    private var isAtRest: Bool {
        for joint in state.samples.indices where state.torqueEnabled.contains(joint) {
            guard let sample = state.samples[joint] else { return false }
            let still = max(0.05, 2.5 * robot.joints[joint].servo.velocityUnit)
            if !(sample.velocity.magnitude <= still) { return false }
        }
        return true
    }

    /// Whether every joint with torque and a wanted position stands within `tolerance` of it.
    func hasArrived(_ wanted: JointArray<Radians?>, tolerance: Radians) -> Bool {
        for joint in wanted.indices where state.torqueEnabled.contains(joint) {
            guard let goal = wanted[joint] else { continue }
            guard let sample = state.samples[joint] else { return false }
            if (goal - sample.position).magnitude > tolerance { return false }
        }
        return true
    }
}
