/// A transition where it lies: four-byte words.
///
/// ```
/// frame  flags  reward  action...
/// ```
/// `frame` is the low half of the number of the observation's newest frame: no ring holds 2^32.
@unsafe struct StoredTransition {
    struct Flags: OptionSet {
        let rawValue: UInt32
        /// Its observation is the next observation of the transition before it.
        static let goesOn = Flags(rawValue: 1)
        /// Nothing more is to be earned after it.
        static let terminated = Flags(rawValue: 2)
        /// Its next observation is not its observation with one more frame, but a window of its own.
        static let hasOwnNext = Flags(rawValue: 4)
    }

    // Safety: `byteCount` bytes of the replay's ring, which outlives this value.
    private let words: UnsafeMutablePointer<UInt32>

    init(_ element: UnsafeMutableRawPointer) {
        unsafe words = element.assumingMemoryBound(to: UInt32.self)
    }

    static func byteCount(actionCount: Int) -> Int { 4 * (3 + actionCount) }

    /// The low half of its observation's newest frame's number.
    var frame: UInt32 { unsafe words[0] }
    var flags: Flags { unsafe Flags(rawValue: words[1]) }
    var reward: Float { unsafe Float(bitPattern: words[2]) }
    var action: UnsafePointer<Float> {
        unsafe UnsafePointer(UnsafeMutableRawPointer(words + 3).assumingMemoryBound(to: Float.self))
    }

    /// How many frames are newer than its observation, where `newest` is the newest's number.
    func frameAge(newest: Int) -> Int {
        unsafe Int(UInt32(truncatingIfNeeded: newest) &- frame)
    }

    mutating func write(frame: Int, flags: Flags, reward: Float, action: Span<Float>) {
        unsafe words[0] = UInt32(truncatingIfNeeded: frame)
        unsafe words[1] = flags.rawValue
        unsafe words[2] = reward.bitPattern
        for index in action.indices { unsafe words[3 + index] = action[index].bitPattern }
    }
}
