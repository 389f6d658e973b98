import SoftMDP

/// Random problems for property tests; a seed makes the same one again.
struct RandomProcess: CustomStringConvertible {
    let seed: UInt64
    let process: FiniteMDP
    var generator: SeededGenerator

    var description: String { "seed \(seed), \(process.states.count) states" }

    /// The seeds that every property is tried with.
    static let seeds = Array(UInt64(1)...60)

    /// Two to five states with one to four actions each.
    ///
    /// Every third is episodic: discount 1, a terminal state, and every action leaks into it.
    init(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let isEpisodic = seed % 3 == 0
        let count = 2 + Int(generator.next() % 4)
        var states: [StateDescription] = []
        for index in 0..<count {
            let actions = (0...Int(generator.next() % 4)).map { action in
                var next = Self.distribution(count, using: &generator)
                if isEpisodic {
                    next = next.mapValues { $0 * 0.85 }
                    next["end"] = 0.15
                }
                let reward = Double.random(in: -3...3, using: &generator)
                return ActionDescription("a\(action)", reward: reward, next: next)
            }
            states.append(StateDescription("s\(index)", actions))
        }
        if isEpisodic { states.append(StateDescription("end")) }
        let discount = isEpisodic ? 1 : [0, 0.3, 0.8, 0.95][Int(generator.next() % 4)]
        self.seed = seed
        process = try FiniteMDP(states, discount: discount)
        self.generator = generator
    }

    /// About half of the next states have a probability of 0.
    private static func distribution(
        _ count: Int,
        using generator: inout SeededGenerator
    ) -> [String: Double] {
        var weights = (0..<count).map { _ in
            Bool.random(using: &generator) ? Double.random(in: 0.1...1, using: &generator) : 0
        }
        if weights.allSatisfy({ $0 == 0 }) { weights[0] = 1 }
        let sum = weights.reduce(0, +)
        return Dictionary(
            uniqueKeysWithValues: weights.indices.map { ("s\($0)", weights[$0] / sum) }
        )
    }

    /// A random policy.
    mutating func policy() -> TabularPolicy {
        .random(for: process.dynamics, using: &generator)
    }

    /// A temperature between 0.02 and 20.
    mutating func temperature() -> Double {
        0.02 * Double.random(in: 1...1000, using: &generator)
    }
}

extension FiniteMDP {
    /// Every deterministic policy, as one action a state.
    var deterministicPolicies: [TabularPolicy] {
        var choices: [[Int]] = [[]]
        for state in states {
            let options = state.isTerminal ? [0] : Array(state.actions.indices)
            choices = choices.flatMap { known in options.map { known + [$0] } }
        }
        return choices.map { .deterministic($0, for: dynamics) }
    }

    /// Pairs of state and action, in order.
    var pairs: [(state: Int, action: Int)] {
        states.indices.flatMap { state in
            states[state].actions.indices.map { (state, $0) }
        }
    }
}

/// Values from outside the library: the Bellman equations as one linear system in Q.
///
/// The unknowns are action values (the library solves for state values), the elimination is
/// Gauss-Jordan with full row pivoting (the library's has none).
struct LinearOracle {
    let q: [[Double]]
    let v: [Double]

    init(_ process: FiniteMDP, _ policy: TabularPolicy, bonus: ([Double]) -> Double) {
        let pairs = process.pairs
        let states = process.states
        var rows: [[Double]] = []
        for (place, pair) in pairs.enumerated() {
            let action = states[pair.state].actions[pair.action]
            var row = [Double](repeating: 0, count: pairs.count + 1)
            row[place] = 1
            row[pairs.count] = action.reward
            for outcome in action.outcomes {
                let weight = process.discount * outcome.probability
                for (column, next) in pairs.enumerated() where next.state == outcome.state {
                    row[column] -= weight * policy.rows[next.state][next.action]
                }
                if !states[outcome.state].isTerminal {
                    row[pairs.count] += weight * bonus(policy.rows[outcome.state])
                }
            }
            rows.append(row)
        }
        let solved = Self.solve(rows)
        var q = states.map { $0.actions.map { _ in 0.0 } }
        for (place, pair) in pairs.enumerated() { q[pair.state][pair.action] = solved[place] }
        self.q = q
        v = states.indices.map { state in
            guard !states[state].isTerminal else { return 0 }
            return zip(q[state], policy.rows[state]).reduce(bonus(policy.rows[state])) {
                $0 + $1.0 * $1.1
            }
        }
    }

    private static func solve(_ rows: [[Double]]) -> [Double] {
        var rows = rows
        let count = rows.count
        for column in 0..<count {
            let pivot =
                (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            let scale = rows[column][column]
            rows[column] = rows[column].map { $0 / scale }
            for row in 0..<count where row != column {
                let factor = rows[row][column]
                rows[row] = zip(rows[row], rows[column]).map { $0 - factor * $1 }
            }
        }
        return rows.map { $0[count] }
    }
}

/// The largest difference of two tables.
func difference(_ a: [[Double]], _ b: [[Double]]) -> Double {
    zip(a.joined(), b.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
