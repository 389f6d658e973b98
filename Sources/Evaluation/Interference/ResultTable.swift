/// Makes the tables of an evaluation from its episodes.
struct ResultTable {
    let bootstrap: Bootstrap
    let rows: [EpisodeRow]

    /// One row a policy and kind in the order they were run, the episodes without first.
    func results(policies: Int, kinds: [InterferenceKind]) -> [KindResult] {
        let names = [EvaluationDocument.without] + kinds.map(\.rawValue)
        return (0..<policies).flatMap { policy in
            names.compactMap { result(policy, $0) }
        }
    }

    /// One row a policy, over all kinds.
    func overall(policies: Int, kinds: [InterferenceKind]) -> [OverallResult] {
        (0..<policies).compactMap { policy in
            let groups = kinds.map { episodes(policy, $0.rawValue) }
            let scores = groups.map { $0.map(\.score) }
            let successes = groups.map { $0.map { $0.succeeded ? 1.0 : 0 } }
            let name = "overall-\(policy)"
            guard
                let middle = bootstrap.estimate(
                    strata: scores,
                    name: name,
                    Bootstrap.interquartileMean
                ),
                let mean = bootstrap.estimate(strata: scores, name: name, Bootstrap.mean),
                let success = bootstrap.estimate(strata: successes, name: name, Bootstrap.mean)
            else { return nil }
            return OverallResult(
                policy: policy,
                scoreInterquartileMean: middle,
                scoreMean: mean,
                success: success
            )
        }
    }

    private func episodes(_ policy: Int, _ kind: String) -> [EpisodeRow] {
        rows.filter { $0.policy == policy && $0.kind == kind }
    }

    private func result(_ policy: Int, _ kind: String) -> KindResult? {
        let episodes = episodes(policy, kind)
        let without = Dictionary(
            self.episodes(policy, EvaluationDocument.without).map { ($0.episode, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let paired = episodes.compactMap { row in without[row.episode].map { (row, $0) } }
        let with = paired.map { $0.0.succeeded ? 1.0 : 0 }
        let plain = paired.map { $0.1.succeeded ? 1.0 : 0 }
        let name = "\(policy)-\(kind)"
        func mean(_ samples: [Double]) -> Estimate? {
            bootstrap.estimate(samples, name: name, Bootstrap.mean)
        }
        func middle(_ samples: [Double]) -> Estimate? {
            bootstrap.estimate(samples, name: name, Bootstrap.interquartileMean)
        }
        guard let success = mean(episodes.map { $0.succeeded ? 1 : 0 }),
            let score = mean(episodes.map(\.score)),
            let interventions = mean(episodes.map { Double($0.interventions) })
        else { return nil }
        let recoveries = episodes.compactMap(\.recoverySeconds)
        return KindResult(
            policy: policy,
            kind: kind,
            episodes: episodes.count,
            success: success,
            successWithout: mean(plain) ?? success,
            retention: bootstrap.ratio(with, over: plain, name: name),
            score: score,
            recoverySeconds: middle(recoveries),
            recovered: recoveries.count,
            worstDeviation: middle(episodes.compactMap(\.worstDeviation)),
            peakCurrent: middle(episodes.map(\.peakCurrent)),
            interventions: interventions,
            aborted: episodes.count { $0.fault != nil },
            fallen: episodes.count { $0.end == "terminated" }
        )
    }
}

extension EvaluationDocument {
    /// The document of an evaluation's episodes, its tables computed.
    public init(
        setting: EvaluationSetting,
        policies: [EvaluatedPolicy],
        rows: [EpisodeRow],
        rollouts: [Rollout],
        schedule: InterferenceSchedule,
        problem: String?
    ) {
        let table = ResultTable(
            bootstrap: Bootstrap(count: setting.bootstrapSamples, seed: setting.seed),
            rows: rows
        )
        self.init(
            setting: setting,
            policies: policies,
            results: table.results(policies: policies.count, kinds: schedule.kinds),
            overall: table.overall(policies: policies.count, kinds: schedule.kinds),
            episodes: rows,
            rollouts: rollouts,
            schedule: schedule,
            problem: problem
        )
    }
}
