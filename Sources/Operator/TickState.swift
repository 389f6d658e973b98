/// What a person is told about the control thread's ticks.
public struct TickState: Sendable, Codable, Hashable {
    /// One stage of the tick; durations in microseconds.
    public struct Stage: Sendable, Codable, Hashable {
        /// lateness, read, decide, judge, write, or work for all of them.
        public var name: String
        /// How many were counted.
        public var count: Int
        /// Half of them took no longer.
        public var p50: Double
        /// 99 % of them took no longer.
        public var p99: Double
        /// 99.9 % of them took no longer.
        public var p999: Double
        /// The longest.
        public var max: Double
        /// All of them together, to one part in a hundred.
        public var sum: Double
        /// How many took no longer than each of `bounds`; empty if nobody counted.
        public var buckets: [Int]

        /// A stage and its figures.
        public init(
            name: String,
            count: Int,
            p50: Double,
            p99: Double,
            p999: Double,
            max: Double,
            sum: Double = 0,
            buckets: [Int] = []
        ) {
            (self.name, self.count, self.p50, self.p99) = (name, count, p50, p99)
            (self.p999, self.max, self.sum, self.buckets) = (p999, max, sum, buckets)
        }
    }

    /// Upper ends of the buckets, microseconds: from a good real-time kernel's jitter to ten ticks.
    public static let bounds = [
        10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000,
    ]

    /// Ticks that were skipped because the one before was late.
    public var skipped: Int
    /// Ticks whose work took longer than a tick.
    public var overruns: Int
    /// The stages in the order of a tick.
    public var stages: [Stage]

    /// Figures of some ticks.
    public init(skipped: Int, overruns: Int, stages: [Stage]) {
        (self.skipped, self.overruns, self.stages) = (skipped, overruns, stages)
    }

    /// A table for a terminal, without a newline at its end.
    public var table: String {
        let columns = ["p50", "p99", "p99.9", "max"]
        let head = Self.padded("tick, us", 10) + columns.map { Self.right($0) }.joined()
        let rows = stages.map { stage in
            Self.padded(stage.name, 10)
                + [stage.p50, stage.p99, stage.p999, stage.max]
                .map { Self.right("\(($0 * 10).rounded() / 10)") }.joined()
        }
        return ([head] + rows + ["\(skipped) skipped, \(overruns) longer than a tick"])
            .joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: Swift.max(0, width - text.count))
    }

    private static func right(_ text: String) -> String {
        String(repeating: " ", count: Swift.max(1, 10 - text.count)) + text
    }
}
