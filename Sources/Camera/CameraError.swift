/// Why a camera cannot be used.
public enum CameraError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The robot file gives the camera no pipeline.
    case noPipeline(camera: String)
    /// GStreamer cannot build or start the pipeline.
    case notStarted(camera: String, pipeline: String, reason: String)
    /// The pipeline runs, but no picture came.
    case noPicture(camera: String, pipeline: String, seconds: Double)

    /// What is wrong and what to do about it, for a person.
    public var description: String {
        switch self {
        case .noPipeline(let camera):
            "camera \(camera) exists in simulation only; give it a `pipeline` in the robot file, for "
                + "example `v4l2src device=/dev/video0`"
        case .notStarted(let camera, let pipeline, let reason):
            "camera \(camera) does not start: \(reason); try the pipeline by itself: gst-launch-1.0 "
                + "\(pipeline) ! videoconvert ! fakesink (an element that is missing comes with "
                + "gstreamer1.0-plugins-good, -bad or -libav)"
        case .noPicture(let camera, let pipeline, let seconds):
            "camera \(camera) gave no picture within \(seconds) s; look at its cable, and try "
                + "gst-launch-1.0 \(pipeline) ! videoconvert ! fakesink"
        }
    }
}
