import Robot
import Safety
import Simulation
import Testing

@Suite("Boxes and self-collision by the model")
struct PostureGuardTests {
    /// The claw with its reset pose.
    private static func claw() -> RobotDescription {
        var joints: [Joint] = []
        for finger in 1...3 {
            for (name, reset) in [("top", 0.0), ("middle", -60), ("bottom", 60)] {
                var joint = Driven.joint("finger\(finger)_\(name)")
                joint.resetPosition = degrees(reset)
                joints.append(joint)
            }
        }
        joints.append(Driven.joint("valve", role: .object))
        return Driven.description(model: "claw.xml", joints: joints)
    }

    private static func box(z: ClosedRange<Double>, softZone: Double = 0) -> WorkspaceBox {
        let everywhere = -Double.infinity...Double.infinity
        return WorkspaceBox(
            point: .site("finger1_tip"),
            name: "finger1_tip",
            x: everywhere,
            y: everywhere,
            z: z,
            softZone: softZone
        )
    }

    private static func posture(_ degrees: [Double]) -> JointArray<Radians> {
        var posture = JointArray<Radians>(count: 10, repeating: 0)
        for (joint, angle) in degrees.enumerated() { posture[joint] = angle * .pi / 180 }
        return posture
    }

    @Test("rooms are those to the nearest face, in the order of the file, collisions last")
    func rooms() throws {
        var robot = Self.claw()
        robot.workspace = [Self.box(z: 0.1...0.3)]
        robot.selfCollision = SelfCollisionLimits(margin: 0.002, except: [], seconds: 1)
        let guardian = try #require(try ModelPostureGuard(robot: robot))
        #expect(guardian.parts.map(\.rule) == [.workspace, .selfCollision])
        #expect(guardian.parts[0].joints == JointSet(0..<3))
        #expect(guardian.parts[1].joints == JointSet(0..<9))
        var rooms = PostureRooms()
        guardian.measure(Self.posture([]), into: &rooms)
        // Straight down: 335 - 68.5 - 68.5 - 83.7 mm.
        #expect(abs(rooms[0] - 0.0143) < 1e-6)
        #expect(rooms[1] > 0)
    }

    @Test("fingertips that meet, and one folded into another's upper link, collide")
    func collisions() throws {
        var robot = Self.claw()
        robot.selfCollision = SelfCollisionLimits(margin: 0, except: [], seconds: 1)
        let guardian = try #require(try ModelPostureGuard(robot: robot))
        var rooms = PostureRooms()
        // All three tips towards the axis: 60 mm inward need sin m + 1.22 sin(m + b) = 0.88.
        guardian.measure(
            Self.posture([0, 10, 35, 0, 10, 35, 0, 10, 35]),
            into: &rooms
        )
        #expect(rooms[0] < 0)
        // Finger 1 folded up, top joints leaning to one another: through finger 2's servo.
        guardian.measure(
            Self.posture([27.5, 60, 90, -27.5, 0, 0, 0, -60, 60]),
            into: &rooms
        )
        let folded = rooms[0]
        guardian.measure(Self.posture([0, -60, 60, 0, -60, 60, 0, -60, 60]), into: &rooms)
        #expect(folded < rooms[0] && rooms[0] > 0)
    }

    @Test("feet are in boxes by their legs' geometry; a linkage that comes apart is outside")
    func feet() throws {
        var robot = Driven.description(
            model: nil,
            joints: ["front", "rear"].map { name in
                var joint = Driven.joint(name)
                joint.resetPosition = 2
                return joint
            }
        )
        robot.legs = [
            LegDescription(
                name: "leg",
                frontJoint: 0,
                rearJoint: 1,
                upperLength: 0.1,
                lowerLength: 0.2
            )
        ]
        robot.workspace = [
            WorkspaceBox(
                point: .foot(0),
                name: "leg",
                x: -0.05...0.05,
                y: -Double.infinity...Double.infinity,
                z: -0.28 ... -0.1,
                softZone: 0
            )
        ]
        let guardian = try #require(try ModelPostureGuard(robot: robot))
        var rooms = PostureRooms()
        var posture = JointArray<Radians>(count: 2, repeating: .pi / 2)
        guardian.measure(posture, into: &rooms)
        // Knees level: the foot is sqrt(0.2^2 - 0.1^2) = 173.2 mm below the hip.
        #expect(abs(rooms[0] - 0.05) < 1e-9)
        (posture[0], posture[1]) = (.pi / 2 - 0.4, .pi / 2 + 0.4)
        guardian.measure(posture, into: &rooms)
        // Swung 0.4 rad to the front: 173.2 sin 0.4 is 67.4 mm.
        #expect(abs(rooms[0] - (0.05 - 0.0674486)) < 1e-6)
        (posture[0], posture[1]) = (3.3, 3.3)
        guardian.measure(posture, into: &rooms)
        #expect(rooms[0] < -1)
    }

    @Test("what cannot be watched is said in words")
    func problems() throws {
        var robot = Self.claw()
        #expect(try ModelPostureGuard(robot: robot) == nil)
        robot.workspace = [Self.box(z: 0.2...0.3)]
        // At reset the tip is 335 - 68.5 - 34.25 - 83.7 = 148.55 mm high.
        #expect(throws: PostureProblem.self) { try ModelPostureGuard(robot: robot) }
        do throws(PostureProblem) {
            _ = try ModelPostureGuard(robot: robot)
        } catch let problem {
            guard case .resetOutside("finger1_tip", let metres) = problem else {
                Issue.record("\(problem)")
                return
            }
            #expect(abs(metres - 0.05145) < 1e-6)
            #expect("\(problem)".contains("51.5 mm") || "\(problem)".contains("51.4 mm"))
        }
        robot.workspace = []
        robot.selfCollision = SelfCollisionLimits(margin: 0.1, except: [], seconds: 1)
        do throws(PostureProblem) {
            _ = try ModelPostureGuard(robot: robot)
            Issue.record("no problem")
        } catch let problem {
            #expect("\(problem)".contains("finger"))
        }
    }
}
