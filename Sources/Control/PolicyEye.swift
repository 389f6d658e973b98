import Learning
import Pictures
import Robot

/// What a policy sees through its camera: the newest frame, and the frames before it.
///
/// Without a camera it sees nothing and is never at fault. Allocates when an episode begins and not
/// after.
struct PolicyEye {
    /// The newest frame; empty without a camera.
    private(set) var frame: [UInt8]
    /// The frames that the policy in force wants; `nil` if it wants none.
    private(set) var history: FrameHistory?
    private let source: (any FrameSource)?

    /// The bytes of those frames, the newest first; none if none are wanted.
    var frames: [UInt8] { history?.bytes ?? [] }

    /// The size of a frame; `nil` without a camera.
    var size: PictureSize? { source?.camera.size }

    init(_ source: (any FrameSource)?) {
        self.source = source
        frame = Array(repeating: 0, count: source?.camera.size.byteCount ?? 0)
    }

    /// Makes ready for an episode of a policy that sees such pictures.
    mutating func begin(_ image: ImageLayout?, random: inout RandomSource) {
        guard let source else { return }
        if image != history?.layout { history = image.map { FrameHistory($0) } }
        source.episodeBegins(seed: random.next())
    }

    private mutating func take(_ source: any FrameSource, at now: MonotonicTime) -> FaultCode? {
        var seen = frame.mutableSpan
        guard case .fault(let fault) = source.newest(at: now, into: &seen) else { return nil }
        return fault
    }

    /// Takes the newest frame; what is wrong if there is none that may be acted on.
    mutating func look(at now: MonotonicTime, isFirst: Bool) -> FaultCode? {
        guard let source else { return nil }
        if let fault = take(source, at: now) { return fault }
        // Shared for this moment only; nothing is copied.
        let newest = frame
        if isFirst { history?.begin(newest.span) } else { history?.push(newest.span) }
        return nil
    }

    /// An action drawn from a policy that sees these numbers and frames.
    func sample(
        _ policy: PolicySnapshot,
        _ seen: [Float],
        random: inout RandomSource,
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        let frames = frames
        policy.sample(
            seen.span,
            frames: frames.span,
            random: &random,
            scratch: &scratch,
            into: &action
        )
    }

    /// A policy's mean action.
    func mean(
        _ policy: PolicySnapshot,
        _ seen: [Float],
        scratch: inout PolicyScratch,
        into action: inout MutableSpan<Float>
    ) {
        let frames = frames
        policy.mean(seen.span, frames: frames.span, scratch: &scratch, into: &action)
    }
}
