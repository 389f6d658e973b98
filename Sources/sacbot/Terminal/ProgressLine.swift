import Control
import Glibc
import Learning
import Synchronization
import Training

/// What training looks like from the terminal: one line that changes in place, or a line now and
/// then where there is no terminal.
final class ProgressLine: Sendable {
    private struct Episodes {
        var count = 0
        var newest: [(held: Bool, final: Bool, totalReward: Double, limited: Double)] = []
    }

    private let episodes = Mutex(Episodes())
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let lastShown = Mutex(-1e9)
    private let started: Double

    /// Episodes that the shares and means are taken over.
    static let window = 20

    init(now: Double) { started = now }

    /// Notes an episode; control thread.
    func note(_ finished: FinishedEpisode) {
        let outcome = finished.outcome
        episodes.withLock {
            $0.count += 1
            let limited = Double(outcome.limitedSteps) / Double(max(1, outcome.steps))
            $0.newest.append(
                (outcome.successHeld, outcome.successFinal, outcome.totalReward, limited)
            )
            if $0.newest.count > Self.window { $0.newest.removeFirst() }
        }
    }

    /// Share of the newest episodes that held success; `nil` before the first.
    var recentHeld: Double? {
        episodes.withLock { Self.mean($0.newest.map { $0.held ? 1 : 0 }) }
    }

    /// Mean sum of rewards of the newest episodes; `nil` before the first.
    var recentReturn: Double? { episodes.withLock { Self.mean($0.newest.map(\.totalReward)) } }

    /// Shows the figures if it is time: twice a second on a terminal, else every ten seconds.
    func show(now: Double, figures: LearnerThread.Figures, wantedSteps: Int?) {
        let isDue = lastShown.withLock { last in
            guard now - last >= (isTerminal ? 0.5 : 10) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let text = line(now: now, figures: figures, wantedSteps: wantedSteps)
        if isTerminal {
            Say.write("\r\u{1B}[K" + text, to: STDERR_FILENO)
            Say.progressShown.store(true, ordering: .relaxed)
        } else {
            Say.note(text)
        }
    }

    private func line(now: Double, figures: LearnerThread.Figures, wantedSteps: Int?) -> String {
        let (count, newest) = episodes.withLock { ($0.count, $0.newest) }
        var parts = ["step \(figures.transitions)\(wantedSteps.map { "/\($0)" } ?? "")"]
        parts.append("episode \(count)")
        if let held = Self.mean(newest.map { $0.held ? 1 : 0 }),
            let final = Self.mean(newest.map { $0.final ? 1 : 0 }),
            let reward = Self.mean(newest.map(\.totalReward)),
            let limited = Self.mean(newest.map(\.limited))
        {
            parts.append("held \(Self.percent(held))  final \(Self.percent(final))")
            parts.append("return \(Int(reward.rounded()))")
            parts.append("limited \(Self.percent(limited))")
        }
        let elapsed = now - started
        parts.append("updates \(figures.updates)")
        if let metrics = figures.metrics {
            parts.append("temperature \(Self.short(metrics.temperature))")
        }
        if figures.rolledBackUpdates > 0 {
            parts.append("rolled back \(figures.rolledBackUpdates)")
        }
        parts.append(Self.clock(elapsed))
        return parts.joined(separator: "  ")
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    static func short(_ value: Double) -> String {
        String((value * 1000).rounded() / 1000)
    }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds)
        let rest = whole % 60
        return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}
