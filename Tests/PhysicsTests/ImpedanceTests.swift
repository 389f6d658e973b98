import Glibc
import Physics
import Robot
import Testing

/// A direct-drive motor without friction, so that what it does can be written down.
///
/// 24 V; 2 N·m and 40 A held: 0.05 N·m/A and 0.6 ohm; 480 rad/s free, as 0.05 V·s/rad makes it.
private let rotor: ServoSpecification = {
    var servo = ServoSpecification.xm430w210
    servo.name = "rotor"
    servo.pulsesPerTurn = 100_000
    servo.velocityUnit = 1e-5 * 2 * .pi
    servo.currentUnit = 0.01
    servo.nominalVoltage = 24
    servo.stallTorque = 2
    servo.stallCurrent = 40
    servo.noLoadVelocity = 480
    servo.friction = ServoFriction(armature: 1e-4, coulomb: 0, viscous: 0)
    return servo
}()

/// The rotor's inertia and the horn's in `one-servo.xml`: a cylinder of 2 g and 8 mm, m r²/2, and
/// a box of 2 g, 40 by 6 mm, 20 mm off the axis, m (a² + b²)/3 + m d².
private let inertia =
    1e-4 + 0.002 * 0.008 * 0.008 / 2
    + 0.002 * ((0.02 * 0.02 + 0.003 * 0.003) / 3 + 0.02 * 0.02)

private func plant(step: Double = 0.001, direction: Int = 1) throws -> Plant {
    let joint = PlantJoint(
        name: "joint",
        servo: rotor,
        calibration: JointCalibration(zeroPulse: 0, direction: direction)
    )
    return try Plant(
        modelPath: Fixture.robots + "/one-servo.xml",
        joints: [joint],
        timestepSeconds: step
    )
}

private func goal(_ change: (inout ImpedanceGoal) -> Void) -> ServoCommand {
    var command = ServoCommand()
    command.torqueEnabled = true
    command.mode = .impedance
    change(&command.impedance)
    return command
}

/// Radians as pulses of `rotor`.
private func pulses(_ angle: Double) -> Double { angle / (2 * .pi) * 100_000 }

@Suite("A torque-controlled motor")
struct ImpedanceTests {
    @Test("swings to its goal as spring, damper and rotor do", arguments: [1, -1])
    func springDamper(direction: Int) throws {
        let plant = try plant(step: 1e-4, direction: direction)
        let (stiffness, damping) = (4 / (2 * Double.pi), 0.004)
        plant.command(
            servo: 0,
            goal {
                $0.pulses = pulses(0.3)
                $0.stiffness = stiffness
                $0.damping = damping
            }
        )
        let decay = damping / (2 * inertia)
        let frequency = (stiffness / inertia - decay * decay).squareRoot()
        for tick in 1...100 {
            plant.run(0.001)
            let time = Double(tick) * 0.001
            let swing = cos(frequency * time) + decay / frequency * sin(frequency * time)
            let expected = 0.3 * (1 - exp(-decay * time) * swing)
            let angle = plant.angle(servo: 0) * Double(direction)
            try #require(abs(angle - expected) < 0.003, "\(time) s")
        }
    }

    @Test("turns as its torque limit lets it while the goal is far")
    func saturation() throws {
        let plant = try plant()
        plant.command(
            servo: 0,
            goal {
                $0.pulses = pulses(50)
                $0.stiffness = 2
                $0.damping = 0.01
                $0.maximumTorque = 0.1
            }
        )
        plant.run(0.05)
        // 100 rad/s less than 1 % of the way there: 0.1 N·m from the first step to the last.
        let velocity = 0.1 / inertia * 0.05
        #expect(abs(plant.velocity(servo: 0) - velocity) < 0.002 * velocity)
        #expect(plant.measure(servo: 0).current == 200)
    }

    @Test(
        "a damper that would stop its rotor in half a step stops it without turning it round",
        arguments: [.infinity, 0.1, 0.003],
        [0.001, 0.0025]
    )
    func stiffDamper(limit: Double, step: Double) throws {
        let plant = try plant(step: step)
        plant.setVelocity(servo: 0, 20)
        plant.command(
            servo: 0,
            goal {
                $0.damping = 0.2
                $0.maximumTorque = limit
            }
        )
        var before = 20.0
        for _ in 0..<1200 {
            plant.run(step)
            let velocity = plant.velocity(servo: 0)
            try #require(velocity > -1e-9 && velocity < before + 1e-9, "\(velocity) rad/s")
            before = velocity
            let current = Double(plant.measure(servo: 0).current) * 0.01
            try #require(abs(current) <= limit / 0.05 + 0.005)
        }
        #expect(before < 0.001)
    }

    @Test("a limited damper brakes with its whole torque: I dw = -limit dt")
    func limitedDamper() throws {
        let plant = try plant()
        plant.setVelocity(servo: 0, 50)
        plant.command(
            servo: 0,
            goal {
                $0.damping = 0.2
                $0.maximumTorque = 0.1
            }
        )
        plant.run(0.04)
        #expect(abs(plant.velocity(servo: 0) - (50 - 0.1 / inertia * 0.04)) < 0.1)
    }

