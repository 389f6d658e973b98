import Physics
import Testing

@testable import ServoEmulator

@Suite("An emulated ODrive motor moves as the sheet's law says")
struct ODriveMotionTests {
    /// The sheet's law of section 6, closed 8000 times a second around a bare rotor.
    private struct Reference {
        var position = 0.0
        var velocity = 0.0
        var integral = 0.0
        var goal = 0.0
        var torqueLimit = 0.4
        var velocityLimit = 2.0
        let inertia: Double

        mutating func run(seconds: Double) {
            let dt = 1.0 / 8000
            for _ in 0..<Int((seconds / dt).rounded()) {
                let wanted = min(max(20 * (goal - position), -velocityLimit), velocityLimit)
                let error = wanted - velocity
                let torque = error / 6 + integral
                let limited = min(max(torque, -torqueLimit), torqueLimit)
                integral = limited == torque ? integral + error * dt / 3 : integral * 0.99
                // Turns: a torque of J radians/s² is 2 pi J turns/s².
                velocity += limited / inertia / (2 * .pi) * dt
                position += velocity * dt
            }
        }
    }

    @Test(
        "a step follows the reference through both limits and into the goal",
        arguments: [0.0005, 0.001, 0.004]
    )
    func step(_ inertia: Double) {
        var board = TestBoard(inertia: inertia)
        board.close()
        var reference = Reference(inertia: inertia)
        reference.goal = 0.75
        board.say("p 0 0.75 0 0")
        var farthest = 0.0
        for _ in 0..<200 {
            board.wait(10)
            reference.run(seconds: 0.01)
            let position = board.number("axis0.encoder.pos_estimate") ?? .nan
            farthest = max(farthest, abs(position - reference.position))
        }
        #expect(farthest < 0.02)
        #expect(abs(reference.position - 0.75) < 0.01)
        #expect(abs((board.number("axis0.encoder.pos_estimate") ?? 9) - 0.75) < 0.02)
        #expect(board.say("r axis1.encoder.pos_estimate") == ["0.000000"])
    }

    @Test("at the factory's gains a light rotor does not ring")
    func light() {
        // vel_gain stops this rotor in 0.19 ms, five times over in one turn of the loops.
        var board = TestBoard(inertia: 5e-6)
        board.close()
        board.say("p 0 0.02")
        board.wait(1000)
        for _ in 0..<50 {
            board.wait(1)
            #expect(abs((board.number("axis0.encoder.pos_estimate") ?? 9) - 0.02) < 0.002)
            #expect(abs(board.number("axis0.encoder.vel_estimate") ?? 9) < 0.05)
        }
    }

