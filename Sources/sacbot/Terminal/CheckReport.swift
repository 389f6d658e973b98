import ServoHardware

/// What `sacbot check` shows.
struct CheckReport {
    var lines: [CheckLine] = []

    /// How many lines turned out so.
    func count(_ verdict: CheckLine.Verdict) -> Int { lines.count { $0.verdict == verdict } }

    /// One line each, with the remedy below it.
    static func text(_ line: CheckLine) -> String {
        let first = "[\(line.verdict.rawValue)] \(line.subject): \(line.finding)"
        return line.remedy.isEmpty ? first : first + "\n       -> \(line.remedy)"
    }

    /// `12 pass, 1 warn, 0 fail`.
    var summary: String { "\(count(.pass)) pass, \(count(.warn)) warn, \(count(.fail)) fail" }

    /// What failed, with the remedies, for the error that ends the command.
    var failures: String {
        lines.filter { $0.verdict == .fail }.map { line in
            line.finding + (line.remedy.isEmpty ? "" : "; \(line.remedy)")
        }.joined(separator: "\n")
    }
}
