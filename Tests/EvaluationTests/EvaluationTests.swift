import Control
import Evaluation
import Journal
import Robot
import Testing

@Suite("Evaluation figures")
struct EvaluationTests {
    /// Wilson's 95 % limits as R's binom::binom.confint(method = "wilson") gives them.
    @Test(
        "shares carry Wilson's interval",
        arguments: [(90, 100, 0.8256343, 0.9447708), (0, 10, 0, 0.2775328), (10, 10, 0.7224672, 1)]
            as [(Int, Int, Double, Double)]
    )
    func wilson(successes: Int, count: Int, low: Double, high: Double) {
        let interval = Share(successes: successes, count: count).interval
        #expect((interval.lowerBound - low).magnitude < 1e-6)
        #expect((interval.upperBound - high).magnitude < 1e-6)
    }

    @Test("the picture is well-formed and draws one point an episode")
    func picture() {
        let curve = (0..<30).map {
            LearningCurvePoint(
                episode: $0,
                step: $0 * 40,
                meanReturn: Double($0) - 10,
                successFinal: Double($0) / 30,
                successHeld: Double($0) / 60
            )
        }
        let svg = LearningCurvePicture.svg(curve, title: "claw <near> & \"far\"")
        #expect(svg.contains("claw &lt;near&gt; &amp; &quot;far&quot;"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        // Three lines of thirty points, two numbers each.
        let ways = svg.split(separator: "\n").filter { $0.contains("data-name=") }
            .compactMap { $0.split(separator: " d=\"").last?.split(separator: "\"").first }
        #expect(ways.count == 3)
        for way in ways {
            #expect(way.split { !"-0123456789".contains($0) }.count == 2 * 30, "\(way)")
        }
        let csv = LearningCurvePicture.csv(curve).split(separator: "\n")
        #expect(csv.count == 31)
        #expect(csv[1] == "0,0,-10.0,0.0,0.0")
    }
}
