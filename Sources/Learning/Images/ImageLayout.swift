/// What pictures the learner sees: how large a frame is and how many make an observation.
///
/// A frame is `height` rows from the top, each `width` pixels from the left, each `channels` bytes
/// one beside the other (RGB as cameras give it). An observation is `history` such frames, the
/// newest first.
public struct ImageLayout: Sendable, Hashable, Codable {
    /// Rows of a frame.
    public var height: Int
    /// Pixels of a row.
    public var width: Int
    /// Bytes of a pixel: 3 for RGB, 1 for grey.
    public var channels: Int
    /// Frames in an observation.
    public var history: Int

    /// A layout; whether it is possible is said by `problem`.
    public init(height: Int, width: Int, channels: Int, history: Int = 1) {
        (self.height, self.width) = (height, width)
        (self.channels, self.history) = (channels, history)
    }

    /// Bytes of a frame.
    public var frameBytes: Int { height * width * channels }
    /// Bytes of an observation's frames.
    public var observationBytes: Int { history * frameBytes }
    /// Channels of all frames together, as the first convolution sees them.
    var depth: Int { history * channels }

    /// What makes this layout impossible, in words for a person; `nil` when nothing does.
    public var problem: String? {
        let sizes = 8...512
        if !sizes.contains(height) || !sizes.contains(width) {
            return "pictures of \(width) x \(height) pixels; 8 to 512 are possible either way"
        }
        if !(1...4).contains(channels) { return "\(channels) bytes a pixel; 1 to 4 are possible" }
        if !(1...16).contains(history) {
            return "\(history) frames in an observation; 1 to 16 are possible"
        }
        return nil
    }
}
