public import Robot
import Safety

extension ControlLoop {
    /// The world around the body, if it can be made to differ: it is simulated.
    public var variableWorld: (any VariableBody)? { body as? any VariableBody }

    /// Makes a simulated world differ, or as its model says for `nil`; does nothing to a real one.
    public func vary(_ variation: WorldVariation?) {
        variableWorld?.vary(variation ?? WorldVariation(jointCount: robot.joints.count))
    }

    /// Stops a simulated robot after a fault, lets a second pass and clears it, as nobody may do on
    /// a real one.
    ///
    /// - Returns: the fault if it cannot be cleared or the robot is a real one; a stop that somebody
    ///   asked for meanwhile.
    public func goOnAfterFault() -> ControlStop? {
        guard let fault = supervisor.fault else { return nil }
        _ = stop()
        guard variableWorld != nil else { return .fault(fault) }
        vary(nil)
        do throws(ControlStop) {
            // What restarts is back by then, what swings has come to rest.
            for _ in 0..<ticks(1) { try idleTick() }
        } catch {
            return error
        }
        goOn()
        return supervisor.fault.map { .fault($0) }
    }

    // MARK: Torque within an episode

    /// Gives joints torque while an episode runs, checked and verified as at its start.
    ///
    /// To the supervisor it is a short reset within the episode.
    public func enableTorqueInEpisode(_ joints: JointSet) throws(ControlStop) {
        note(.resetBegins)
        try enableTorque(joints)
        note(.episodeBegins)
    }

    /// Gives servos that restarted their torque again, if the robot file allows it and an episode
    /// runs; else the fault stands.
    func rearm() throws(ControlStop) {
        guard supervisor.settings.rearmSeconds > 0, supervisor.state == .running,
            let body = body as? any RearmableBody
        else { return }
        let joints = body.takeRestarted(&state)
        supervisor.torqueDisabled(joints)
        state.torqueEnabled.subtract(joints)
        try enableTorqueInEpisode(joints)
        rearmCount += 1
    }
}
