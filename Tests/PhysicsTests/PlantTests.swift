import Glibc
import Physics
import Robot
import Testing

@Suite("A plant")
struct PlantTests {
    /// Numbers of everything that can be seen of a plant.
    private func trace(_ plant: Plant, in pieces: [Int64], seed: UInt64) -> [UInt64] {
        var random = SplitMix(state: seed)
        var trace: [UInt64] = []
        for _ in 0..<60 {
            for servo in 0..<9 {
                let goal = Double.random(in: -1...1, using: &random)
                plant.command(servo: servo, Fixture.angle(goal * (servo % 3 == 0 ? 0.48 : 1)))
            }
            for nanoseconds in pieces { plant.advance(nanoseconds: nanoseconds) }
            for servo in plant.joints.indices {
                trace.append(plant.angle(servo: servo).bitPattern)
                trace.append(plant.velocity(servo: servo).bitPattern)
                trace.append(UInt64(bitPattern: Int64(plant.measure(servo: servo).current)))
            }
        }
        return trace
    }

    @Test("The same inputs give the same numbers, bit for bit, again after a reset")
    func deterministic() throws {
        let a = try Fixture.claw()
        let b = try Fixture.claw()
        let first = trace(a, in: [100_000_000], seed: 3)
        #expect(first == trace(b, in: [100_000_000], seed: 3))
        #expect(first != trace(b, in: [100_000_000], seed: 4))
        b.reset()
        #expect(first == trace(b, in: [100_000_000], seed: 3))
    }

    @Test("Time in pieces gives the same numbers as time at once")
    func pieces() throws {
        let whole = trace(try Fixture.claw(), in: [100_000_000], seed: 5)
        let odd: [Int64] = [1, 33_333_333, 2_499_999, 0, 60_000_000, 4_166_667]
        #expect(odd.reduce(0, +) == 100_000_000)
        #expect(whole == trace(try Fixture.claw(), in: odd, seed: 5))
    }

    @Test("Counts whole steps of 2.5 ms and keeps the remainder")
    func counting() throws {
        let plant = try Fixture.oneServo(.xl330m288)
        plant.advance(nanoseconds: 2_499_999)
        #expect(plant.stepCount == 0)
        plant.advance(nanoseconds: 1)
        #expect(plant.stepCount == 1)
        plant.advance(nanoseconds: 1_000_000_000)
        #expect(plant.stepCount == 401)
        #expect(plant.timeSeconds == 401 * 0.0025)
    }

    @Test(
        "Measures in whole encoder pulses and register units",
        arguments: [(0.0, 2048), (0.0007, 2048), (0.0008, 2049), (-0.0016, 2047), (1.5708, 3072)]
    )
    func quantises(angle: Double, pulses: Int) throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setAngle(servo: 0, angle)
        #expect(plant.measure(servo: 0).pulses == pulses)
    }

    @Test("Measures velocity in units of 0.229 rev/min")
    func velocityUnits() throws {
        let plant = try Fixture.oneServo(.xm430w210)
        plant.setVelocity(servo: 0, 10.4 * 0.229 * 2 * .pi / 60)
        #expect(plant.measure(servo: 0).velocity == 10)
        plant.setVelocity(servo: 0, -10.6 * 0.229 * 2 * .pi / 60)
        #expect(plant.measure(servo: 0).velocity == -11)
    }

    @Test("A number that went bad is seen, stops everything, and a reset heals it")
    func breaks() throws {
        let plant = try Fixture.claw()
        plant.setDisturbance(servo: 4, torque: 1e30)
        plant.run(0.1)
        #expect(plant.isBroken)
        let steps = plant.stepCount
        plant.run(1)
        #expect(plant.stepCount == steps)
        _ = plant.measure(servo: 4)
        plant.reset()
        plant.run(1)
        #expect(!plant.isBroken && plant.stepCount == 400)
    }

    @Test("Even 5 ms steps are stable with the factory gains")
    func longSteps() throws {
        let plant = try Plant(
            modelPath: Fixture.robots + "/claw.xml",
            joints: Fixture.clawNames.map {
                PlantJoint(name: $0, servo: .xm430w210, calibration: Fixture.centred)
            },
            timestepSeconds: 0.005
        )
        for servo in 0..<9 {
            plant.command(servo: servo, Fixture.angle(servo % 3 == 0 ? 0 : 0.2))
        }
        plant.run(5)
        #expect(!plant.isBroken)
        for servo in 0..<9 { #expect(abs(plant.velocity(servo: servo)) < 0.01) }
    }
}

@Suite("A model that is wrong")
struct ModelErrorTests {
    private func load(_ path: String, joints: [String] = ["joint"]) -> PhysicsError? {
        do throws(PhysicsError) {
            _ = try Plant(
                modelPath: path,
                joints: joints.map {
                    PlantJoint(name: $0, servo: .xl330m288, calibration: Fixture.centred)
                }
            )
            return nil
        } catch {
            return error
        }
    }

    /// Writes a model beside nothing else, and removes it afterwards.
    private func withModel(_ text: String, _ body: (String) -> Void) {
        let path = "/tmp/sacbot-model-\(getpid())-\(UInt64.random(in: 0...(.max))).xml"
        guard let file = fopen(path, "w") else {
            Issue.record("cannot write \(path)")
            return
        }
        fputs(text, file)
        fclose(file)
        body(path)
        unlink(path)
    }

    @Test("The error names the file and the line")
    func line() {
        withModel("<mujoco>\n  <worldbody>\n    <boddy/>\n  </worldbody>\n</mujoco>\n") { path in
            let text = load(path)?.description ?? ""
            #expect(text.contains(path) && text.contains("line 3") && text.contains("boddy"))
        }
    }

    @Test("A file that is not there is named")
    func missingFile() {
        let text = load("/nowhere/claw.xml")?.description ?? ""
        #expect(text.contains("/nowhere/claw.xml"))
    }

    @Test("A joint that is not there is named, with those that are")
    func missingJoint() {
        let path = Fixture.robots + "/one-servo.xml"
        #expect(
            load(path, joints: ["elbow"])
                == .jointMissing(name: "elbow", path: path, known: ["joint"])
        )
        #expect(load(path, joints: ["joint", "joint"]) == .jointTwice(name: "joint"))
    }

    @Test("A joint that is no hinge is refused")
    func slide() {
        let model = """
            <mujoco><worldbody><body><joint name="joint" type="slide"/><geom size=".1"/></body>
            </worldbody></mujoco>
            """
        withModel(model) { path in
            #expect(load(path) == .jointNotHinge(name: "joint", path: path))
        }
    }
}
