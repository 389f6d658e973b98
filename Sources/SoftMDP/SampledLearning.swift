import Glibc

/// Step sizes (c / (c + n))^ω after n visits: their sum is infinite, that of their squares is not.
///
/// Robbins and Monro (1951). With c = 1, ω = 1 the first estimate is the mean of its samples; a
/// large c (about 1 / (1 - γ)) keeps early, wrong targets from being averaged in for ever.
public struct RobbinsMonroSteps: Sendable, Equatable {
    /// c, at least 1.
    public let offset: Double
    /// ω, above 1/2 and at most 1.
    public let exponent: Double

    /// Throws `badSteps` for numbers with which learning does not converge.
    public init(offset: Double = 1, exponent: Double = 1) throws(MDPError) {
        guard offset >= 1, offset.isFinite, exponent > 0.5, exponent <= 1 else {
            throw .badSteps(offset: offset, exponent: exponent)
        }
        self.offset = offset
        self.exponent = exponent
    }

    /// The step after `visits` earlier visits; 1 at the first.
    public func size(after visits: Int) -> Double {
        let share = offset / (offset + Double(visits))
        return exponent == 1 ? share : pow(share, exponent)
    }
}

/// One sampled step: all that a learner without a model sees.
public struct SampledStep: Sendable, Equatable {
    /// Where it began.
    public let state: Int
    /// What was done.
    public let action: Int
    /// What it paid.
    public let reward: Double
    /// Where it led.
    public let next: Int
}

/// A walk through a process that gives samples and hides the probabilities.
///
/// Begins anywhere with equal chance, again after every terminal state and after `restartAfter`
/// steps, so that every state is visited again and again. A walk that is cut short is no end: the
/// next state keeps its value.
struct SampledWalk {
    static let restartAfter = 100

    let process: FiniteMDP
    private let starts: [Int]
    private(set) var state: Int
    private var steps = 0

    init(_ process: FiniteMDP, using generator: inout some RandomNumberGenerator) {
        self.process = process
        starts = process.states.indices.filter { !process.states[$0].isTerminal }
        state = starts[generator.index(below: starts.count)]
    }

    mutating func step(
        _ action: Int,
        using generator: inout some RandomNumberGenerator
    ) -> SampledStep {
        let taken = process.states[state].actions[action]
        let drawn = generator.index(from: taken.outcomes.map(\.probability))
        let next = taken.outcomes[drawn].state
        let result = SampledStep(state: state, action: action, reward: taken.reward, next: next)
        steps += 1
        let isOver = process.states[next].isTerminal || steps == Self.restartAfter
        state = isOver ? starts[generator.index(below: starts.count)] : next
        if isOver { steps = 0 }
        return result
    }
}

extension FiniteMDP {
    /// TD(0): V^π from samples, V(s) ← V(s) + step (r + bonus(π(·|s)) + γ V(s') - V(s)).
    ///
    /// The policy is known to whoever follows it, so that its entropy need not be sampled.
    public func temporalDifference(
        _ policy: TabularPolicy,
        _ objective: Objective,
        samples: Int,
        steps: RobbinsMonroSteps,
        using generator: inout some RandomNumberGenerator
    ) -> [Double] {
        var values = [Double](repeating: 0, count: states.count)
        var visits = [Int](repeating: 0, count: states.count)
        var walk = SampledWalk(self, using: &generator)
        for _ in 0..<samples {
            let row = policy.rows[walk.state]
            let seen = walk.step(generator.index(from: row), using: &generator)
            let target = seen.reward + objective.bonus(row) + discount * values[seen.next]
            let step = steps.size(after: visits[seen.state])
            values[seen.state] += step * (target - values[seen.state])
            visits[seen.state] += 1
        }
        return values
    }

    /// Q-learning: Q* from samples, Q(s, a) ← Q(s, a) + step (r + γ max Q(s', ·) - Q(s, a)).
    ///
    /// With a soft objective this is tabular soft Q-learning: max becomes α log-sum-exp. Actions
    /// are those the current Q thinks best, or with chance `exploration` any, so that every action
    /// is tried again and again.
    public func qLearning(
        _ objective: Objective,
        samples: Int,
        steps: RobbinsMonroSteps,
        exploration: Double,
        using generator: inout some RandomNumberGenerator
    ) -> [[Double]] {
        var q = states.map { $0.actions.map { _ in 0.0 } }
        var visits = states.map { $0.actions.map { _ in 0 } }
        var walk = SampledWalk(self, using: &generator)
        for _ in 0..<samples {
            let known = q[walk.state]
            let action =
                generator.uniform() < exploration
                ? generator.index(below: known.count)
                : generator.index(from: objective.maximizer(known))
            let seen = walk.step(action, using: &generator)
            let ahead = q[seen.next].isEmpty ? 0 : objective.maximum(q[seen.next])
            let step = steps.size(after: visits[seen.state][action])
            q[seen.state][action] +=
                step * (seen.reward + discount * ahead - q[seen.state][action])
            visits[seen.state][action] += 1
        }
        return q
    }
}
