/// One step of experience, as numbers.
public struct TransitionRecord: Sendable, Hashable {
    /// What the policy saw.
    public var observation: [Float]
    /// The action that was applied, in [-1, 1].
    public var action: [Float]
    /// The action the policy proposed, in [-1, 1].
    public var proposedAction: [Float]
    /// The reward of this step.
    public var reward: Float
    /// What the policy saw one step later.
    public var nextObservation: [Float]
    /// The newest camera frame of what the policy saw, as bytes; empty for tasks without a camera.
    public var picture: [UInt8]
    /// The newest camera frame one step later.
    public var nextPicture: [UInt8]
    /// Whether the episode ended here for good: nothing follows that could be worth anything.
    public var isTerminated: Bool
    /// Whether the episode was cut here by time or by a person.
    public var isTruncated: Bool
    /// Whether the applied action is not the proposed one.
    public var isLimited: Bool
    /// The episode this step belongs to, from 0; it never falls.
    public var episode: Int
    /// The step's number in the run; it always rises, gaps are allowed.
    public var step: Int
    /// When the step happened, on the clock of whoever recorded it.
    public var timeNanoseconds: Int64

    /// An empty record; also what reading fills again and again.
    public init() {
        observation = []
        action = []
        proposedAction = []
        reward = 0
        nextObservation = []
        picture = []
        nextPicture = []
        isTerminated = false
        isTruncated = false
        isLimited = false
        episode = 0
        step = 0
        timeNanoseconds = 0
    }
}

/// The bytes of a block of transitions, all little-endian 32-bit words.
///
/// ```
/// header   magic  version  observations  actions  rows  extras  sequence(2)
/// row      step(2)  time(2)  episode  flags  reward  observation...  action...  proposed...
/// extras   the next observations that are not the observation of the row after
/// pictures bytes a picture  bytes packed  packed...  zeros to the end of the word
/// ```
/// Version 2 has pictures, one for each row and one for each extra in that order, one behind the
/// other and packed with zstd; version 1, for tasks without a camera, ends before them.
///
/// The sequence number is inside, so that the checksum ties a block to its place. The last row
/// of a block always has an extra: a block can be read alone.
struct TransitionLayout: Hashable {
    /// "SBT1" as a little-endian word.
    static let magic: UInt32 = 0x3154_4253
    static let version: UInt32 = 1
    static let versionWithPictures: UInt32 = 2
    static let headerWords = 8
    static let fixedRowWords = 7

    /// Bits of a row's flags.
    static let terminated: UInt32 = 1
    static let truncated: UInt32 = 2
    static let limited: UInt32 = 4
    static let hasExtra: UInt32 = 8

    /// What a header may claim; a corrupt one must not make us compute nonsense.
    static let maximumWidth = 1 << 16
    static let maximumRows = 1 << 24
    static let maximumPictureBytes = 1 << 22
    /// Of all pictures of a block, unpacked.
    static let maximumPicturesBytes = 1 << 30

    let observationCount: Int
    let actionCount: Int

    var rowWords: Int { Self.fixedRowWords + observationCount + 2 * actionCount }

    func wordCount(rows: Int, extras: Int) -> Int {
        Self.headerWords + rows * rowWords + extras * observationCount
    }
}
