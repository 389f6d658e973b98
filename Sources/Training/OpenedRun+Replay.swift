import Control
import Journal
import Learning

/// What a run's learner draws from: its own transitions, and those of other runs if it is asked to.
extension OpenedRun {
    static func emptyReplay(_ request: RunRequest) -> ReplayBuffer {
        ReplayBuffer(
            observationCount: request.layout.observationCount,
            actionCount: request.layout.actionCount,
            capacity: request.settings.replayCapacity,
            historyFrames: request.historyFrames,
            byteCapacity: request.settings.replayBytes,
            image: request.layout.image
        )
    }

    /// Which transitions of other runs are wanted: those asked for now, else those the run had
    /// before.
    ///
    /// The same run asked for again means what was taken then, not what it recorded since.
    static func borrowed(
        _ request: RunRequest,
        _ before: [BorrowedReplay]
    ) throws(OpenRunError) -> [BorrowedReplay] {
        var all: [BorrowedReplay] = []
        let asked = [
            (BorrowedReplay.Use.replay, request.withReplay ? request.from : nil),
            (BorrowedReplay.Use.prior, request.prior),
        ]
        for (use, folder) in asked {
            let known = before.first { $0.use == use }
            guard let folder else {
                if let known { all.append(known) }
                continue
            }
            let new = try reading { () throws(JournalError) in
                try BorrowedReplay(all: folder, for: use, root: request.root)
            }
            if let known, known.run == new.run { all.append(known) } else { all.append(new) }
        }
        return all
    }

    /// Fills in what was borrowed; `false`, with a note, if the run it is of is gone.
    @discardableResult
    static func fill(
        _ replay: ReplayBuffer,
        _ request: RunRequest,
        from borrowed: BorrowedReplay?,
        _ notes: inout [String]
    ) throws(OpenRunError) -> Bool {
        guard let borrowed else { return false }
        guard let folder = borrowed.folder(root: request.root) else {
            notes.append(
                "the run \(borrowed.run), whose transitions were used until now, is gone: this one "
                    + "goes on without them, and not as if it had not been interrupted"
            )
            return false
        }
        let reader = try reading { () throws(JournalError) in try JournalReader(reading: folder) }
        try fill(replay, request, from: reader, upTo: borrowed)
        switch borrowed.use {
        case .replay: notes.append("took over \(replay.count) transitions of \(folder.path)")
        case .prior: notes.append("earlier data: \(replay.count) transitions of \(folder.path)")
        }
        return true
    }

    /// Earlier data that stays apart from the run's own, if it is asked for.
    static func prior(
        _ request: RunRequest,
        _ borrowed: BorrowedReplay?,
        _ notes: inout [String]
    ) throws(OpenRunError) -> ReplayBuffer? {
        let replay = emptyReplay(request)
        guard let borrowed, try fill(replay, request, from: borrowed, &notes) else { return nil }
        guard replay.count > 0 else { throw .nothingToStartFrom(path: borrowed.run) }
        return replay
    }

    static func fill(
        _ replay: ReplayBuffer,
        _ request: RunRequest,
        from reader: JournalReader,
        upTo borrowed: BorrowedReplay? = nil
    ) throws(OpenRunError) {
        let usesApplied = request.replayAction == .applied
        let rewardScale = Float(request.settings.rewardScale)
        try reading { () throws(JournalError) in
            var count = replay.capacity
            if let borrowed {
                // What the other run recorded since is not what this one began with.
                count += max(0, try reader.progress().transitions - borrowed.transitions)
            }
            let first = try reader.sequence(beforeNewest: count)
            _ = try reader.readTransitions(afterSequence: first) { record in
                guard record.step <= borrowed?.lastStep ?? .max else { return }
                replay.append(
                    observation: record.observation.span,
                    pixels: record.picture.span,
                    action: (usesApplied ? record.action : record.proposedAction).span,
                    reward: record.reward * rewardScale,
                    nextObservation: record.nextObservation.span,
                    nextPixels: record.nextPicture.span,
                    terminated: record.isTerminated
                )
            }
        }
    }
}
