import Evaluation
public import Journal
import Plot

extension RunChapter {
    /// Reads a run, also while it is being written.
    ///
    /// - Parameters:
    ///   - name: what to call it in legends.
    ///   - window: how many episodes a point of the learning curve is about.
    ///   - time: how to write a time, seconds since 1970, for people.
    public init(
        _ reader: JournalReader,
        name: String,
        window: Int = 20,
        time: (Double) -> String
    ) throws(JournalError) {
        let records = try reader.episodes()
        let progress = try reader.progress()
        let rows = LearningWindow.rows(records, window: window)
        self.name = name
        self.window = window
        path = reader.folder.path
        provenance = try Self.provenance(reader, time)
        let file = try? reader.readFile(RunFolder.robotFileName)
        robotFile = file.map { String(decoding: $0, as: UTF8.self) } ?? ""
        episodes = records.count
        transitions = progress.transitions
        updates = try reader.checkpoints().first?.updates
        aborted = records.count { $0.end == .aborted }
        limitedSteps = records.reduce(0) { $0 + $1.limitedSteps }
        steps = records.reduce(0) { $0 + $1.steps }
        seconds = max(0, (records.last?.ended ?? 0) - (records.first?.started ?? 0))
        resetSeconds = records.reduce(0) { $0 + $1.resetSeconds }
        learning = rows
        learningCount = rows.count
        metrics = try Self.metrics(reader)
        events = try Self.happenings(reader, time)
        abortReasons = Self.abortReasons(records)
    }

    private static func provenance(
        _ reader: JournalReader,
        _ time: (Double) -> String
    ) throws(JournalError) -> [Fact] {
        let meta = try reader.metadata()
        let identity = try reader.identity()
        let notRecorded = "not recorded"
        return [
            Fact("robot", identity.key.robot),
            Fact("task", identity.key.task),
            Fact("backend", identity.key.backend),
            Fact("profile", identity.key.profile),
            Fact("seed", String(identity.seed)),
            Fact("begun", meta["created"].flatMap { Double($0) }.map(time) ?? notRecorded),
            Fact("last written", time(reader.folder.lastWritten)),
            Fact("robot file", identity.robotHash),
            Fact("calibration", identity.calibrationHash),
            Fact("observation", identity.observationHash),
            Fact("action", identity.actionHash),
            Fact("sacbot", identity.programVersion),
            Fact("host", identity.host.isEmpty ? notRecorded : identity.host),
        ]
    }

    /// Those that the learning rows hold already are left out.
    private static func metrics(_ reader: JournalReader) throws(JournalError) -> [MetricSeries] {
        var series: [MetricSeries] = []
        for name in try reader.metricNames() where !name.hasPrefix("episode/") {
            let records = try reader.metrics(name)
            series.append(
                MetricSeries(
                    name: name,
                    steps: records.map(\.step),
                    values: records.map { $0.value.isFinite ? $0.value : nil },
                    count: records.count
                )
            )
        }
        return series
    }

    private static func happenings(
        _ reader: JournalReader,
        _ time: (Double) -> String
    ) throws(JournalError) -> [Happening] {
        let changes = try reader.changes().map { change in
            (
                change.time,
                Happening(
                    time: time(change.time),
                    level: "change",
                    text: "\(change.what): \(change.was) → \(change.now)"
                )
            )
        }
        let events = try reader.events(limit: 200).filter { $0.level != .info }.map { event in
            (
                event.time,
                Happening(time: time(event.time), level: event.level.rawValue, text: event.text)
            )
        }
        return (changes + events).sorted { $0.0 < $1.0 }.suffix(50).map(\.1)
    }

    private static func abortReasons(_ records: [EpisodeRecord]) -> [Fact] {
        var counts: [String: Int] = [:]
        for record in records where record.end == .aborted {
            counts[record.endReason, default: 0] += 1
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { Fact($0.key, String($0.value)) }
    }

    /// The same with curves of so many columns, each with its lowest and highest value.
    public func thinned(columns: Int) -> RunChapter {
        var chapter = self
        if learning.count > 2 * columns {
            let x = learning.map { Double($0.step) }
            let values = [learning.map(\.meanReturn.value), learning.map(\.held.value)]
            let kept = Set(values.flatMap { Curve(x: x, y: $0).indices(columns: columns) })
            chapter.learning = kept.sorted().map { learning[$0] }
        }
        chapter.metrics = metrics.map { $0.thinned(columns: columns) }
        return chapter
    }
}

extension MetricSeries {
    /// As a curve; what was no finite number is a gap.
    var curve: Curve { Curve(x: steps.map(Double.init), y: values.map { $0 ?? .nan }) }

    func thinned(columns: Int) -> MetricSeries {
        guard values.count > 2 * columns else { return self }
        let curve = curve.thinned(columns: columns)
        var series = self
        series.steps = curve.x.map { Int($0) }
        series.values = curve.y.map { $0.isFinite ? $0 : nil }
        return series
    }
}
