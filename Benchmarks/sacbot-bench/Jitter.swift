import Control
import Learning
import Realtime
import Robot
import Safety
import ServoHardware
import Synchronization

/// How late our ticks begin beside those of `cyclictest`, on the same core, at the same priority.
///
/// The control loop runs at 1 kHz with a body that does nothing; a learner computes on the other
/// core all the while. Blocks of both take turns, so that what disturbs the machine for a while
/// disturbs both. Runs only when asked for: `BENCH_JITTER_SECONDS` (60) and `BENCH_JITTER_BLOCKS`
/// (10) say how long.
enum Jitter {
    static let names = ["jitter.p99_ratio", "jitter.p999_ratio"]

    private static let period: Int64 = 1_000_000
    private static let core = 0
    private static let resamples = 10_000

    /// Microseconds of one block.
    struct Block {
        var p99: Double
        var p999: Double
        var largest: Double
    }

    static func measure() throws -> [Figure] {
        let seconds = Environment["BENCH_JITTER_SECONDS"].flatMap { Int($0) } ?? 60
        let count = Environment["BENCH_JITTER_BLOCKS"].flatMap { Int($0) } ?? 10
        let priority = ThreadPriority.control.fifo ?? 40
        if let refusal = ProcessMemory.lock() { Output.note("jitter: \(refusal)") }
        let learner = BusyLearner(core: 1)
        defer { learner.stop() }
        var ours: [Block] = []
        var theirs: [Block] = []
        for block in 0..<count {
            ours.append(try loopBlock(seconds: seconds, priority: priority))
            theirs.append(try cyclictestBlock(seconds: seconds, priority: priority))
            Output.note(
                "jitter block \(block + 1): sacbot \(ours[block]), cyclictest \(theirs[block])"
            )
        }
        let shares: [(String, (Block) -> Double)] = [(names[0], \.p99), (names[1], \.p999)]
        return shares.map { name, value in
            figure(name, ours.map(value), theirs.map(value), seconds: seconds, learner)
        }
    }

    // MARK: Ours

    private static func loopBlock(seconds: Int, priority: Int32) throws -> Block {
        let shared = Shared()
        var asked = ThreadPriority.control
        (asked.fifo, asked.cpu) = (priority, core)
        WorkThread(
            name: "bench jitter",
            priority: asked,
            refused: { refusal in shared.value.withLock { $0.refusal = refusal } },
            body: {
                let figures = run(ticks: seconds * 1000)
                shared.value.withLock { $0.figures = figures }
            }
        ).join()
        let (figures, refusal) = shared.value.withLock { $0 }
        if let refusal { throw BenchFailure("\(refusal)") }
        return Block(
            p99: Double(figures.p99) * 1e-3,
            p999: Double(figures.p999) * 1e-3,
            largest: Double(figures.maximum) * 1e-3
        )
    }

    private static func run(ticks: Int) -> LatencyFigures {
        let robot = RobotDescription(
            name: "nothing",
            joints: [],
            calibration: [],
            buses: [],
            tickNanoseconds: period,
            modelPath: nil,
            stop: .release,
            emergencyStop: .release,
            arming: .automatic
        )
        var safety = SafetySettings()
        safety.lateTicks = .max
        let loop = ControlLoop(
            body: NothingBody(tickNanoseconds: period),
            robot: robot,
            safety: safety,
            stopSwitch: StopSwitch()
        )
        for _ in 0...ticks { try? loop.holdTick() }
        return loop.statistics.lateness.figures
    }

    // MARK: Theirs

