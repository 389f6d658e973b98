import Glibc

/// Stein's variational gradient for small sets of particles, a set for each state
/// (Liu and Wang, 2016; amortised as in Haarnoja et al., 2017, arXiv 1702.08165).
///
/// Works on actions before the squash, with an RBF kernel whose width is the median of the squared
/// distances over log of the number of particles.
final class SteinGradient {
    private let fixed: Int
    private let moved: Int
    private let coordinates: Int
    private var distances: [Float]
    private var sorted: [Float]

    /// The least kernel width.
    static let leastWidth: Float = 1e-3

    init(fixed: Int, moved: Int, coordinates: Int) {
        precondition(fixed > 1 && moved > 0, "\(fixed) fixed and \(moved) moved particles")
        self.fixed = fixed
        self.moved = moved
        self.coordinates = coordinates
        distances = [Float](repeating: 0, count: fixed * moved)
        sorted = distances
    }

    /// Writes -direction * scale for the moved particles of one state into rows of `slopes`.
    ///
    /// direction(x) = mean over the fixed x' of k(x', x) score(x') + grad_x' k(x', x).
    /// - Parameters:
    ///   - state: the particles of state s are rows s * fixed ... and s * moved ...
    ///   - fixedParticles: rows x coordinates, as `scores`, the gradients of log p there.
    ///   - movedParticles: rows x coordinates.
    func slopes(
        state: Int,
        fixedParticles: Matrix,
        scores: Matrix,
        movedParticles: Matrix,
        scale: Float,
        into slopes: Matrix
    ) {
        let (first, firstMoved) = (state * fixed, state * moved)
        for i in 0..<fixed {
            for j in 0..<moved {
                var sum: Float = 0
                for k in 0..<coordinates {
                    let gap = fixedParticles[first + i, k] - movedParticles[firstMoved + j, k]
                    sum += gap * gap
                }
                distances[i * moved + j] = sum
            }
        }
        let width = kernelWidth()
        for j in 0..<moved {
            for k in 0..<coordinates { slopes[firstMoved + j, k] = 0 }
            for i in 0..<fixed {
                let weight = expf(-distances[i * moved + j] / width) / Float(fixed)
                for k in 0..<coordinates {
                    let gap = fixedParticles[first + i, k] - movedParticles[firstMoved + j, k]
                    let direction = scores[first + i, k] - 2 * gap / width
                    slopes[firstMoved + j, k] -= scale * weight * direction
                }
            }
        }
    }

    private func kernelWidth() -> Float {
        for index in distances.indices { sorted[index] = distances[index] }
        sortInPlace()
        let median = (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
        return max(median / logf(Float(fixed)), Self.leastWidth)
    }

    /// Shell's sort with Ciura's gaps (2001): unlike the library's, it asks for no memory.
    private func sortInPlace() {
        for gap in Self.gaps where gap < sorted.count {
            for index in gap..<sorted.count {
                let value = sorted[index]
                var place = index
                while place >= gap && sorted[place - gap] > value {
                    sorted[place] = sorted[place - gap]
                    place -= gap
                }
                sorted[place] = value
            }
        }
    }

    private static let gaps = [701, 301, 132, 57, 23, 10, 4, 1]
}

/// alpha log mean exp(Q / alpha) over uniform actions in [-1, 1]^d, plus alpha d log 2: the soft
/// value, with the entropy of the policy exp(Q / alpha) by the same weights.
func softValue(
    _ values: FloatBuffer,
    rows: Range<Int>,
    alpha: Float,
    coordinates: Int
) -> (value: Float, entropy: Float) {
    var highest = -Float.infinity
    for row in rows {
        if values[row].isNaN { return (.nan, .nan) }
        highest = max(highest, values[row])
    }
    var (sum, weighted): (Float, Float) = (0, 0)
    for row in rows {
        let weight = expf((values[row] - highest) / alpha)
        sum += weight
        weighted += weight * values[row]
    }
    let volume = Float(coordinates) * 0.693147181
    let value = highest + alpha * (logf(sum / Float(rows.count)) + volume)
    return (value, (value - weighted / sum) / alpha)
}
