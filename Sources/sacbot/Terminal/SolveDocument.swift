import Foundation
import SoftMDP

extension SolveReport {
    /// One JSON object with everything the tables show.
    static func json(_ solved: SolvedMDP) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return String(decoding: try encoder.encode(SolveDocument(solved)), as: UTF8.self)
    }
}

/// The keys of `sacbot solve --json`.
private struct SolveDocument: Encodable {
    var file: String
    var discount: Double
    var temperature: Double
    var horizon: Int?
    var states: [State]
    var checks: [Check]
    var inequality: Inequality?
    var minimum_entropy: Floor?

    struct State: Encodable {
        var name: String
        var standard: Values
        var soft: Values
        /// What the soft policy earns, entropy apart.
        var soft_rewards: Double
        var start: Start
        var actions: [Action]
    }

    struct Values: Encodable {
        var value: Double
        var entropy: Double
    }

    /// Soft values: of the start policy, of one improved step, of the improved policy.
    struct Start: Encodable {
        var value: Double
        var one_step: Double
        var improved: Double
    }

    struct Action: Encodable {
        var name: String
        var standard: Choice
        var soft: Choice
    }

    struct Choice: Encodable {
        var q: Double
        var probability: Double
    }

    struct Check: Encodable {
        var claim: String
        var measure: String
        var number: Double
        var limit: Double
        var passed: Bool
    }

    /// H(π_old) + E_old Q_old and H(π_new) + E_new Q_old at one state.
    struct Inequality: Encodable {
        var state: String
        var nats: [Double]
        var base_10: [Double]
    }

    struct Floor: Encodable {
        var minimum: Double
        var reward: Double
        var bound: Double
        var temperatures: [Double]
        var entropies: [Double?]
    }

    init(_ solved: SolvedMDP) {
        let process = solved.problem.process
        file = solved.problem.path
        discount = process.discount
        temperature = solved.problem.temperature
        horizon = solved.problem.horizon?.horizon
        states = process.states.indices.filter { !process.states[$0].isTerminal }.map {
            State(solved, $0)
        }
        checks = solved.checks.map {
            Check(
                claim: $0.claim,
                measure: $0.measure,
                number: $0.number,
                limit: $0.limit,
                passed: $0.isPassed
            )
        }
        inequality = solved.problem.base10State.map { Inequality(solved, $0) }
        if let constrained = solved.constrained, let floor = solved.problem.floor {
            minimum_entropy = Floor(
                minimum: floor.minimum,
                reward: constrained.reward,
                bound: constrained.bound,
                temperatures: constrained.temperatures,
                entropies: constrained.entropies
            )
        }
    }
}

extension SolveDocument.State {
    init(_ solved: SolvedMDP, _ index: Int) {
        let state = solved.problem.process.states[index]
        let (standard, soft) = (solved.standard, solved.soft)
        name = state.name
        self.standard = SolveDocument.Values(
            value: standard.states[index],
            entropy: Shannon.entropy(standard.policy.rows[index])
        )
        self.soft = SolveDocument.Values(
            value: soft.states[index],
            entropy: Shannon.entropy(soft.policy.rows[index])
        )
        soft_rewards = solved.softRewards[index]
        start = SolveDocument.Start(
            value: solved.old.states[index],
            one_step: solved.oneStep[index],
            improved: solved.new.states[index]
        )
        actions = state.actions.indices.map { choice in
            SolveDocument.Action(
                name: state.actions[choice].name,
                standard: SolveDocument.Choice(
                    q: standard.actions[index][choice],
                    probability: standard.policy.rows[index][choice]
                ),
                soft: SolveDocument.Choice(
                    q: soft.actions[index][choice],
                    probability: soft.policy.rows[index][choice]
                )
            )
        }
    }
}

extension SolveDocument.Inequality {
    init(_ solved: SolvedMDP, _ index: Int) {
        let terms = InequalityTerms(solved, index)
        state = solved.problem.process.states[index].name
        nats = [terms.oldEntropy + terms.oldMean, terms.newEntropy + terms.newMean]
        base_10 = [
            terms.oldEntropy / log(10) + terms.oldMean, terms.newEntropy / log(10) + terms.newMean,
        ]
    }
}
