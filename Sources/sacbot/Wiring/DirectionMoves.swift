import Control
import Robot
import Safety

/// Finds each joint's direction by moving it a little and asking a person which way it went.
///
/// One joint has torque at a time, and only while it moves. Every goal goes through the supervisor,
/// whose limits here are what the hand has measured.
struct DirectionMoves: BodyWork {
    /// The robot with the measured zero and range, made by `narrowed`.
    let robot: RobotDescription
    let safety: SafetySettings
    let questions: Questions
    let stopSwitch: StopSwitch

    /// The robot as it may be moved while directions are unknown: slowly, with half of the current,
    /// inside the measured range, angles counted from the middle pose in the sense of the pulses.
    static func narrowed(
        _ robot: RobotDescription,
        middlePulses: [Int],
        ranges: [ClosedRange<Int>?]
    ) -> RobotDescription {
        var robot = robot
        robot.stop = .release
        robot.emergencyStop = .release
        for index in robot.joints.indices {
            let middle = middlePulses[index]
            let pulse = robot.joints[index].servo.radiansPerPulse
            robot.calibration[index] = JointCalibration(zeroPulse: middle, direction: 1)
            if let range = ranges[index] {
                let lowest = Double(range.lowerBound - middle) * pulse
                let highest = Double(range.upperBound - middle) * pulse
                robot.joints[index].limits.position = lowest...highest
            }
            robot.joints[index].resetPosition = 0
            robot.joints[index].limits.current /= 2
            robot.joints[index].limits.goalVelocity = min(
                robot.joints[index].limits.goalVelocity,
                Self.velocity
            )
        }
        return robot
    }

    /// 15 degrees a second.
    private static let velocity: RadiansPerSecond = 15 * .pi / 180
    private static let move: Radians = 8 * .pi / 180
    /// What a joint must have moved to be believed.
    private static let leastMove: Radians = 2 * .pi / 180
    private static let seconds: Seconds = 1

    /// The direction of each joint.
    func run<Body: DrivenBody>(_ body: Body) throws -> [Int] {
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: safety,
            stopSwitch: stopSwitch
        )
        do {
            let directions = try directions(loop)
            try finish(loop)
            return directions
        } catch {
            try finish(loop)
            guard let stop = error as? ControlStop else { throw error }
            throw Failure(describe(stop, loop) + "; the old calibration still stands")
        }
    }

    private func finish<Body: DrivenBody>(_ loop: ControlLoop<Body>) throws {
        let unconfirmed = loop.stop().unconfirmed.indices.map { robot.joints[$0].name }
        if !unconfirmed.isEmpty {
            throw Failure(
                "torque off is NOT CONFIRMED by \(unconfirmed.joined(separator: ", ")): "
                    + "cut their power"
            )
        }
    }

    private func directions<Body: DrivenBody>(_ loop: ControlLoop<Body>) throws -> [Int] {
        let first = questions.ask(
            "? Now each joint moves by a few degrees and back, slowly, one after the other. Clear "
                + "the robot's space and watch the arrows of the joints' positive sense.\n"
                + "  Enter: go on   q: quit"
        )
        guard let first, first != "q" else { throw ControlStop.ordered }
        var directions: [Int] = []
        for index in robot.joints.indices {
            directions.append(try direction(of: index, loop))
        }
        return directions
    }

    private func direction<Body: DrivenBody>(
        of index: Int,
        _ loop: ControlLoop<Body>
    ) throws -> Int {
        let name = robot.joints[index].name
        while true {
            let moved = try wiggle(index, loop)
            guard moved.magnitude >= Self.leastMove else {
                let answer = questions.choose(
                    "! `\(name)` moved by \(degrees(moved)) only; free it.\n"
                        + "  a: again   q: quit",
                    ["a", "q"]
                )
                guard answer == "a" else { throw ControlStop.ordered }
                continue
            }
            let answer = questions.choose(
                "? `\(name)` moved by \(degrees(moved.magnitude)) and back. Did it go the way of "
                    + "the arrow first (its positive sense)?\n"
                    + "  y: yes   n: no, the other way   a: again   q: quit",
                // No answer is no answer: an Enter too many must not turn a joint round.
                ["a", "y", "n", "q"]
            )
            let sign = moved > 0 ? 1 : -1
            switch answer {
            case "y": return sign
            case "n": return -sign
            case "a": continue
            default: throw ControlStop.ordered
            }
        }
    }

    /// Moves a joint towards its middle and back; by how much it went, in the sense of the pulses.
    private func wiggle<Body: DrivenBody>(
        _ index: Int,
        _ loop: ControlLoop<Body>
    ) throws(ControlStop) -> Radians {
        // The first samples after a question are of now, not of before it.
        for _ in 0..<3 { try loop.beginTick() }
        try loop.enableTorque(JointSet([index]))
        let start = loop.supervisor.lastGoal(index) ?? 0
        let range = robot.joints[index].limits.position
        let size = min(Self.move, (range.upperBound - range.lowerBound) / 3)
        let goal = start + (start > 0 ? -size : size)
        let before = loop.state.samples[index]?.position ?? start
        try drive(index, to: goal, loop)
        let reached = loop.state.samples[index]?.position ?? before
        try drive(index, to: start, loop)
        try loop.disableTorque(JointSet([index]))
        return reached - before
    }

    private func drive<Body: DrivenBody>(
        _ index: Int,
        to goal: Radians,
        _ loop: ControlLoop<Body>
    ) throws(ControlStop) {
        var wanted = loop.unchanged
        wanted[index] = goal
        for _ in 0..<loop.ticks(Self.seconds) {
            try loop.beginTick()
            try loop.endTick(wanted)
        }
    }

    private func describe<Body: DrivenBody>(
        _ stop: ControlStop,
        _ loop: ControlLoop<Body>
    ) -> String {
        switch stop {
        case .ordered: "left without writing"
        case .fault(let fault): FaultWords.text(fault, robot: robot, detail: loop.armingProblem)
        }
    }

    private func degrees(_ angle: Radians) -> String {
        "\((angle * 1800 / .pi).rounded() / 10) deg"
    }
}

/// A fault in words, with its remedy.
enum FaultWords {
    static func text(_ fault: Fault, robot: RobotDescription, detail: String?) -> String {
        let place = fault.joint.map { joint in
            " at \(robot.joints[joint].name) (ID \(robot.joints[joint].servoID))"
        }
        return "fault \(fault.code.rawValue)\(place ?? ""): \(fault.code.explanation)"
            + (detail.map { " (\($0))" } ?? "")
    }
}
