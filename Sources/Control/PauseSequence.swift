import Robot
import Safety
import Synchronization

/// Whether somebody wants the robot to pause between two episodes.
public enum PauseWish: UInt8, Sendable {
    /// Go on.
    case none = 0
    /// Pause as the robot file's `pause` says.
    case pause = 1
    /// Pause with the torque of all joints off, whatever the file says.
    case release = 2
}

/// Carries the wish to pause to the control thread, which looks at it between two episodes.
public final class PauseSwitch: Sendable {
    private let wish: Atomic<UInt8>

    /// A switch; a robot that begins with a pause waits to be resumed.
    public init(_ wish: PauseWish = .none) { self.wish = Atomic(wish.rawValue) }

    /// Asks for it, or with `none` for its end.
    public func ask(_ pause: PauseWish) { wish.store(pause.rawValue, ordering: .releasing) }

    /// What was asked for last.
    public var asked: PauseWish { PauseWish(rawValue: wish.load(ordering: .acquiring)) ?? .release }
}

extension ControlLoop {
    /// Pauses as long as `wish` says so; returns at once if it does not.
    ///
    /// Called between two episodes. `park` drives to the reset pose and lets go, `hold` stays where
    /// it is under the supervisor's eyes (state `armed`), `damp` brakes until the joints rest,
    /// `release` lets go at once. Without torque the state is `pausing`, and the checks are made anew
    /// afterwards.
    ///
    /// - Parameter told: called when the pause has begun, and when it becomes one without torque;
    ///   true means that torque is off.
    /// - Throws: the stop somebody asks for meanwhile, or the fault that ends it.
    public func pause(
        while wish: PauseSwitch,
        told: (_ isLimp: Bool) -> Void
    ) throws(ControlStop) {
        guard wish.asked != .none else { return }
        if !state.torqueEnabled.isEmpty, wish.asked == .pause, robot.pause == .park {
            try parkForPause(while: wish)
        }
        if robot.pause == .damp, !state.torqueEnabled.isEmpty {
            damp(within: supervisor.settings.stopSeconds)
        }
        if robot.pause == .hold, !state.torqueEnabled.isEmpty, wish.asked == .pause {
            told(false)
            while wish.asked == .pause { try restTick() }
        }
        guard wish.asked != .none else { return }
        try disableTorque(JointSet(0..<robot.joints.count))
        note(.pauseBegins)
        told(true)
        defer { note(.pauseEnds) }
        while wish.asked != .none { try restTick() }
    }

    /// Drives to the reset pose within the time of an ordered stop; a joint that does not arrive is
    /// let go where it is.
    private func parkForPause(while wish: PauseSwitch) throws(ControlStop) {
        var wanted = unchanged
        for joint in robot.actuatedJoints { wanted[joint] = robot.joints[joint].resetPosition }
        for _ in 0..<ticks(supervisor.settings.stopSeconds) where wish.asked != .none {
            try beginTick()
            try endTick(wanted)
            if hasArrived(wanted, tolerance: degrees(5)) { return }
        }
    }
}
