import Glibc

/// The weight of entropy against reward, learned through its logarithm.
struct Temperature: Equatable {
    private(set) var logarithm: Float
    private(set) var firstMoment: Float = 0
    private(set) var secondMoment: Float = 0

    init(initial: Double) {
        precondition(initial > 0, "a temperature of \(initial)")
        logarithm = Float(log(initial))
    }

    init(logarithm: Float, firstMoment: Float, secondMoment: Float) {
        self.logarithm = logarithm
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
    }

    /// The temperature itself.
    var value: Float { Float(exp(Double(logarithm))) }

    /// Whether it and its moments are numbers.
    var isFinite: Bool { logarithm.isFinite && firstMoment.isFinite && secondMoment.isFinite }

    /// J = -log alpha (mean log pi + target entropy), and its slope by log alpha.
    static func loss(
        logarithm: Double,
        meanLogDensity: Double,
        targetEntropy: Double
    ) -> (loss: Double, slope: Double) {
        let slope = -(meanLogDensity + targetEntropy)
        return (logarithm * slope, slope)
    }

    /// One Adam step.
    mutating func step(slope: Double, step: AdamStep) {
        let gradient = Float(slope)
        firstMoment += (gradient - firstMoment) * (1 - step.beta1)
        secondMoment = secondMoment * step.beta2 + gradient * gradient * (1 - step.beta2)
        let root = secondMoment.squareRoot() * step.rootCorrection
        logarithm -= step.stepSize * firstMoment / (root + step.epsilon)
    }
}
