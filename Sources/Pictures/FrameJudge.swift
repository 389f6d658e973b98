public import Robot

/// Finds out whether a camera's pictures may be believed: not frozen, not dark.
///
/// It sees every picture in the order they were taken. Pictures that were never taken are not its
/// business: who asks for a frame compares its age.
public struct FrameJudge: Sendable {
    private let frozenAfter: Seconds?
    private let darkBelow: Double
    private let darkAfter: Seconds
    private var newest: UInt64?
    private var sameSince: MonotonicTime?
    private var darkSince: MonotonicTime?

    /// A judge with a camera's limits.
    public init(_ camera: CameraDescription) {
        frozenAfter = camera.frozenAfter
        darkBelow = camera.darkBelow
        darkAfter = camera.darkAfter
    }

    /// What is wrong with the pictures, now that this one was taken; `nil` if nothing is.
    ///
    /// - Parameters:
    ///   - fingerprint: of all bytes of the camera's picture; a real sensor's noise changes it.
    ///   - brightness: the frame's mean, 0 to 1.
    ///   - taken: when it was taken.
    public mutating func judge(
        fingerprint: UInt64,
        brightness: Double,
        taken: MonotonicTime
    ) -> FaultCode? {
        if fingerprint != newest { sameSince = taken }
        newest = fingerprint
        if brightness >= darkBelow { darkSince = nil } else { darkSince = darkSince ?? taken }
        if let darkSince, taken.seconds(since: darkSince) >= darkAfter { return .cameraDark }
        if let frozenAfter, let sameSince, taken.seconds(since: sameSince) >= frozenAfter {
            return .cameraFrozen
        }
        return nil
    }

    /// A fingerprint of a picture's bytes (FNV-1a over eight-byte words, then bytes).
    public static func fingerprint(_ picture: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let bytes = unsafe picture.bytes
        let words = bytes.byteCount / 8
        for word in 0..<words {
            // Safety: the word lies inside the picture.
            let value = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: word * 8,
                as: UInt64.self
            )
            hash = (hash ^ value) &* 0x100_0000_01B3
            // A word's high bits must reach the low ones, or two changes could cancel out.
            hash ^= hash >> 29
        }
        for index in (words * 8)..<picture.count {
            hash = (hash ^ UInt64(picture[index])) &* 0x100_0000_01B3
        }
        return hash
    }

    /// The mean of a frame's bytes, 0 to 1.
    public static func brightness(_ frame: Span<UInt8>) -> Double {
        var sum = 0
        for index in frame.indices { sum += Int(frame[index]) }
        return Double(sum) / (255 * Double(max(1, frame.count)))
    }
}
