import Testing
import Training

@Suite("Trials of policies")
struct TrialScoreTests {
    @Test("success counts first, reward only between equals")
    func order() {
        let often = TrialScore(held: 0.9, meanReturn: -100)
        let seldom = TrialScore(held: 0.5, meanReturn: 1000)
        let oftenAndWell = TrialScore(held: 0.9, meanReturn: 10)
        #expect(seldom < often && often < oftenAndWell && seldom < oftenAndWell)
    }
}
