import Glibc

/// The dual of the entropy-constrained problem as a function of the temperatures.
struct EntropyDual {
    /// The best policy of one step for given temperatures.
    struct Step {
        var temperature: Double
        /// Q_t(s, a).
        var q: [[Double]]
        /// π_t(a|s).
        var policy: [[Double]]
        /// H(π_t(·|s)).
        var entropies: [Double]
        /// P(s_t = s).
        var chances: [Double] = []
    }

    /// One evaluation: the best policies backwards, then what they earn and visit forwards.
    struct Visit {
        var steps: [Step] = []
        /// γ^t P(not over) (H(π_t) - H_0): the dual's slope along α_t.
        var slopes: [Double] = []
        var entropies: [Double?] = []
        var reward = 0.0
        var bound = 0.0
    }

    let problem: FiniteHorizonMDP
    let minimumEntropy: Double
    let start: [Double]
    /// The largest reward's size: temperatures are looked for around it.
    let scale: Double

    init(problem: FiniteHorizonMDP, minimumEntropy: Double, start: [Double]) {
        precondition(start.count == problem.dynamics.states.count, "one weight a state")
        self.problem = problem
        self.minimumEntropy = minimumEntropy
        self.start = start
        var largest = 0.0
        for state in problem.dynamics.states {
            for action in state.actions { largest = max(largest, abs(action.reward)) }
        }
        scale = largest > 0 ? largest : 1
    }

    private var states: [MDPDynamics.State] { problem.dynamics.states }

    func visit(_ temperatures: [Double]) -> Visit {
        var visit = Visit()
        planBackwards(temperatures, &visit)
        rollForwards(&visit)
        return visit
    }

    private func planBackwards(_ temperatures: [Double], _ visit: inout Visit) {
        var values = [Double](repeating: 0, count: states.count)
        for temperature in temperatures.reversed() {
            let q = states.map { state in
                state.actions.map { $0.reward + problem.discount * $0.expectation(of: values) }
            }
            let policy = q.map { Shannon.maximizer($0, temperature: temperature) }
            visit.steps.append(
                Step(
                    temperature: temperature,
                    q: q,
                    policy: policy,
                    entropies: policy.map(Shannon.entropy)
                )
            )
            let price = temperature * minimumEntropy
            values = q.map {
                $0.isEmpty ? 0 : Shannon.maximum($0, temperature: temperature) - price
            }
        }
        visit.steps.reverse()
        visit.bound = zip(start, values).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func rollForwards(_ visit: inout Visit) {
        var chances = start
        var weight = 1.0
        for step in visit.steps.indices {
            visit.steps[step].chances = chances
            var next = [Double](repeating: 0, count: states.count)
            var running = 0.0
            var entropy = 0.0
            for (index, state) in states.enumerated() where !state.isTerminal {
                running += chances[index]
                entropy += chances[index] * visit.steps[step].entropies[index]
                for (action, probability) in zip(state.actions, visit.steps[step].policy[index]) {
                    let chance = chances[index] * probability
                    visit.reward += weight * chance * action.reward
                    for outcome in action.outcomes {
                        next[outcome.state] += chance * outcome.probability
                    }
                }
            }
            visit.slopes.append(weight * (entropy - running * minimumEntropy))
            visit.entropies.append(running > 0 ? entropy / running : nil)
            chances = next
            weight *= problem.discount
        }
    }

    /// The largest lack of entropy or, in units of `scale`, the gap; 0 for the exact solution.
    func misses(_ visit: Visit, _ temperatures: [Double]) -> Double {
        let lack = visit.entropies.reduce(0) { max($0, minimumEntropy - ($1 ?? minimumEntropy)) }
        // Large prices of entropy carry their rounding into the gap.
        let rounding = temperatures.reduce(abs(visit.bound), +).ulp * 16
        return max(lack, (abs(visit.bound - visit.reward) - rounding) / scale)
    }
}

// The second derivatives: how every slope changes with one temperature.
extension EntropyDual {
    /// The derivatives of `slopes` along α at one step.
    ///
    /// First backwards, how values and policies change; then forwards, how often states are
    /// visited. Exact where differences of slopes would miss a tie's narrow region.
    func slopeChanges(_ visit: Visit, at changed: Int) -> [Double] {
        let policyChanges = policyChanges(visit, at: changed)
        var result: [Double] = []
        var chanceChanges = [Double](repeating: 0, count: states.count)
        var weight = 1.0
        for (step, changes) in zip(visit.steps, policyChanges) {
            var next = [Double](repeating: 0, count: states.count)
            var total = 0.0
            for (index, state) in states.enumerated() where !state.isTerminal {
                total += chanceChanges[index] * (step.entropies[index] - minimumEntropy)
                let logs = logPolicy(step, index)
                for (choice, action) in state.actions.enumerated() {
                    let change = changes[index][choice]
                    if change != 0 { total -= step.chances[index] * change * logs[choice] }
                    let flow =
                        chanceChanges[index] * step.policy[index][choice]
                        + step.chances[index] * change
                    for outcome in action.outcomes {
                        next[outcome.state] += flow * outcome.probability
                    }
                }
            }
            result.append(weight * total)
            chanceChanges = next
            weight *= problem.discount
        }
        return result
    }

    private func logPolicy(_ step: Step, _ state: Int) -> [Double] {
        let value = Shannon.maximum(step.q[state], temperature: step.temperature)
        return step.q[state].map { ($0 - value) / step.temperature }
    }

    /// ∂π_t(a|s)/∂α at one step, for all steps t.
    private func policyChanges(_ visit: Visit, at changed: Int) -> [[[Double]]] {
        var valueChanges = [Double](repeating: 0, count: states.count)
        var result: [[[Double]]] = []
        for number in visit.steps.indices.reversed() {
            let step = visit.steps[number]
            var rows: [[Double]] = []
            for (index, state) in states.enumerated() {
                // Q/α changes through Q and through α.
                var logits = state.actions.map {
                    problem.discount * $0.expectation(of: valueChanges) / step.temperature
                }
                if number == changed {
                    let logs = logPolicy(step, index)
                    for choice in logits.indices {
                        logits[choice] -= logs[choice] / step.temperature
                    }
                }
                let row = step.policy[index]
                let mean = zip(row, logits).reduce(0) { $1.0 > 0 ? $0 + $1.0 * $1.1 : $0 }
                rows.append(zip(row, logits).map { $0 > 0 ? $0 * ($1 - mean) : 0 })
            }
            valueChanges = states.indices.map { index in
                let q = zip(step.policy[index], states[index].actions).reduce(0) {
                    $0 + $1.0 * problem.discount * $1.1.expectation(of: valueChanges)
                }
                let own = number == changed ? step.entropies[index] - minimumEntropy : 0
                return states[index].isTerminal ? 0 : q + own
            }
            result.append(rows)
        }
        return result.reversed()
    }
}