    @Test("the velocity limit holds on the way, and 1.2 times it is an error")
    func velocityLimit() {
        var board = TestBoard()
        board.close()
        board.say("w axis0.controller.config.vel_integrator_gain 0")
        board.say("p 0 10")
        var fastest = 0.0
        for _ in 0..<100 {
            board.wait(10)
            fastest = max(fastest, board.number("axis0.encoder.vel_estimate") ?? 9)
        }
        #expect(fastest < 2.01)
        #expect(fastest > 1.99)
        // A blow from outside: 2.4 turns/s are 15.08 rad/s.
        _ = board.rotor { $0.rotors[0].forcedVelocity = 15.0 }
        board.wait(20)
        #expect(board.say("r axis0.current_state") == ["8"])
        _ = board.rotor { $0.rotors[0].forcedVelocity = 15.2 }
        board.wait(2)
        #expect(board.say("r axis0.controller.error") == ["1"])
        #expect(board.say("r axis0.error") == ["512"])
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.rotor { $0.rotors[0].command.torqueEnabled } == false)
        #expect(board.say("r axis1.current_state") == ["8"])
    }

    @Test("torque control gives its torque, and the current that makes it, up to the limits")
    func torque() {
        var board = TestBoard(inertia: 0.01)
        board.close()
        // 0.2 N·m on 0.01 kg·m² for 100 ms: 2 rad/s, 0.3183 turns/s.
        board.say("c 0 0.2")
        board.wait(100)
        #expect(abs((board.number("axis0.encoder.vel_estimate") ?? 9) - 0.3183) < 0.005)
        #expect(abs((board.number("axis0.motor.current_control.Iq_measured") ?? 0) - 5) < 0.001)
        // 10 A at 0.04 N·m/A are all there is.
        board.say("w axis0.controller.config.vel_limit 10")
        board.say("c 0 3")
        board.wait(2)
        #expect(abs((board.number("axis0.motor.current_control.Iq_measured") ?? 0) - 10) < 0.001)
        board.say("w axis0.motor.config.torque_lim 0.1")
        board.wait(2)
        #expect(abs((board.number("axis0.motor.current_control.Iq_measured") ?? 0) - 2.5) < 0.001)
        // Near the velocity limit the torque goes away.
        board.say("w axis0.controller.config.vel_limit 2")
        board.wait(30_000)
        #expect(abs((board.number("axis0.encoder.vel_estimate") ?? 9) - 2) < 0.01)
    }

    @Test("velocity control, ramped velocities and trapezoidal moves arrive where they should")
    func otherModes() {
        var board = TestBoard()
        board.close()
        board.say("v 0 1.5")
        board.wait(2000)
        #expect(abs((board.number("axis0.encoder.vel_estimate") ?? 9) - 1.5) < 0.01)
        board.say("w axis1.controller.config.input_mode 2")
        board.say("v 1 1")
        // One turn/s² from the factory.
        board.wait(500)
        #expect(abs((board.number("axis1.controller.vel_setpoint") ?? 9) - 0.5) < 0.01)
        board.wait(5000)
        #expect(abs((board.number("axis1.encoder.vel_estimate") ?? 9) - 1) < 0.01)
        var mover = TestBoard()
        mover.close()
        mover.say("t 0 0.5")
        // At 0.5 turns/s² there and back, half a turn takes two seconds.
        mover.wait(1000)
        #expect(abs((mover.number("axis0.controller.pos_setpoint") ?? 9) - 0.25) < 0.02)
        #expect(abs((mover.number("axis0.controller.vel_setpoint") ?? 9) - 0.5) < 0.02)
        mover.wait(1500)
        #expect(abs((mover.number("axis0.encoder.pos_estimate") ?? 9) - 0.5) < 0.01)
        mover.say("w axis1.controller.config.input_mode 3")
        mover.say("p 1 0.5")
        // A critically damped filter of 2/s: 1 - (1 + 2t) e^-2t, at one second 0.594.
        mover.wait(1000)
        #expect(abs((mover.number("axis1.controller.pos_setpoint") ?? 9) - 0.297) < 0.01)
        // A mode nobody finished.
        mover.say("w axis1.controller.config.input_mode 4")
        mover.wait(5)
        #expect(mover.say("r axis1.controller.error") == ["2"])
        #expect(mover.say("r axis1.current_state") == ["1"])
    }

    @Test("a set point that is no number switches the motor off")
    func notANumber() {
        var board = TestBoard()
        board.close()
        board.say("p 0 nan")
        board.wait(2)
        #expect(board.say("r axis0.motor.error") == ["65536"])
        #expect(board.say("r axis0.error") == ["64"])
        #expect(board.say("r axis0.current_state") == ["1"])
        // An infinite one is as far away as any other: the velocity limit holds.
        board.say("p 1 inf")
        board.wait(500)
        #expect(board.say("r axis1.current_state") == ["8"])
    }

    @Test("closed loop begins where the motor is, whatever the set point was before")
    func entry() {
        var board = TestBoard()
        _ = board.rotor { $0.rotors[0].position = 3 }
        board.say("p 0 -5")
        board.wait(5)
        #expect(board.number("axis0.controller.input_pos") == -5)
        board.close()
        let position = 3 / (2 * Double.pi)
        board.wait(500)
        #expect(abs((board.number("axis0.encoder.pos_estimate") ?? 9) - position) < 0.001)
        #expect(abs((board.number("axis0.controller.input_pos") ?? 9) - position) < 0.001)
    }

    @Test("a gear lies between motor and joint: angle, speed and torque")
    func gear() {
        var board = TestBoard(inertia: 0.009) { setup, _ in setup.axes[0]?.gearRatio = -3 }
        var direct = TestBoard(inertia: 0.001)
        board.close()
        direct.close()
        board.say("p 0 0.3")
        direct.say("p 0 0.3")
        // Nine times the inertia behind a gear of three is the same motor.
        for _ in 0..<100 {
            board.wait(10)
            direct.wait(10)
            let geared = board.number("axis0.encoder.pos_estimate") ?? 9
            #expect(abs(geared - (direct.number("axis0.encoder.pos_estimate") ?? -9)) < 0.001)
        }
        let joint = board.rotor { $0.rotors[0].position } ?? 0
        #expect(abs(joint - -0.1 * 2 * .pi) < 0.01)
    }

    @Test("time may be handed out in any pieces, and to two boards on one plant")
    func pieces() {
        var whole = TestBoard()
        var pieces = TestBoard()
        for board in [0, 1] {
            if board == 0 { whole.close() } else { pieces.close() }
        }
        whole.say("p 0 0.5")
        pieces.say("p 0 0.5")
        whole.wait(500)
        for _ in 0..<5000 { pieces.wait(0.1) }
        #expect(whole.say("f 0") == pieces.say("f 0"))
    }
}
