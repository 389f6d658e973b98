/// Writes metrics as Prometheus reads them (text format 0.0.4).
struct PrometheusText {
    /// What has been written.
    private(set) var text = ""
    /// Labels of every sample.
    private let common: [(String, String)]

    /// What a server says of the text it sends.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What kind of metric a family is.
    enum Kind: String {
        /// Goes up only.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by size.
        case histogram
    }

    init(common: [(String, String)]) { self.common = common }

    /// Begins a family; its samples have to follow.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// One sample.
    mutating func sample(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
        let all = (common + labels).map { "\($0.0)=\"\(Self.escaped($0.1, quotes: true))\"" }
        let shown = all.isEmpty ? "" : "{\(all.joined(separator: ","))}"
        text += "\(name)\(shown) \(Self.number(value))\n"
    }

    /// A family of a single sample; nothing at all without a value.
    mutating func one(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        guard let value else { return }
        family(name, kind, help)
        sample(name, value)
    }

    /// The samples of one histogram.
    ///
    /// - Parameter buckets: upper ends, rising, and how many were at most as large.
    mutating func histogram(
        _ name: String,
        buckets: [(bound: Double, count: Int)],
        count: Int,
        sum: Double,
        labels: [(String, String)] = []
    ) {
        for bucket in buckets {
            let bound = labels + [("le", Self.number(bucket.bound))]
            sample(name + "_bucket", Double(bucket.count), bound)
        }
        sample(name + "_bucket", Double(count), labels + [("le", "+Inf")])
        sample(name + "_sum", sum, labels)
        sample(name + "_count", Double(count), labels)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), value.magnitude < 1e15 { return "\(Int(value))" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n", "\r\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }
}
