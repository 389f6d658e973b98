/// How much of what the machine's best matrix product reaches a whole update reaches.
///
/// Needs `BENCH_PEERS=1`: NumPy's OpenBLAS and PyTorch's library multiply the learner's shapes in
/// the same run. Useful operations are those a plain implementation of SAC's losses needs.
enum SgemmShare {
    static let name = "learner.sac.share_of_best_sgemm"

    /// Useful operations of one update of the standard shape (../shared/spike.md, section 5).
    private static let operations = 0.582e9
    private static let repetitions = 4
    private static let turnSeconds = 0.4

    static func measure() throws -> [Figure] {
        guard Peers.areWanted else { return [] }
        let shape = LearnerShape()
        let replay = shape.emptyReplay()
        Experience.fill(replay)
        var learner = Contestant(shape, replay: replay)
        try learner.warmUp(seconds: turnSeconds)
        // Before and after the peers, so that a slow phase of the machine does not favour either.
        for _ in 0..<repetitions { try learner.takeTurn(seconds: turnSeconds) }
        let rates = try Peers.productRates()
        for _ in 0..<repetitions { try learner.takeTurn(seconds: turnSeconds) }
        guard let best = rates.max() else {
            throw BenchFailure("no peer could multiply matrices; see the remarks above")
        }
        let own = try KernelProducts.bestRate()
        let useful = operations * 1e-9 * learner.rates.median
        let figure = Figure(
            name: name,
            value: useful / best,
            unit: "1",
            parameters: shape.fields.joined([
                "useful_gflops": .number(useful),
                "best_sgemm_gflops": .number(best),
                "own_gemm_gflops": .number(own),
                "updates_per_second": .number(learner.rates.median),
                "gflop_per_update": .number(operations * 1e-9),
                "repetitions": .integer(2 * repetitions),
            ])
        )
        return [figure]
    }
}
