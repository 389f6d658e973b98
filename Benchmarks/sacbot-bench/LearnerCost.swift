import Learning

/// What an update costs as the work grows: updates a second and resident memory.
///
/// One size at a time leaves the standard shape; each line is measured in a process of its own.
enum LearnerCost {
    static let name = "learner.cost"

    private static let turns = 5
    private static let turnSeconds = 0.25
    /// Transitions in the replay where their number is not what varies.
    private static let usualReplay = 20_000

    static func measure() throws -> [Figure] {
        var rows: [(varies: String, shape: LearnerShape, replay: Int)] = []
        func add(
            _ varies: String,
            replay: Int = usualReplay,
            _ change: (inout LearnerShape) -> Void
        ) {
            var shape = LearnerShape()
            change(&shape)
            rows.append((varies, shape, replay))
        }
        for batch in [64, 128, 256, 512, 1024] { add("batch") { $0.batch = batch } }
        for width in [64, 128, 256, 512] { add("hidden") { $0.width = width } }
        for critics in [2, 5, 10] { add("critics") { $0.critics = critics } }
        for count in [17, 60, 120, 376] { add("obs") { $0.observations = count } }
        for count in [10_000, 100_000, 1_000_000] { add("replay", replay: count) { _ in } }
        return try rows.map { try figure($0.varies, $0.shape, replay: $0.replay) }
    }

    private static func figure(
        _ varies: String,
        _ shape: LearnerShape,
        replay: Int
    ) throws -> Figure {
        let sizes = [shape.observations, shape.width, shape.batch, shape.critics, replay]
        let numbers = try Probe.numbers(.cost, sizes.map { "\($0)" })
        guard numbers.count == 3 else { throw BenchFailure("the probe said nothing of use") }
        return Figure(
            name: name,
            value: Double(numbers[0]) * 1e-3,
            unit: "1/s",
            parameters: shape.fields.joined([
                "replay": .integer(replay),
                "varies": .text(varies),
                "cpu_ms": .number(Double(numbers[1]) * 1e-6),
                "resident_mb": .number(Double(numbers[2]) / 1_048_576),
            ])
        )
    }

    /// Thousandths of updates a second, processor nanoseconds of one, and resident bytes.
    static func probe(_ arguments: [String]) -> String {
        let sizes = arguments.compactMap { Int($0) }
        guard sizes.count == 5 else { return "" }
        var shape = LearnerShape()
        (shape.observations, shape.width) = (sizes[0], sizes[1])
        (shape.batch, shape.critics) = (sizes[2], sizes[3])
        let replay = shape.emptyReplay()
        Experience.fill(replay, count: sizes[4])
        var contestant = Contestant(shape, replay: replay)
        do {
            try contestant.warmUp(seconds: turnSeconds)
            for _ in 0..<turns { try contestant.takeTurn(seconds: turnSeconds) }
        } catch {
            Output.note("\(error)")
            return ""
        }
        let rate = Int(contestant.rates.median * 1e3)
        let time = Int(contestant.milliseconds.median * 1e6)
        return "\(rate) \(time) \(ResidentMemory.residentBytes().all)"
    }
}
