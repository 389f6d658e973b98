import Glibc

/// The learned part of generalised state-dependent exploration: sigma² = features² · exp(2 S).
public struct Exploration: Sendable, Equatable {
    /// Steps for which one draw of noise is kept.
    public let hold: Int
    /// exp(S), features x actions, row by row.
    public let deviations: [Float]

    init?(hold: Int, logDeviations: Matrix?) {
        guard hold > 0, let logDeviations else { return nil }
        self.hold = hold
        deviations = (0..<logDeviations.rows).flatMap { row in
            (0..<logDeviations.columns).map { expf(logDeviations[row, $0]) }
        }
    }

    init(hold: Int, deviations: [Float]) {
        self.hold = hold
        self.deviations = deviations
    }

    /// Draws the noise of the next `hold` steps: a number for each feature and action.
    func draw(into noise: inout [Float], random: inout RandomSource) {
        for index in deviations.indices {
            noise[index] = deviations[index] * Float(random.normal())
        }
    }
}
