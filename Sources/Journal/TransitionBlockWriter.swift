/// Collects transitions until the journal takes them as one block.
///
/// Usually a second of robot time. It keeps its memory when the journal has taken the block, and
/// its transitions when the journal could not.
public struct TransitionBlockWriter: Sendable {
    /// How many numbers an observation has.
    public let observationCount: Int
    /// How many numbers an action has.
    public let actionCount: Int
    /// How many bytes a picture has, 0 without pictures.
    public let pictureBytes: Int
    /// How many transitions wait for the journal.
    public private(set) var count = 0
    /// The step of the first waiting transition; meaningless while empty.
    public private(set) var firstStep = 0
    /// The step of the newest transition ever appended; -1 before the first.
    public private(set) var lastStep = -1

    private(set) var firstEpisode = 0
    private(set) var lastEpisode = 0
    private var extraCount = 0
    private let layout: TransitionLayout
    /// Header and rows, then what follows them when the block is closed.
    private var words: [UInt32]
    private var extras: [UInt32] = []
    /// The newest row's next observation, until the row after shows whether it must be stored.
    private var pending: [UInt32] = []
    /// The same three of pictures.
    private var pictures: [UInt8] = []
    private var extraPictures: [UInt8] = []
    private var pendingPicture: [UInt8] = []

    /// A writer for transitions of one width.
    ///
    /// - Precondition: 1 to 65,536 observations, 0 to 65,536 actions, pictures of up to 4 MiB.
    public init(observationCount: Int, actionCount: Int, pictureBytes: Int = 0) {
        precondition((1...TransitionLayout.maximumWidth).contains(observationCount))
        precondition((0...TransitionLayout.maximumWidth).contains(actionCount))
        precondition((0...TransitionLayout.maximumPictureBytes).contains(pictureBytes))
        self.pictureBytes = pictureBytes
        self.observationCount = observationCount
        self.actionCount = actionCount
        layout = TransitionLayout(observationCount: observationCount, actionCount: actionCount)
        words = Array(repeating: 0, count: TransitionLayout.headerWords)
    }

    /// Whether nothing waits.
    public var isEmpty: Bool { count == 0 }

    /// Adds a transition; refuses it whole if a number is not finite or something does not fit.
    public mutating func append(_ record: TransitionRecord) throws(JournalError) {
        try append(
            observation: record.observation.span,
            action: record.action.span,
            proposedAction: record.proposedAction.span,
            reward: record.reward,
            nextObservation: record.nextObservation.span,
            picture: record.picture.span,
            nextPicture: record.nextPicture.span,
            isTerminated: record.isTerminated,
            isTruncated: record.isTruncated,
            isLimited: record.isLimited,
            episode: record.episode,
            step: record.step,
            timeNanoseconds: record.timeNanoseconds
        )
    }

    /// Adds a transition from wherever its numbers lie (see `TransitionRecord`).
    ///
    /// Throws `wrongWidth`, `notFinite` or `outOfOrder`; the block is then as before.
    public mutating func append(
        observation: Span<Float>,
        action: Span<Float>,
        proposedAction: Span<Float>,
        reward: Float,
        nextObservation: Span<Float>,
        picture: Span<UInt8> = Span(),
        nextPicture: Span<UInt8> = Span(),
        isTerminated: Bool,
        isTruncated: Bool,
        isLimited: Bool,
        episode: Int,
        step: Int,
        timeNanoseconds: Int64
    ) throws(JournalError) {
        try Self.check(observation, observationCount, "observation", step)
        try Self.check(action, actionCount, "action", step)
        try Self.check(proposedAction, actionCount, "proposed action", step)
        try Self.check(nextObservation, observationCount, "next observation", step)
        for size in [picture.count, nextPicture.count] where size != pictureBytes {
            throw .wrongWidth(field: "picture", expected: pictureBytes, found: size)
        }
        guard reward.isFinite else { throw .notFinite(field: "reward", step: step) }
        try checkOrder(episode: episode, step: step)

        settlePending(against: observation, picture)
        if count == 0 {
            firstStep = step
            firstEpisode = episode
        }
        var flags: UInt32 = 0
        if isTerminated { flags |= TransitionLayout.terminated }
        if isTruncated { flags |= TransitionLayout.truncated }
        if isLimited { flags |= TransitionLayout.limited }
        appendPair(UInt64(step))
        appendPair(UInt64(bitPattern: timeNanoseconds))
        words.append(UInt32(episode).littleEndian)
        words.append(flags.littleEndian)
        words.append(reward.bitPattern.littleEndian)
        Self.append(observation, to: &words)
        Self.append(action, to: &words)
        Self.append(proposedAction, to: &words)
        pending.removeAll(keepingCapacity: true)
        Self.append(nextObservation, to: &pending)
        Self.append(picture, to: &pictures)
        pendingPicture.removeAll(keepingCapacity: true)
        Self.append(nextPicture, to: &pendingPicture)
        count += 1
        lastStep = step
        lastEpisode = episode
    }

