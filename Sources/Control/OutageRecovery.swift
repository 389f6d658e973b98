import Robot
public import Safety

/// What happens when the robot is lost in the midst of its work: a cable pulled, a servo restarted.
///
/// Everything that can still be reached is stopped and loses its torque; the program waits until
/// the robot is whole again, and then for a person's word. Joints are read, judged and prepared
/// anew before they get torque, as after a start.
public final class OutageRecovery<Body: DrivenBody> {
    private let loop: ControlLoop<Body>
    private let operatorLink: any OperatorLink
    /// How a fault and a stop are told to a person.
    private let describe: (Fault, StopOutcome) -> String
    private let waits: Bool

    /// Recovery for the loop's robot, if its safety settings ask for it.
    ///
    /// - Parameter describe: the fault and how the stop went, in words.
    public init(
        loop: ControlLoop<Body>,
        operatorLink: any OperatorLink,
        describe: @escaping (Fault, StopOutcome) -> String
    ) {
        self.loop = loop
        self.operatorLink = operatorLink
        self.describe = describe
        waits = loop.supervisor.settings.afterOutage == .wait
    }

    /// Waits for the robot and a person after a fault that both may put right.
    ///
    /// - Returns: `nil` if work may go on, else what ends it.
    public func recover(from stop: ControlStop) -> ControlStop? {
        guard waits, case .fault(let fault) = stop, loop.canRecover(from: fault) else {
            return stop
        }
        let stopping = loop.stop()
        operatorLink.note(describe(fault, stopping))
        do throws(ControlStop) {
            try awaitRobot()
            try awaitPerson()
            loop.goOn()
            return nil
        } catch {
            // The reason is the first one: whoever stops the waiting did not cause the outage.
            return stop
        }
    }

    private func awaitRobot() throws(ControlStop) {
        let ticksBetweenTries = loop.ticks(1)
        var told = ""
        while loop.isDisconnected {
            for _ in 0..<ticksBetweenTries { try loop.idleTick() }
            guard let problem = loop.reconnect() else { break }
            if problem.description != told {
                told = problem.description
                operatorLink.note("waiting for the robot: \(told)")
            }
        }
    }

    private func awaitPerson() throws(ControlStop) {
        operatorLink.show(
            OperatorPrompt(
                reason: .confirmRecovery,
                text: "\(loop.robot.name) answers again and has no torque. Look at it and clear "
                    + "its space; it is about to move."
            )
        )
        defer { operatorLink.show(nil) }
        while true {
            try loop.idleTick()
            switch operatorLink.takeAnswer() {
            case .goOn, .clearFault: return
            case .giveUp: throw .ordered
            case nil: break
            }
        }
    }
}
