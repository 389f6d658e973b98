import Foundation
import Physics
import Robot
import RobotFiles
import Safety
import ServoHardware
import Simulation
import Testing

@testable import ServoEmulator

/// The same claw twice: once in this process, once behind packets and a pseudo-terminal whose
/// physics advance a tick with every goal write.
@Suite("Emulator and simulation move alike", .serialized, .timeLimit(.minutes(1)))
struct SameMotionTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func claw() throws -> RobotDescription {
        let file = try YAMLFile.load(root.appendingPathComponent("robots/claw.yaml").path)
        let calibration = try YAMLFile.load(
            root.appendingPathComponent("calibration/claw.yaml").path
        )
        return RobotFile.robot(file.section, calibration: calibration.section)
    }

    @Test("a second of free motion agrees within an encoder pulse, joint by joint, tick by tick")
    func freeMotion() throws {
        let robot = try Self.claw()
        let fingers = JointSet(robot.actuatedJoints)
        let simulated = try SimulatedBody(robot: robot)
        let inProcess = try Self.positions(simulated, robot: robot, joints: fingers)

        let path = try #require(robot.modelPath)
        let joints = zip(robot.joints, robot.calibration).map {
            PlantJoint(name: $0.name, servo: $0.servo, calibration: $1)
        }
        let plant = PhysicsServoPlant(try Plant(modelPath: path, joints: joints))
        var options = EmulatorOptions()
        options.clock = .stepped(tickNanoseconds: robot.tickNanoseconds)
        options.timing = .instant
        let emulated = try EmulatedRobot(robot: robot, plant: plant, options: options)
        emulated.start()
        defer { emulated.stop() }
        let body = try ServoBody.connect(
            robot: robot,
            portOverride: ["hand": emulated.paths[0]],
            pacing: .stepped
        )
        defer { body.close() }
        let onTheWire = try Self.positions(body, robot: robot, joints: fingers)

        let pulse = 2 * Double.pi / 4096
        var worst = 0.0
        for (a, b) in zip(inProcess, onTheWire) {
            for (x, y) in zip(a, b) { worst = max(worst, (x - y).magnitude) }
        }
        #expect(inProcess.count == 100 && onTheWire.count == 100)
        #expect(worst <= pulse * 1.001, "\(worst / pulse) pulses apart")
        // It moved: each bottom joint by half a radian at least.
        #expect((inProcess[99][2] - inProcess[0][2]).magnitude > 0.5)
    }

    /// Arms the fingers, then moves every one of them outward along a sine for a hundred ticks.
    private static func positions<Body: DrivenBody>(
        _ body: Body,
        robot: RobotDescription,
        joints: JointSet
    ) throws -> [[Double]] {
        var supervisor = Supervisor(robot: robot)
        var state = BodyState(jointCount: robot.joints.count)
        _ = body.waitForTick()
        body.read(into: &state)
        let permit = try supervisor.permitTorque(joints, state: state, now: body.now()).get()
        try body.enableTorque(permit, state: &state)
        supervisor.torqueEnabled(joints, state: state)
        var seen: [[Double]] = []
        for tick in 0..<100 {
            _ = body.waitForTick()
            body.read(into: &state)
            seen.append(robot.joints.indices.map { state.samples[$0]?.position ?? .nan })
            var wanted = JointArray<Radians?>(count: robot.joints.count, repeating: nil)
            for (place, joint) in robot.actuatedJoints.enumerated() {
                let swing = [0.2, 0.3, -0.7][place % 3]
                let start = robot.joints[joint].resetPosition
                wanted[joint] = start + swing * (1 - cosine(Double(tick + 1) / 100)) / 2
            }
            switch supervisor.judge(wanted, state: state, now: body.now(), tick: UInt64(tick)) {
            case .go(let goal): body.write(goal)
            case .stop(let fault): throw StoppedByFault(fault: fault)
            }
        }
        _ = body.disableTorque(joints)
        return seen
    }

    private static func cosine(_ share: Double) -> Double { cos(.pi * share) }

    private struct StoppedByFault: Error {
        var fault: Fault
    }
}
