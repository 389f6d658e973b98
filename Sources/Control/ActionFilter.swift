import Glibc

/// A low-pass over the actions of one episode: second-order Butterworth, one for each joint.
///
/// Protects gears from the jitter of Gaussian exploration. It stands between the policy and the
/// robot and counts as part of the robot: the learner keeps the policy's own action. Coefficients
/// by the bilinear transform with the cut-off prewarped.
struct ActionFilter {
    private let b: (Float, Float, Float)
    private let a: (Float, Float)
    /// The two delayed sums of each joint (direct form II transposed).
    private var first: [Float]
    private var second: [Float]

    /// A filter for so many joints; the cut-off must lie below half the policy's rate.
    init(cutoffHertz: Double, stepSeconds: Double, count: Int) {
        precondition(
            cutoffHertz > 0 && cutoffHertz * stepSeconds < 0.5,
            "cut-off \(cutoffHertz) Hz"
        )
        let k = tan(Double.pi * cutoffHertz * stepSeconds)
        let scale = 1 / (1 + 2.0.squareRoot() * k + k * k)
        let gain = Float(k * k * scale)
        b = (gain, 2 * gain, gain)
        a = (Float(2 * (k * k - 1) * scale), Float((1 - 2.0.squareRoot() * k + k * k) * scale))
        first = [Float](repeating: 0, count: count)
        second = first
    }

    /// Settles on these actions, as if they had been asked for all along.
    mutating func settle(on actions: [Float]) {
        for index in first.indices {
            first[index] = actions[index] * (1 - b.0)
            second[index] = actions[index] * (b.2 - a.1)
        }
    }

    /// Smooths one step's actions; what is not a number goes through, for `Safety` to refuse.
    mutating func apply(_ actions: [Float], into smooth: inout [Float]) {
        for index in actions.indices {
            let input = actions[index]
            let output = b.0 * input + first[index]
            first[index] = b.1 * input - a.0 * output + second[index]
            second[index] = b.2 * input - a.1 * output
            smooth[index] = output
        }
    }
}
