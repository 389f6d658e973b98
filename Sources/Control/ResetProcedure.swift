import Glibc
public import Robot
public import Safety

/// What a reset took.
public struct ResetOutcome: Sendable, Hashable {
    /// Tries it needed; 1 is without trouble.
    public var tries: Int
    /// Times a person was asked.
    public var prompts: Int
    /// How long it took on the body's clock.
    public var seconds: Seconds
    /// Times the robot stood up or walked back by itself.
    public var recoveries = 0
}

/// Brings robot and object to an episode's start, as ROBEL's scripted reset does, and proves it
/// joint by joint.
///
/// Tangling joints go limp while the object is driven to its start; then all joints go to the reset
/// pose; what is off is untangled in stages and tried again; then a person is asked, while the
/// robot stays limp and is read on.
public final class ResetProcedure<Body: DrivenBody> {
    private let loop: ControlLoop<Body>
    private let settings: ResetSettings
    private let operatorLink: any OperatorLink
    private var robot: RobotDescription { loop.robot }
    private let walk: WalkGoal?
    /// Where this reset's pose differs from the robot file's.
    private var poseOffsets: JointArray<Radians>

    /// A reset for the loop's robot.
    ///
    /// - Parameter walk: for robots that walk: when one has fallen, and how long its track is.
    public init(
        loop: ControlLoop<Body>,
        settings: ResetSettings,
        operatorLink: any OperatorLink,
        walk: WalkGoal? = nil
    ) {
        self.walk = walk
        self.loop = loop
        self.settings = settings
        self.operatorLink = operatorLink
        poseOffsets = JointArray(count: loop.robot.joints.count, repeating: 0)
    }

    /// Runs until the start is reached.
    ///
    /// Leaves the object without torque, everything else with. `poseOffsets` move the reset pose,
    /// within the joints' limits.
    public func run(
        objectStart: Radians?,
        poseOffsets: JointArray<Radians>? = nil
    ) throws(ControlStop) -> ResetOutcome {
        self.poseOffsets = poseOffsets ?? JointArray(count: robot.joints.count, repeating: 0)
        try loop.beginTick()
        try loop.endTick(loop.unchanged)
        let start = loop.now
        var outcome = ResetOutcome(tries: 0, prompts: 0, seconds: 0)
        while true {
            try coolDown()
            try awaitBattery()
            try bringToTrack(&outcome)
            for attempt in 0...settings.retries {
                outcome.tries += 1
                if attempt > 0 { try disentangle(objectStart) }
                let stuck = try attemptReset(objectStart)
                if stuck.isEmpty, trouble == nil {
                    try releaseObject()
                    outcome.seconds = loop.now.seconds(since: start)
                    return outcome
                }
                if stuck.isEmpty { break }
                operatorLink.note("reset: \(names(stuck)) did not arrive; try \(attempt + 1)")
            }
            let stuck = stuckJoints(objectStart)
            if !stuck.isEmpty {
                outcome.prompts += 1
                try askForHelp(aboutStuck(stuck), blaming: stuck.first)
            }
        }
    }

    private var fingers: JointSet { JointSet(robot.actuatedJoints) }

    private var resetPose: JointArray<Radians?> {
        var pose = loop.unchanged
        for joint in robot.actuatedJoints { pose[joint] = start(joint) }
        return pose
    }

    /// Where a joint begins.
    private func start(_ joint: Int) -> Radians {
        let limits = robot.joints[joint].limits.position
        let wanted = robot.joints[joint].resetPosition + poseOffsets[joint]
        return min(max(wanted, limits.lowerBound), limits.upperBound)
    }

    /// Gives joints torque; from then on this is a reset.
    private func arm(_ joints: JointSet) throws(ControlStop) {
        try loop.enableTorque(joints)
        loop.note(.resetBegins)
    }

    /// One try; returns the joints that are off.
    private func attemptReset(_ objectStart: Radians?) throws(ControlStop) -> [Int] {
        let began = loop.now
        let limp = JointSet(settings.limpFirst)
        try loop.disableTorque(limp)
        try arm(JointSet(bits: fingers.bits & ~limp.bits))
        var wanted = resetPose
        if let object = robot.objectJoint, let objectStart {
            try arm(JointSet([object]))
            wanted[object] = objectStart
            try drive(wanted, until: [object], within: settings.objectSeconds)
        }
        let passed = loop.now.seconds(since: began)
        if passed < settings.settleSeconds {
            try drive(wanted, until: [], within: settings.settleSeconds - passed)
        }
        try arm(fingers)
        try drive(wanted, until: robot.actuatedJoints, within: settings.jointSeconds)
        return stuckJoints(objectStart)
    }

