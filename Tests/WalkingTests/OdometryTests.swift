import Foundation
import Physics
import Robot
import Safety
import Simulation
import Testing

@testable import Control

@Suite("Place and speed of a walking Minitaur", .serialized)
struct OdometryTests {
    /// Walks with the scripted trot; what the body said and where it truly was, tick by tick.
    private static func walk(
        _ sensor: SpeedSensorDescription?,
        seconds: Double
    ) throws -> [(said: BasePlace?, truth: SIMD3<Double>)] {
        let walker = try Walker { $0.speedSensor = sensor }
        try walker.stand()
        let poses = try #require(LegPoses(walker.robot))
        let home = WalkHome(
            loop: walker.loop,
            poses: poses,
            walk: WalkGoal(speed: 0.3, fallTilt: degrees(60), track: 50)
        )
        var rows: [(said: BasePlace?, truth: SIMD3<Double>)] = []
        _ = try home.trot(seconds: seconds) { _ in
            let truth = walker.body.plant.basePose?.place ?? .zero
            rows.append((walker.loop.state.place, truth))
            return (forward: 1, turn: 0)
        }
        return rows
    }

    @Test("standing feet tell how far it walked, to a fifth of the way")
    func byLegs() throws {
        let rows = try Self.walk(SpeedSensorDescription(source: .legs), seconds: 8)
        let (first, last) = (try #require(rows.first), try #require(rows.last))
        let start = try #require(first.said)
        let end = try #require(last.said)
        let walked = last.truth - first.truth
        let way = (walked.x * walked.x + walked.y * walked.y).squareRoot()
        let said = ((end.x - start.x), (end.y - start.y))
        let saidWay = (said.0 * said.0 + said.1 * said.1).squareRoot()
        // Speeds over half a second, against the truth's.
        var squares = 0.0
        var count = 0
        for index in stride(from: 100, to: rows.count, by: 20) {
            guard let a = rows[index - 100].said, let b = rows[index].said else { continue }
            let real = (rows[index].truth.x - rows[index - 100].truth.x) / 0.5
            squares += ((b.x - a.x) / 0.5 - real) * ((b.x - a.x) / 0.5 - real)
            count += 1
        }
        let rms = (squares / Double(max(1, count))).squareRoot()
        let heights = rows.compactMap { row in row.said.map { abs($0.height - row.truth.z) } }
        print(
            "odometry: walked",
            way,
            "m, said",
            saidWay,
            "m, speed over 0.5 s off by",
            rms,
            "m/s rms, height off by at most",
            heights.max() ?? .nan
        )
        #expect(way > 0.3)
        #expect(abs(saidWay - way) < 0.2 * way)
    }

    @Test("a simulated estimator is late and noisy by what the file says")
    func estimator() throws {
        var sensor = SpeedSensorDescription(source: .udp(port: 47_600))
        sensor.simulated = SimulatedEstimator(
            rate: 100,
            placeNoise: 0.005,
            headingNoise: 0,
            latency: 0.03
        )
        let rows = try Self.walk(sensor, seconds: 4)
        // The place said now is the truth of 6 ticks ago, give or take its noise.
        var squares = 0.0
        var count = 0
        var ages: [Double] = []
        for index in stride(from: 50, to: rows.count, by: 2) {
            guard let said = rows[index].said else { continue }
            let past = rows[index - 6].truth
            squares += (said.y - past.y) * (said.y - past.y)
            count += 1
            ages.append(Double(index) * 0.005)
        }
        let deviation = (squares / Double(max(1, count))).squareRoot()
        #expect(count > 300 && deviation > 0.004 && deviation < 0.0065, "\(deviation)")
    }

    @Test(
        "an estimator that falls silent is a fault while an episode runs, unless the legs step in"
    )
    func silence() throws {
        for fallback in [false, true] {
            var sensor = SpeedSensorDescription(source: .udp(port: 47_600))
            sensor.fallsBackToLegs = fallback
            let walker = try Walker { $0.speedSensor = sensor }
            let loop = ControlLoop(
                body: walker.body,
                robot: walker.robot,
                safety: {
                    var settings = SafetySettings()
                    settings.placeStaleSeconds = 0.1
                    return settings
                }(),
                stopSwitch: StopSwitch()
            )
            try loop.holdTick()
            try loop.enableTorque(JointSet(walker.robot.actuatedJoints))
            loop.note(.resetBegins)
            loop.note(.episodeBegins)
            for _ in 0..<40 { try loop.holdTick() }
            walker.body.estimatorIsSilent = true
            var ticks = 0
            var stop: ControlStop?
            do throws(ControlStop) {
                for _ in 0..<100 {
                    try loop.holdTick()
                    ticks += 1
                }
            } catch {
                stop = error
            }
            if fallback {
                #expect(stop == nil && loop.state.place != nil)
            } else {
                #expect(stop == .fault(Fault(.placeStale)))
                // 0.1 s are twenty ticks.
                #expect(ticks == 20 || ticks == 19)
            }
        }
    }

    @Test("at the end of its track it walks back by itself")
    func walksHome() throws {
        let walker = try Walker()
        try walker.stand()
        let poses = try #require(LegPoses(walker.robot))
        let goal = WalkGoal(speed: 0.3, fallTilt: degrees(60), track: 0.4)
        let home = WalkHome(loop: walker.loop, poses: poses, walk: goal)
        _ = try home.trot(seconds: 30) { place in
            (place.x * place.x + place.y * place.y).squareRoot() > 0.45
                ? nil : (forward: 1, turn: 0)
        }
        let isHome = try home.back()
        let after = try #require(walker.loop.state.place)
        #expect(isHome && (after.x * after.x + after.y * after.y).squareRoot() < 0.1)
    }
}
