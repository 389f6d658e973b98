import Foundation
import Glibc
import Journal
import Operator
import Testing

/// A robot on emulated servos that nobody touches: faults come, a script looks into them, and what the
/// process takes of the machine is written down all the while.
///
/// The service and the emulator are two processes with a real pseudo-terminal between them. At a
/// `speed` above 1 both live in a faster time (libfaketime): every clock and every wait of theirs,
/// the wire's too, runs so many times faster; all times here are theirs.
final class Soak {
    /// One line of the log.
    struct Sample {
        var seconds = 0.0
        var residentKB = 0
        var descriptors = 0
        var runBytes = 0
        var episodes = 0
        var steps = 0
        var updates = 0
        var skippedTicks = 0
        var overrunTicks = 0
        var latenessP99 = 0.0
        var faults = 0
        var success: Double?

        static let header =
            "seconds,resident_kb,descriptors,run_bytes,episodes,steps,updates,skipped_ticks,"
            + "overrun_ticks,lateness_p99_us,faults,recent_success"

        var line: String {
            "\(Int(seconds)),\(residentKB),\(descriptors),\(runBytes),\(episodes),\(steps),"
                + "\(updates),\(skippedTicks),\(overrunTicks),\(Int(latenessP99)),\(faults),"
                + (success.map { "\($0)" } ?? "")
        }
    }

    private let bench: Bench
    private let emulator: ChildProcess
    private let service: ChildProcess
    private let speed: Double
    private var plan: SoakPlan
    private(set) var samples: [Sample] = []
    private(set) var faults = 0
    private(set) var answered = 0

    /// How often each fault comes in the whole of it.
    var faultCounts: [String: Int] { plan.counts }

    init(
        seconds: Double,
        faultEvery: Double,
        kinds: [SoakPlan.Kind] = SoakPlan.Kind.allCases,
        speed: Double = 1,
        seed: UInt64
    ) throws {
        self.speed = speed
        var robot = BenchRobot()
        robot.joints = (1...3).map { BenchRobot.Joint(name: "joint\($0)", id: $0) }
        robot.tick = speed == 1 ? "10 ms" : "20 ms"
        robot.afterOutage = "wait"
        robot.arm = "automatic"
        bench = try Bench(robot)
        // Full early on, so that what memory does later is not the replay's growth.
        try bench.edit("robots/bench.yaml", "warm_up: 60", "warm_up: 60\n  replay_capacity: 20000")
        plan = SoakPlan(seconds: seconds, faultEvery: faultEvery, kinds: kinds, seed: seed)
        try FileManager.default.createDirectory(
            atPath: bench.path("ports"),
            withIntermediateDirectories: false
        )
        let inItsTime = try Self.environment(speed: speed)
        var emulation = ["emulate", "--robot", "bench", "--links", bench.path("ports")]
        if let yaml = plan.yaml {
            try bench.write(yaml, to: "faults.yaml")
            emulation += ["--faults", "faults.yaml"]
        }
        emulator = try bench.start(
            arguments: emulation,
            before: speed == 1 ? Privileges.ofOwnProcessor : inItsTime
        )
        try emulator.line(with: "/dev/", on: .output)
        service = try bench.start(
            arguments: [
                "daemon", "--robot", "bench", "--backend", "hardware", "--port",
                bench.path("ports/desk"),
            ],
            before: inItsTime
        )
        try service.line(with: "run ")
    }

    /// What starts a program whose time runs so many times faster.
    private static func environment(speed: Double) throws -> [String] {
        guard speed != 1 else { return [] }
        let library = "/usr/lib/\(machine)-linux-gnu/faketime/libfaketimeMT.so.1"
        guard FileManager.default.fileExists(atPath: library) else {
            throw ChildFailure(description: "no \(library): apt install faketime")
        }
        // The second `env` begins with the library: in the first program it moves the environment
        // away from the arguments, and Swift then finds none.
        return ["env", "LD_PRELOAD=\(library)", "FAKETIME=+0 x\(Int(speed))", "env"]
    }