    /// Ticks towards `wanted` until the joints of `until` have arrived, or the time is over.
    private func drive(
        _ wanted: JointArray<Radians?>,
        until joints: [Int],
        within seconds: Seconds
    ) throws(ControlStop) {
        var settled = 0
        for _ in 0..<loop.ticks(seconds) {
            try loop.beginTick()
            try loop.endTick(wanted)
            if joints.isEmpty { continue }
            let arrived = joints.allSatisfy { isNear($0, wanted[$0], settings.tolerance) }
            settled = arrived && joints.allSatisfy(isAtRest) ? settled + 1 : 0
            if settled >= Self.settledTicks { return }
        }
    }

    /// Ticks in a row a joint must be near its place and at rest: there, not passing through.
    private static var settledTicks: Int { 10 }

    /// Slower than two units of a Dynamixel's velocity register.
    private func isAtRest(_ joint: Int) -> Bool {
        guard let sample = loop.state.samples[joint] else { return false }
        let units = 2.5 * robot.joints[joint].servo.velocityUnit
        return sample.velocity.magnitude <= max(units, 0.06)
    }

    private func isNear(_ joint: Int, _ goal: Radians?, _ tolerance: Radians) -> Bool {
        guard let goal, let sample = loop.state.samples[joint] else { return false }
        return (goal - sample.position).magnitude <= tolerance
    }

    private func stuckJoints(_ objectStart: Radians?) -> [Int] {
        var stuck = robot.actuatedJoints.filter {
            !isNear($0, start($0), settings.tolerance)
        }
        if let object = robot.objectJoint, let objectStart,
            let sample = loop.state.samples[object],
            wrappedAngle(sample.position - objectStart).magnitude > settings.tolerance
        {
            stuck.append(object)
        }
        return stuck
    }

    private func disentangle(_ objectStart: Radians?) throws(ControlStop) {
        // A robot whose legs are caught under it folds and stretches them, as if it had fallen.
        if walk != nil, settings.standUp != nil, try recover(from: .fallen) { return }
        try loop.disableTorque(JointSet(0..<robot.joints.count))
        guard let first = settings.disentangle.first else { return }
        try drive(loop.unchanged, until: [], within: first.seconds)
        for stage in settings.disentangle {
            try arm(JointSet(stage.joints))
            var wanted = loop.unchanged
            for joint in stage.joints {
                wanted[joint] = stage.position ?? start(joint)
            }
            try drive(wanted, until: [], within: stage.seconds)
        }
    }

    private func releaseObject() throws(ControlStop) {
        guard let object = robot.objectJoint else { return }
        try loop.disableTorque(JointSet([object]))
    }

    /// Waits limp while a servo is warmer than its pause temperature, until it is 5 degrees below.
    private func coolDown() throws(ControlStop) {
        guard let hot = hottest(margin: 0) else { return }
        try loop.disableTorque(JointSet(0..<robot.joints.count))
        operatorLink.note(
            "cooling: \(robot.joints[hot.joint].name) is at \(Int(hot.temperature)) degC, "
                + "going on below \(Int(robot.joints[hot.joint].limits.pauseTemperature) - 5) degC"
        )
        loop.note(.pauseBegins)
        while hottest(margin: 5) != nil { try loop.holdTick() }
        loop.note(.pauseEnds)
    }

    private func hottest(margin: Celsius) -> (joint: Int, temperature: Celsius)? {
        for joint in robot.joints.indices {
            guard let health = loop.state.health[joint] else { continue }
            if health.temperature > robot.joints[joint].limits.pauseTemperature - margin {
                return (joint, health.temperature)
            }
        }
        return nil
    }

    /// Waits limp while a supply is low: a battery is charged or exchanged meanwhile.
    private func awaitBattery() throws(ControlStop) {
        guard let limits = settings.batteryPause, let low = lowest, low.volts < limits.lowerBound
        else { return }
        try loop.disableTorque(JointSet(0..<robot.joints.count))
        operatorLink.note(
            "battery: \(robot.joints[low.joint].name) has \(shown(low.volts)) V, going on at "
                + "\(shown(limits.upperBound)) V"
        )
        loop.note(.pauseBegins)
        while let low = lowest, low.volts < limits.upperBound { try loop.holdTick() }
        loop.note(.pauseEnds)
    }

    private func shown(_ volts: Volts) -> String { "\((volts * 10).rounded() / 10)" }

