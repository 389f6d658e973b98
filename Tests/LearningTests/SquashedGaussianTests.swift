import Glibc
import Testing

@testable import Learning

/// Squashes one coordinate with the same mean and log sigma for every deviate in `noise`.
private func squashed(
    level: Int32,
    mean: Double,
    logSigma: Double,
    noise: [Double]
) -> SquashedSamples {
    let samples = SquashedSamples(actionCount: 1, batch: noise.count, settings: LearnerSettings())
    let deviates = FloatBuffer(count: samples.paddedCount)
    for (index, z) in noise.enumerated() {
        deviates[index] = Float(z)
        samples.head[0, index] = Float(mean)
        samples.head[1, index] = Float(logSigma)
    }
    Kernels(level: level).squash(samples, coordinate: 0, noise: deviates, noiseOffset: 0)
    return samples
}

@Suite("Squashed Gaussian")
struct SquashedGaussianTests {
    @Test(
        "The density over actions integrates to one",
        arguments: Kernels.available,
        [(0.0, 0.0), (1.5, -1.0), (-3, 0.5), (0.2, 1.9), (4, -3)]
    )
    func integratesToOne(level: Int32, shape: (mean: Double, logSigma: Double)) {
        // da = (1 - tanh²(u)) sigma dz, over eight standard deviations.
        let steps = 4001
        let width = 16.0 / Double(steps - 1)
        let noise = (0..<steps).map { -8 + width * Double($0) }
        let samples = squashed(
            level: level,
            mean: shape.mean,
            logSigma: shape.logSigma,
            noise: noise
        )
        var integral = 0.0
        for index in 0..<steps {
            let density = exp(Double(samples.logDensity[index]))
            integral += density * Double(samples.derivative[0, index]) * exp(shape.logSigma) * width
        }
        #expect(abs(integral - 1) < 1e-4)
    }

    @Test(
        "Action, slope and density agree with double precision, far beyond saturation",
        arguments: Kernels.available
    )
    func agreesWithDouble(level: Int32) {
        for logSigma in [-19.0, -5, -1, 0, 1.9] {
            for mean in [-60.0, -12, -9, -4, -0.5, 0, 1e-3, 2, 8, 10, 20, 80] {
                let noise = stride(from: -4.0, through: 4, by: 0.25).map { $0 }
                let samples = squashed(level: level, mean: mean, logSigma: logSigma, noise: noise)
                for (index, z) in noise.enumerated() {
                    let u = Double(Float(mean)) + exp(Double(Float(logSigma))) * z
                    // The rounding of mean + spread, which may cancel, in single precision.
                    let rounding = 2e-7 * (abs(mean) + abs(u - mean))
                    let decay = exp(-2 * abs(u))
                    let correction = log(4) - 2 * abs(u) - 2 * log1p(decay)
                    let density = -z * z / 2 - logSigma - log(2 * Double.pi) / 2 - correction
                    #expect(abs(Double(samples.action[0, index]) - tanh(u)) < 3e-7 + rounding)
                    let slope = 1 / (cosh(u) * cosh(u))
                    // Below the smallest normal float the slope may be flushed.
                    let bound = (2e-5 + 2 * rounding) * slope + 1e-37
                    #expect(abs(Double(samples.derivative[0, index]) - slope) < bound)
                    let found = Double(samples.logDensity[index])
                    #expect(abs(found - density) < 3e-5 * (1 + abs(u)))
                    #expect(abs(samples.action[0, index]) <= 1)
                }
            }
        }
    }

    @Test("The deviates of the kernel are standard normal and the same on every level")
    func normals() {
        let count = 1 << 18
        var kept: [Float] = []
        for level in Kernels.available {
            var random = RandomSource(seed: 51)
            let buffer = FloatBuffer(count: count)
            var words = [UInt64](repeating: 0, count: count / 2)
            Kernels(level: level).normals(into: buffer, words: &words, random: &random)
            let values = buffer.values(at: 0, count: count)
            if kept.isEmpty { kept = values }
            #expect(zip(kept, values).allSatisfy { abs($0 - $1) < 1e-4 }, "level \(level)")
        }
        // Kolmogorov-Smirnov: 1.95 / sqrt(n) is exceeded once in a thousand seeds.
        let sorted = kept.sorted()
        var gap = 0.0
        for (index, value) in sorted.enumerated() {
            let cumulative = 0.5 * erfc(-Double(value) / 2.0.squareRoot())
            gap = max(gap, abs(cumulative - Double(index) / Double(count)))
        }
        #expect(gap < 1.95 / Double(count).squareRoot(), "seed 51")
        // The two halves come from the same words and must not be related.
        let half = count / 2
        var products = (0.0, 0.0)
        for index in 0..<half {
            let (x, y) = (Double(kept[index]), Double(kept[half + index]))
            products.0 += x * y
            products.1 += (x * x - 1) * (y * y - 1)
        }
        #expect(abs(products.0) < 5 * Double(half).squareRoot(), "seed 51")
        #expect(abs(products.1) < 5 * 2 * Double(half).squareRoot(), "seed 51")
    }
}
