import Learning
import Realtime

/// The mean action of one observation, as the control thread asks for it.
enum PolicyInference {
    static let name = "policy.inference_p50_us"

    private static let repetitions = 9
    private static let calls = 3000
    private static let observations = 256

    static func measure() throws -> [Figure] {
        let policy = LearnerShape().learner().snapshot()
        var scratch = PolicyScratch(for: policy)
        var random = RandomSource(seed: 2, name: "observations")
        let inputs = (0..<observations * policy.observationCount).map { _ in
            Float(random.normal())
        }
        _ = run(policy, inputs, scratch: &scratch)
        var (middle, late, latest): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<repetitions {
            let times = try Undisturbed.run { run(policy, inputs, scratch: &scratch).sorted() }
            middle.append(times.quantile(0.5))
            late.append(times.quantile(0.99))
            latest.append(times.quantile(0.999))
        }
        let figure = Figure(
            name: name,
            value: middle.median,
            unit: "us",
            parameters: [
                "obs": .integer(policy.observationCount),
                "act": .integer(policy.actionCount),
                "batch": .integer(1),
                "hidden": .text("256x256"),
                "action": .text("mean"),
                "p99_us": .number(late.median),
                "p999_us": .number(latest.median),
                "repetitions": .integer(repetitions),
                "calls": .integer(calls),
            ]
        )
        return [figure]
    }

    /// Microseconds of each call.
    private static func run(
        _ policy: PolicySnapshot,
        _ inputs: [Float],
        scratch: inout PolicyScratch
    ) -> [Double] {
        var times = [Double](repeating: 0, count: calls)
        var action = [Float](repeating: 0, count: policy.actionCount)
        let width = policy.observationCount
        for call in 0..<calls {
            let first = call % observations * width
            let start = MonotonicClock.now()
            var output = action.mutableSpan
            policy.mean(
                inputs.span.extracting(first..<first + width),
                scratch: &scratch,
                into: &output
            )
            times[call] = Double(MonotonicClock.now() - start) * 1e-3
        }
        return times
    }
}
