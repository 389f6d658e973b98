import Robot

/// The parts of docs/safety.md that are made from the code's own tables.
///
/// A test compares them with the page, so that neither can change alone.
public enum SafetyDocument {
    /// The state machine as a Mermaid diagram.
    public static var diagram: String {
        var lines = ["stateDiagram-v2", "    [*] --> disarmed"]
        for row in StateTable.rows {
            for state in row.from {
                lines.append("    \(name(state)) --> \(name(row.to)): \(row.event.words)")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The transitions as a table, one row an event.
    public static var transitions: String {
        let rows = StateTable.rows.map { row in
            [row.from.map(\.words).joined(separator: ", "), row.event.words, row.to.words]
        }
        return table(["from", "when", "to"], rows)
    }

    /// The rules as a table.
    public static var rules: String {
        let rows = RuleTable.rows.map { row in
            [
                row.name, row.key.split(separator: ", ").map { "`\($0)`" }.joined(separator: ", "),
                row.unit, row.standard, row.rule.response.words,
                row.rule.fault.map { "\($0.rawValue)" }
                    ?? (row.rule == .body ? "20, 21, 22, 30" : ""),
                row.rule.clears.words,
            ]
        }
        return table(
            ["what holds", "key", "unit", "default", "if not", "fault", "clears"],
            rows
        )
    }

    /// How stops may end, as a table.
    public static var stops: String {
        let rows = StopResponse.allCases.map { response in
            let wires = BusProtocol.allCases.filter { response.obstacle(on: $0) == nil }
            let isForAll = wires.count == BusProtocol.allCases.count
            return [
                "`\(response.rawValue)`", response.words, response.ending,
                response == .release || response == .hold ? "" : "`\(response.fallback.rawValue)`",
                isForAll ? "all" : wires.map(\.rawValue).joined(separator: ", "),
            ]
        }
        return table(["ends by", "what happens", "takes", "if that fails", "buses"], rows)
    }

    /// The faults as a table.
    public static var faults: String {
        let rows = FaultCode.allCases.sorted { $0.rawValue < $1.rawValue }.map { code in
            ["\(code.rawValue)", code.explanation, code.response.words, code.clears.words]
        }
        return table(["fault", "what", "response", "clears"], rows)
    }

    private static func name(_ state: SafetyState) -> String {
        state == .emergencyStop ? "estop" : "\(state)"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}
