import Glibc
import Physics
import Robot
import Testing

@Suite("A servo's control modes")
struct ServoModeTests {
    @Test(
        "A position step arrives quickly and settles without oscillation",
        arguments: [ServoSpecification.xm430w210, .xl330m288],
        [300, -1000]
    )
    func positionStep(servo: ServoSpecification, distance: Int) throws {
        let plant = try Fixture.oneServo(servo)
        var command = Fixture.position(2048 + distance)
        if servo.name.hasPrefix("XL330") {
            command.positionGains = (proportional: 400, integral: 0, derivative: 0)
        }
        plant.command(servo: 0, command)
        let goal = Double(distance) * 2 * .pi / 4096
        var crossings = 0
        var wasPast = false
        var overshoot = 0.0
        for _ in 0..<800 {
            plant.run(0.0025)
            let past = (plant.angle(servo: 0) - goal) * (distance > 0 ? 1 : -1)
            overshoot = max(overshoot, past)
            if (past > 0) != wasPast { crossings += 1 }
            wasPast = past > 0
        }
        #expect(abs(plant.angle(servo: 0) - goal) < degrees(1.5))
        #expect(abs(plant.velocity(servo: 0)) < 0.001)
        #expect(crossings <= 3)
        // The stiffest of them, 14 N·m/rad on 0.0093 kg·m² with 0.39 N·m·s/rad, is a spring with a
        // damping ratio of 0.54: a linear one overshoots by exp(-pi 0.54 / 0.84) = 13 %.
        #expect(overshoot < 0.13 * abs(goal))
    }

    @Test("P gain 800 on an XM430 is a spring of 14 N·m/rad")
    func stiffness() throws {
        // 800 / 128 PWM units a pulse, 885 for 12 V, 12 V for 3.06 N·m before friction.
        let plant = try Fixture.oneServo(.xm430w210)
        plant.command(servo: 0, Fixture.position(2048))
        plant.setDisturbance(servo: 0, torque: 1)
        plant.run(1)
        let first = plant.angle(servo: 0)
        plant.setDisturbance(servo: 0, torque: 2)
        plant.run(1)
        let stiffness = 1 / (plant.angle(servo: 0) - first)
        #expect((13.0...15.0).contains(stiffness), "\(stiffness) N·m/rad")
    }

