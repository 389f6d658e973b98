import Control
import Robot
import Safety
import Simulation

/// What became of one rehearsed trouble.
struct RehearsalRow {
    var trouble: RehearsedTrouble
    /// The fault; `nil` if the robot went on or was stopped in order.
    var fault: Fault?
    /// The strongest response that was seen.
    var response: SafetyResponse
    /// How the stop ended; `nil` if the robot went on.
    var stopping: StopOutcome?
    /// Simulated time from the trouble to its fault; `nil` if there was none.
    var noticed: Seconds?
    /// Simulated time from the beginning of the stop until every joint was at rest.
    var rest: Seconds?
    /// When it counts as mended.
    var clears: ClearCondition
}

/// Plays trouble to the supervisor that also judges the real robot, on the robot's simulation.
struct Rehearsal {
    let configuration: RobotConfiguration

    private var robot: RobotDescription { configuration.robot }

    /// The longest a trouble is watched: longer than any limit that has a default.
    private static let patience: Seconds = 60

    /// Every trouble, each on a new robot that is on its way when it begins.
    func run() throws -> [RehearsalRow] {
        try RehearsedTrouble.allCases.filter { $0.isPossible(configuration.safety) }.map {
            try row($0)
        }
    }

    private func row(_ trouble: RehearsedTrouble) throws -> RehearsalRow {
        let joint = robot.actuatedJoints.first ?? 0
        let body = RehearsedBody(
            try SimulatedBody(robot: robot, servoModel: configuration.servoModel),
            robot: robot,
            joint: joint
        )
        let stopSwitch = StopSwitch()
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: configuration.safety,
            stopSwitch: stopSwitch,
            posture: try configuration.postureGuard()
        )
        var response = SafetyResponse.none
        var began = body.now()
        var stop: ControlStop?
        do throws(ControlStop) {
            try arm(loop)
            // A tenth of a second after turning round: the joints are on their way.
            try swing(loop, within: 1.1, body) { _ in }
            body.trouble = trouble
            began = body.now()
            if trouble == .emergencyStop { stopSwitch.ask(.emergency) }
            if trouble == .orderedStop { stopSwitch.ask(.ordered) }
            try swing(loop, within: Self.patience, body) {
                response = max(response, $0)
            }
        } catch {
            stop = error
        }
        return conclude(trouble, loop, body, stop, began: began, response)
    }

    private func arm(_ loop: ControlLoop<RehearsedBody>) throws(ControlStop) {
        try loop.holdTick()
        try loop.enableTorque(JointSet(robot.actuatedJoints))
        loop.note(.resetBegins)
        loop.note(.episodeBegins)
    }

    /// Moves every actuated joint to and fro around the middle of its limits.
    private func swing(
        _ loop: ControlLoop<RehearsedBody>,
        within seconds: Seconds,
        _ body: RehearsedBody,
        _ seen: (SafetyResponse) -> Void
    ) throws(ControlStop) {
        for tick in 0..<loop.ticks(seconds) {
            var wanted = loop.unchanged
            for joint in robot.actuatedJoints {
                let limits = robot.joints[joint].limits
                let goal = SwingGoal(limits: limits, isUp: tick / loop.ticks(1) % 2 == 0)
                wanted[joint] =
                    body.trouble == .blockedJoint
                    ? goal.farEnd(from: loop.state.samples[joint]?.position ?? 0) : goal.position
            }
            if body.trouble == .badNumber, let first = robot.actuatedJoints.first {
                wanted[first] = .nan
            }
            try loop.beginTick()
            try loop.endTick(wanted)
            var checks = loop.supervisor.check(loop.state, now: loop.now)
            checks.clear(.goalVelocity)
            checks.clear(.followingWindow)
            seen(checks.response)
        }
    }

    private func conclude(
        _ trouble: RehearsedTrouble,
        _ loop: ControlLoop<RehearsedBody>,
        _ body: RehearsedBody,
        _ stop: ControlStop?,
        began: MonotonicTime,
        _ response: SafetyResponse
    ) -> RehearsalRow {
        var row = RehearsalRow(trouble: trouble, response: response, clears: .whenGone)
        guard let stop else { return row }
        if case .fault(let fault) = stop {
            row.fault = fault
            row.response = fault.code.response
            row.clears = fault.code.clears
            row.noticed = body.now().seconds(since: began)
        } else {
            row.response = .stopInOrder
        }
        let stopBegan = body.now()
        row.stopping = loop.stop()
        // What the joints do from here on is what a person would see.
        body.trouble = nil
        var state = BodyState(jointCount: robot.joints.count)
        for _ in 0..<loop.ticks(5) {
            body.read(into: &state)
            if isAtRest(state) {
                row.rest = body.now().seconds(since: stopBegan)
                break
            }
            _ = body.waitForTick()
        }
        return row
    }

    /// Slower than 0.05 rad/s, or two units of a coarser servo's register.
    private func isAtRest(_ state: BodyState) -> Bool {
        for joint in robot.actuatedJoints {
            guard let sample = state.samples[joint] else { return false }
            let still = max(0.05, 2.5 * robot.joints[joint].servo.velocityUnit)
            if sample.velocity.magnitude > still { return false }
        }
        return true
    }
}

/// Where a swinging joint goes.
private struct SwingGoal {
    var limits: JointLimits
    var isUp: Bool

    private var middle: Radians {
        (limits.position.lowerBound + limits.position.upperBound) / 2
    }

    /// Half way from the middle to one end.
    var position: Radians {
        let width = limits.position.upperBound - limits.position.lowerBound
        return middle + (isUp ? width : -width) / 4
    }

    /// The end further from where the joint is, which may lie beyond its window.
    func farEnd(from place: Radians) -> Radians {
        place > middle ? limits.position.lowerBound : limits.position.upperBound
    }
}