    /// The servo with the lowest supply, of those that measure it.
    private var lowest: (joint: Int, volts: Volts)? {
        var lowest: (joint: Int, volts: Volts)?
        for joint in robot.joints.indices {
            guard let volts = loop.state.health[joint]?.inputVoltage, volts > 0 else { continue }
            if volts < lowest?.volts ?? .infinity { lowest = (joint, volts) }
        }
        return lowest
    }

    // MARK: Robots that walk

    /// Gets a robot that lies or is beyond its track back: by its own legs if the settings say so and
    /// it succeeds, else by a person.
    ///
    /// A robot that only squats stands up by itself: its legs go to the reset pose.
    private func bringToTrack(_ outcome: inout ResetOutcome) throws(ControlStop) {
        while let trouble {
            if try recover(from: trouble) {
                outcome.recoveries += 1
                continue
            }
            outcome.prompts += 1
            try askForHelp(prompt(trouble), blaming: nil)
        }
    }

    /// What may be wrong with where a robot stands.
    private enum Trouble { case fallen, endOfTrack }

    /// What is wrong with where the robot stands, `nil` if nothing or if it does not walk.
    private var trouble: Trouble? {
        guard let walk else { return nil }
        if let base = loop.state.base, base.tilt > walk.fallTilt { return .fallen }
        guard let place = loop.state.place else { return nil }
        guard (place.x * place.x + place.y * place.y).squareRoot() > walk.track else { return nil }
        // Whoever turns round walks back in the next episode.
        let inward = -place.x * cos(place.heading) - place.y * sin(place.heading)
        return settings.trackEnd == .turnRound && inward > 0 ? nil : .endOfTrack
    }

    /// The robot's own way out; whether there is one and it worked.
    private func recover(from trouble: Trouble) throws(ControlStop) -> Bool {
        guard let walk, let poses = LegPoses(robot) else { return false }
        switch trouble {
        case .fallen:
            guard let standUp = settings.standUp else { return false }
            operatorLink.note("\(robot.name) has fallen and tries to stand up")
            try arm(fingers)
            let routine = StandUp(
                loop: loop,
                settings: standUp,
                poses: poses,
                fallTilt: walk.fallTilt
            )
            let isUp = try routine.run()
            operatorLink.note(isUp ? "it stands" : "it could not stand up")
            return isUp && self.trouble != .fallen
        case .endOfTrack:
            guard settings.trackEnd == .walkBack, LegPlaces.areKnown(robot) else { return false }
            try arm(fingers)
            try drive(resetPose, until: robot.actuatedJoints, within: settings.jointSeconds)
            let home = WalkHome(loop: loop, poses: poses, walk: walk)
            return try home.back() && self.trouble == nil
        }
    }

    private func prompt(_ trouble: Trouble) -> OperatorPrompt {
        switch trouble {
        case .fallen:
            OperatorPrompt(
                reason: .putBack,
                text: "\(robot.name) has fallen; torque is off. Put it back on its feet at the "
                    + "start of the track, then answer continue (or stop)."
            )
        case .endOfTrack:
            OperatorPrompt(
                reason: .putBack,
                text: settings.trackEnd == .turnRound
                    ? "\(robot.name) is at the end of its track; torque is off. Turn it round, then "
                        + "answer continue (or stop)."
                    : "\(robot.name) is at the end of its track; torque is off. Put it back at the "
                        + "start, then answer continue (or stop)."
            )
        }
    }

    // MARK: Asking

    private func aboutStuck(_ stuck: [Int]) -> OperatorPrompt {
        OperatorPrompt(
            reason: .stuckJoints(stuck),
            text: "the reset did not bring \(names(stuck)) to the start; torque is off. "
                + "Free the joints, then answer continue (or stop)."
        )
    }

    private func askForHelp(
        _ prompt: OperatorPrompt,
        blaming joint: Int?
    ) throws(ControlStop) {
        try loop.disableTorque(JointSet(0..<robot.joints.count))
        operatorLink.show(prompt)
        loop.note(.pauseBegins)
        defer {
            operatorLink.show(nil)
            loop.note(.pauseEnds)
        }
        let deadline = settings.promptSeconds.map { loop.ticks($0) }
        var waited = 0
        while true {
            try loop.holdTick()
            switch operatorLink.takeAnswer() {
            case .goOn: return
            case .giveUp: throw .ordered
            case .clearFault, nil: break
            }
            waited += 1
            if let deadline, waited >= deadline {
                try loop.fail(Fault(.resetFailed, joint: joint))
            }
        }
    }

    private func names(_ joints: [Int]) -> String {
        joints.map { "\(robot.joints[$0].name) (ID \(robot.joints[$0].servoID))" }
            .joined(separator: ", ")
    }
}
