import Foundation
import SoftMDP

/// A solved decision process as tables for people and as JSON for programs.
enum SolveReport {
    static func text(_ solved: SolvedMDP) -> String {
        var parts = [heading(solved), stateTable(solved), actionTable(solved), startTable(solved)]
        if let index = solved.problem.base10State { parts.append(inequality(solved, index)) }
        if let constrained = solved.constrained { parts.append(priceTable(constrained, solved)) }
        parts.append(checkTable(solved))
        return parts.joined(separator: "\n\n")
    }

    private static func heading(_ solved: SolvedMDP) -> String {
        let states = solved.problem.process.states
        let terminal = states.filter(\.isTerminal).count
        var words = [
            "\(states.count - terminal) states and \(terminal) terminal",
            "discount \(short(solved.problem.process.discount))",
            "temperature \(short(solved.problem.temperature))",
        ]
        if let horizon = solved.problem.horizon { words.append("horizon \(horizon.horizon)") }
        return "\(solved.problem.path): " + words.joined(separator: ", ")
    }

    private static func stateTable(_ solved: SolvedMDP) -> String {
        var table = TextTable(["state", "V", "entropy", "soft V", "soft rewards", "soft entropy"])
        for (index, state) in solved.problem.process.states.enumerated() where !state.isTerminal {
            table.add([
                state.name,
                four(solved.standard.states[index]),
                four(Shannon.entropy(solved.standard.policy.rows[index])),
                four(solved.soft.states[index]),
                four(solved.softRewards[index]),
                four(Shannon.entropy(solved.soft.policy.rows[index])),
            ])
        }
        return
            "Values: the standard problem, then the soft one, what its policy earns, and entropies in nats\n"
            + table.text
    }

    private static func actionTable(_ solved: SolvedMDP) -> String {
        var table = TextTable(
            ["state", "action", "Q", "policy", "soft Q", "soft policy"],
            words: 2
        )
        for (index, state) in solved.problem.process.states.enumerated() {
            for (choice, action) in state.actions.enumerated() {
                table.add([
                    choice == 0 ? state.name : "",
                    action.name,
                    four(solved.standard.actions[index][choice]),
                    four(solved.standard.policy.rows[index][choice]),
                    four(solved.soft.actions[index][choice]),
                    four(solved.soft.policy.rows[index][choice]),
                ])
            }
        }
        return "Actions: the standard problem, then the soft one\n" + table.text
    }

    private static func startTable(_ solved: SolvedMDP) -> String {
        var table = TextTable(["state", "old", "one step", "improved", "optimal"])
        for (index, state) in solved.problem.process.states.enumerated() where !state.isTerminal {
            table.add([
                state.name,
                four(solved.old.states[index]),
                four(solved.oneStep[index]),
                four(solved.new.states[index]),
                four(solved.soft.states[index]),
            ])
        }
        return "Soft values of the start policy (old), of one step of its improvement and then the "
            + "old,\nof its improvement, and of the optimal policy: each at most the next\n"
            + table.text
    }

    /// The deck's line, H(π_old) + E_old Q_old ≤ H(π_new) + E_new Q_old, in both units.
    private static func inequality(_ solved: SolvedMDP, _ index: Int) -> String {
        let terms = InequalityTerms(solved, index)
        var table = TextTable(["unit", "old policy", "improved", "sums"])
        let units: [(String, Double)] = [("nats", 1), ("base 10", log(10))]
        for (unit, scale) in units {
            let old = terms.oldEntropy / scale
            let new = terms.newEntropy / scale
            table.add([
                unit,
                "\(two(old)) + \(two(terms.oldMean))",
                "\(two(new)) + \(two(terms.newMean))",
                "\(two(old + terms.oldMean)) <= \(two(new + terms.newMean))",
            ])
        }
        let name = solved.problem.process.states[index].name
        return "Improvement at \(name), entropy + mean of Q(old); base 10 is the deck's unit for "
            + "this entropy\n" + table.text
    }

    private static func priceTable(
        _ constrained: EntropyConstrainedSolution,
        _ solved: SolvedMDP
    ) -> String {
        var table = TextTable(["step", "alpha", "entropy"])
        for (step, temperature) in constrained.temperatures.enumerated() {
            let entropy = constrained.entropies[step].map(four) ?? "over"
            table.add(["\(step)", four(temperature), entropy])
        }
        let minimum = short(solved.problem.floor?.minimum ?? 0)
        return "Most reward with at least \(minimum) nats at every step: "
            + "\(four(constrained.reward)), bound \(four(constrained.bound))\n" + table.text
    }

    private static func checkTable(_ solved: SolvedMDP) -> String {
        var lines = ["Checks (random policies and values from seed \(SolvedMDP.seed))"]
        for check in solved.checks {
            lines.append("  \(check.isPassed ? "pass" : "FAIL")  \(check.claim)")
            lines.append(
                "        \(check.measure): \(scientific(check.number)), "
                    + "allowed \(scientific(check.limit))"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func two(_ value: Double) -> String { String(format: "%.2f", value) }

    static func four(_ value: Double) -> String {
        // -0.0000 is nothing a person wants to see.
        let value = abs(value) < 5e-5 ? 0 : value
        return abs(value) < 1e7 ? String(format: "%.4f", value) : String(format: "%.6e", value)
    }

    private static func short(_ value: Double) -> String { String(format: "%.6g", value) }

    private static func scientific(_ value: Double) -> String { String(format: "%.3g", value) }
}

/// The four numbers of the deck's inequality at one state; entropies times α, in nats.
struct InequalityTerms {
    let oldEntropy: Double
    let oldMean: Double
    let newEntropy: Double
    let newMean: Double

    init(_ solved: SolvedMDP, _ index: Int) {
        let objective = Objective.soft(temperature: solved.problem.temperature)
        let q = solved.old.actions[index]
        func mean(_ row: [Double]) -> Double { zip(row, q).reduce(0) { $0 + $1.0 * $1.1 } }
        let old = solved.problem.start.rows[index]
        let new = solved.improved.rows[index]
        (oldEntropy, oldMean) = (objective.bonus(old), mean(old))
        (newEntropy, newMean) = (objective.bonus(new), mean(new))
    }
}

/// Rows of text in columns: words to the left, numbers to the right.
struct TextTable {
    private var rows: [[String]]
    private let words: Int

    /// `words` is how many columns from the left hold words.
    init(_ head: [String], words: Int = 1) {
        rows = [head]
        self.words = words
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            "  "
                + row.enumerated().map { column, cell in
                    let fill = String(repeating: " ", count: widths[column] - cell.count)
                    return column < words ? cell + fill : fill + cell
                }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
