import Foundation
import Physics
import Robot
import Safety
import Simulation
import Testing

@testable import Control

@Suite("A fallen Minitaur", .serialized)
struct StandUpTests {
    static let walk = WalkGoal(speed: 0.35, fallTilt: degrees(40), track: 8)

    private static func reset(_ walker: Walker, _ link: Nobody) -> ResetProcedure<SimulatedBody> {
        var settings = ResetSettings(
            tolerance: degrees(15),
            jointSeconds: 1,
            objectSeconds: 1,
            settleSeconds: 0,
            limpFirst: [],
            disentangle: [],
            retries: 2,
            promptSeconds: nil
        )
        settings.standUp = StandUpSettings()
        return ResetProcedure(
            loop: walker.loop,
            settings: settings,
            operatorLink: link,
            walk: walk
        )
    }

    /// Drops a robot from 35 cm turned anyhow, its legs on their way to a random pose, and lets it lie
    /// limp for a second and a half.
    private static func drop(
        _ walker: Walker,
        _ random: inout SplitMix,
        roll: Double,
        pitch: Double
    ) throws {
        let loop = walker.loop
        try loop.holdTick()
        try loop.enableTorque(JointSet(walker.robot.actuatedJoints))
        let poses = try #require(LegPoses(walker.robot))
        var wanted = loop.unchanged
        for leg in poses.legs.indices {
            let pose = LegPose(
                swing: Double.random(in: -0.5...0.5, using: &random),
                extension: Double.random(in: 1...2.6, using: &random)
            )
            poses.want(leg, pose, into: &wanted)
        }
        walker.body.plant.drop(height: 0.35, roll: roll, pitch: pitch)
        for _ in 0..<loop.ticks(0.6) {
            try loop.beginTick()
            try loop.endTick(wanted)
        }
        try loop.disableTorque(JointSet(walker.robot.actuatedJoints))
        for _ in 0..<loop.ticks(1.5) { try loop.holdTick() }
    }

    // SACBOT_FALLS=100 has more of them, and the table in docs/legs.md.
    private static let falls =
        ProcessInfo.processInfo.environment["SACBOT_FALLS"].flatMap { Int($0) } ?? 6

    @Test("from its belly, its nose or its tail it stands up by itself; else a person is asked")
    func standsUp() throws {
        var random = SplitMix(state: 2026)
        var rows: [String: (tried: Int, stood: Int)] = [:]
        for index in 0..<Self.falls {
            // Every third falls forward or back, the others anyhow.
            let isForward = index % 3 != 2
            let walker = try Walker()
            let roll = isForward ? 0 : Double.random(in: -.pi ... .pi, using: &random)
            let pitch = Double.random(in: -1.4...1.4, using: &random)
            try Self.drop(walker, &random, roll: roll, pitch: pitch)
            let tilt = walker.loop.state.base?.tilt ?? .nan
            let kind =
                tilt < degrees(40) ? "below 40" : tilt < degrees(75) ? "40 to 75" : "above 75"
            let link = Nobody()
            let outcome = try? Self.reset(walker, link).run(objectStart: nil)
            let final = walker.loop.state.base?.tilt ?? .nan
            let isUp = outcome != nil && final < degrees(15)
            rows[kind, default: (0, 0)].tried += 1
            if isUp { rows[kind]?.stood += 1 }
            // Whoever does not stand has asked.
            #expect(isUp || !link.prompts.isEmpty)
        }
        print("stood up, by the tilt it lay at:", rows.sorted { $0.key < $1.key })
        let low = rows["below 40"] ?? (0, 0)
        // Of 21 that lay so, 19 stood up (docs/legs.md); few falls scatter more than many.
        let share = low.tried < 20 ? 0.6 : 0.85
        #expect(low.tried > 0 && Double(low.stood) >= share * Double(low.tried), "\(rows)")
    }
}
