import CAllocationCount
import Foundation
import Robot
import Testing

@testable import Safety

/// Two fingers in a plane, two links of 0.1 m each, their roots 0.2 m apart; a box for each tip, and
/// the tips as balls of 10 mm that must not touch.
struct TwoFingers: PostureGuard {
    var softZone = 0.02
    var width = 0.12...0.19

    var parts: [PosturePart] {
        [
            PosturePart(
                name: "left",
                rule: .workspace,
                joints: JointSet(0..<2),
                softZone: softZone
            ),
            PosturePart(
                name: "right",
                rule: .workspace,
                joints: JointSet(2..<4),
                softZone: softZone
            ),
            PosturePart(name: "tips", rule: .selfCollision, joints: JointSet(0..<4)),
        ]
    }

    static func tip(_ finger: Int, _ a: Double, _ b: Double) -> SIMD2<Double> {
        let root = finger == 0 ? -0.1 : 0.1
        return SIMD2(root + 0.1 * sin(a) + 0.1 * sin(a + b), 0.1 * cos(a) + 0.1 * cos(a + b))
    }

    func measure(_ posture: JointArray<Radians>, into rooms: inout PostureRooms) {
        let left = Self.tip(0, posture[0], posture[1])
        let right = Self.tip(1, posture[2], posture[3])
        rooms[0] = room(left)
        rooms[1] = room(right)
        let apart = left - right
        rooms[2] = (apart * apart).sum().squareRoot() - 0.02
    }

    private func room(_ tip: SIMD2<Double>) -> Double {
        let up = min(tip.y - width.lowerBound, width.upperBound - tip.y)
        return min(up, min(tip.x + 0.2, 0.2 - tip.x))
    }
}

@Suite("Fingertips stay in their boxes and bodies apart")
struct PostureTests {
    private static func robot() -> RobotDescription {
        var robot = SupervisorTests.robot()
        robot.joints = (0..<4).map { index in
            var joint = robot.joints[0]
            joint.name = "joint\(index)"
            joint.limits.position = -1.5...1.5
            return joint
        }
        return robot
    }

    /// Armed at these angles.
    private static func armed(
        _ angles: [Double],
        guardian: TwoFingers = TwoFingers(),
        driven: JointSet = JointSet(0..<4)
    ) throws -> (Supervisor, BodyState) {
        var supervisor = Supervisor(robot: robot(), posture: guardian)
        var state = BodyState(jointCount: 4)
        for joint in 0..<4 { state.samples[joint] = SupervisorTests.sample(angles[joint], at: 0) }
        let start = MonotonicTime(nanoseconds: 0)
        _ = try supervisor.permitTorque(driven, state: state, now: start).get()
        supervisor.torqueEnabled(driven, state: state)
        supervisor.note(.resetBegins)
        supervisor.note(.episodeBegins)
        return (supervisor, state)
    }

    private static func wanted(_ angles: [Double?]) -> JointArray<Radians?> {
        var wanted = JointArray<Radians?>(count: 4, repeating: nil)
        for joint in 0..<4 { wanted[joint] = angles[joint] }
        return wanted
    }

    /// One finger bent to be 0.16 high, the other the same on its side.
    private static let rest = [-0.4, 0.9, 0.4, -0.9]

    @Test("a finger that would leave its box keeps its goal, the other one goes on")
    func leavesBox() throws {
        var (supervisor, state) = try Self.armed(Self.rest, guardian: TwoFingers(softZone: 0))
        var last: JointArray<Radians?>?
        for tick in 1...200 {
            let time = Int64(tick) * 10_000_000
            // Straight up: 0.2 m high, 10 mm above the box. The right finger only turns a little.
            let verdict = supervisor.judge(
                Self.wanted([0, 0, 0.5, -0.9]),
                state: state,
                now: MonotonicTime(nanoseconds: time),
                tick: UInt64(tick)
            )
            let found = SupervisorTests.goals(verdict)
            let goals = try #require(found)
            for joint in 0..<4 {
                state.samples[joint] = SupervisorTests.sample(goals[joint] ?? .nan, at: time)
            }
            last = goals
        }
        let goals = try #require(last)
        let height = TwoFingers.tip(0, goals[0] ?? .nan, goals[1] ?? .nan).y
        // Steps of 0.02 rad are at most 4 mm of the tip: nearer than that it comes.
        #expect(height <= 0.19 && height > 0.186)
        #expect(supervisor.broken[.workspace] == JointSet(0..<2))
        #expect(abs((goals[2] ?? .nan) - 0.5) < 1e-9)
    }

