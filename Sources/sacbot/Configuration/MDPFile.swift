import RobotFiles
import SoftMDP

/// A decision process as its file describes it: docs/soft-mdp.md lists the keys.
struct MDPProblem {
    /// What is solved; a problem with a horizon is unrolled.
    var process: FiniteMDP
    /// The policy whose improvement is shown.
    var start: TabularPolicy
    /// α in units of reward.
    var temperature: Double
    /// The state for which the deck's inequality is shown in base 10 as well; index in `process`.
    var base10State: Int?
    /// The problem with its horizon, if it has one.
    var horizon: FiniteHorizonMDP?
    /// A minimum of entropy at every step.
    var floor: EntropyFloor?
    /// The file.
    var path: String

    /// A minimum of entropy, and where episodes begin.
    struct EntropyFloor {
        var minimum: Double
        var start: [Double]
    }
}

/// Reads the file of `sacbot solve`.
struct MDPFile {
    /// States that are solved at most, a step of a horizon counted as a state of its own; tables
    /// and the dense linear systems behind them are made for that size.
    static let maximumStates = 500

    private let root: Section
    private let named: [NamedSection]

    private init(_ root: Section) {
        self.root = root
        named = root.namedSections("states")
    }

    /// Reads a file by path; all its problems are thrown together, with line and column.
    static func load(_ path: String) throws -> MDPProblem {
        let file = try YAMLFile.load(path)
        let reader = MDPFile(file.section)
        let parts = reader.parts()
        file.section.finish()
        try file.check()
        do {
            return try reader.problem(parts, path: path)
        } catch let error as MDPError {
            reader.report(error)
            try file.check()
            throw Failure("\(path): \(error)")
        }
    }

    /// What stands in the file, before it is known to fit together.
    private struct Parts {
        var states: [StateDescription]
        var discount: Double
        var temperature: Double
        var horizon: Int?
        var rows: [[Double]]
        var base10State: Int?
        var minimumEntropy: Double?
        var startState: Int?
    }

    private func parts() -> Parts {
        let horizon = root.has("horizon") ? root.integer("horizon", in: 1...1000) : nil
        let parts = Parts(
            states: named.map(state),
            discount: root.number("discount", in: 0...1),
            temperature: root.number("temperature", in: 1e-9...1e9, default: 1),
            horizon: horizon,
            rows: rows(),
            base10State: state(named: "base_10_at"),
            minimumEntropy: root.optionalNumber("minimum_entropy", in: 0...100),
            startState: state(named: "start_state")
        )
        if parts.minimumEntropy != nil, horizon == nil {
            root.report("minimum_entropy", "it needs a `horizon`")
        }
        let count = named.filter { !$0.section.keys.isEmpty }.count * (horizon ?? 1)
        if count > Self.maximumStates {
            let steps = horizon == nil ? "" : ", a state at each step counted"
            root.report(
                "the file has \(count) states\(steps); at most \(Self.maximumStates) are solved"
            )
        }
        return parts
    }

    private func state(_ state: NamedSection) -> StateDescription {
        StateDescription(
            state.name,
            state.section.keys.map { name in
                let action = state.section.section(name)
                return ActionDescription(
                    name,
                    reward: action.number("reward", in: -1e12...1e12),
                    next: next(action)
                )
            }
        )
    }

    /// The next states of an action; a name that is no state is an unknown key there.
    private func next(_ action: Section) -> [String: Double] {
        let to = action.section("to")
        var next: [String: Double] = [:]
        for state in named { next[state.name] = to.optionalNumber(state.name, in: 0...1) }
        // A probability that could not be read was reported; the sum would only repeat that.
        if to.keys.allSatisfy({ next[$0] != nil }) {
            checkSum(next.values.reduce(0, +), of: to, for: named.map(\.name), "to", in: action)
        }
        return next
    }

    /// Reports a row of probabilities that does not sum to 1, unless a mistake in a key explains it.
    private func checkSum(
        _ sum: Double,
        of row: Section,
        for known: [String],
        _ key: String,
        in section: Section
    ) {
        guard section.has(key), row.keys.allSatisfy(known.contains),
            abs(sum - 1) > MDPDynamics.sumTolerance
        else { return }
        // Ten digits: what is left of the tenths that binary cannot write is no mistake.
        let shown = (sum * 1e10).rounded() / 1e10
        section.report(key, "its probabilities sum to \(shown); they have to sum to 1")
    }

    /// One row a state: what `start_policy` says, else every action equally likely.
    private func rows() -> [[Double]] {
        let policy = root.optionalSection("start_policy")
        return named.map { state in
            let actions = state.section.keys
            let even = actions.map { _ in 1 / Double(actions.count) }
            guard !actions.isEmpty, let policy, let row = policy.optionalSection(state.name) else {
                return even
            }
            let given = actions.map { row.number($0, in: 0...1, default: 0) }
            checkSum(given.reduce(0, +), of: row, for: actions, state.name, in: policy)
            return given
        }
    }

    /// The state a key names; it has to be one with actions.
    private func state(named key: String) -> Int? {
        guard let name = root.optionalText(key) else { return nil }
        let index = named.firstIndex { $0.name == name && !$0.section.keys.isEmpty }
        if index == nil {
            let known = named.filter { !$0.section.keys.isEmpty }.map(\.name)
            root.report(key, "states with actions are " + known.joined(separator: ", "))
        }
        return index
    }

    private func problem(_ parts: Parts, path: String) throws -> MDPProblem {
        let dynamics = try MDPDynamics(parts.states)
        let policy = try TabularPolicy(parts.rows, for: dynamics)
        guard let steps = parts.horizon else {
            return MDPProblem(
                process: try FiniteMDP(dynamics, discount: parts.discount),
                start: policy,
                temperature: parts.temperature,
                base10State: parts.base10State,
                path: path
            )
        }
        let horizon = try FiniteHorizonMDP(dynamics, discount: parts.discount, horizon: steps)
        let unrolled = try horizon.unrolled(policy)
        let first = parts.startState ?? horizon.decisionStates[0]
        return MDPProblem(
            process: unrolled.process,
            start: unrolled.policy ?? .uniform(for: unrolled.process.dynamics),
            temperature: parts.temperature,
            base10State: parts.base10State.map { horizon.unrolledIndex(step: 0, state: $0) },
            horizon: horizon,
            floor: parts.minimumEntropy.map { minimum in
                MDPProblem.EntropyFloor(
                    minimum: minimum,
                    start: dynamics.states.indices.map { $0 == first ? 1 : 0 }
                )
            },
            path: path
        )
    }

    /// Puts an error of the whole where a person would mend it.
    private func report(_ error: MDPError) {
        switch error {
        case .neverEnds, .vanishingDiscount: root.report("discount", "\(error)")
        case .nothingToDecide: root.report("\(error)")
        default: break
        }
    }
}
