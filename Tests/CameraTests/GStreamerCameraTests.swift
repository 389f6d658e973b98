import CAllocationCount
import Camera
import Foundation
import Pictures
import Realtime
import Robot
import Testing

@Suite("Cameras behind GStreamer pipelines", .serialized, .timeLimit(.minutes(1)))
struct GStreamerCameraTests {
    private func camera(_ pipeline: String, _ change: (inout CameraDescription) -> Void = { _ in })
        -> CameraDescription
    {
        var camera = CameraDescription(name: "palm", pipeline: pipeline, modelCamera: "palm")
        camera.size = PictureSize(width: 8, height: 8)
        camera.frozenAfter = nil
        camera.darkBelow = 0
        change(&camera)
        return camera
    }

    /// Asks again and again until the answer is `wanted`, ten seconds at most.
    private func waits(for wanted: FaultCode, _ camera: GStreamerCamera) -> Bool {
        var frame = [UInt8](repeating: 0, count: camera.camera.size.byteCount)
        let deadline = MonotonicClock.now() + 10_000_000_000
        while MonotonicClock.now() < deadline {
            var span = frame.mutableSpan
            let now = MonotonicTime(nanoseconds: MonotonicClock.now())
            if camera.newest(at: now, into: &span) == .fault(wanted) { return true }
            MonotonicClock.sleep(until: MonotonicClock.now() + 2_000_000)
        }
        return false
    }

    private func newest(_ camera: GStreamerCamera, at now: MonotonicTime) -> (FrameReading, [UInt8])
    {
        var frame = [UInt8](repeating: 0, count: camera.camera.size.byteCount)
        var span = frame.mutableSpan
        let reading = camera.newest(at: now, into: &span)
        return (reading, frame)
    }

    @Test("a picture arrives upright, its colours in their places")
    func picture() throws {
        let path = NSTemporaryDirectory() + "sacbot-quarters-\(getpid()).png"
        defer { unlink(path) }
        // Red, green above; blue, white below; 20 pixels a quarter.
        let colours: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]
        try PNGFile.write(
            colours.flatMap { $0 },
            size: PictureSize(width: 2, height: 2),
            scale: 20,
            to: path
        )
        let source = try GStreamerCamera(
            camera("filesrc location=\(path) ! pngdec ! imagefreeze is-live=true")
        )
        defer { source.close() }
        let taken = try #require(source.record.newest)
        let (_, frame) = newest(source, at: taken)
        for (place, colour) in [(0, 0), (7, 1), (56, 2), (63, 3)] {
            #expect(Array(frame[(place * 3)..<(place * 3 + 3)]) == colours[colour])
        }
        #expect(source.record.problem == nil)
    }

    @Test("a frame is given while it is young enough, and refused when it is not")
    func age() throws {
        // One picture a second: the same one is asked for at two moments.
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=snow ! video/x-raw,framerate=1/1,width=64") {
                $0.latestAge = 0.3
            }
        )
        defer { source.close() }
        let taken = try #require(source.record.newest)
        #expect(newest(source, at: taken + 299_000_000).0 == .frame(taken))
        #expect(newest(source, at: taken + 3_600_000_000_000).0 == .fault(.cameraLate))
        #expect(taken.nanoseconds <= MonotonicClock.now())
    }

    @Test("a picture that stands still is a fault")
    func frozen() throws {
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=red") { $0.frozenAfter = 0.1 }
        )
        defer { source.close() }
        #expect(waits(for: .cameraFrozen, source))
    }

    @Test("a black picture is a fault")
    func dark() throws {
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=black") {
                $0.darkBelow = 0.02
                $0.darkAfter = 0.1
            }
        )
        defer { source.close() }
        #expect(waits(for: .cameraDark, source))
    }

    @Test("a stream that ends is a fault, whatever its last frame's age")
    func lost() throws {
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=snow num-buffers=4") { $0.latestAge = 10 }
        )
        defer { source.close() }
        #expect(waits(for: .cameraLost, source))
        #expect(source.record.problem == "the stream has come to its end")
        // Under load one may be dropped before it is looked at.
        #expect((1...4).contains(source.record.pictures))
    }

    @Test("a pipeline that cannot be is refused in words")
    func refused() {
        let missing = camera("nosuchsrc ! videoconvert")
        #expect { _ = try GStreamerCamera(missing) } throws: { error in
            "\(error)".contains("nosuchsrc") && "\(error)".contains("gst-launch-1.0")
        }
        let gone = camera("v4l2src device=/dev/video-that-is-not-there")
        #expect { _ = try GStreamerCamera(gone) } throws: { error in
            "\(error)".contains("video-that-is-not-there")
        }
        let empty = camera("")
        #expect(throws: CameraError.self) { _ = try GStreamerCamera(empty) }
        var none = missing
        none.pipeline = nil
        #expect(throws: CameraError.noPipeline(camera: "palm")) { _ = try GStreamerCamera(none) }
    }

    @Test("asking for a frame allocates nothing, whether one comes or not")
    func allocations() throws {
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=snow ! video/x-raw,framerate=100/1") {
                $0.latestAge = 5
            }
        )
        defer { source.close() }
        var frame = [UInt8](repeating: 0, count: source.camera.size.byteCount)
        var (frames, faults) = (0, 0)
        let before = allocation_count()
        for index in 0..<2000 {
            var span = frame.mutableSpan
            let late: Int64 = index % 2 == 0 ? 0 : 60_000_000_000
            let now = MonotonicTime(nanoseconds: MonotonicClock.now() + late)
            if case .frame = source.newest(at: now, into: &span) {
                frames += 1
            } else {
                faults += 1
            }
        }
        #expect(allocation_count() - before == 0)
        #expect(frames == 1000 && faults == 1000)
    }

    @Test("a whole picture can be asked for, for people")
    func snapshot() throws {
        let source = try GStreamerCamera(
            camera("videotestsrc is-live=true pattern=blue ! video/x-raw,width=50,height=30")
        )
        defer { source.close() }
        source.record.askForSnapshot()
        var found: (pixels: [UInt8], size: PictureSize)?
        let deadline = MonotonicClock.now() + 10_000_000_000
        while found == nil, MonotonicClock.now() < deadline {
            found = source.record.takeSnapshot()
            MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
        }
        let whole = try #require(found)
        #expect(whole.size == PictureSize(width: 50, height: 30))
        #expect(whole.pixels == (0..<1500).flatMap { _ in [0, 0, 255] as [UInt8] })
    }
}
