public import Robot

/// What a camera says when it is asked for its newest frame.
public enum FrameReading: Sendable, Hashable {
    /// A frame, and when it was taken on the asker's clock.
    case frame(MonotonicTime)
    /// There is none that may be acted on.
    case fault(FaultCode)
}

/// Where a policy's frames come from: a real camera, or a simulated one.
///
/// Used by the control thread, which never waits for a frame: what is there is taken or refused.
public protocol FrameSource: AnyObject {
    /// What the robot file says of the camera.
    var camera: CameraDescription { get }

    /// Told when an episode begins.
    ///
    /// - Parameter seed: what a simulated camera draws its looks from; the same seed, the same looks.
    func episodeBegins(seed: UInt64)

    /// Copies the newest frame to `frame`, `camera.size.byteCount` bytes.
    ///
    /// A frame that is too old, frozen or dark is refused, and `frame` stays as it is.
    func newest(at now: MonotonicTime, into frame: inout MutableSpan<UInt8>) -> FrameReading
}

/// What can be done to a camera's view on purpose, to see whether a policy bears it.
public protocol VisualInterference: AnyObject {
    /// Holds something before the lens, `nil` takes it away.
    func occlude(_ occluder: Occluder?)

    /// Makes the light stronger or weaker; 1 is as it was.
    func setLight(_ factor: Double)
}

/// A flat thing of a hand's size before the lens.
public struct Occluder: Sendable, Hashable {
    /// Its middle, metres to the right of the line of sight.
    public var right: Double
    /// Its middle, metres above the line of sight.
    public var up: Double
    /// Metres in front of the lens.
    public var distance: Double
    /// Half its width and half its height, metres.
    public var halfSize: SIMD2<Double>

    /// A hand that covers the left part of the picture.
    public init(
        right: Double = -0.045,
        up: Double = 0,
        distance: Double = 0.10,
        halfSize: SIMD2<Double> = SIMD2(0.045, 0.09)
    ) {
        self.right = right
        self.up = up
        self.distance = distance
        self.halfSize = halfSize
    }
}
