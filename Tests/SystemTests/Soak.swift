import Foundation
import Glibc
import Journal
import Operator
import Testing

/// A training on emulated servos that nobody touches: faults come, are cleared by a script, and what
/// the process takes of the machine is written down all the while.
///
/// The emulator is a process of its own and runs in real time, so an hour of wire is an hour. The
/// fault is that it is stopped (SIGSTOP) and goes on later: to the program the cable was pulled.
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
    private let training: ChildProcess
    private let trainingID: pid_t
    private(set) var samples: [Sample] = []
    private(set) var faults = 0
    private(set) var answered = 0

    init() throws {
        var robot = BenchRobot()
        robot.joints = (1...3).map { BenchRobot.Joint(name: "joint\($0)", id: $0) }
        robot.tick = "10 ms"
        robot.afterOutage = "wait"
        bench = try Bench(robot)
        let started = try bench.emulate()
        emulator = started.process
        training = try bench.start(
            "train",
            "--robot",
            "bench",
            "--backend",
            "hardware",
            "--port",
            started.port,
            "--arm",
            "--json"
        )
        try training.line(with: "run ")
        trainingID = training.pid
    }

    private var socket: String { bench.path("socket") + "/sacbot/bench.sock" }

    private func state() -> OperatorState? {
        try? ControlClient.ask(OperatorRequest(.status), path: socket).state
    }

    /// Runs so long with a fault at random places, one in each `faultEvery` seconds.
    func run(
        seconds: Double,
        faultEvery: Double,
        sampleEvery: Double,
        generator: inout SeededGenerator
    ) throws -> ChildEnd {
        let start = Self.now()
        var nextSample = start
        var nextFault = start + Double.random(in: 0.3...0.8, using: &generator) * faultEvery
        var resumeAt: Double?
        while Self.now() - start < seconds {
            try training.expectRunning()
            let now = Self.now()
            let state = state()
            if state?.prompt != nil, resumeAt == nil {
                // The script's word that the robot was looked at.
                if (try? ControlClient.ask(OperatorRequest(.continue), path: socket).ok) == true {
                    answered += 1
                }
            }
            if now >= nextFault {
                emulator.signal(SIGSTOP)
                faults += 1
                resumeAt = now + Double.random(in: 1...4, using: &generator)
                nextFault += faultEvery
            }
            if let time = resumeAt, now >= time {
                emulator.signal(SIGCONT)
                resumeAt = nil
            }
            if now >= nextSample, let state {
                samples.append(try sample(state, seconds: now - start))
                nextSample += sampleEvery
            }
            usleep(100_000)
        }
        emulator.signal(SIGCONT)
        // A last fault may still be waiting to be cleared.
        let deadline = Self.now() + 20
        while Self.now() < deadline, let state = state(), state.phase != "running" {
            if state.prompt != nil {
                _ = try? ControlClient.ask(OperatorRequest(.continue), path: socket)
            }
            usleep(100_000)
        }
        return try training.end(by: SIGTERM)
    }

    private func sample(_ state: OperatorState, seconds: Double) throws -> Sample {
        let process = "/proc/\(trainingID)"
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

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
