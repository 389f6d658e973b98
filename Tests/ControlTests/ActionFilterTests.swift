import Foundation
import Testing

@testable import Control

@Suite("Low-pass over actions")
struct ActionFilterTests {
    /// The magnitude of an analogue second-order Butterworth at the prewarped frequency.
    private func gain(_ frequency: Double, cutoff: Double, rate: Double) -> Double {
        let warped = tan(.pi * frequency / rate) / tan(.pi * cutoff / rate)
        return 1 / (1 + pow(warped, 4)).squareRoot()
    }

    @Test(
        "Sines come out as a second-order Butterworth lets them through",
        arguments: [0.5, 1.0, 2.0, 4.0, 4.8]
    )
    func sines(frequency: Double) {
        let (rate, cutoff) = (10.0, 2.0)
        var filter = ActionFilter(cutoffHertz: cutoff, stepSeconds: 1 / rate, count: 1)
        var smooth: [Float] = [0]
        var (sine, cosine) = (0.0, 0.0)
        // Whole periods of every frequency of the list, after the start has died away.
        for step in 0..<2100 {
            let phase = 2 * Double.pi * frequency * Double(step) / rate
            filter.apply([Float(sin(phase))], into: &smooth)
            guard step >= 100 else { continue }
            sine += Double(smooth[0]) * sin(phase) / 1000
            cosine += Double(smooth[0]) * cos(phase) / 1000
        }
        let found = hypot(sine, cosine)
        #expect(abs(found - gain(frequency, cutoff: cutoff, rate: rate)) < 1e-3)
    }

    @Test("It starts at rest where the joints are, and settles on what is asked for")
    func settles() {
        var filter = ActionFilter(cutoffHertz: 1, stepSeconds: 0.1, count: 2)
        filter.settle(on: [0.4, -1])
        var smooth: [Float] = [0, 0]
        for _ in 0..<20 {
            filter.apply([0.4, -1], into: &smooth)
            #expect(abs(smooth[0] - 0.4) < 1e-6 && abs(smooth[1] + 1) < 1e-6)
        }
        for _ in 0..<200 { filter.apply([-0.2, 1], into: &smooth) }
        #expect(abs(smooth[0] + 0.2) < 1e-4 && abs(smooth[1] - 1) < 1e-4)
    }
}
