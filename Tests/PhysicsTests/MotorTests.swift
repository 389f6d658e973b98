import Glibc
import Physics
import Robot
import Testing

/// A data sheet's points, typed in from the sheets and not taken from the program.
struct SheetRow: Sendable, CustomTestStringConvertible {
    var servo: ServoSpecification
    var revolutionsPerMinute: Double
    var stallTorque: Double
    var stallCurrent: Double

    var testDescription: String { servo.name }

    static let rows = [
        SheetRow(
            servo: .xm430w210,
            revolutionsPerMinute: 77,
            stallTorque: 3.0,
            stallCurrent: 2.3
        ),
        SheetRow(
            servo: .xl330m288,
            revolutionsPerMinute: 103,
            stallTorque: 0.52,
            stallCurrent: 1.47
        ),
    ]
}

@Suite("A servo's motor")
struct MotorTests {
    @Test("Runs free at the sheet's speed on full PWM, either way", arguments: SheetRow.rows)
    func freeRunning(row: SheetRow) throws {
        for direction in [1, -1] {
            let plant = try Fixture.oneServo(row.servo)
            plant.command(servo: 0, Fixture.pwm(885 * direction))
            plant.run(3)
            let speed = plant.velocity(servo: 0) * 60 / (2 * .pi) * Double(direction)
            #expect(abs(speed - row.revolutionsPerMinute) < 0.01 * row.revolutionsPerMinute)
            let register = Double(plant.measure(servo: 0).velocity * direction) * 0.229
            #expect(abs(register - row.revolutionsPerMinute) < 0.5)
        }
    }

    @Test(
        "Wins against a little less than the stall torque, loses against a little more",
        arguments: SheetRow.rows
    )
    func stallTorque(row: SheetRow) throws {
        // At a stall dry friction helps against the load as much as it hinders the motor: between
        // what the motor can lift and what pushes it back lies twice the friction.
        let friction = row.servo.friction.coulomb
        for (load, rises) in [
            (0.99 * row.stallTorque, true), (1.01 * row.stallTorque + 2 * friction, false),
        ] {
            let plant = try Fixture.oneServo(row.servo)
            plant.setDisturbance(servo: 0, torque: -load)
            plant.command(servo: 0, Fixture.pwm(885))
            plant.run(2)
            #expect(plant.angle(servo: 0) * (rises ? 1 : -1) > degrees(2), "load \(load) N·m")
        }
        let held = try Fixture.oneServo(row.servo)
        held.setDisturbance(servo: 0, torque: -1.01 * row.stallTorque)
        held.command(servo: 0, Fixture.pwm(885))
        held.run(2)
        #expect(abs(held.angle(servo: 0)) < degrees(0.5))
    }

    @Test("Draws the sheet's current when held", arguments: SheetRow.rows)
    func stallCurrent(row: SheetRow) throws {
        let plant = try Fixture.oneServo(row.servo)
        plant.setGrip(servo: 0, torque: 10)
        plant.command(servo: 0, Fixture.pwm(885))
        plant.run(1)
        let current = Double(plant.measure(servo: 0).current) * row.servo.currentUnit
        #expect(abs(current - row.stallCurrent) < 0.005 * row.stallCurrent)
        #expect(plant.measure(servo: 0).pwm == 885)
    }

    @Test("Coasts with torque off, slowed by its gear's friction alone", arguments: SheetRow.rows)
    func coasts(row: SheetRow) throws {
        let plant = try Fixture.oneServo(row.servo)
        let friction = row.servo.friction
        plant.setVelocity(servo: 0, 6)
        plant.run(0.1)
        // I dw/dt = -(coulomb + viscous w)
        let ratio = friction.coulomb / friction.viscous
        let expected = (6 + ratio) * exp(-friction.viscous / friction.armature * 0.1) - ratio
        #expect(abs(plant.velocity(servo: 0) - expected) < 0.03 * 6)
        #expect(plant.measure(servo: 0).current == 0)
        #expect(plant.measure(servo: 0).pwm == 0)
    }

    @Test("Brakes as a generator at PWM 0", arguments: SheetRow.rows)
    func brakes(row: SheetRow) throws {
        let coasting = try Fixture.oneServo(row.servo)
        let braking = try Fixture.oneServo(row.servo)
        braking.command(servo: 0, Fixture.pwm(0))
        for plant in [coasting, braking] {
            plant.setVelocity(servo: 0, 6)
            plant.run(0.02)
        }
        #expect(braking.velocity(servo: 0) < 0.8 * coasting.velocity(servo: 0))
        #expect(braking.measure(servo: 0).current < 0)
    }

    @Test("Holds still under less than its friction, and gives way to more")
    func staticFriction() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        let friction = ServoSpecification.xm430w210.friction.coulomb
        plant.setDisturbance(servo: 0, torque: 0.92 * friction)
        plant.run(10)
        #expect(abs(plant.angle(servo: 0)) < degrees(0.5))
        plant.setDisturbance(servo: 0, torque: 1.08 * friction)
        plant.run(2)
        #expect(plant.angle(servo: 0) > degrees(20))
    }

    @Test("Half the supply gives half the stall current")
    func supply() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setGrip(servo: 0, torque: 10)
        plant.setSupply(servo: 0, volts: 6)
        plant.command(servo: 0, Fixture.pwm(885))
        plant.run(0.5)
        let measured = plant.measure(servo: 0)
        #expect(abs(Double(measured.current) * 0.00269 - 1.15) < 0.005)
        #expect(measured.inputVoltage == 6)
        #expect(measured.pwm == 885)
    }

    @Test("A stalled servo gets too hot in minutes, a resting one stays cool")
    func heat() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setGrip(servo: 0, torque: 10)
        plant.run(60)
        #expect(plant.measure(servo: 0).temperature == 25)
        plant.command(servo: 0, Fixture.pwm(885))
        plant.run(60)
        #expect((40..<80).contains(plant.measure(servo: 0).temperature))
        plant.run(120)
        #expect(plant.measure(servo: 0).temperature > 80)
        plant.command(servo: 0, ServoCommand())
        plant.run(600)
        #expect(plant.measure(servo: 0).temperature < 45)
    }
}
