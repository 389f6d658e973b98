import Foundation
import Testing

@testable import Operator

/// The metrics, as Prometheus' own Python client reads them.
@Suite("Metrics")
struct MetricsTests {
    struct Sample: Decodable {
        var family: String
        var type: String
        var help: String
        var name: String
        var labels: [String: String]
        var value: Double
    }

    static let python =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? root.appendingPathComponent(".venv/bin/python3").path

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let hasPeer = (try? run(["-c", "import prometheus_client.parser"], "").code) == 0

    private static func run(
        _ arguments: [String],
        _ input: String
    ) throws -> (code: Int32, output: Data) {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-metrics-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    private static func parsed(_ text: String) throws -> [Sample] {
        let peer = root.appendingPathComponent("Tests/peers/prometheus_peer.py").path
        let (code, output) = try run([peer], text)
        try #require(code == 0, "Prometheus' client refuses:\n\(text)")
        return try output.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Sample.self, from: Data($0))
        }
    }

    private static var claw: OperatorState {
        var state = OperatorState()
        state.robot = "a \"claw\" \\ of\nmine"
        state.task = "near"
        state.safety = "e-stop"
        state.episodes = 12
        state.steps = 480
        state.recentSuccess = 0.25
        state.tickSeconds = 0.01
        state.tickCount = 4711
        state.pause = .released
        state.faultDetail = OperatorFault(
            code: 60,
            name: "emergencyStop",
            joint: nil,
            remedy: "emergency stop",
            page: "docs/faults/60-emergency-stop.md",
            isLatched: true
        )
        state.isFaultLatched = true
        state.checks = [
            OperatorCheck(name: "a", outcome: "pass", joints: [], remedy: ""),
            OperatorCheck(name: "b", outcome: "warn", joints: [], remedy: "x"),
            OperatorCheck(name: "c", outcome: "pass", joints: [], remedy: ""),
        ]
        var joint = OperatorJoint(
            name: "valve",
            role: "object",
            servo: "XM430-W210",
            id: 50,
            bus: "hand",
            limits: OperatorLimits(
                lowest: -1,
                highest: 1,
                goalVelocity: 3,
                tripVelocity: 8,
                currentAmperes: 1.5,
                slowCelsius: nil,
                pauseCelsius: 55,
                stopCelsius: 70,
                lowestVolts: nil,
                highestVolts: nil
            )
        )
        joint.temperatureCelsius = 41
        joint.position = -0.5
        state.joints = [joint]
        state.ticks = TickState(
            skipped: 3,
            overruns: 1,
            stages: [
                TickState.Stage(
                    name: "lateness",
                    count: 100,
                    p50: 1,
                    p99: 2,
                    p999: 3,
                    max: 200_000,
                    sum: 250_000,
                    buckets: [50, 60, 70, 80, 90, 91, 92, 93, 94, 95, 96, 97, 98]
                )
            ]
        )
        return state
    }

    @Test("what is known comes out with the right name, unit and labels", .enabled(if: hasPeer))
    func known() throws {
        let samples = try Self.parsed(RobotMetrics.text(Self.claw))
        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            let found = samples.filter { sample in
                sample.name == name && labels.allSatisfy { sample.labels[$0] == $1 }
            }
            return found.count == 1 ? found[0].value : nil
        }
        #expect(value("sacbot_episodes_total") == 12)
        #expect(value("sacbot_recent_success_ratio") == 0.25)
        #expect(value("sacbot_state", ["state": "e-stop"]) == 1)
        #expect(value("sacbot_state", ["state": "running"]) == 0)
        #expect(value("sacbot_fault_code") == 60)
        #expect(value("sacbot_fault_latched") == 1)
        #expect(value("sacbot_checks", ["outcome": "pass"]) == 2)
        #expect(value("sacbot_paused") == 1)
        #expect(value("sacbot_joint_temperature_celsius", ["joint": "valve"]) == 41)
        #expect(value("sacbot_joint_position_radians", ["joint": "valve"]) == -0.5)
        // Never read: no sample rather than a zero.
        #expect(value("sacbot_joint_current_amperes", ["joint": "valve"]) == nil)
        #expect(value("sacbot_recent_return") == nil)
        // Quotes, backslashes and line breaks in a name arrive as they were.
        #expect(samples.allSatisfy { $0.labels["robot"] == "a \"claw\" \\ of\nmine" })
        // A family has one type, one help, and its samples in one place.
        let families = samples.map(\.family)
        let runs = families.indices.filter { $0 == 0 || families[$0] != families[$0 - 1] }
        #expect(runs.count == Set(families).count)
        #expect(samples.allSatisfy { !$0.help.isEmpty && $0.type != "unknown" })
        #expect(samples.allSatisfy { $0.family.hasPrefix("sacbot_") })
    }

    @Test("jitter is a histogram in seconds whose last bucket is its count", .enabled(if: hasPeer))
    func histogram() throws {
        let samples = try Self.parsed(RobotMetrics.text(Self.claw))
        let own = samples.filter { $0.family == "sacbot_tick_jitter_seconds" }
        #expect(own.allSatisfy { $0.type == "histogram" })
        let buckets = own.filter { $0.name.hasSuffix("_bucket") }
        let bounds = buckets.compactMap { $0.labels["le"].flatMap { Double($0) } }
        #expect(bounds.first == 1e-5 && bounds.dropLast().last == 0.1 && bounds.last == .infinity)
        #expect(bounds == bounds.sorted())
        #expect(buckets.map(\.value) == buckets.map(\.value).sorted())
        #expect(buckets.last?.value == 100)
        #expect(own.first { $0.name.hasSuffix("_count") }?.value == 100)
        #expect(own.first { $0.name.hasSuffix("_sum") }?.value == 0.25)
    }

    @Test("a robot nothing is known of has metrics that parse, too", .enabled(if: hasPeer))
    func blank() throws {
        let samples = try Self.parsed(RobotMetrics.text(OperatorState()))
        #expect(samples.contains { $0.name == "sacbot_info" && $0.value == 1 })
    }

    @Test("docs/metrics.md lists every family, and no other")
    func listed() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/metrics.md"),
            encoding: .utf8
        )
        let rows = page.matches(of: /\| `(sacbot_[a-z_]+)/).map { String($0.1) }
        var state = Self.claw
        state.recentReturn = 1
        state.learner = OperatorLearner(wantedUpdatesPerStep: 2, warmUpSteps: 10)
        state.learner?.updatesPerStep = 1
        state.learner?.temperature = 1
        state.learner?.entropy = 1
        state.learner?.criticLoss = 1
        state.learner?.actorLoss = 1
        state.learner?.meanQ = 1
        state.evaluation = OperatorEvaluation(number: 1, episodes: 1, seed: 1)
        state.evaluation?.phase = .done
        state.evaluation?.meanReturn = 1
        state.recentEpisodes = [
            OperatorEpisode(
                index: 0,
                steps: 1,
                totalReward: 1,
                successFinal: true,
                successHeld: true,
                limitedShare: 0,
                ending: "truncated",
                ended: 0
            )
        ]
        state.joints[0].velocity = 0
        state.joints[0].goal = 0
        state.joints[0].currentAmperes = 0
        state.joints[0].voltageVolts = 12
        state.joints[0].hardwareError = 0
        state.joints[0].ageSeconds = 0
        state.ticks?.stages += [
            TickState.Stage(name: "work", count: 0, p50: 0, p99: 0, p999: 0, max: 0),
            TickState.Stage(name: "read", count: 0, p50: 0, p99: 0, p999: 0, max: 0),
        ]
        let families = RobotMetrics.text(state).matches(of: /# TYPE (sacbot_[a-z_]+)/)
            .map { String($0.1) }
        #expect(Set(rows).symmetricDifference(families).sorted() == [])
        #expect(rows.count == Set(rows).count)
    }
}
