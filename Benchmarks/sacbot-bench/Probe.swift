import Realtime

/// What has to be measured in a process of its own: this program starts itself with `--probe`.
enum Probe: String {
    static let option = "--probe"

    /// Bytes in memory with a learner and an empty replay, then after its first update.
    case memory
    /// When the first update was done on `CLOCK_MONOTONIC`, and how long filling the replay took.
    case start
    /// Nothing: computes until the process that started it ends.
    case spin
    /// Bytes in memory before a learner, with it, and after an update.
    case cost

    /// Starts a process and returns the numbers it prints.
    static func numbers(_ probe: Probe, _ arguments: [String] = []) throws -> [Int64] {
        let command = ["/proc/self/exe", option, probe.rawValue] + arguments
        let text = try ChildProcess.output(of: command)
        return text.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
    }

    /// The process's side; returns its exit code.
    static func run(_ name: String, _ arguments: [String]) -> Int32 {
        switch Probe(rawValue: name) {
        case .memory: Output.line(ResidentMemory.probe())
        case .start: Output.line(StartTime.probe())
        case .spin: BusyCore.spin()
        case .cost: Output.line(LearnerCost.probe(arguments))
        case nil: return 64
        }
        return 0
    }
}
