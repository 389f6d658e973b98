import Journal

/// One episode in a list.
struct EpisodeDocument: Codable, Sendable {
    var index: Int
    /// Seconds since 1970.
    var started: Double
    var seconds: Double
    var steps: Int
    var totalReward: Double?
    var succeeded: Bool
    /// `terminated`, `truncated` or `aborted`.
    var end: String
    var endReason: String
    var limitedSteps: Int
    var resetSeconds: Double
    var policyVersion: Int

    init(_ record: EpisodeRecord) {
        index = record.index
        started = record.started
        seconds = record.ended - record.started
        steps = record.steps
        totalReward = DashboardJSON.finite(record.totalReward)
        succeeded = record.succeededHeld
        end = record.end.rawValue
        endReason = record.endReason
        limitedSteps = record.limitedSteps
        resetSeconds = record.resetSeconds
        policyVersion = record.policyVersion
    }
}

/// What was recorded in one episode, a row a policy step.
struct ReplayDocument: Codable, Sendable {
    /// Bounds the answer; an episode of an hour at 10 Hz has 36,000.
    static let mostSteps = 4000

    var episode: EpisodeDocument
    /// Seconds from the first step.
    var times: [Double]
    var observations: [[Float]]
    var actions: [[Float]]
    var rewards: [Float]
    /// Whether the supervisor changed the step.
    var limited: [Bool]
    /// Whether steps at the end were left out.
    var isCut: Bool

    init(_ record: EpisodeRecord, _ transitions: [TransitionRecord]) {
        episode = EpisodeDocument(record)
        let shown = transitions.prefix(Self.mostSteps)
        let first = shown.first?.timeNanoseconds ?? 0
        times = shown.map { Double($0.timeNanoseconds - first) * 1e-9 }
        observations = shown.map { $0.observation.map(Self.finite) }
        actions = shown.map { $0.action.map(Self.finite) }
        rewards = shown.map { Self.finite($0.reward) }
        limited = shown.map(\.isLimited)
        isCut = transitions.count > Self.mostSteps
    }

    /// The journal holds finite numbers; damaged ones must not break the page.
    private static func finite(_ value: Float) -> Float { value.isFinite ? value : 0 }
}

/// The learning curves of a run.
struct CurveDocument: Codable, Sendable {
    /// Points of one curve.
    struct Curve: Codable, Sendable {
        /// Policy steps of the run.
        var steps: [Int]
        var values: [Double?]
    }

    /// A screen has about so many columns.
    static let mostPoints = 400

    /// By name: `episode/return` and `episode/success` of every episode or the means of
    /// neighbouring ones, and everything the learner recorded.
    var curves: [String: Curve]
    /// Episodes of the run.
    var episodes: Int

    init(_ reader: JournalReader) throws {
        let records = try reader.episodes()
        episodes = records.count
        curves = [
            "episode/return": Curve(records.map { ($0.firstStep + $0.steps, $0.totalReward) }),
            "episode/success": Curve(
                records.map { ($0.firstStep + $0.steps, $0.succeededHeld ? 1 : 0) }
            ),
            "episode/reset_time": Curve(
                records.map { ($0.firstStep + $0.steps, $0.resetSeconds) }
            ),
        ]
        for name in try reader.metricNames() where curves[name] == nil {
            curves[name] = Curve(try reader.metrics(name).map { ($0.step, $0.value) })
        }
    }
}

extension CurveDocument.Curve {
    /// The points, or the means of neighbours if there are more than a screen shows.
    init(_ points: [(step: Int, value: Double)]) {
        let most = CurveDocument.mostPoints
        let width = max(1, (points.count + most - 1) / most)
        steps = []
        values = []
        for first in stride(from: 0, to: points.count, by: width) {
            let group = points[first..<min(first + width, points.count)]
            let known = group.map(\.value).filter(\.isFinite)
            steps.append(group.last?.step ?? 0)
            values.append(known.isEmpty ? nil : known.reduce(0, +) / Double(known.count))
        }
    }
}
