import Foundation
import Glibc
import Journal
import Operator
import Testing

/// Kills a training again and again and looks at what is left each time.
struct KillCampaign {
    /// When the training is killed.
    enum Manner: String, CaseIterable {
        /// At any instant from its first instruction on, also while it opens what the last one left.
        case running
        /// While it stops in order: last block, checkpoint, policy, curve, closing the journal.
        case closing
        /// At any instant of a run in lock step, which writes a checkpoint every 20 episodes.
        case lockstep
    }

    /// What was seen.
    struct Figures {
        var kills = 0
        /// Kills that came before there was a run, or after an orderly end.
        var early = 0
        var late = 0
        /// Steps that a status had counted and the disk had not, over all kills.
        var lostSteps = 0
        /// Seconds before the kill from which on something is missing, a kill each; 0 if nothing is.
        var lossAges: [Double] = []
        var steps = 0

        var text: String {
            let sorted = lossAges.sorted()
            let some = sorted.filter { $0 > 0 }.count
            func at(_ share: Double) -> Double {
                guard !sorted.isEmpty else { return 0 }
                return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
            func ms(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
            return "\(kills) kills (\(early) before there was a run, \(late) after its end), "
                + "\(steps) steps on disk; steps missing after \(some) kills, \(lostSteps) in all; "
                + "age of the oldest missing step: median \(ms(at(0.5))) ms, "
                + "p99 \(ms(at(0.99))) ms, largest \(ms(sorted.last ?? 0)) ms"
        }
    }

    let bench: Bench
    let manner: Manner
    var generator: SeededGenerator
    private(set) var figures = Figures()

    /// What DESIGN.md 1.11 allows in simulation, seconds of wall clock.
    static let allowedLoss = 1.0

    init(manner: Manner, seed: UInt64) throws {
        var robot = BenchRobot()
        // Episodes so long that what saves a step is the flush every second, not an episode's end.
        if manner == .running { robot.duration = "300 s" }
        bench = try Bench(robot)
        self.manner = manner
        generator = SeededGenerator(state: seed)
    }

    private var arguments: [String] {
        ["train", "--robot", "bench"] + (manner == .lockstep ? ["--lockstep"] : [])
    }

    /// Starts, kills and looks, so many times; then lets the run end in order.
    mutating func run(kills: Int) throws {
        for _ in 0..<kills { try killOnce() }
        let end = try bench.start(arguments: arguments + ["--episodes", "3"]).end()
        #expect(end.code == 0, "\(end)")
        #expect(end.errors.contains("resumed"), "\(end)")
        try look(after: [], killed: 0)
    }

    /// A moment at which the running program had counted so many steps.
    private struct Sighting {
        var time: Double
        var steps: Int
    }

    private mutating func killOnce() throws {
        let existed = (try? folder()) != nil
        let process = try bench.start(arguments: arguments)
        var seen: [Sighting] = []
        if manner == .closing {
            watch(until: Self.now() + 10, &seen) { $0.episodes >= 3 }
            process.signal(SIGTERM)
            watch(until: Self.now() + Double.random(in: 0...0.08, using: &generator), &seen)
        } else {
            let longest = manner == .running ? 3 : 1.5
            watch(until: Self.now() + Double.random(in: 0...longest, using: &generator), &seen)
        }
        let killed = Self.now()
        let end = try process.end(by: SIGKILL)
        figures.kills += 1
        if end.signal != SIGKILL {
            #expect(end.code == 0, "\(end)")
            figures.late += 1
        }
        // What the killed one said of what the one before had left.
        #expect(!end.errors.contains("damaged"), "\(end)")
        #expect(!end.errors.contains("journal:"), "\(end)")
        let said = end.errors.contains("run ")
        if existed, said { #expect(end.errors.contains("resumed"), "\(end)") }
        try look(after: seen, killed: killed)
    }

    private func folder() throws -> RunFolder {
        try RunFolder.find(root: bench.path("runs"), name: "latest")
    }

    /// Holds what is on the disk against what was seen.
    private mutating func look(after seen: [Sighting], killed: Double) throws {
        guard let folder = try? folder(), let reader = try? JournalReader(reading: folder) else {
            // Before the first transaction there is a folder at most.
            figures.early += 1
            #expect(seen.isEmpty)
            return
        }
        let verification = try reader.verify()
        #expect(verification.isWhole, "\(verification.problems)")
        #expect(try reader.newestValidCheckpoint().rejected.isEmpty)
        figures.steps = verification.transitions.keptTransitions
        let missing = seen.filter { $0.steps > figures.steps }
        let age = missing.first.map { killed - $0.time } ?? 0
        figures.lossAges.append(age)
        figures.lostSteps += (missing.last?.steps ?? figures.steps) - figures.steps
        // A machine that stalls may delay the flush as it delays everything.
        #expect(age <= Self.allowedLoss + 1, "\(missing.count) sightings are missing")
    }

    /// Asks the running program every ten milliseconds.
    private func watch(
        until deadline: Double,
        _ seen: inout [Sighting],
        _ isEnough: (OperatorState) -> Bool = { _ in false }
    ) {
        let path = bench.path("socket") + "/sacbot/bench.sock"
        while Self.now() < deadline {
            if let state = try? ControlClient.ask(OperatorRequest(.status), path: path).state {
                if state.steps > 0 { seen.append(Sighting(time: Self.now(), steps: state.steps)) }
                if isEnough(state) { return }
            }
            usleep(useconds_t(min(0.01, max(0, deadline - Self.now())) * 1e6))
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// A lock-step run that was killed so often must be the run that never was, weight for weight.
    func expectSameAsUndisturbed() throws {
        let steps = figures.steps + BenchRobot.episodeSteps
        let end = try bench.start(arguments: arguments + ["--steps", "\(steps)"]).end()
        #expect(end.code == 0, "\(end)")
        let other = try Bench()
        // After hundreds of kills this is the longest any test waits: minutes.
        let never = try other.start(arguments: arguments + ["--steps", "\(steps)"])
            .end(within: 600)
        #expect(never.code == 0, "\(never)")
        let areSame =
            try bench.weights(bench.onlyRun().path)
            == other.weights(other.onlyRun().path)
        #expect(areSame)
        #expect(try bench.onlyRun().steps == other.onlyRun().steps)
    }
}