    @Test("the damper pulls towards the goal velocity, to the speed the voltage allows")
    func velocity() throws {
        let plant = try plant()
        plant.command(
            servo: 0,
            goal {
                $0.velocity = 5
                $0.damping = 0.2
            }
        )
        plant.run(0.1)
        #expect(abs(plant.velocity(servo: 0) - 5) < 0.001)
        #expect(abs(plant.measure(servo: 0).velocity - Int((5 / (2 * .pi) * 1e5).rounded())) <= 1)
        plant.command(servo: 0, goal { $0.feedForward = 0.5 })
        plant.run(3)
        #expect(abs(plant.velocity(servo: 0) - 480) < 0.5)
        plant.setSupply(servo: 0, volts: 12)
        plant.run(3)
        #expect(abs(plant.velocity(servo: 0) - 240) < 0.5)
    }

    @Test("the feed-forward torque is what a hand feels and what the current says")
    func feedForward() throws {
        let plant = try plant()
        plant.command(servo: 0, goal { $0.feedForward = -0.25 })
        plant.setGrip(servo: 0, torque: 1)
        plant.run(0.1)
        // 0.25 N·m at 0.05 N·m/A.
        #expect(plant.measure(servo: 0).current == -500)
        plant.setGrip(servo: 0, torque: 0)
        plant.setDisturbance(servo: 0, torque: 0.25)
        let rested = plant.velocity(servo: 0)
        plant.run(0.1)
        #expect(abs(plant.velocity(servo: 0) - rested) < 0.01)
    }

    @Test("a spring gives way by load over stiffness")
    func stiffness() throws {
        let plant = try plant()
        plant.command(
            servo: 0,
            goal {
                $0.stiffness = 0.8
                $0.damping = 0.02
            }
        )
        plant.setDisturbance(servo: 0, torque: 0.2)
        plant.run(3)
        #expect(abs(plant.angle(servo: 0) - 0.25) < 1e-3)
    }

    @Test("a goal that moves on is followed without lag, and begins anew with each command")
    func movesOn() throws {
        let plant = try plant()
        let command = goal {
            $0.velocity = 2
            $0.movesOn = true
            $0.stiffness = 2
            $0.damping = 0.02
        }
        plant.command(servo: 0, command)
        plant.run(2)
        #expect(abs(plant.angle(servo: 0) - 4) < 0.01)
        plant.command(servo: 0, command)
        plant.run(1)
        #expect(abs(plant.angle(servo: 0) - 2) < 0.01)
    }

    @Test("a goal with limits is reached along a trapezoid")
    func limits() throws {
        let plant = try plant()
        plant.command(
            servo: 0,
            goal {
                $0.pulses = pulses(3)
                $0.stiffness = 2
                $0.damping = 0.02
                $0.velocityLimit = 2
                $0.accelerationLimit = 4
            }
        )
        // Half a second up to 2 rad/s, a second there, half a second down: 0.5 + 2 + 0.5 rad.
        for (time, angle) in [(0.5, 0.5), (1, 1.5), (1.5, 2.5), (2, 3)] {
            plant.run(time - plant.timeSeconds)
            #expect(abs(plant.angle(servo: 0) - angle) < 0.02, "\(time) s")
        }
    }

    @Test("goals that are no numbers ask for no torque and are forgotten")
    func notFinite() throws {
        let plant = try plant()
        for bad in [Double.nan, .infinity] {
            for field in [
                \ImpedanceGoal.pulses, \.velocity, \.stiffness, \.damping, \.feedForward,
            ] {
                plant.command(
                    servo: 0,
                    goal {
                        $0.pulses = 1000
                        $0.stiffness = 1
                        $0.damping = 0.02
                        $0.velocityLimit = 1
                        $0[keyPath: field] = bad
                    }
                )
                plant.run(0.01)
                #expect(abs(plant.angle(servo: 0)) < 0.001)
                #expect(plant.measure(servo: 0).current == 0)
            }
        }
        plant.command(
            servo: 0,
            goal {
                $0.pulses = 1000; $0.stiffness = 1; $0.damping = 0.02
            }
        )
        plant.run(1)
        #expect(abs(plant.measure(servo: 0).pulses - 1000) <= 1)
    }

    @Test("goes on bit for bit from where it was saved", arguments: [1, 2, 3] as [UInt64])
    func carried(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let (first, second) = (try plant(), try plant())
        for _ in 0..<50 {
            first.command(
                servo: 0,
                goal {
                    $0.pulses = Double.random(in: -1e5...1e5, using: &random)
                    $0.velocity = Double.random(in: -5...5, using: &random)
                    $0.movesOn = Bool.random(using: &random)
                    $0.stiffness = Double.random(in: 0...2, using: &random)
                    $0.damping = Double.random(in: 0...0.3, using: &random)
                    $0.feedForward = Double.random(in: -0.2...0.2, using: &random)
                    $0.maximumTorque = Double.random(in: 0.05...0.5, using: &random)
                    $0.velocityLimit = Double([0, 3].randomElement(using: &random) ?? 0)
                    $0.accelerationLimit = Double([0, 9].randomElement(using: &random) ?? 0)
                }
            )
            first.run(0.033)
            var saving = WorldTransfer()
            first.carry(&saving)
            var restoring = WorldTransfer(restoring: saving.state)
            second.carry(&restoring)
            try #require(restoring.problem == nil)
            #expect(second.measure(servo: 0) == first.measure(servo: 0), "seed \(seed)")
            for plant in [first, second] { plant.run(0.021) }
            #expect(
                first.angle(servo: 0).bitPattern == second.angle(servo: 0).bitPattern,
                "seed \(seed)"
            )
            #expect(second.measure(servo: 0) == first.measure(servo: 0), "seed \(seed)")
        }
    }
}
