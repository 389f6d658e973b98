import Foundation
import Learning

extension TrainingRun {
    /// The run as one JSON object, with the keys of the peers' script and some of our own.
    func report() throws -> String {
        guard let last = curve.points.last else { throw BenchFailure("nothing was evaluated") }
        let settings = learner.settings
        let own = Memory(of: "self")
        let report = Report(
            lib: last.lib,
            env: last.env,
            seed: last.seed,
            steps: last.step,
            final_return: last.meanReturn,
            best_return: curve.points.map(\.meanReturn).max() ?? last.meanReturn,
            train_cpu_s: last.trainingProcessorSeconds,
            train_wall_s: last.trainingSeconds,
            total_wall_s: last.totalSeconds,
            steps_per_train_s: Double(last.step) / max(last.trainingProcessorSeconds, 0.01),
            rss_mib: own.resident,
            peak_rss_mib: own.peak,
            env_rss_mib: Memory(of: "\(training.pid)").resident,
            threads: settings.threads,
            lr: settings.actorLearningRate,
            starts: plan.starts,
            batch: settings.batchSize,
            hidden: settings.hiddenWidths,
            updates_per_step: settings.updatesPerTransition,
            updates: last.updates,
            rollbacks: learner.rollbacks,
            refused: learner.refused
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}

/// The keys of the last line; numbers are rounded as the peers round theirs.
private struct Report: Encodable {
    var bench = "train_e2e"
    var lib: String
    var env: String
    var seed: UInt64
    var steps: Int
    @Rounded var final_return: Double
    @Rounded var best_return: Double
    @Rounded var train_cpu_s: Double
    @Rounded var train_wall_s: Double
    @Rounded var total_wall_s: Double
    @Rounded var steps_per_train_s: Double
    @Rounded var rss_mib: Double
    @Rounded var peak_rss_mib: Double
    @Rounded var env_rss_mib: Double
    var threads: Int
    var lr: Double
    var starts: Int
    var batch: Int
    var hidden: [Int]
    var updates_per_step: Double
    var updates: Int
    var rollbacks: Int
    var refused: Int
}

/// A number written with two places.
@propertyWrapper
private struct Rounded: Encodable {
    var wrappedValue: Double

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(CurvePoint.hundredths(wrappedValue))
    }
}

/// A process's memory in MiB, as the kernel counts it; 0 where it is not known.
private struct Memory {
    var resident = 0.0
    var peak = 0.0

    init(of process: String) {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/status") else {
            return
        }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, let kibibytes = Double(words[1]) else { continue }
            if words[0] == "VmRSS:" { resident = kibibytes / 1024 }
            if words[0] == "VmHWM:" { peak = kibibytes / 1024 }
        }
    }
}