    @Test("with a soft zone it comes nearer, ever slower")
    func softZone() throws {
        var heights: [Double] = []
        for softZone in [0.0, 0.02] {
            let guardian = TwoFingers(softZone: softZone)
            var (supervisor, state) = try Self.armed(Self.rest, guardian: guardian)
            var height = 0.0
            for tick in 1...600 {
                let time = Int64(tick) * 10_000_000
                let verdict = supervisor.judge(
                    Self.wanted([0, 0, nil, nil]),
                    state: state,
                    now: MonotonicTime(nanoseconds: time),
                    tick: UInt64(tick)
                )
                let found = SupervisorTests.goals(verdict)
                let goals = try #require(found)
                for joint in 0..<4 {
                    state.samples[joint] = SupervisorTests.sample(goals[joint] ?? .nan, at: time)
                }
                height = TwoFingers.tip(0, goals[0] ?? .nan, goals[1] ?? .nan).y
            }
            heights.append(height)
        }
        #expect(heights[1] > heights[0] && heights[1] <= 0.19)
    }

    @Test("a limp finger counts with where it is; refused for a second, the episode ends")
    func collision() throws {
        // The left finger is limp and leans right; the right one wants its tip to be where that is.
        var (supervisor, state) = try Self.armed(
            [0.7, 0.1, 0.4, -0.9],
            guardian: TwoFingers(softZone: 0, width: -1...1),
            driven: JointSet(2..<4)
        )
        var cutAt: Int?
        for tick in 1...400 where cutAt == nil {
            let time = Int64(tick) * 10_000_000
            let verdict = supervisor.judge(
                Self.wanted([nil, nil, 0.2356, -1.2962]),
                state: state,
                now: MonotonicTime(nanoseconds: time),
                tick: UInt64(tick)
            )
            let found = SupervisorTests.goals(verdict)
            let goals = try #require(found)
            for joint in 0..<4 {
                let angle = goals[joint] ?? [0.7, 0.1, 0, 0][joint]
                state.samples[joint] = SupervisorTests.sample(angle, at: time)
            }
            #expect(goals[0] == nil)
            let apart =
                TwoFingers.tip(0, 0.7, 0.1)
                - TwoFingers.tip(1, goals[2] ?? .nan, goals[3] ?? .nan)
            #expect((apart * apart).sum().squareRoot() >= 0.02)
            if supervisor.episodeCut == .refused { cutAt = tick }
        }
        // At most 0.4 rad at 2 rad/s, and then a second of refusals.
        let tick = try #require(cutAt)
        #expect(tick > 105 && tick < 125)
    }

    // 1,000,000 cases: SACBOT_CASES=1000000; then the seeds take some minutes.
    static let cases =
        ProcessInfo.processInfo.environment["SACBOT_CASES"].flatMap { Int($0) } ?? 40_000

    @Test(
        "no goal gives a part less room than nothing, its last goal, or where the robot is",
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func everyGoal(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var ticks = 0
        var (held, near) = (0, 0)
        while ticks < Self.cases / 4 {
            var trial = try PostureTrial(&random)
            for _ in 0..<100 {
                ticks += 1
                let found = trial.tick(&random)
                if let problem = found.problem {
                    Issue.record("seed \(seed), tick \(ticks): \(problem)")
                    return
                }
                held += found.isHeld ? 1 : 0
                near += found.isOutside ? 1 : 0
                if found.isOver { break }
            }
        }
        // The cases that matter do occur.
        #expect(
            held > ticks / 50 && near > ticks / 200,
            "held \(held), outside \(near) of \(ticks)"
        )
    }

    @Test("20,000 ticks with boxes, soft zones and collisions ask the heap for nothing")
    func allocations() throws {
        var (supervisor, state) = try Self.armed(Self.rest)
        var refused = 0
        let before = allocation_count()
        for tick in 1...20_000 {
            let time = Int64(tick) * 10_000_000
            let way = tick / 100 % 2 == 0 ? 0.9 : 0.0
            var wanted = JointArray<Radians?>(count: 4, repeating: 0)
            (wanted[0], wanted[2]) = (way, -way)
            let verdict = supervisor.judge(
                wanted,
                state: state,
                now: MonotonicTime(nanoseconds: time),
                tick: UInt64(tick)
            )
            guard let goals = SupervisorTests.goals(verdict) else { break }
            for joint in 0..<4 {
                state.samples[joint] = SupervisorTests.sample(goals[joint] ?? 0, at: time)
            }
            if supervisor.broken.isBroken(.selfCollision) { refused += 1 }
            if supervisor.broken.isBroken(.workspace) { refused += 1 }
        }
        let count = allocation_count() - before
        #expect(count == 0 && refused > 1000, "\(count), \(refused)")
    }
}

/// Random motion of the two fingers under a supervisor.
private struct PostureTrial {
    let guardian: TwoFingers
    var supervisor: Supervisor
    var state: BodyState
    var goals: [Double?]
    var time: Int64 = 1_000_000_000
    let robot: RobotDescription
    var target: [Double]

