import Testing

@testable import RobotFiles

@Suite("Nearest key") struct NearestKeyTests {
    // Distances counted by hand; the first three are the textbook's.
    @Test(
        "the edit distance counts insertions, removals, replacements and swaps",
        arguments: [
            ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("", "abc", 3), ("abc", "abc", 0),
            ("abcd", "abdc", 1), ("gains", "gain", 1),
        ]
    ) func distance(_ a: String, _ b: String, _ expected: Int) {
        #expect(editDistance(Array(a), Array(b)) == expected)
        #expect(editDistance(Array(b), Array(a)) == expected)
    }

    static let keys = ["goal_velocity", "trip_velocity", "current", "id", "p", "i", "d"]

    @Test(
        "a word that is close is named, one that is not is not",
        arguments: [
            ("goal-velocity", "goal_velocity"), ("goalvelocity", "goal_velocity"),
            ("trip_velosity", "trip_velocity"), ("Current", "current"), ("curernt", "current"),
            ("torque", nil), ("x", nil), ("ID", "id"), ("", nil),
        ] as [(String, String?)]
    ) func near(_ word: String, _ expected: String?) {
        #expect(nearest(to: word, among: Self.keys) == expected)
    }

    @Test(
        "numbers are shown with at most six digits",
        arguments: [
            (0, "0"), (0.001, "0.001"), (1145.9155902616465, "1145.92"), (20, "20"),
            (-0.25, "-0.25"), (1_000_000, "1000000"), (57.29577951308232, "57.2958"),
        ] as [(Double, String)]
    ) func shown(_ value: Double, _ expected: String) { #expect(shownNumber(value) == expected) }
}
