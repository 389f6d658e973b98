import Journal

/// The transitions of another run that a run's replay began with (`--with-replay`).
///
/// They are not copied into the run's journal; checkpoints say which they were, so that a resumed
/// run has them again.
struct BorrowedReplay: Sendable, Hashable {
    /// The other run, by its path in the folder of all runs if it lies there.
    var run: String
    /// The last step that was taken over.
    var lastStep: Int
    /// How many transitions the other run had then.
    var transitions: Int

    private static let runKey = "sacbot.replay_from"
    private static let stepKey = "sacbot.replay_from_last_step"
    private static let countKey = "sacbot.replay_from_transitions"

    /// All that a run holds now.
    init(all folder: RunFolder, root: String) throws(JournalError) {
        let progress = try JournalReader(reading: folder).progress()
        let isInside = folder.path.hasPrefix(root + "/")
        run = isInside ? String(folder.path.dropFirst(root.count + 1)) : folder.path
        lastStep = progress.lastStep
        transitions = progress.transitions
    }

    /// What a checkpoint says of it, `nil` if nothing.
    init?(_ notes: [String: String]) {
        guard let run = notes[Self.runKey],
            let lastStep = notes[Self.stepKey].flatMap({ Int($0) }),
            let transitions = notes[Self.countKey].flatMap({ Int($0) })
        else { return nil }
        self.run = run
        self.lastStep = lastStep
        self.transitions = transitions
    }

    /// Where the other run lies; `nil` if it is gone.
    func folder(root: String) -> RunFolder? {
        do throws(JournalError) { return try RunFolder.find(root: root, name: run) } catch {
            return nil
        }
    }

    /// What checkpoints say of it.
    var notes: [String: String] {
        [
            Self.runKey: run, Self.stepKey: String(lastStep),
            Self.countKey: String(transitions),
        ]
    }
}