    init(_ random: inout SplitMix) throws {
        guardian = TwoFingers(softZone: random.chance(0.5) ? random.uniform(0...0.05) : 0)
        var robot = SupervisorTests.robot()
        robot.joints = (0..<4).map { index in
            var joint = robot.joints[0]
            joint.name = "joint\(index)"
            joint.limits = RandomJoint(&random).limits
            joint.limits.position = -1.5...1.5
            return joint
        }
        self.robot = robot
        supervisor = Supervisor(robot: robot, posture: guardian)
        state = BodyState(jointCount: 4)
        target = (0..<4).map { _ in random.uniform(-1.6...1.6) }
        for joint in 0..<4 {
            state.samples[joint] = SupervisorTests.sample(random.uniform(-1.4...1.4), at: time)
        }
        let driven = JointSet((0..<4).filter { _ in random.chance(0.9) })
        let now = MonotonicTime(nanoseconds: time)
        _ = try supervisor.permitTorque(driven, state: state, now: now).get()
        supervisor.torqueEnabled(driven, state: state)
        let samples = state.samples
        goals = (0..<4).map { driven.contains($0) ? samples[$0]?.position : nil }
    }

    private func rooms(_ posture: [Double]) -> [Double] {
        // The oracle's own kinematics: links as complex numbers.
        var tips: [(x: Double, y: Double)] = []
        for finger in 0..<2 {
            let (a, b) = (posture[2 * finger], posture[2 * finger + 1])
            let (ux, uy) = (cos(a), sin(a))
            let (vx, vy) = (ux * cos(b) - uy * sin(b), ux * sin(b) + uy * cos(b))
            tips.append((x: (finger == 0 ? -0.1 : 0.1) + 0.1 * (uy + vy), y: 0.1 * (ux + vx)))
        }
        let boxes = tips.map { min($0.y - 0.12, 0.19 - $0.y, $0.x + 0.2, 0.2 - $0.x) }
        return boxes + [hypot(tips[0].x - tips[1].x, tips[0].y - tips[1].y) - 0.02]
    }

    mutating func tick(
        _ random: inout SplitMix
    ) -> (problem: String?, isHeld: Bool, isOutside: Bool, isOver: Bool) {
        time += 10_000_000
        if random.chance(0.03) { target = (0..<4).map { _ in random.uniform(-1.6...1.6) } }
        var wanted = JointArray<Radians?>(count: 4, repeating: nil)
        var measured: [Double] = []
        for joint in 0..<4 {
            // Behind its goal, at times pushed away by a hand.
            let push =
                random.chance(0.02) ? random.uniform(-0.3...0.3) : random.uniform(-0.01...0.01)
            let place = (goals[joint] ?? state.samples[joint]?.position ?? 0) + push
            state.samples[joint] = SupervisorTests.sample(min(max(place, -1.5), 1.5), at: time)
            measured.append(min(max(place, -1.5), 1.5))
            wanted[joint] = random.chance(0.95) ? target[joint] : nil
        }
        let before = (0..<4).map { goals[$0] ?? measured[$0] }
        let verdict = supervisor.judge(
            wanted,
            state: state,
            now: MonotonicTime(nanoseconds: time),
            tick: 1
        )
        guard let found = SupervisorTests.goals(verdict) else { return (nil, false, false, true) }
        let after = (0..<4).map { found[$0] ?? measured[$0] }
        let (now, last) = (rooms(after), rooms(before))
        goals = (0..<4).map { found[$0] }
        let isHeld = after == before
        for (place, part) in guardian.parts.enumerated() {
            if now[place] >= min(0, last[place]) - 1e-9 { continue }
            let isHere = part.joints.indices.allSatisfy { after[$0] == measured[$0] }
            if !isHere {
                return (
                    "\(part.name) has \(now[place]), had \(last[place]): \(before) -> \(after), "
                        + "measured \(measured)", isHeld, true, false
                )
            }
        }
        for joint in 0..<4 where goals[joint] != nil {
            let limits = robot.joints[joint].limits
            let moved = (after[joint] - before[joint]).magnitude
            let isPulled = (before[joint] - measured[joint]).magnitude > limits.followingError
            let isHere = after[joint] == measured[joint]
            if moved > limits.goalVelocity * 0.01 + 1e-9, !isPulled, !isHere {
                return ("joint \(joint) moved \(moved)", isHeld, true, false)
            }
            if (after[joint] - measured[joint]).magnitude > limits.followingError + 1e-9 {
                return ("joint \(joint) left its window", isHeld, true, false)
            }
        }
        return (nil, isHeld, now.contains { $0 < 0 }, false)
    }
}