    @Test("An integral gain takes away what friction and load leave")
    func integral() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = Fixture.position(2048)
        command.positionGains.integral = 200
        plant.command(servo: 0, command)
        plant.setDisturbance(servo: 0, torque: 1)
        plant.run(10)
        #expect(abs(plant.measure(servo: 0).pulses - 2048) <= 2)
    }

    @Test("A derivative gain damps")
    func derivative() throws {
        var overshoot: [Double] = []
        for gain in [0, 4000] {
            let plant = try Fixture.oneServo(.xm430w210)
            var command = Fixture.position(2048 + 300)
            command.positionGains.derivative = gain
            plant.command(servo: 0, command)
            var highest = 0.0
            for _ in 0..<400 {
                plant.run(0.0025)
                highest = max(highest, plant.angle(servo: 0))
            }
            overshoot.append(highest)
        }
        #expect(overshoot[1] < overshoot[0])
    }

    @Test("Velocity mode keeps its speed against a load with the factory gains")
    func velocity() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = ServoCommand()
        command.torqueEnabled = true
        command.mode = .velocity
        command.goalVelocity = -100
        plant.command(servo: 0, command)
        plant.run(2)
        #expect(abs(plant.measure(servo: 0).velocity + 100) <= 1)
        plant.setDisturbance(servo: 0, torque: 0.5)
        plant.run(2)
        #expect(abs(plant.measure(servo: 0).velocity + 100) <= 1)
    }

    @Test("Current mode drives its current until the voltage runs out")
    func current() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = ServoCommand()
        command.torqueEnabled = true
        command.mode = .current
        command.goalCurrent = 300
        plant.setGrip(servo: 0, torque: 10)
        plant.command(servo: 0, command)
        plant.run(0.1)
        #expect(plant.measure(servo: 0).current == 300)
        plant.setGrip(servo: 0, torque: 0)
        plant.run(5)
        // Free, it cannot go faster than full PWM makes it go.
        #expect(abs(plant.velocity(servo: 0) - 77 * 2 * .pi / 60) < 0.05)
        #expect(plant.measure(servo: 0).pwm == 885)
    }

    @Test("In current-based position mode the goal current caps the force")
    func cappedPosition() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = Fixture.position(2048 + 1000)
        command.mode = .currentBasedPosition
        command.goalCurrent = 200
        plant.setGrip(servo: 0, torque: 10)
        plant.command(servo: 0, command)
        plant.run(0.1)
        #expect(plant.measure(servo: 0).current == 200)
        plant.setGrip(servo: 0, torque: 0)
        plant.run(3)
        #expect(abs(plant.measure(servo: 0).pulses - 3048) < 20)
    }

    @Test("Goal PWM and PWM Limit cap the position loop")
    func pwmCap() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setGrip(servo: 0, torque: 10)
        var command = Fixture.position(4000)
        command.goalPWM = 300
        plant.command(servo: 0, command)
        plant.run(0.1)
        #expect(plant.measure(servo: 0).pwm == 300)
        command.pwmLimit = 200
        plant.command(servo: 0, command)
        plant.run(0.1)
        #expect(plant.measure(servo: 0).pwm == 200)
    }

    @Test("Extended position mode goes over several turns")
    func extended() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        var command = Fixture.position(2048 - 3 * 4096)
        command.mode = .extendedPosition
        plant.command(servo: 0, command)
        plant.run(5)
        #expect(abs(plant.measure(servo: 0).pulses - command.goalPulses) < 15)
        #expect(abs(plant.angle(servo: 0) + 6 * .pi) < 0.03)
    }

    @Test(
        "Torque on in position mode folds the count into one turn; torque off counts on",
        arguments: [5.5, -3.25]
    )
    func folds(turns: Double) throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setAngle(servo: 0, turns * 2 * .pi)
        let unfolded = 2048 + Int(turns * 4096)
        #expect(plant.measure(servo: 0).pulses == unfolded)
        let folded = ((unfolded % 4096) + 4096) % 4096
        plant.command(servo: 0, Fixture.position(folded))
        #expect(plant.measure(servo: 0).pulses == folded)
        plant.run(0.5)
        #expect(abs(plant.measure(servo: 0).pulses - folded) <= 1)
        plant.command(servo: 0, ServoCommand())
        plant.setAngle(servo: 0, plant.angle(servo: 0) + 4 * .pi)
        #expect(abs(plant.measure(servo: 0).pulses - folded - 8192) <= 1)
    }

    @Test("A servo that turns the other way counts, moves and draws the other way")
    func reversed() throws {
        let plant = try Fixture.oneServo(.xm430w210, direction: -1)
        plant.setAngle(servo: 0, 1)
        #expect(plant.measure(servo: 0).pulses == 2048 - 652)
        plant.setAngle(servo: 0, 0)
        plant.command(servo: 0, Fixture.pwm(400))
        plant.run(0.3)
        #expect(plant.velocity(servo: 0) < -1)
        let measured = plant.measure(servo: 0)
        #expect(measured.velocity > 0 && measured.current > 0 && measured.pulses > 2048)
        plant.command(servo: 0, Fixture.position(3000))
        plant.run(2)
        #expect(abs(plant.measure(servo: 0).pulses - 3000) < 15)
    }

    @Test("ROBEL's servos are a spring of 2 N·m/rad, without limit or friction")
    func robelSoft() throws {
        let plant = try Fixture.oneServo(.xm430w210, model: .robelSoft)
        plant.command(servo: 0, Fixture.position(2048))
        plant.setDisturbance(servo: 0, torque: 5)
        plant.run(5)
        #expect(abs(plant.angle(servo: 0) - 2.5) < 0.001)
        plant.command(servo: 0, ServoCommand())
        plant.setDisturbance(servo: 0, torque: 0.01)
        plant.run(10)
        // Free, 0.01 N·m against a damping of 0.1 N·m·s/rad.
        #expect(abs(plant.velocity(servo: 0) - 0.1) < 0.001)
    }
}
