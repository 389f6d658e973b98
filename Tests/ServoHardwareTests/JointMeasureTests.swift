import Robot
import Testing

@testable import ServoHardware

@Suite("What a hand shows of a joint")
struct JointMeasureTests {
    private func measured(
        _ middle: Int,
        _ path: [Int],
        homingOffset: Int = 0
    ) -> JointMeasure {
        var measure = JointMeasure(name: "elbow", turn: 4096, homingOffset: homingOffset)
        measure.note(middle)
        measure.setMiddle()
        for pulses in path { measure.note(pulses) }
        return measure
    }

    @Test("the range is what lies between the lowest and the highest count")
    func range() throws {
        let measure = measured(2000, [1500, 2600, 2100])
        #expect(measure.middlePulse == 2000)
        #expect(try measure.checkedRange(turnsFreely: false) == 1500...2600)
    }

    @Test("what came before the middle was set does not count")
    func beforeMiddle() throws {
        var measure = JointMeasure(name: "elbow", turn: 4096, homingOffset: 0)
        measure.note(10)
        measure.note(2000)
        measure.setMiddle()
        measure.note(2200)
        measure.note(1900)
        #expect(try measure.checkedRange(turnsFreely: false) == 1900...2200)
    }

    // With torque off the count runs over many turns; with torque on it lies in one turn, plus the
    // homing offset (e-manual, Present Position and Homing Offset).
    @Test(
        "counts of other turns are folded as torque on folds them",
        arguments: [
            (4096 * 3 + 2000, 0, 2000), (-4096 + 2000, 0, 2000), (-1, 0, 4095),
            (4096 * 2 + 150, 100, 150), (4096 + 50, 100, 50 + 4096),
        ]
    )
    func folding(middle: Int, homingOffset: Int, expected: Int) {
        let measure = measured(middle, [], homingOffset: homingOffset)
        #expect(measure.middlePulse == expected)
    }

    @Test("a range over the encoder's end is refused with the remedy", arguments: [300, 3900])
    func wrap(middle: Int) {
        let measure = measured(middle, [middle - 400, middle + 400])
        #expect(measure.wraps)
        let problem = CalibrationProblem.wraps(
            joint: "elbow",
            range: (middle - 400)...(middle + 400),
            reach: 0...4095
        )
        #expect(throws: problem) { try measure.checkedRange(turnsFreely: false) }
        #expect(problem.description.contains("horn"))
    }

    private func measured(_ servo: ServoSpecification, _ path: [Int]) -> JointMeasure {
        let limits = JointLimits(
            position: -1...1,
            goalVelocity: 1,
            tripVelocity: 1,
            current: 1,
            followingError: 1,
            pauseTemperature: 1,
            stopTemperature: 1
        )
        let joint = Joint(
            name: "elbow",
            role: .actuated,
            busIndex: 0,
            servoID: 1,
            servo: servo,
            limits: limits,
            resetPosition: 0,
            gains: .impedance(stiffness: 1, damping: 1)
        )
        var measure = JointMeasure(joint: joint, homingOffset: 5)
        measure.note(path[0])
        measure.setMiddle()
        for pulses in path { measure.note(pulses) }
        return measure
    }

    // An STS counts 0 to 4095 also with torque off: 300, 0, 4000 is 400 pulses of motion.
    @Test("a count that jumps from 0 to its end is over the end, not nearly a turn")
    func jump() {
        let measure = measured(.sts3215, [300, 0, 4000])
        #expect(measure.range == -96...300)
        #expect(measure.wraps)
    }

    @Test("a potentiometer that stands at its end is over it", arguments: [0, 1023])
    func potentiometer(end: Int) throws {
        #expect(measured(.ax12a, [512, end]).wraps)
        #expect(try measured(.ax12a, [512, 300]).checkedRange(turnsFreely: false) == 300...512)
    }

    @Test("a motor that counts turns has no end, and keeps its counts")
    func manyTurns() throws {
        let measure = measured(.u8OnMoteus, [250_000, -20_000, 310_000])
        #expect(measure.middlePulse == 250_000)
        #expect(try measure.checkedRange(turnsFreely: false) == -20_000...310_000)
    }

    @Test("the last pulse before the end is still inside")
    func edge() throws {
        let measure = measured(2000, [0, 4095])
        #expect(try measure.checkedRange(turnsFreely: false) == 0...4095)
    }

    @Test("more than one turn is refused")
    func turns() {
        let measure = measured(2000, [2000 + 4096, 1999])
        #expect(throws: CalibrationProblem.moreThanOneTurn(joint: "elbow", pulses: 4097)) {
            try measure.checkedRange(turnsFreely: false)
        }
    }

    @Test("a joint that was not moved is refused")
    func notMoved() {
        let measure = measured(2000, [2010, 1990])
        #expect(throws: CalibrationProblem.notMoved(joint: "elbow", pulses: 20)) {
            try measure.checkedRange(turnsFreely: false)
        }
    }

    @Test("an object may turn round and round, or not at all")
    func object() throws {
        #expect(try measured(2000, [2000]).checkedRange(turnsFreely: true) == nil)
        #expect(try measured(2000, [20_000]).checkedRange(turnsFreely: true) == nil)
    }

    private func joint(_ limits: ClosedRange<Double>) -> Joint {
        var joint = TestRobot.robot(ids: [1], port: "").joints[0]
        joint.limits.position = degrees(limits.lowerBound)...degrees(limits.upperBound)
        return joint
    }

    // 4096 pulses a turn: 90 degrees are 1024.
    @Test(
        "the middle pose is half-way between the file's limits, whichever way pulses run",
        arguments: [(1, 2048 - 512), (-1, 2048 + 512)]
    )
    func middle(direction: Int, zero: Int) throws {
        // Middle at 45 degrees: 512 pulses from zero.
        let calibration = try JointCalibration(
            joint: joint(0...90),
            middlePulse: 2048,
            direction: direction
        )
        #expect(calibration == JointCalibration(zeroPulse: zero, direction: direction))
        #expect(abs(calibration.angle(pulses: 2048, pulsesPerTurn: 4096) - .pi / 4) < 1e-9)
    }

    @Test("limits that the servo cannot reach in its turn are refused")
    func limitsOutside() {
        #expect(
            throws: CalibrationProblem.limitsOutsideTurn(
                joint: "a",
                limits: -24...2024,
                reach: 0...4095
            )
        ) {
            _ = try JointCalibration(joint: joint(-90...90), middlePulse: 1000, direction: 1)
        }
    }
}
