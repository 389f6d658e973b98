/// One result, printed as one JSON object on one line.
struct Figure {
    /// A value in the line.
    enum Value {
        case number(Double)
        case integer(Int)
        case text(String)
        case flag(Bool)
    }

    /// Stable from version to version.
    let name: String
    /// The result in `unit`.
    let value: Double
    /// For example `us`, `1/s`.
    let unit: String
    /// What it was measured with, and what was seen beside it.
    let parameters: [(String, Value)]

    init(
        name: String,
        value: Double,
        unit: String,
        parameters: KeyValuePairs<String, Value>
    ) {
        let pairs = parameters.map { ($0.key, $0.value) }
        self.init(name: name, value: value, unit: unit, parameters: pairs)
    }

    init(name: String, value: Double, unit: String, parameters: [(String, Value)]) {
        self.name = name
        self.value = value
        self.unit = unit
        self.parameters = parameters
    }

    /// The line.
    var json: String {
        let own: [(String, Value)] = [
            ("name", .text(name)), ("value", .number(value)), ("unit", .text(unit)),
        ]
        let members = (own + parameters).map { "\(Self.quoted($0.0)): \(Self.text($0.1))" }
        return "{" + members.joined(separator: ", ") + "}"
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .number(let number):
            guard number.isFinite else { return "null" }
            return "\((number * 1000).rounded() / 1000)"
        case .integer(let number): return "\(number)"
        case .text(let text): return quoted(text)
        case .flag(let flag): return flag ? "true" : "false"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension KeyValuePairs<String, Figure.Value> {
    /// These pairs and then those.
    func joined(_ others: Self) -> [(String, Figure.Value)] {
        map { ($0.key, $0.value) } + others.map { ($0.key, $0.value) }
    }
}

extension [Double] {
    /// The middle value; NaN of nothing.
    var median: Double { quantile(0.5) }

    /// The value that this share of all values does not exceed; NaN of nothing.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        let place = Int((share * Double(count)).rounded(.down))
        return sorted()[Swift.min(place, count - 1)]
    }
}
