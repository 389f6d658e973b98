import Robot
import Safety
import ServoHardware

/// Measures joints that a person moves by hand, with torque off.
struct HandMeasure: BodyWork {
    /// The robot as its file has it.
    let robot: RobotDescription
    /// Homing Offset registers, in the order of the joints.
    let homingOffsets: [Int]
    let questions: Questions
    /// Whether directions are shown by hand as well.
    let asksDirections: Bool

    /// What a hand showed.
    struct Outcome {
        var measures: [JointMeasure]
        /// How pulses run when each joint turns in its positive sense; empty if nobody was asked.
        var directions: [Int]
    }

    func run<Body: DrivenBody>(_ body: Body) throws -> Outcome {
        let unconfirmed = body.disableTorque(JointSet(robot.joints.indices))
        if let joint = unconfirmed.indices.first {
            throw Failure(
                "\(robot.joints[joint].name) (ID \(robot.joints[joint].servoID)) does not confirm "
                    + "that its torque is off; cut its power and look at its cable"
            )
        }
        Say.show("torque is off at all joints")
        let reader = PulseReader(body: body, robot: robot)
        var measures = robot.joints.indices.map { index in
            JointMeasure(joint: robot.joints[index], homingOffset: homingOffsets[index])
        }
        try setMiddle(reader, &measures)
        try moveThroughRange(reader, &measures)
        let directions = asksDirections ? try showDirections(reader) : []
        return Outcome(measures: measures, directions: directions)
    }

    private func setMiddle<Body: DrivenBody>(
        _ reader: PulseReader<Body>,
        _ measures: inout [JointMeasure]
    ) throws {
        let poses = robot.joints.map { joint in
            "  \(joint.name.padding(17))\(degrees(joint.limits.middle))"
        }
        let answer = questions.ask(
            "? Move every joint to the middle of its range, as the robot file has it:\n"
                + poses.joined(separator: "\n") + "\n  Enter: they stand there   q: quit"
        )
        try leave(on: answer)
        for (index, pulses) in try reader.all().enumerated() {
            measures[index].note(pulses)
            measures[index].setMiddle()
        }
    }

    private func moveThroughRange<Body: DrivenBody>(
        _ reader: PulseReader<Body>,
        _ measures: inout [JointMeasure]
    ) throws {
        Say.show(
            "? Move every joint from stop to stop, slowly, without force.\n"
                + "  Enter: all were moved   q: quit"
        )
        var table = CalibrationTable()
        var answer: String?
        var tick = 0
        while answer == nil {
            for (index, pulses) in try reader.next() { measures[index].note(pulses) }
            if tick % reader.ticks(0.2) == 0 { table.redraw(measures) }
            tick += 1
            answer = questions.poll()
            if answer == nil, questions.isOver { answer = "q" }
        }
        try leave(on: answer)
        for (index, pulses) in try reader.all().enumerated() { measures[index].note(pulses) }
        table.redraw(measures)
        table.finish(measures)
        var problems: [String] = []
        for (index, measure) in measures.enumerated() {
            do {
                _ = try measure.checkedRange(turnsFreely: robot.joints[index].role == .object)
            } catch {
                problems.append("\(error)")
            }
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
    }

    private func showDirections<Body: DrivenBody>(_ reader: PulseReader<Body>) throws -> [Int] {
        var directions: [Int] = []
        for (index, joint) in robot.joints.enumerated() {
            let least = Self.leastShown * joint.servo.pulsesPerTurn / 360
            var moved = 0
            while abs(moved) < least {
                let answer = questions.ask(
                    "? Bring `\(joint.name)` near its middle.\n  Enter: it stands there   q: quit"
                )
                try leave(on: answer)
                let before = try reader.all()[index]
                let turned = questions.ask(
                    "? Turn `\(joint.name)` in its positive sense, 10 degrees or more, and hold "
                        + "it.\n  Enter: it stands there   q: quit"
                )
                try leave(on: turned)
                moved = try reader.all()[index] - before
                if abs(moved) < least { Say.show("! it was turned by \(moved) pulses only") }
            }
            directions.append(moved > 0 ? 1 : -1)
            Say.show("\(joint.name): direction \(moved > 0 ? 1 : -1)")
        }
        return directions
    }

    private static let leastShown = 5

    private func leave(on answer: String?) throws {
        guard let answer, answer != "q" else {
            throw Failure("left without writing; the old calibration still stands")
        }
    }

    private func degrees(_ angle: Radians) -> String {
        "\((angle * 1800 / .pi).rounded() / 10) deg"
    }
}

/// Reads joints of a robot's `countingPulses` as pulses.
final class PulseReader<Body: DrivenBody> {
    private let body: Body
    private let robot: RobotDescription
    private var state: BodyState

    init(body: Body, robot: RobotDescription) {
        self.body = body
        self.robot = robot
        state = BodyState(jointCount: robot.joints.count)
    }

    /// Whole ticks in `seconds`, at least one.
    func ticks(_ seconds: Double) -> Int { max(1, Int(seconds / robot.tickSeconds)) }

    /// Waits for the next tick and reads; the joints that answered.
    func next() throws -> [(joint: Int, pulses: Int)] {
        let start = body.waitForTick().start
        body.read(into: &state)
        if let fault = state.fault { throw Failure(fault.explanation) }
        return robot.joints.indices.compactMap { index in
            guard let sample = state.samples[index], sample.time >= start else { return nil }
            return (index, pulses(sample.position, index))
        }
    }

    /// Reads until every joint has answered; a second at most.
    func all() throws -> [Int] {
        var found: [Int: Int] = [:]
        for _ in 0..<max(20, ticks(1)) where found.count < robot.joints.count {
            for (joint, pulses) in try next() { found[joint] = pulses }
        }
        return try robot.joints.indices.map { index in
            guard let pulses = found[index] else {
                let joint = robot.joints[index]
                throw Failure(
                    "\(joint.name) (ID \(joint.servoID)) does not answer; check its cable and power"
                )
            }
            return pulses
        }
    }

    private func pulses(_ angle: Radians, _ index: Int) -> Int {
        Int((angle * Double(robot.joints[index].servo.pulsesPerTurn) / (2 * .pi)).rounded())
    }
}