    private static func cyclictestBlock(seconds: Int, priority: Int32) throws -> Block {
        let text = try ChildProcess.output(of: [
            "cyclictest", "--quiet", "--mlockall", "--threads=1", "--affinity=\(core)",
            "--priority=\(priority)", "--interval=\(period / 1000)", "--loops=\(seconds * 1000)",
            "--histogram=\(histogramSize)",
        ])
        var counts: [(microseconds: Int, count: Int)] = []
        var (largest, overflows) = (0.0, 0)
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count == 2, let value = Int(words[0]), let count = Int(words[1]) {
                if count > 0 { counts.append((value, count)) }
            } else if line.hasPrefix("# Max Latencies:"), let value = words.last {
                largest = Double(value) ?? .nan
            } else if line.hasPrefix("# Histogram Overflows:"), let value = words.last {
                overflows = Int(value) ?? 0
            }
        }
        let total = counts.reduce(0) { $0 + $1.count } + overflows
        guard total > 0 else { throw BenchFailure("cyclictest printed no histogram") }
        return Block(
            p99: quantile(0.99, counts, of: total),
            p999: quantile(0.999, counts, of: total),
            largest: largest
        )
    }

    private static let histogramSize = 100_000

    /// The middle of the bin: it counts whole microseconds, rounded down.
    private static func quantile(
        _ share: Double,
        _ counts: [(microseconds: Int, count: Int)],
        of total: Int
    ) -> Double {
        let rank = Int((share * Double(total)).rounded(.up))
        var seen = 0
        for (value, count) in counts {
            seen += count
            if seen >= rank { return Double(value) + 0.5 }
        }
        return Double(histogramSize)
    }

    // MARK: Both

    /// The ratio of the medians over all blocks, with the interval in which 95 % of the ratios lie
    /// when pairs of blocks are drawn anew with replacement.
    private static func figure(
        _ name: String,
        _ ours: [Double],
        _ theirs: [Double],
        seconds: Int,
        _ learner: BusyLearner
    ) -> Figure {
        var random = RandomSource(seed: 1, name: name)
        let ratios = (0..<resamples).map { _ -> Double in
            let drawn = ours.indices.map { _ in
                Int(random.uniform() * Double(ours.count))
            }
            return drawn.map { ours[$0] }.median / drawn.map { theirs[$0] }.median
        }
        return Figure(
            name: name,
            value: ours.median / theirs.median,
            unit: "1",
            parameters: [
                "low_95": .number(ratios.quantile(0.025)),
                "high_95": .number(ratios.quantile(0.975)),
                "sacbot_us": .number(ours.median),
                "cyclictest_us": .number(theirs.median),
                "blocks": .integer(ours.count),
                "block_seconds": .integer(seconds),
                "rate_hz": .integer(Int(1_000_000_000 / period)),
                "fifo": .integer(Int(ThreadPriority.control.fifo ?? 0)),
                "core": .integer(core),
                "learner_updates": .integer(learner.updates),
            ]
        )
    }
}

extension Jitter.Block: CustomStringConvertible {
    /// For the person who waits.
    var description: String {
        func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        return "p99 \(text(p99)) p99.9 \(text(p999)) max \(text(largest)) us"
    }
}

/// What a block's thread leaves behind.
private final class Shared: Sendable {
    let value = Mutex((figures: LatencyFigures(), refusal: RealtimeRefusal?.none))
}

/// A robot without joints whose ticks come in real time, as those of real servos do.
private final class NothingBody: DrivenBody {
    private var clock: TickClock

    init(tickNanoseconds: Int64) {
        clock = TickClock(pacing: .realTime, tickNanoseconds: tickNanoseconds)
    }

    var jointCount: Int { 0 }
    func now() -> MonotonicTime { clock.now() }
    func waitForTick() -> TickTiming { clock.wait() }
    func read(into state: inout BodyState) {}
    func write(_ goal: consuming SafeGoal) {}
    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {}
    func disableTorque(_ joints: JointSet) -> JointSet { JointSet() }
}

/// A learner that updates without end on a core of its own.
private final class BusyLearner: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let done = Atomic<Int>(0)
    private let thread = Mutex<WorkThread?>(nil)

    /// Updates so far.
    var updates: Int { done.load(ordering: .relaxed) }

    init(core: Int) {
        var priority = ThreadPriority.ordinary
        priority.cpu = core
        let started = WorkThread(
            name: "bench learner",
            priority: priority
        ) { [self] in
            let shape = LearnerShape()
            let replay = shape.emptyReplay()
            Experience.fill(replay)
            let learner = shape.learner()
            while !isStopped.load(ordering: .relaxed) {
                _ = learner.update(from: replay)
                done.add(1, ordering: .relaxed)
            }
        }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        let running = thread.withLock { stored in
            defer { stored = nil }
            return stored
        }
        running?.join()
    }
}
