import Evaluation
import Testing

/// Figures and intervals against NumPy 2.4 and SciPy 1.17: `scipy.stats.trim_mean(x, 0.25)`, and
/// percentiles of 40,000 stratified resamples as rliable 1.2 draws them (a run is an episode, a task
/// a kind).
@Suite("Bootstrap")
struct BootstrapTests {
    private static let strata = [
        [0.91, 0.42, 0.77, 0.0, 0.63, 0.88, 0.95, 0.31, 0.72, 0.69],
        [0.12, 0.0, 0.33, 0.25, 0.08, 0.41, 0.19, 0.0, 0.57, 0.22],
        [1.0, 0.97, 0.93, 0.99, 0.0, 0.96, 0.98, 0.94, 1.0, 0.92],
        [0.55, 0.61, 0.48, 0.7, 0.52, 0.0, 0.66, 0.59, 0.44, 0.63],
    ]
    private let bootstrap = Bootstrap(count: 20_000, seed: 1)

    @Test("the interquartile mean is SciPy's trimmed mean, whatever the count")
    func interquartileMean() {
        let all = Bootstrap.interquartileMean(Self.strata.flatMap { $0 })
        let ten = Bootstrap.interquartileMean(Self.strata[0])
        let seven = Bootstrap.interquartileMean(Array(Self.strata[0][..<7]))
        #expect((all - 0.591).magnitude < 1e-12)
        #expect((ten - 0.685).magnitude < 1e-12)
        #expect((seven - 0.722).magnitude < 1e-12)
        #expect(Bootstrap.interquartileMean([]).isNaN)
    }

    @Test("stratified intervals are those of NumPy's draws")
    func stratified() throws {
        let found = try #require(
            bootstrap.estimate(strata: Self.strata, name: "a", Bootstrap.interquartileMean)
        )
        #expect((found.value - 0.591).magnitude < 1e-12)
        // Twenty thousand draws leave the ends uncertain by a few thousandths.
        #expect((found.low - 0.4755).magnitude < 0.006)
        #expect((found.high - 0.678).magnitude < 0.006)
    }

    @Test("one group's mean and the ratio of pairs are those of NumPy's draws")
    func oneGroupAndPairs() throws {
        let mean = try #require(
            bootstrap.estimate(Self.strata[0], name: "b", Bootstrap.mean)
        )
        #expect((mean.low - 0.440).magnitude < 0.006 && (mean.high - 0.792).magnitude < 0.006)
        let with = [1, 0, 1, 1, 0, 0, 1, 1, 1, 0.0]
        let without = [1, 1, 1, 1, 0, 1, 1, 1, 1, 1.0]
        let ratio = try #require(bootstrap.ratio(with, over: without, name: "c"))
        #expect((ratio.value - 2.0 / 3).magnitude < 1e-12)
        #expect((ratio.low - 1.0 / 3).magnitude < 0.01 && (ratio.high - 1).magnitude < 1e-12)
        #expect(bootstrap.ratio(with, over: with.map { _ in 0 }, name: "d") == nil)
    }

    @Test("the same seed and name give the same interval, another name another")
    func seeded() {
        let few = Bootstrap(count: 50, seed: 9)
        let first = few.estimate(Self.strata[0], name: "x", Bootstrap.mean)
        let again = few.estimate(Self.strata[0], name: "x", Bootstrap.mean)
        let other = few.estimate(Self.strata[0], name: "y", Bootstrap.mean)
        #expect(first == again)
        #expect(first != other)
        #expect(few.estimate([], name: "x", Bootstrap.mean) == nil)
    }
}
