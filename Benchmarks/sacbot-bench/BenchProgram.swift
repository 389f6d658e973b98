import Glibc

/// `sacbot-bench [NAME...]`: measures and prints one JSON object a line.
enum BenchProgram {
    /// Runs the named benchmarks, all without a name; returns the exit code.
    static func run(arguments: [String]) -> Int32 {
        if arguments.count >= 2, arguments[0] == Probe.option {
            return Probe.run(arguments[1], Array(arguments.dropFirst(2)))
        }
        let known = Benchmark.all.flatMap(\.names)
        var arguments = arguments
        if arguments == ["jitter"] { arguments = Jitter.names }
        for name in arguments where !known.contains(name) {
            let isQuestion = name == "--help" || name == "-h"
            let problem = isQuestion ? "" : "there is no benchmark `\(name)`\n"
            Output.note("\(problem)usage: sacbot-bench [NAME...], with the names")
            for name in known { Output.note("  \(name)") }
            return isQuestion ? 0 : 64
        }
        let usual = Benchmark.all.filter { !$0.isLong }.flatMap(\.names)
        let wanted = Set(arguments.isEmpty ? usual : arguments)
        warnOfLoad()
        var failures: Int32 = 0
        for benchmark in Benchmark.all where !wanted.isDisjoint(with: benchmark.names) {
            do {
                for figure in try benchmark.measure() where wanted.contains(figure.name) {
                    Output.line(figure.json)
                }
            } catch {
                Output.note("\(benchmark.names.joined(separator: ", ")): \(error)")
                failures = 1
            }
        }
        Peers.runIfAsked(besides: wanted)
        return failures
    }

    /// A figure taken on a busy machine says little; who reads it should know.
    private static func warnOfLoad() {
        var loads = [0.0]
        guard unsafe getloadavg(&loads, 1) == 1, loads[0] > 0.5 else { return }
        Output.note(
            "the machine is busy (load \((loads[0] * 100).rounded() / 100)): figures will be poor"
        )
    }
}

/// What measures one or more figures together.
struct Benchmark {
    /// The names of the figures.
    let names: [String]
    /// Whether it takes minutes and runs only when it is asked for.
    var isLong = false
    /// Takes a few seconds, if it is not a long one.
    let measure: () throws -> [Figure]

    /// All there are, in the order they run.
    static var all: [Benchmark] {
        [
            Benchmark(names: [LearnerUpdates.name], measure: LearnerUpdates.measure),
            Benchmark(names: [KernelProducts.name], measure: KernelProducts.measure),
            Benchmark(names: [SgemmShare.name], measure: SgemmShare.measure),
            Benchmark(names: PixelUpdates.names, measure: PixelUpdates.measure),
            Benchmark(names: [LearnerCost.name], measure: LearnerCost.measure),
            Benchmark(names: [PolicyInference.name], measure: PolicyInference.measure),
            Benchmark(names: BusCycle.names, measure: BusCycle.measure),
            Benchmark(names: BusExchange.names, measure: BusExchange.measure),
            Benchmark(names: [TickWakeup.name], measure: TickWakeup.measure),
            Benchmark(names: Jitter.names, isLong: true, measure: Jitter.measure),
            Benchmark(names: [SimulationSteps.name], measure: SimulationSteps.measure),
            Benchmark(names: [ResidentMemory.name], measure: ResidentMemory.measure),
            Benchmark(names: [StartTime.name], measure: StartTime.measure),
        ]
    }
}

/// Why a benchmark has no figure.
struct BenchFailure: Error, CustomStringConvertible {
    /// What happened and what to do.
    let description: String

    init(_ description: String) { self.description = description }
}
