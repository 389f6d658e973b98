import Physics
import Robot
import Testing

@Suite("Plants whose world differs")
struct VariationTests {
    /// A Minitaur on ground that can be made uneven, or on its own floor only.
    private func minitaur(changesGround: Bool) throws -> Plant {
        let names = ["front", "back"].flatMap { end in
            ["left", "right"].flatMap { side in
                ["\(end)_\(side)_front", "\(end)_\(side)_rear"]
            }
        }
        return try Plant(
            modelPath: Fixture.robots + "/minitaur.xml",
            joints: names.map {
                PlantJoint(name: $0, servo: .xm430w210, calibration: Fixture.centred)
            },
            timestepSeconds: 0.001,
            changesGround: changesGround
        )
    }

    private func place(_ plant: Plant) throws -> SIMD3<Double> {
        try #require(plant.basePose).place
    }

    @Test("inertia is the model's times the factor, beside the rotor's own")
    func inertia() throws {
        /// Velocity after one millisecond under half a newton metre, motor off.
        func velocity(_ factor: Double) throws -> Double {
            let plant = try Fixture.oneServo(.xl330m288)
            plant.scale(mass: factor, inertia: factor, friction: 1, payload: 0)
            plant.setDisturbance(servo: 0, torque: 0.5)
            plant.advance(nanoseconds: 2_500_000)
            return plant.velocity(servo: 0)
        }
        // one-servo.xml: a disc of 2 g, 8 mm, and a bar of 2 g, 40 x 6 mm, 20 mm off the axis.
        let disc = 0.5 * 0.002 * 0.008 * 0.008
        let bar = 0.002 / 12 * (0.04 * 0.04 + 0.006 * 0.006) + 0.002 * 0.02 * 0.02
        let friction = ServoSpecification.xl330m288.friction
        func inertia(_ factor: Double) -> Double {
            // The step takes damping implicitly: it acts like dt x damping more inertia.
            factor * (disc + bar) + friction.armature + 0.0025 * friction.viscous
        }
        let found = try velocity(1) / velocity(2000)
        let expected = inertia(2000) / inertia(1)
        #expect((found / expected - 1).magnitude < 0.03, "\(found), \(expected)")
    }

    @Test("a weak motor starts with so much less")
    func strength() throws {
        func velocity(_ strength: Double) throws -> Double {
            let plant = try Fixture.oneServo(.xl330m288)
            plant.setStrength(servo: 0, factor: strength)
            plant.command(servo: 0, Fixture.pwm(885))
            plant.advance(nanoseconds: 2_500_000)
            return plant.velocity(servo: 0)
        }
        // At full voltage the shaft's torque is stall torque plus friction, less friction.
        let servo = ServoSpecification.xl330m288
        let (stall, coulomb) = (servo.stallTorque, servo.friction.coulomb)
        let share = (0.5 * (stall + coulomb) - coulomb) / stall
        let found = try velocity(0.5) / velocity(1)
        // The motor's braking over one step takes a little from the stronger one.
        #expect(found > share * 0.98 && found < share * 1.35, "\(found), \(share)")
        #expect(found < 0.7)
    }

    @Test("level ground that could change is the model's own floor, bit for bit")
    func level() throws {
        let (plain, changing) = (
            try minitaur(changesGround: false), try minitaur(changesGround: true)
        )
        changing.setGround(Ground(.blocks, 0.02, seed: 7))
        changing.setGround(Ground())
        for plant in [plain, changing] { plant.advance(nanoseconds: 400_000_000) }
        let (a, b) = (try place(plain), try place(changing))
        #expect(a == b)
        let names = Set(changing.contacts().flatMap { [$0.first, $0.second] })
        #expect(names.contains("floor") && !names.contains("sacbot_ground"))
    }

    @Test(
        "around its start every ground bears the robot as the floor does",
        arguments: [(.slope, 0.1), (.slope, -0.1), (.stepDown, 0.04), (.blocks, 0.02)]
            as [(Ground.Kind, Double)]
    )
    func start(kind: Ground.Kind, amount: Double) throws {
        let (plain, uneven) = (
            try minitaur(changesGround: true), try minitaur(changesGround: true)
        )
        uneven.setGround(Ground(kind, amount, seed: 3))
        for plant in [plain, uneven] { plant.advance(nanoseconds: 400_000_000) }
        let (a, b) = (try place(plain), try place(uneven))
        #expect((a.z - b.z).magnitude < 0.004, "\(a.z), \(b.z)")
        let names = Set(uneven.contacts().flatMap { [$0.first, $0.second] })
        #expect(names.contains("sacbot_ground") && !names.contains("floor"))
    }

    @Test("a push moves the trunk its way, no faster than its mass allows")
    func push() throws {
        for direction in [SIMD3<Double>(1, 0, 0), SIMD3(0, -1, 0)] {
            let (still, pushed) = (
                try minitaur(changesGround: false), try minitaur(changesGround: false)
            )
            pushed.setBaseForce(100 * direction)
            for plant in [still, pushed] { plant.advance(nanoseconds: 20_000_000) }
            let way = try place(pushed) - place(still)
            let along = (way * direction).sum()
            // A trunk of 5.993 kg alone would come 3.34 mm far.
            #expect(along > 0.0005 && along < 0.00345, "\(along)")
        }
    }
}
