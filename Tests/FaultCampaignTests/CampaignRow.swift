import Robot

@testable import ServoEmulator

/// One line of the campaign's table.
struct CampaignRow {
    var fault: String
    /// Probability, `nil` for a fault that stays.
    var rate: Double?
    var cycles = 0
    /// How often it struck.
    var hits = 0
    /// How often the robot stopped, by fault code.
    var stops: [UInt8: Int] = [:]
    /// The longest way from the fault to the stop, in ticks.
    var slowest = 0
    /// What must not happen, the first few in words.
    var wrong: [String] = []
    var wrongCount = 0

    mutating func note(wrong text: String, seed: UInt64) {
        wrongCount += 1
        if wrong.count < 3 { wrong.append("seed \(seed), \(text)") }
    }

    mutating func add(_ other: CampaignRow) {
        cycles += other.cycles
        hits += other.hits
        stops.merge(other.stops, uniquingKeysWith: +)
        slowest = max(slowest, other.slowest)
        wrongCount += other.wrongCount
        wrong = Array((wrong + other.wrong).prefix(3))
    }

    var stopCount: Int { stops.values.reduce(0, +) }

    /// A row of the table in Markdown.
    var line: String {
        let codes = stops.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let cells = [
            fault, rate.map { "\($0)" } ?? "stays", "\(cycles)", "\(hits)",
            "\(max(0, hits - stopCount))", "\(stopCount)",
            codes.isEmpty ? "–" : codes.joined(separator: ", "),
            rate == nil ? "\(slowest)" : "–", "\(wrongCount)",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    static let header = """
        | fault | rate | cycles | hits | rode through | stops | fault codes | slowest stop, ticks \
        | wrong |
        |---|---|---|---|---|---|---|---|---|
        """
}
