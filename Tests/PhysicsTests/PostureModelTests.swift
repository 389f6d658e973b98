import Foundation
import Physics
import Robot
import Testing

@Suite("Where a posture puts the robot's bodies")
struct PostureModelTests {
    private static let pi3 = Double.pi / 3

    @Test("a fingertip is where its three joints' geometry puts it")
    func kinematics() throws {
        let model = try PostureModel(path: Fixture.robots + "/claw.xml", joints: Fixture.clawNames)
        let tips = try (1...3).map { try model.watch(site: "finger\($0)_tip") }
        #expect(tips.map(\.joints) == [JointSet(0..<3), JointSet(3..<6), JointSet(6..<9)])
        var random = SplitMix(state: 5)
        for _ in 0..<200 {
            var angles = JointArray<Radians>(count: 10, repeating: 0)
            for joint in 0..<9 { angles[joint] = Double.random(in: -1...1, using: &random) }
            model.place(angles)
            for finger in 0..<3 {
                // Bent in the radial plane, that plane turned about the radial axis, the finger
                // turned to its place on the circle of 60 mm at 335 mm.
                let (t, m, b) = (angles[3 * finger], angles[3 * finger + 1], angles[3 * finger + 2])
                let inward = 0.0685 * sin(m) + 0.0837 * sin(m + b)
                let down = 0.0685 + 0.0685 * cos(m) + 0.0837 * cos(m + b)
                let (radial, aside) = (0.060 - inward, down * sin(t))
                let turn = 2 * Self.pi3 * Double(finger)
                let wanted = SIMD3(
                    radial * cos(turn) - aside * sin(turn),
                    radial * sin(turn) + aside * cos(turn),
                    0.335 - down * cos(t)
                )
                let found = model.position(site: tips[finger].number)
                let error = found - wanted
                let distance = (error * error).sum().squareRoot()
                #expect(distance < 1e-6, "finger \(finger), \(angles): \(found), not \(wanted)")
            }
        }
    }

    /// Two arms of two capsules each in one plane, 0.15 m apart.
    private static let arms: String = {
        func arm(_ name: String, _ x: Double) -> String {
            """
            <body name="\(name)1" pos="\(x) 0 0"><joint name="\(name)1" axis="0 1 0"/>
            <geom type="capsule" fromto="0 0 0 0 0 0.1" size="0.01"/>
            <body name="\(name)2" pos="0 0 0.1"><joint name="\(name)2" axis="0 1 0"/>
            <geom type="capsule" fromto="0 0 0 0 0 0.1" size="0.01"/></body></body>
            """
        }
        return "<mujoco><worldbody>" + arm("a", 0) + arm("b", 0.15)
            + "<body name=\"ball\" pos=\"0.07 0 0.1\"><joint name=\"ball\" axis=\"0 1 0\"/>"
            + "<geom size=\"0.05\"/></body></worldbody></mujoco>"
    }()

    private static func written(_ text: String) throws -> String {
        let path = "/tmp/sacbot-posture-\(getpid())-\(text.hashValue.magnitude).xml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Segments by sampling: what the oracle knows of capsules.
    private static func apart(
        _ a: (SIMD2<Double>, SIMD2<Double>),
        _ b: (SIMD2<Double>, SIMD2<Double>)
    ) -> Double {
        var nearest = Double.infinity
        for i in 0...200 {
            let p = a.0 + Double(i) / 200 * (a.1 - a.0)
            let along = b.1 - b.0
            let share = ((p - b.0) * along).sum() / (along * along).sum()
            let q = b.0 + min(1, max(0, share)) * along
            nearest = min(nearest, ((p - q) * (p - q)).sum().squareRoot())
        }
        return nearest
    }

    @Test("the clearance is that of the two nearest shapes that no joint connects")
    func clearance() throws {
        let path = try Self.written(Self.arms)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try PostureModel(path: path, joints: ["a1", "a2", "b1", "b2", "ball"])
        // Four pairs between the arms; the ball is nobody's, links of one arm are joined.
        let pairs = try model.watchCollisions(of: JointSet(0..<4), except: [])
        #expect(pairs == 4)
        var random = SplitMix(state: 11)
        var touching = 0
        for _ in 0..<300 {
            var angles = JointArray<Radians>(count: 5, repeating: 0)
            for joint in 0..<4 { angles[joint] = Double.random(in: -1.5...1.5, using: &random) }
            model.place(angles)
            var links: [(SIMD2<Double>, SIMD2<Double>)] = []
            for (arm, x) in [0.0, 0.15].enumerated() {
                let (first, second) = (angles[2 * arm], angles[2 * arm] + angles[2 * arm + 1])
                let root = SIMD2(x, 0)
                let knee = root + 0.1 * SIMD2(sin(first), cos(first))
                links += [(root, knee), (knee, knee + 0.1 * SIMD2(sin(second), cos(second)))]
            }
            var wanted = 0.03
            for left in links[0..<2] {
                for right in links[2..<4] {
                    wanted = min(wanted, Self.apart(left, right) - 0.02)
                }
            }
            if wanted < 0 { touching += 1 }
            let found = model.clearance(limit: 0.03)
            // Inside one another MuJoCo may measure to another side of the capsule.
            #expect(wanted < -0.005 ? found < 0 : abs(found - wanted) < 1e-3, "\(angles)")
        }
        #expect(touching > 20)
    }

    @Test("bodies that are named may touch")
    func except() throws {
        let path = try Self.written(Self.arms + "<!-- -->")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try PostureModel(path: path, joints: ["a1", "a2", "b1", "b2"])
        let pairs = try model.watchCollisions(of: JointSet(0..<4), except: [["a2", "b2"]])
        #expect(pairs == 3)
        #expect(throws: PhysicsError.self) {
            try model.watchCollisions(of: JointSet(0..<4), except: [["a2", "nobody"]])
        }
    }

    @Test("a joint that no servo turns is named where it matters")
    func strangers() throws {
        let names = ["front_left_front", "front_left_rear"]
        let model = try PostureModel(path: Fixture.robots + "/minitaur.xml", joints: names)
        #expect(throws: PhysicsError.jointWithoutServo(name: "base", moves: "imu")) {
            try model.watch(site: "imu")
        }
        #expect(throws: PhysicsError.self) {
            try model.watchCollisions(of: JointSet(0..<2), except: [])
        }
        #expect(throws: PhysicsError.self) { try model.watch(site: "tip") }
    }
}
