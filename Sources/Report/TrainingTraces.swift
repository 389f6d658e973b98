import Glibc
public import Journal

/// Episodes of a run over time, from its transitions.
public struct TrainingTraces {
    /// What each number of the observation is, `joint_positions.elbow`, older frames left out.
    private let names: [String]
    private let units: [String]
    private let secondsPerStep: Double
    private let jointOfAction: [(name: String, offset: Double, factor: Double)]

    /// Episodes that are looked at for those to show: the newest.
    private static let looked = 30

    /// - Parameter notes: the metadata block of the run's policy file, which says what the numbers
    ///   of an observation and an action are; without it there are no traces.
    public init?(notes: [String: String]) {
        func list(_ key: String) -> [String] {
            notes[key]?.split(separator: "\n").map(String.init) ?? []
        }
        names = list("sacbot.observation_names")
        units = list("sacbot.observation_units")
        let rate = notes["sacbot.policy_rate_hz"].flatMap { Double($0) } ?? 0
        guard !names.isEmpty, names.count == units.count, rate > 0 else { return nil }
        secondsPerStep = 1 / rate
        let joints = list("sacbot.action_joints")
        let offsets = list("sacbot.action_offset").compactMap { Double($0) }
        let factors = list("sacbot.action_scale").compactMap { Double($0) }
        let isWhole = joints.count == offsets.count && joints.count == factors.count
        // Actions of legs and relative ones are no joint positions.
        let isPosition = notes["sacbot.action_kind"] == "absolute" && isWhole
        jointOfAction =
            isPosition ? joints.indices.map { (joints[$0], offsets[$0], factors[$0]) } : []
    }

    /// The best, the middle and the worst of the newest episodes, by their return.
    ///
    /// Reads only the newest transitions, however long the run is.
    public func traces(_ reader: JournalReader, policy: String) throws(JournalError) -> [Trace] {
        let recent = try reader.episodes().filter { $0.end != .aborted && $0.steps > 1 }
            .suffix(Self.looked)
        let byReturn = recent.sorted { $0.totalReward > $1.totalReward }
        guard let best = byReturn.first, let worst = byReturn.last else { return [] }
        var chosen = [best]
        for episode in [byReturn[byReturn.count / 2], worst]
        where !chosen.contains(where: { $0.index == episode.index }) { chosen.append(episode) }
        let wanted = Dictionary(uniqueKeysWithValues: chosen.map { ($0.index, $0) })
        let needed =
            (recent.last?.firstStep ?? 0) + (recent.last?.steps ?? 0)
            - (recent.first?.firstStep ?? 0)
        let start = try reader.sequence(beforeNewest: needed + 1)
        var rows: [Int: [TransitionRecord]] = [:]
        try reader.readTransitions(afterSequence: start) { record in
            if wanted[record.episode] != nil { rows[record.episode, default: []].append(record) }
        }
        return chosen.compactMap { episode in
            guard let own = rows[episode.index], own.count > 1 else { return nil }
            return trace(own, episode, policy)
        }
    }

    private func trace(
        _ rows: [TransitionRecord],
        _ episode: EpisodeRecord,
        _ policy: String
    ) -> Trace {
        let seen = rows.map(\.observation) + [rows[rows.count - 1].nextObservation]
        var trace = Trace(
            policy: policy,
            kind: "training",
            episode: episode.index,
            succeeded: episode.succeededHeld,
            time: seen.indices.map { Double($0) * secondsPerStep },
            interfered: [],
            limitedAt: [],
            columns: []
        )
        trace.limitedAt = rows.indices.filter { rows[$0].isLimited }.map { trace.time[$0 + 1] }
        trace.columns = columns(seen)
        trace.columns.append(
            Trace.Column("reward", unit: "1", [nil] + rows.map { Double($0.reward) })
        )
        trace.columns += goals(rows)
        return trace
    }

    private func columns(_ seen: [[Float]]) -> [Trace.Column] {
        func values(_ index: Int) -> [Double?] {
            seen.map { index < $0.count ? Double($0[index]) : nil }
        }
        var columns: [Trace.Column] = []
        for (index, name) in names.enumerated() where !name.hasSuffix("]") {
            if name == "target_error" {
                columns.append(Trace.Column("error", unit: units[index], values(index)))
            } else if name == "object_direction.cos",
                let sine = names.firstIndex(of: "object_direction.sin")
            {
                let angle = zip(values(index), values(sine)).map { cosine, sine in
                    cosine.flatMap { cosine in sine.map { atan2($0, cosine) } }
                }
                columns.append(Trace.Column("object angle", unit: "rad", angle))
            } else if let part = Self.part(name, of: "joint_positions") {
                columns.append(
                    Trace.Column("position", joint: part, unit: units[index], values(index))
                )
            } else if let part = Self.part(name, of: "base_tilt") {
                columns.append(Trace.Column(part, unit: units[index], values(index)))
            }
        }
        return columns
    }

    private static func part(_ name: String, of term: String) -> String? {
        name.hasPrefix(term + ".") ? String(name.dropFirst(term.count + 1)) : nil
    }

    /// What the supervisor let through, as positions.
    private func goals(_ rows: [TransitionRecord]) -> [Trace.Column] {
        jointOfAction.enumerated().map { index, joint in
            let values = rows.map { row -> Double? in
                guard index < row.action.count else { return nil }
                return joint.offset + joint.factor * Double(row.action[index])
            }
            return Trace.Column("goal", joint: joint.name, unit: "rad", [nil] + values)
        }
    }
}
