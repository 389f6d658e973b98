/// The newest frames of an episode, as a policy takes them: newest first, each stored once.
///
/// Allocates when it is made and never again; an episode begins with `begin`, which repeats its
/// first frame as the replay does.
public struct FrameHistory: Sendable {
    /// What a frame is and how many are kept.
    public let layout: ImageLayout
    /// `layout.history` frames of `layout.frameBytes` bytes, the newest first.
    public private(set) var bytes: [UInt8]

    /// A history of black frames.
    ///
    /// Traps on a layout that is impossible.
    public init(_ layout: ImageLayout) {
        if let problem = layout.problem { preconditionFailure(problem) }
        self.layout = layout
        bytes = Array(repeating: 0, count: layout.observationBytes)
    }

    /// Starts an episode: every frame is this one.
    ///
    /// Traps on a frame of another length.
    public mutating func begin(_ frame: Span<UInt8>) {
        for place in 0..<layout.history { store(frame, at: place) }
    }

    /// Adds the newest frame and forgets the oldest.
    ///
    /// Traps on a frame of another length.
    public mutating func push(_ frame: Span<UInt8>) {
        let kept = bytes.count - layout.frameBytes
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe (start + layout.frameBytes).copyMemory(from: start, byteCount: kept)
        }
        store(frame, at: 0)
    }

    private mutating func store(_ frame: Span<UInt8>, at place: Int) {
        precondition(frame.count == layout.frameBytes, "a frame of \(frame.count) bytes")
        let offset = place * layout.frameBytes
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe frame.withUnsafeBytes { frame in
                guard let target = bytes.baseAddress, let source = frame.baseAddress else { return }
                unsafe (target + offset).copyMemory(from: source, byteCount: frame.count)
            }
        }
    }
}
