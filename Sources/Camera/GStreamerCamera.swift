internal import CCamera
public import Pictures
internal import Realtime
public import Robot

/// A camera behind a GStreamer pipeline.
///
/// A thread of its own takes the pictures, shrinks them to frames and hands the newest over; a
/// frame carries the moment it was taken. Nobody ever waits for a frame: `newest` gives the one
/// that is there, or says why it may not be acted on. Memory is bounded: one picture in GStreamer,
/// three frames here.
public final class GStreamerCamera: FrameSource {
    /// What the robot file says of it.
    public let camera: CameraDescription
    /// What its thread has seen so far.
    public let record: CameraRecord

    private let slots: LatestBytes<FrameNote>
    private let thread: WorkThread

    /// Opens the camera's pipeline and waits for its first picture.
    ///
    /// - Parameter seconds: how long the pipeline may take to start, and then to give a picture.
    public init(_ camera: CameraDescription, within seconds: Double = 5) throws(CameraError) {
        guard let text = camera.pipeline else { throw .noPipeline(camera: camera.name) }
        var message = [CChar](repeating: 0, count: 500)
        guard
            let pipeline = unsafe sacbot_camera_open(text, seconds, &message, message.count)
        else {
            throw .notStarted(camera: camera.name, pipeline: text, reason: sentence(message))
        }
        self.camera = camera
        let record = CameraRecord()
        self.record = record
        slots = LatestBytes(count: camera.size.byteCount, blank: FrameNote())
        let work = unsafe CameraThread(
            pipeline: pipeline,
            camera: camera,
            slots: slots,
            record: record
        )
        thread = WorkThread(name: "sacbot-camera") { work.run() }
        let deadline = MonotonicClock.now() + Int64(seconds * 1e9)
        while record.pictures == 0 {
            if record.isOver || MonotonicClock.now() > deadline {
                close()
                if let problem = record.problem {
                    throw .notStarted(camera: camera.name, pipeline: text, reason: problem)
                }
                throw .noPicture(camera: camera.name, pipeline: text, seconds: seconds)
            }
            MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
        }
    }

    deinit { record.stop() }

    /// Nothing: a real camera's looks are what they are.
    public func episodeBegins(seed: UInt64) {}

    /// Copies the newest frame, unless it is too old or its stream has frozen, gone dark or ended.
    public func newest(
        at now: MonotonicTime,
        into frame: inout MutableSpan<UInt8>
    ) -> FrameReading {
        if record.isOver { return .fault(.cameraLost) }
        let reading = slots.read { note, bytes -> FrameReading in
            if let fault = FaultCode(rawValue: note.fault) { return .fault(fault) }
            let taken = MonotonicTime(nanoseconds: note.taken)
            if now.seconds(since: taken) > camera.latestAge { return .fault(.cameraLate) }
            for index in bytes.indices { frame[index] = bytes[index] }
            return .frame(taken)
        }
        return reading ?? .fault(.cameraLate)
    }

    /// Ends the stream and waits for its thread.
    public func close() {
        record.stop()
        thread.join()
    }
}
