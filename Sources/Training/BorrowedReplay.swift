import Journal

/// Transitions of another run that a run learns from (`--with-replay`, `--prior`).
///
/// They are not copied into the run's journal; checkpoints say which they were, so that a resumed
/// run has the same ones again.
struct BorrowedReplay: Sendable, Hashable {
    /// What they are for; the raw value begins the checkpoint's notes.
    enum Use: String, CaseIterable {
        /// They came into the replay before the run's own.
        case replay = "sacbot.replay_from"
        /// They fill a share of each batch.
        case prior = "sacbot.prior"

        fileprivate var stepKey: String { rawValue + "_last_step" }
        fileprivate var countKey: String { rawValue + "_transitions" }
    }

    /// What they are for.
    var use: Use
    /// The other run, by its path in the folder of all runs if it lies there.
    var run: String
    /// The last step that was taken.
    var lastStep: Int
    /// How many transitions the other run had then.
    var transitions: Int

    /// All that a run holds now.
    init(all folder: RunFolder, for use: Use, root: String) throws(JournalError) {
        let progress = try JournalReader(reading: folder).progress()
        let isInside = folder.path.hasPrefix(root + "/")
        run = isInside ? String(folder.path.dropFirst(root.count + 1)) : folder.path
        self.use = use
        lastStep = progress.lastStep
        transitions = progress.transitions
    }

    /// What a checkpoint says of it, `nil` if nothing.
    private init?(_ notes: [String: String], _ use: Use) {
        guard let run = notes[use.rawValue],
            let lastStep = notes[use.stepKey].flatMap({ Int($0) }),
            let transitions = notes[use.countKey].flatMap({ Int($0) })
        else { return nil }
        self.use = use
        self.run = run
        self.lastStep = lastStep
        self.transitions = transitions
    }

    /// All that a checkpoint speaks of.
    static func all(_ notes: [String: String]) -> [BorrowedReplay] {
        Use.allCases.compactMap { BorrowedReplay(notes, $0) }
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
            use.rawValue: run, use.stepKey: String(lastStep),
            use.countKey: String(transitions),
        ]
    }
}
