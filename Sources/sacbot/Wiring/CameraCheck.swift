import Camera
import Physics
import Pictures
import Realtime
import Robot
import ServoHardware
import Simulation

/// What `sacbot check` says of a robot's cameras: whether pictures come, how often, how old they are.
///
/// Writes two pictures a camera for a person to look at: the whole of it, and what a policy sees.
struct CameraCheck {
    let configuration: RobotConfiguration
    let backend: Backend
    /// Where the pictures go.
    let folder: String

    /// Lines of every camera.
    func lines() -> [CheckLine] {
        configuration.robot.cameras.flatMap { camera in
            backend == .simulation ? simulated(camera) : real(camera)
        }
    }

    private func simulated(_ camera: CameraDescription) -> [CheckLine] {
        let subject = "camera \(camera.name)"
        do {
            let body = try SimulatedBody(
                robot: configuration.robot,
                servoModel: configuration.servoModel,
                timestepSeconds: configuration.timestepSeconds
            )
            let source = try SimulatedCamera(
                body: body,
                camera: camera,
                looks: configuration.looks,
                library: configuration.rendering
            )
            let (_, frame) = Self.newest(source, at: body.now())
            let begin = MonotonicClock.now()
            for _ in 0..<Self.drawn { _ = Self.newest(source, at: body.now()) }
            let seconds = Double(MonotonicClock.now() - begin) * 1e-9
            let line = CheckLine(
                .pass,
                subject,
                "`\(camera.modelCamera)` of the model, drawn with \(configuration.rendering.rawValue), "
                    + "\(Int(Double(Self.drawn) / seconds)) frames/s possible, age 0 ms"
            )
            return [line, written(camera, source.snapshot(), frame)]
        } catch {
            return [CheckLine(.fail, subject, "\(error)")]
        }
    }

    private func real(_ camera: CameraDescription) -> [CheckLine] {
        let subject = "camera \(camera.name)"
        do throws(CameraError) {
            let source = try GStreamerCamera(camera)
            defer { source.close() }
            source.record.askForSnapshot()
            // Long enough for a rate, and for a camera that is frozen or dark to show it.
            let patience = max(1.5, (camera.frozenAfter ?? 0) + 0.5, camera.darkAfter + 0.5)
            MonotonicClock.sleep(until: MonotonicClock.now() + Int64(patience * 1e9))
            let now = MonotonicTime(nanoseconds: MonotonicClock.now())
            let (reading, frame) = Self.newest(source, at: now)
            let line = verdict(source, reading, now: now)
            guard let whole = source.record.takeSnapshot() else { return [line] }
            return [line, written(camera, whole, frame)]
        } catch {
            return [CheckLine(.fail, subject, error.description)]
        }
    }

    private func verdict(
        _ source: GStreamerCamera,
        _ reading: FrameReading,
        now: MonotonicTime
    ) -> CheckLine {
        let camera = source.camera
        let subject = "camera \(camera.name)"
        let rate =
            source.record.rate.map { "\(($0 * 10).rounded() / 10) pictures/s" } ?? "one picture"
        let age = source.record.newest.map {
            "\(Int((now.seconds(since: $0) * 1000).rounded())) ms"
        }
        let found = "\(rate), the newest \(age ?? "never") old"
        if case .fault(let fault) = reading {
            let problem = source.record.problem.map { " (\($0))" } ?? ""
            return CheckLine(
                .fail,
                subject,
                "\(found); fault \(fault.rawValue)\(problem)",
                remedy: fault.explanation
            )
        }
        guard let measured = source.record.rate, measured >= 0.8 * camera.rate else {
            return CheckLine(
                .warn,
                subject,
                "\(found); the robot file says \(camera.rate) Hz",
                remedy:
                    "more light shortens the exposure; look at `v4l2-ctl --list-formats-ext`, or "
                    + "say the true `rate`"
            )
        }
        return CheckLine(.pass, subject, found)
    }

    /// Pictures by which the drawing's rate is measured.
    private static let drawn = 50

    private static func newest(
        _ source: any FrameSource,
        at now: MonotonicTime
    ) -> (FrameReading, [UInt8]) {
        var frame = [UInt8](repeating: 0, count: source.camera.size.byteCount)
        var span = frame.mutableSpan
        let reading = source.newest(at: now, into: &span)
        return (reading, frame)
    }

    private func written(
        _ camera: CameraDescription,
        _ whole: (pixels: [UInt8], size: PictureSize),
        _ frame: [UInt8]
    ) -> CheckLine {
        let name = "\(folder)/\(configuration.robot.name)-\(camera.name)"
        let scale = max(1, 256 / max(camera.size.width, camera.size.height))
        do throws(PNGError) {
            try PNGFile.write(whole.pixels, size: whole.size, to: name + ".png")
            try PNGFile.write(frame, size: camera.size, scale: scale, to: name + "-policy.png")
        } catch {
            return CheckLine(.warn, "camera \(camera.name): preview", "\(error)")
        }
        return CheckLine(
            .pass,
            "camera \(camera.name): preview",
            "\(name).png (\(whole.size.width)x\(whole.size.height)) and \(name)-policy.png (what a "
                + "policy sees, \(scale) times enlarged)"
        )
    }
}
