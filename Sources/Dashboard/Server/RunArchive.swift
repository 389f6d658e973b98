import Foundation
import Journal
import NIOPosix
import Synchronization

/// Reads what a run has recorded, on a thread of its own, so that no request waits for the disk but
/// the one that asked.
final class RunArchive: Sendable {
    /// How long a learning curve is good enough, seconds.
    private static let freshSeconds = 2.0

    private struct Kept {
        var run: String
        var time: Double
        var curves: Data
    }

    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let kept = Mutex<Kept?>(nil)
    private let clock: @Sendable () -> Double

    init(clock: @escaping @Sendable () -> Double) {
        self.clock = clock
        thread.start()
    }

    func close() { thread.shutdownGracefully { _ in } }

    /// The learning curves of a run, as JSON.
    func curves(of run: String) async throws -> Data {
        let now = clock()
        if let kept = kept.withLock({ $0 }), kept.run == run, now - kept.time < Self.freshSeconds {
            return kept.curves
        }
        let curves = try await thread.runIfActive {
            DashboardJSON.data(try CurveDocument(Self.reader(of: run)))
        }
        kept.withLock { $0 = Kept(run: run, time: now, curves: curves) }
        return curves
    }

    /// Episodes, the newest first.
    ///
    /// - Parameters:
    ///   - before: only episodes with lower numbers; `nil` for the newest.
    ///   - limit: how many at most.
    func episodes(of run: String, before: Int?, limit: Int) async throws -> [EpisodeDocument] {
        try await thread.runIfActive {
            try Self.reader(of: run).episodes(before: before ?? .max, limit: limit)
                .map(EpisodeDocument.init)
        }
    }

    /// Everything that was recorded in one episode; `nil` if there is no such episode.
    func replay(of run: String, episode: Int) async throws -> ReplayDocument? {
        try await thread.runIfActive {
            let reader = try Self.reader(of: run)
            guard let record = try reader.episodes(before: episode + 1, limit: 1).first,
                record.index == episode
            else { return nil }
            return ReplayDocument(record, try reader.transitions(ofEpisode: episode))
        }
    }

    private static func reader(of run: String) throws -> JournalReader {
        try JournalReader(reading: try RunFolder.find(root: "", name: run))
    }
}
