internal import CCamera
internal import Pictures
internal import Realtime
internal import Robot

/// What is handed from the camera's thread with every frame.
struct FrameNote: Sendable, BitwiseCopyable {
    /// When it was taken, CLOCK_MONOTONIC.
    var taken: Int64 = 0
    /// The number of what is wrong with the pictures, 0 if nothing is.
    var fault: UInt8 = 0
}

/// Takes pictures from a pipeline, makes frames of them and hands the newest over.
///
/// Safety: after `run` has begun on the camera's thread, that thread alone uses it; the pipeline is
/// closed there too.
@safe final class CameraThread: @unchecked Sendable {
    // Safety: see above; the pointer is given away by `init` and freed at the end of `run`.
    private let pipeline: OpaquePointer
    private let slots: LatestBytes<FrameNote>
    private let record: CameraRecord
    private var shaper: FrameShaper
    private var judge: FrameJudge
    private var message = [CChar](repeating: 0, count: 500)

    /// How long the thread sleeps before it looks whether it is to end.
    private static let patience = 0.05

    init(
        pipeline: OpaquePointer,
        camera: CameraDescription,
        slots: LatestBytes<FrameNote>,
        record: CameraRecord
    ) {
        unsafe self.pipeline = unsafe pipeline
        self.slots = slots
        self.record = record
        shaper = FrameShaper(size: camera.size, crop: camera.crop)
        judge = FrameJudge(camera)
    }

    func run() {
        var picture = unsafe sacbot_picture()
        while !record.isStopping {
            let event = unsafe sacbot_camera_wait(
                pipeline,
                Self.patience,
                &picture,
                &message,
                message.count
            )
            if event == sacbot_camera_picture {
                unsafe take(picture)
                unsafe sacbot_camera_release(pipeline)
            } else if event == sacbot_camera_over {
                record.end(sentence(message))
                break
            }
        }
        unsafe sacbot_camera_close(pipeline)
    }

    private func take(_ picture: sacbot_picture) {
        let now = MonotonicClock.now()
        // A picture cannot be taken after it has come; a stream that says nothing has it now.
        let taken = unsafe picture.taken < 0 ? now : min(picture.taken, now)
        let size = unsafe PictureSize(width: Int(picture.width), height: Int(picture.height))
        let stride = unsafe Int(picture.stride)
        // Safety: CCamera checked that the buffer holds all rows, and keeps it until it is released.
        let pixels = unsafe UnsafeBufferPointer(
            start: picture.pixels,
            count: stride * (size.height - 1) + size.width * 3
        ).span
        let fingerprint = FrameJudge.fingerprint(pixels)
        slots.publish { frame in
            shaper.shape(pixels, size: size, stride: stride, into: &frame)
            let fault = judge.judge(
                fingerprint: fingerprint,
                brightness: FrameJudge.brightness(frame.span),
                taken: MonotonicTime(nanoseconds: taken)
            )
            return FrameNote(taken: taken, fault: fault?.rawValue ?? 0)
        }
        if record.isSnapshotWanted { keepSnapshot(pixels, size, stride) }
        record.note(taken: taken)
    }

    private func keepSnapshot(_ pixels: Span<UInt8>, _ size: PictureSize, _ stride: Int) {
        var whole = [UInt8](repeating: 0, count: size.byteCount)
        for row in 0..<size.height {
            for index in 0..<(size.width * 3) {
                whole[row * size.width * 3 + index] = pixels[row * stride + index]
            }
        }
        record.keep(whole, size: size)
    }
}

/// A sentence that C wrote.
func sentence(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
