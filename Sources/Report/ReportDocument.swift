public import Evaluation
public import Foundation

/// Everything a report shows, as data: what the page is drawn from and what its downloads hold.
///
/// Keys in files are the properties' names in snake case; docs/reports.md documents each.
public struct ReportDocument: Sendable, Codable, Hashable {
    /// `sacbot.report`.
    public var format = "sacbot.report"
    /// The format's version.
    public var version = 1
    /// The page's heading.
    public var title: String
    /// When it was made, ISO 8601 UTC.
    public var made: String
    /// The program's version that made it.
    public var programVersion: String
    /// The machine that made it.
    public var host: String
    /// Training runs.
    public var runs: [RunChapter] = []
    /// Evaluations without interference.
    public var plainEvaluations: [PlainEvaluation] = []
    /// Evaluations with interference; their rollouts are in `traces`.
    public var evaluations: [EvaluationDocument] = []
    /// Chosen episodes over time.
    public var traces: [Trace] = []
    /// How many more episodes over time there were.
    public var tracesLeftOut = 0

    /// A report without content.
    public init(title: String, made: String, programVersion: String, host: String) {
        self.title = title
        self.made = made
        self.programVersion = programVersion
        self.host = host
    }

    /// Adds an evaluation and what it recorded over time.
    public mutating func add(_ evaluation: EvaluationDocument) {
        var evaluation = evaluation
        let names = PlainEvaluation.names(evaluation.policies.map(\.name))
        for (index, name) in names.enumerated() { evaluation.policies[index].name = name }
        traces += evaluation.rollouts.map { Trace($0, in: evaluation) }
        evaluation.rollouts = []
        evaluations.append(evaluation)
    }

    /// Adds a file that `sacbot evaluate --json` wrote, with interference or without.
    ///
    /// Throws `ReportError.notAnEvaluation` with what is wrong in the file.
    public mutating func add(file: Data, named path: String) throws(ReportError) {
        do {
            let kind = try Self.decoder.decode(Kind.self, from: file)
            switch kind.format {
            case EvaluationDocument.formatName?:
                guard (kind.version ?? 1) <= EvaluationDocument.currentVersion else {
                    throw ReportError.newerFormat(path: path, version: kind.version ?? 0)
                }
                add(try EvaluationDocument(json: file))
            case nil:
                plainEvaluations.append(try Self.decoder.decode(PlainEvaluation.self, from: file))
            case let other?: throw ReportError.notAnEvaluation(path: path, what: "it is `\(other)`")
            }
        } catch let error as ReportError {
            throw error
        } catch {
            throw .notAnEvaluation(path: path, what: Self.words(error))
        }
    }

    private struct Kind: Decodable {
        var format: String?
        var version: Int?
    }

    /// Keeps the first traces of each policy and kind, failures before successes, in order;
    /// those of training come last.
    public mutating func keepTraces(_ count: Int) {
        traces = traces.filter { $0.kind != "training" } + traces.filter { $0.kind == "training" }
        guard traces.count > count else { return }
        var rank: [String: Int] = [:]
        // First one of each policy and kind, then a second one, and so on.
        let ranked = traces.indices.sorted { !traces[$0].succeeded && traces[$1].succeeded }
            .map { index in
                let key = traces[index].policy + "\n" + traces[index].kind
                rank[key, default: 0] += 1
                return (rank: rank[key, default: 0], index: index)
            }
            .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        let kept = Set(ranked.prefix(count).map(\.index))
        tracesLeftOut += traces.count - kept.count
        traces = traces.indices.filter(kept.contains).map { traces[$0] }
    }

    /// The document as JSON, keys sorted; numbers that are none are the words `nan`, `inf`, `-inf`.
    public func json() throws(ReportError) -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do { return try encoder.encode(self) } catch { throw .notWritable(Self.words(error)) }
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }

    /// What Foundation's errors say, without the type names around it.
    private static func words(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return
                "it has no `\(([place(context), key.stringValue].filter { !$0.isEmpty }).joined(separator: "."))`"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            return "`\(place(context))` is not what it should be"
        case DecodingError.dataCorrupted(let context):
            return "it is not JSON (\(context.debugDescription))"
        default: return "\(error)"
        }
    }
}

/// Why there is no report.
public enum ReportError: Error, Sendable, Hashable {
    /// A file is not what `sacbot evaluate --json` writes.
    case notAnEvaluation(path: String, what: String)
    /// A file is from a newer sacbot.
    case newerFormat(path: String, version: Int)
    /// The data could not be written as JSON.
    case notWritable(String)
}

extension ReportError: CustomStringConvertible {
    /// What happened and what to do, for a person.
    public var description: String {
        switch self {
        case .notAnEvaluation(let path, let what):
            "\(path) is not an evaluation: \(what); make one with `sacbot evaluate --json > \(path)`"
        case .newerFormat(let path, let version):
            "\(path) has format version \(version), newer than this sacbot knows; update sacbot"
        case .notWritable(let what): "the report's data cannot be written: \(what)"
        }
    }
}
