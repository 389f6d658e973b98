import Foundation
import SoftMDP
import Testing

@Suite("One decision under an entropy")
struct OneDecisionTests {
    @Test("log-sum-exp by its closed forms, where the exponentials would not fit")
    func largeValues() {
        // q/α = ±1e4: exp(1e4) is far above what a Double holds.
        #expect(Shannon.maximum([1e4, -1e4], temperature: 1) == 1e4)
        #expect(Shannon.maximum([-1e4, -1e4], temperature: 1) == -1e4 + log(2))
        #expect(Shannon.maximum([1, -1], temperature: 1e-4) == 1)
        #expect(Shannon.maximizer([1e4, -1e4], temperature: 1) == [1, 0])
        #expect(
            Shannon.maximizer([-1e4, -1e4, -1e4, -1e4], temperature: 1) == [0.25, 0.25, 0.25, 0.25]
        )
        let near = Shannon.maximum([-1e4, -1e4 - 1], temperature: 1)
        #expect(abs(near - (-1e4 + log1p(exp(-1)))) < 1e-11)
        // What a far action adds is kept to full precision: log(1 + e^-30) = 9.357622968839299e-14.
        let little = Shannon.maximum([0, -30], temperature: 1)
        #expect(abs(little / 9.357622968839299e-14 - 1) < 1e-12)
    }

    @Test("published two-armed numbers of the deck: softmax(4.3, 3.3) and its entropies")
    func deck() {
        let policy = Shannon.maximizer([4.3, 3.3], temperature: 1)
        #expect(abs(policy[0] - 0.731) < 5e-4 && abs(policy[1] - 0.269) < 5e-4)
        #expect(abs(Shannon.entropy(policy) / log(10) - 0.253) < 5e-4)
        let expectation = policy[0] * 4.3 + policy[1] * 3.3
        #expect(abs(expectation - 4.031) < 5e-4)
    }

    @Test("entropy of a uniform row is log n, of a certain one 0, of an impossible action nothing")
    func entropies() {
        #expect(abs(Shannon.entropy([0.25, 0.25, 0.25, 0.25]) - log(4)) < 1e-15)
        #expect(Shannon.entropy([1, 0]) == 0)
        #expect(abs(Tsallis.entropy([0.25, 0.25, 0.25, 0.25]) - 0.375) < 1e-15)
        #expect(Tsallis.entropy([0, 1]) == 0)
    }

    @Test("the two values written V agree for exp(q/α) and for no other policy", arguments: 1...50)
    func twoValues(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let q = (0..<4).map { _ in Double.random(in: -5...5, using: &generator) }
        let temperature = Double.random(in: 0.05...5, using: &generator)
        let best = Shannon.maximum(q, temperature: temperature)
        let policy = Shannon.maximizer(q, temperature: temperature)
        let reached = Shannon.expectation(q, under: policy, temperature: temperature)
        #expect(abs(best - reached) < 1e-12, "seed \(seed)")
        let weights = (0..<4).map { _ in Double.random(in: 0.01...1, using: &generator) }
        let other = weights.map { $0 / weights.reduce(0, +) }
        let less = Shannon.expectation(q, under: other, temperature: temperature)
        #expect(less < best, "seed \(seed)")
        // What is lost is α KL, computed here from the two distributions themselves.
        let divergence = zip(other, policy).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(abs((best - less) / temperature - divergence) < 1e-9, "seed \(seed)")
        let library = Shannon.divergence(other, fromPolicyOf: q, temperature: temperature)
        #expect(abs(library - divergence) < 1e-9, "seed \(seed)")
    }

    @Test("the divergence is finite where the second policy's probabilities are too small to write")
    func farDivergence() {
        let divergence = Shannon.divergence([0, 1], fromPolicyOf: [1e4, 0], temperature: 1)
        #expect(divergence == 1e4)
    }

    @Test("sparsemax by hand")
    func sparsemax() {
        // Two taken: τ = (0.5 - 1)/2 = -0.25.
        #expect(Tsallis.maximizer([0.5, 0], temperature: 1) == [0.75, 0.25])
        // Value: 0.75 · 0.5 + ½ (1 - 0.5625 - 0.0625) = 0.5625.
        #expect(abs(Tsallis.maximum([0.5, 0], temperature: 1) - 0.5625) < 1e-15)
        // A gap of α or more: one taken, and its value is its own.
        #expect(Tsallis.maximizer([1, 0], temperature: 1) == [1, 0])
        #expect(Tsallis.maximum([1, 0], temperature: 1) == 1)
        // Three of four taken: 0.1, 0, -0.2 with τ = (-0.1 - 1)/3.
        let policy = Tsallis.maximizer([-0.2, 0.1, -3, 0], temperature: 1)
        let expected = [-0.2 + 1.1 / 3, 0.1 + 1.1 / 3, 0, 1.1 / 3]
        #expect(zip(policy, expected).allSatisfy { abs($0 - $1) < 1e-15 })
        #expect(Tsallis.maximizer([1e4, -1e4, 1e4], temperature: 1) == [0.5, 0, 0.5])
    }

    @Test("no distribution on a fine grid has a larger value than the maximizer", arguments: 1...20)
    func grid(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let q = (0..<3).map { _ in Double.random(in: -1...1, using: &generator) }
        let temperature = Double.random(in: 0.1...2, using: &generator)
        var shannon = -Double.infinity
        var tsallis = -Double.infinity
        let steps = 300
        for first in 0...steps {
            for second in 0...(steps - first) {
                let row = [first, second, steps - first - second].map {
                    Double($0) / Double(steps)
                }
                let mean = zip(row, q).reduce(0) { $0 + $1.0 * $1.1 }
                let logs = row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
                shannon = max(shannon, mean + temperature * logs)
                let squares = row.reduce(0) { $0 + $1 * $1 }
                tsallis = max(tsallis, mean + temperature * (1 - squares) / 2)
            }
        }
        let soft = Shannon.maximum(q, temperature: temperature)
        let sparse = Tsallis.maximum(q, temperature: temperature)
        // The grid misses the optimum by at most a step of 1/300, the value by its square.
        #expect(soft >= shannon - 1e-12 && soft - shannon < 5e-4, "seed \(seed)")
        #expect(sparse >= tsallis - 1e-12 && sparse - tsallis < 5e-5, "seed \(seed)")
    }

    @Test("at temperature 0 ties share and the value is the largest")
    func limit() {
        #expect(Shannon.maximizer([2, 1, 2], temperature: 0) == [0.5, 0, 0.5])
        #expect(Shannon.maximum([2, 1, 2], temperature: 0) == 2)
        #expect(Tsallis.maximizer([2, 1, 2], temperature: 0) == [0.5, 0, 0.5])
        #expect(Objective.rewards.maximizer([2, 1, 2]) == [1, 0, 0])
    }

    @Test("the largest bonus is the bonus of the uniform distribution")
    func bonuses() {
        let row = [Double](repeating: 0.2, count: 5)
        for objective in [Objective.rewards, .soft(temperature: 3), .sparse(temperature: 3)] {
            let bonus = objective.bonus(row)
            #expect(abs(bonus - objective.largestBonus(actionCount: 5)) < 1e-14)
        }
        #expect(abs(Objective.soft(temperature: 3).bonus(row) - 3 * log(5)) < 1e-14)
        #expect(abs(Objective.sparse(temperature: 3).bonus(row) - 1.2) < 1e-14)
    }
}