    /// Forgets what waits and which steps there were; for a run that goes back to a checkpoint.
    public mutating func removeAll() {
        clear()
        lastStep = -1
        lastEpisode = 0
    }

    /// Forgets what the journal has taken, keeps the memory.
    mutating func clear() {
        words.removeLast(words.count - TransitionLayout.headerWords)
        extras.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        pictures.removeAll(keepingCapacity: true)
        extraPictures.removeAll(keepingCapacity: true)
        pendingPicture.removeAll(keepingCapacity: true)
        count = 0
        extraCount = 0
    }

    /// The block's words under a sequence number; leaves the writer as it is.
    func encoded(sequence: Int) -> [UInt32] {
        precondition(count > 0, "an empty block has no bytes")
        var block = words
        block.reserveCapacity(layout.wordCount(rows: count, extras: extraCount + 1))
        let lastRow = block.count - layout.rowWords
        block[lastRow + 5] |= TransitionLayout.hasExtra.littleEndian
        block.append(contentsOf: extras)
        block.append(contentsOf: pending)
        if pictureBytes > 0 { appendPictures(to: &block) }
        let version =
            pictureBytes > 0 ? TransitionLayout.versionWithPictures : TransitionLayout.version
        let header = [
            TransitionLayout.magic, version, UInt32(observationCount),
            UInt32(actionCount), UInt32(count), UInt32(extraCount + 1),
            UInt32(truncatingIfNeeded: sequence), UInt32(truncatingIfNeeded: sequence >> 32),
        ]
        for (index, word) in header.enumerated() { block[index] = word.littleEndian }
        return block
    }

    private func appendPictures(to block: inout [UInt32]) {
        let packed = PicturePacking.packed(pictures + extraPictures + pendingPicture)
        block.append(UInt32(pictureBytes).littleEndian)
        block.append(UInt32(packed.count).littleEndian)
        for start in stride(from: 0, to: packed.count, by: 4) {
            var word: UInt32 = 0
            for index in start..<min(start + 4, packed.count) {
                word |= UInt32(packed[index]) << UInt32(8 * (index - start))
            }
            block.append(word.littleEndian)
        }
    }

    /// Stores what the newest row led to unless the next row begins there, bit for bit.
    private mutating func settlePending(against observation: Span<Float>, _ picture: Span<UInt8>) {
        guard count > 0, !isPending(observation, picture) else { return }
        words[words.count - layout.rowWords + 5] |= TransitionLayout.hasExtra.littleEndian
        extras.append(contentsOf: pending)
        extraPictures.append(contentsOf: pendingPicture)
        extraCount += 1
    }

    private func isPending(_ observation: Span<Float>, _ picture: Span<UInt8>) -> Bool {
        for index in pending.indices
        where pending[index] != observation[index].bitPattern.littleEndian { return false }
        for index in pendingPicture.indices where pendingPicture[index] != picture[index] {
            return false
        }
        return true
    }

    private func checkOrder(episode: Int, step: Int) throws(JournalError) {
        guard step > lastStep else {
            throw .outOfOrder(field: "step", value: step, previous: lastStep)
        }
        guard episode >= lastEpisode, episode <= Int(Int32.max) else {
            throw .outOfOrder(field: "episode", value: episode, previous: lastEpisode)
        }
        guard count < TransitionLayout.maximumRows else {
            throw .outOfOrder(field: "place in its block", value: count, previous: count - 1)
        }
    }

    private mutating func appendPair(_ value: UInt64) {
        words.append(UInt32(truncatingIfNeeded: value).littleEndian)
        words.append(UInt32(truncatingIfNeeded: value >> 32).littleEndian)
    }

    private static func append(_ values: Span<Float>, to words: inout [UInt32]) {
        for index in values.indices { words.append(values[index].bitPattern.littleEndian) }
    }

    private static func append(_ bytes: Span<UInt8>, to all: inout [UInt8]) {
        for index in bytes.indices { all.append(bytes[index]) }
    }

    private static func check(
        _ values: Span<Float>,
        _ count: Int,
        _ field: String,
        _ step: Int
    ) throws(JournalError) {
        guard values.count == count else {
            throw .wrongWidth(field: field, expected: count, found: values.count)
        }
        for index in values.indices where !values[index].isFinite {
            throw .notFinite(field: field, step: step)
        }
    }
}
