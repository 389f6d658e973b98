/// Width and height in pixels.
@frozen public struct PictureSize: Sendable, BitwiseCopyable, Hashable {
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int

    /// A size.
    @inlinable public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Bytes of a picture of this size: red, green and blue of every pixel.
    @inlinable public var byteCount: Int { width * height * 3 }
}

/// A part of a picture, as shares of its width and height.
public struct PictureCrop: Sendable, Hashable {
    /// From the left edge.
    public var left: Double
    /// From the upper edge.
    public var top: Double
    /// Share of the width, above 0.
    public var width: Double
    /// Share of the height, above 0.
    public var height: Double

    /// A part; all of it if nothing is said.
    public init(left: Double = 0, top: Double = 0, width: Double = 1, height: Double = 1) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }
}

/// A camera that a policy may look through.
public struct CameraDescription: Sendable, Hashable {
    /// Its name in the robot file.
    public var name: String
    /// Where its pictures come from: a GStreamer pipeline without its end, `v4l2src ! ...`; `nil` if
    /// it exists in simulation only.
    public var pipeline: String?
    /// The camera of the robot's model that stands for it in simulation.
    public var modelCamera: String
    /// Pictures a second that the pipeline is expected to give.
    public var rate: Double
    /// The size of the frames that the policy gets.
    public var size: PictureSize
    /// The part of the camera's picture they show.
    public var crop: PictureCrop
    /// The oldest a frame may be when an action is decided by it.
    public var latestAge: Seconds
    /// For how long pictures may be the same, byte for byte, before the camera counts as frozen;
    /// `nil` does not look.
    public var frozenAfter: Seconds?
    /// The mean brightness, 0 to 1, below which a picture counts as dark; 0 does not look.
    public var darkBelow: Double
    /// For how long pictures may be dark.
    public var darkAfter: Seconds

    /// A camera.
    public init(
        name: String,
        pipeline: String?,
        modelCamera: String,
        rate: Double = 30,
        size: PictureSize = PictureSize(width: 32, height: 32),
        crop: PictureCrop = PictureCrop(),
        latestAge: Seconds = 0.1,
        frozenAfter: Seconds? = 1,
        darkBelow: Double = 0.02,
        darkAfter: Seconds = 0.5
    ) {
        self.name = name
        self.pipeline = pipeline
        self.modelCamera = modelCamera
        self.rate = rate
        self.size = size
        self.crop = crop
        self.latestAge = latestAge
        self.frozenAfter = frozenAfter
        self.darkBelow = darkBelow
        self.darkAfter = darkAfter
    }
}
