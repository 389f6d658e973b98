import Glibc

/// How far a run is, for the person at the terminal.
final class Progress {
    private let env: String
    private let steps: Int
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private var shown = RunClock.seconds()

    init(env: String, steps: Int) {
        self.env = env
        self.steps = steps
    }

    /// Rewrites the terminal's last line once a second.
    func show(step: Int, updates: Int) {
        guard isTerminal, step % 50 == 0, RunClock.seconds() - shown >= 1 else { return }
        shown = RunClock.seconds()
        Output.write("\r\u{1B}[K\(env): \(step) of \(steps) steps, \(updates) updates", to: 2)
    }

    /// One line an evaluation, wherever standard error goes.
    func note(_ point: CurvePoint) {
        let rate = Double(point.step) / max(point.trainingSeconds, 0.01)
        let start = isTerminal ? "\r\u{1B}[K" : ""
        Output.note(
            "\(start)\(env) seed \(point.seed): \(point.step) of \(steps) steps, return "
                + "\(CurvePoint.hundredths(point.meanReturn)) ± "
                + "\(CurvePoint.hundredths(point.returnDeviation)), \(Int(rate)) steps/s"
        )
    }
}