    private static var machine: String {
        #if arch(arm64)
        "aarch64"
        #else
        "x86_64"
        #endif
    }

    private var socket: String { bench.path("socket") + "/sacbot/bench.sock" }

    private func state() -> OperatorState? {
        try? ControlClient.ask(OperatorRequest(.status), path: socket).state
    }

    /// Runs it to its end, with a line of the log every so many seconds.
    func run(sampleEvery: Double) throws -> ChildEnd {
        let start = now()
        var nextSample = 0.0
        var frozenUntil: Double?
        while now() - start < plan.seconds {
            try service.expectRunning()
            try emulator.expectRunning()
            let time = now() - start
            let state = state()
            if frozenUntil == nil, let state { answer(state) }
            faults += plan.passed(time)
            if let freeze = plan.takeFreeze() {
                emulator.signal(SIGSTOP)
                frozenUntil = time + freeze
            }
            if let end = frozenUntil, time >= end {
                emulator.signal(SIGCONT)
                frozenUntil = nil
            }
            if time >= nextSample, let state {
                samples.append(try sample(state, seconds: time))
                nextSample += sampleEvery
            }
            usleep(useconds_t(100_000 / min(speed, 4)))
        }
        emulator.signal(SIGCONT)
        // A last fault may still be waiting to be looked into.
        let deadline = now() + 30
        while now() < deadline, let state = state(), state.phase != "running" {
            answer(state)
            usleep(100_000)
        }
        return try service.end(by: SIGTERM)
    }

    /// The script's word that the robot was looked at, if it waits for one.
    private func answer(_ state: OperatorState) {
        guard state.prompt != nil else { return }
        func say(_ command: OperatorRequest.Command) -> Bool {
            (try? ControlClient.ask(OperatorRequest(command), path: socket))?.ok == true
        }
        if say(.continue) || say(.clearFault) { answered += 1 }
    }

    private func sample(_ state: OperatorState, seconds: Double) throws -> Sample {
        let process = "/proc/\(service.pid)"
        let status = try String(contentsOfFile: process + "/status", encoding: .utf8)
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let words = resident?.split(separator: " ") ?? []
        var sample = Sample()
        sample.seconds = seconds
        sample.residentKB =
            words.count > 1 ? Int(words[words.count - 2].split(separator: "\t").last ?? "") ?? 0 : 0
        sample.descriptors =
            try FileManager.default.contentsOfDirectory(atPath: process + "/fd").count
        sample.runBytes = bytes(below: bench.path("runs"))
        sample.episodes = state.episodes
        sample.steps = state.steps
        sample.updates = state.updates
        sample.skippedTicks = state.ticks?.skipped ?? 0
        sample.overrunTicks = state.ticks?.overruns ?? 0
        sample.latenessP99 = state.ticks?.stages.first?.p99 ?? 0
        sample.faults = faults
        sample.success = state.recentSuccess
        return sample
    }

    private func bytes(below folder: String) -> Int {
        let files = FileManager.default.enumerator(atPath: folder)
        var total = 0
        while files?.nextObject() != nil { total += files?.fileAttributes?[.size] as? Int ?? 0 }
        return total
    }

    /// What the run is when all is over.
    func verify() throws -> RunVerification {
        let folder = try RunFolder.find(root: bench.path("runs"), name: "latest")
        return try JournalReader(reading: folder).verify()
    }

    /// Change an hour by least squares over the second half, when everything has found its size.
    func slope(_ value: (Sample) -> Double) -> Double {
        let half = samples.dropFirst(samples.count / 2)
        let count = Double(half.count)
        let meanTime = half.reduce(0) { $0 + $1.seconds } / count
        let meanValue = half.reduce(0) { $0 + value($1) } / count
        var (up, down) = (0.0, 0.0)
        for sample in half {
            up += (sample.seconds - meanTime) * (value(sample) - meanValue)
            down += (sample.seconds - meanTime) * (sample.seconds - meanTime)
        }
        return down > 0 ? up / down * 3600 : 0
    }

    /// The robot's time, seconds.
    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return (Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9) * speed
    }
}
