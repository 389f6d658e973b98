import Robot
import ServoEmulator
import ServoProtocol
import Testing

@testable import ServoHardware

@Suite("Setting servos up one at a time", .serialized, .timeLimit(.minutes(1)))
struct SetupTests {
    /// Three XM430-W210 with IDs 1, 2 and 3 at 1 Mbit/s.
    private let plan = SetupPlan(robot: TestRobot.robot(port: "/dev/ttyUSB0"), bus: 0)

    private func device(
        _ id: Int,
        model: Int = 1030,
        rate: Int = 1_000_000,
        delay: Int = 0
    ) -> FoundDevice {
        var device = FoundDevice(
            wire: "Dynamixel 2.0",
            port: "/dev/ttyUSB0",
            baudRate: rate,
            id: id,
            model: "model \(model)"
        )
        device.modelNumber = model
        device.returnDelay = delay
        return device
    }

    @Test("one servo that is not set up becomes the joint's, beside any number that are")
    func oneStranger() throws {
        let new = device(1, rate: 57_600, delay: 250)
        #expect(try plan.decide(1, among: [new]) == .change(new))
        #expect(try plan.decide(1, among: [device(1), new, device(3)]) == .change(new))
    }

    @Test("a servo that is right already is passed over")
    func rightAlready() throws {
        #expect(try plan.decide(1, among: [device(2)]) == .done(device(2)))
        #expect(plan.joint(of: device(3)) == 2)
    }

    @Test("a servo with another rate, model or return delay is not set up")
    func notRight() {
        #expect(plan.joint(of: device(2, rate: 57_600)) == nil)
        #expect(plan.joint(of: device(2, model: 1200)) == nil)
        #expect(plan.joint(of: device(2, delay: 250)) == nil)
        #expect(plan.joint(of: device(9)) == nil)
    }

    @Test("two new servos, none, only finished ones, the wrong model, a shared ID: refused")
    func refusals() {
        let new = device(1, rate: 57_600, delay: 250)
        let other = device(7, delay: 250)
        #expect(throws: SetupProblem.several([new, other])) {
            _ = try plan.decide(1, among: [new, other])
        }
        #expect(throws: SetupProblem.nobody) { _ = try plan.decide(1, among: []) }
        #expect(throws: SetupProblem.onlyFinished(joints: ["a", "c"])) {
            _ = try plan.decide(1, among: [device(1), device(3)])
        }
        let wrong = device(1, model: 1200, rate: 57_600)
        #expect(throws: SetupProblem.wrongModel(joint: "b", wanted: "XM430-W210", found: wrong)) {
            _ = try plan.decide(1, among: [wrong])
        }
        var shared = new
        shared.isCollision = true
        #expect(throws: SetupProblem.collision(id: 1, baudRate: 57_600)) {
            _ = try plan.decide(1, among: [shared])
        }
    }

    @Test("a servo from the factory gets delay, ID and rate, by its own ID, each once")
    func factory() throws {
        let bus = try BenchBus([BenchBus.factoryNew(place: 0)])
        let found = try DynamixelProbe().find(port: bus.port, rate: 57_600)
        let device = try #require(found.first)
        #expect(device.id == 1 && device.returnDelay == 250)
        let now = try #require(ServoConfigurator(.dynamixel)).configure(
            device,
            id: 12,
            rate: 1_000_000
        )
        #expect(now.id == 12 && now.baudRate == 1_000_000 && now.returnDelay == 0)
        #expect(bus.register(.id) == 12)
        // Code 3 is 1 Mbit/s (e-manual, Baud Rate).
        #expect(bus.register(.baudRate) == 3)
        #expect(bus.register(.returnDelayTime) == 0)
        // Addresses: Return Delay Time 9 and ID 7 of ID 1, then Baud Rate 8 of ID 12 (e-manual).
        #expect(bus.writes.map(\.id) == [1, 1, 12])
        #expect(bus.writes.map { Int($0.parameters[0]) } == [9, 7, 8])
        #expect(bus.writes.allSatisfy { $0.instruction == .write })
    }

    @Test("what is right already is not written again")
    func nothingToDo() throws {
        let bus = try BenchBus([BenchBus.ready(12, place: 0)])
        let device = try #require(
            try DynamixelProbe().find(port: bus.port, rate: 1_000_000).first
        )
        _ = try #require(ServoConfigurator(.dynamixel)).configure(device, id: 12, rate: 1_000_000)
        #expect(bus.writes.isEmpty)
    }

    @Test("torque that was left on goes off first, or the servo would keep its settings")
    func torqueOn() throws {
        let bus = try BenchBus([BenchBus.factoryNew(place: 0)])
        let bench = try DynamixelBench(port: bus.port, rate: 57_600)
        let torque = try #require(ControlTable.xm430w210.register(.torqueEnable))
        _ = try bench.bus.write(id: 1, torque, 1)
        #expect(bus.register(.torqueEnable) == 1)
        bench.close()
        let device = try #require(try DynamixelProbe().find(port: bus.port, rate: 57_600).first)
        #expect(device.hasTorque == true)
        let now = try #require(ServoConfigurator(.dynamixel)).configure(
            device,
            id: 5,
            rate: 1_000_000
        )
        #expect(now.id == 5 && now.hasTorque == false)
    }

    @Test("a change that was cut off half-way goes on where it stopped")
    func resumed() throws {
        // ID and delay are new, the rate is not: power failed between the last two writes.
        var half = BenchBus.factoryNew(place: 0)
        half.id = 12
        half.returnDelay = 0
        let bus = try BenchBus([half])
        let device = try #require(try DynamixelProbe().find(port: bus.port, rate: 57_600).first)
        _ = try #require(ServoConfigurator(.dynamixel)).configure(device, id: 12, rate: 1_000_000)
        #expect(bus.writes.map { Int($0.parameters[0]) } == [8])
        #expect(bus.register(.baudRate) == 3)
    }

    @Test("lost answers do not make it write to the wrong servo")
    func lostAnswers() throws {
        let bus = try BenchBus([BenchBus.factoryNew(place: 0), BenchBus.ready(3, place: 1)])
        let device = try #require(try DynamixelProbe().find(port: bus.port, rate: 57_600).first)
        bus.inject(.dropReplies(2), 1)
        let now = try #require(ServoConfigurator(.dynamixel)).configure(
            device,
            id: 12,
            rate: 1_000_000
        )
        #expect(now.id == 12)
        #expect(bus.register(.id, 1) == 3)
        #expect(bus.register(.baudRate, 1) == 3)
    }

    @Test("a rate the model does not have is refused before anything is written")
    func noSuchRate() throws {
        let bus = try BenchBus([BenchBus.factoryNew(.xl330m288, place: 0)])
        let device = try #require(try DynamixelProbe().find(port: bus.port, rate: 57_600).first)
        #expect(throws: SetupProblem.noSuchRate(model: "XL330-M288", rate: 4_500_000)) {
            _ = try #require(ServoConfigurator(.dynamixel)).configure(
                device,
                id: 2,
                rate: 4_500_000
            )
        }
        #expect(bus.writes.isEmpty)
    }
}
