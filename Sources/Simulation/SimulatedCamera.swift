public import Physics
public import Pictures
public import Robot

/// A camera of the robot's model: draws a picture each time it is asked for a frame.
///
/// Pictures are drawn at twice the frame's size, so that what follows, the same cropping and
/// averaging as for a real camera, smooths their edges. A frame is taken the moment it is asked
/// for, so its age is zero. Belongs to the thread that steps the plant.
public final class SimulatedCamera: FrameSource, VisualInterference {
    /// What the robot file says of it.
    public let camera: CameraDescription

    private let renderer: SceneRenderer
    private let looks: SimulatedLooks
    /// The body whose world may be varied; `nil` for a plant by itself.
    private let body: SimulatedBody?
    private var shaper: FrameShaper
    private var look = SceneLook()
    private var occluder: Occluder?
    private var lightFactor = 1.0

    /// Pixels drawn for a pixel of the frame, either way.
    private static let oversampling = 2.0

    /// The camera of a body's plant, which also sees how the body's world is varied.
    public convenience init(
        body: SimulatedBody,
        camera: CameraDescription,
        looks: SimulatedLooks = SimulatedLooks(),
        library: RenderingLibrary = .osmesa
    ) throws(SimulationError) {
        try self.init(
            plant: body.plant,
            camera: camera,
            looks: looks,
            library: library,
            body: body
        )
    }

    /// The camera of `plant` that stands for `camera`.
    public convenience init(
        plant: Plant,
        camera: CameraDescription,
        looks: SimulatedLooks = SimulatedLooks(),
        library: RenderingLibrary = .osmesa
    ) throws(SimulationError) {
        try self.init(plant: plant, camera: camera, looks: looks, library: library, body: nil)
    }

    private init(
        plant: Plant,
        camera: CameraDescription,
        looks: SimulatedLooks,
        library: RenderingLibrary,
        body: SimulatedBody?
    ) throws(SimulationError) {
        self.body = body
        let whole = PictureSize(
            width: Int(
                (Self.oversampling * Double(camera.size.width) / camera.crop.width).rounded()
            ),
            height: Int(
                (Self.oversampling * Double(camera.size.height) / camera.crop.height).rounded()
            )
        )
        do throws(PhysicsError) {
            renderer = try SceneRenderer(
                plant: plant,
                camera: camera.modelCamera,
                size: whole,
                library: library
            )
        } catch {
            throw .physics(error)
        }
        self.camera = camera
        self.looks = looks
        shaper = FrameShaper(size: camera.size, crop: camera.crop)
    }

    /// Draws how the episode looks.
    public func episodeBegins(seed: UInt64) {
        if looks.varies { look = looks.look(seed: seed) }
    }

    /// Draws what the camera sees now.
    public func newest(
        at now: MonotonicTime,
        into frame: inout MutableSpan<UInt8>
    ) -> FrameReading {
        let size = renderer.size
        let isDrawn = renderer.draw(present) { picture in
            shaper.shape(picture, size: size, stride: size.width * 3, into: &frame)
        }
        return isDrawn ? .frame(now) : .fault(.cameraLost)
    }

    /// Holds something before the lens, or takes it away.
    public func occlude(_ occluder: Occluder?) { self.occluder = occluder }

    /// Multiplies the light of the scene.
    public func setLight(_ factor: Double) { lightFactor = max(0, factor) }

    /// The whole picture as drawn, for people; black if it cannot be drawn.
    public func snapshot() -> (pixels: [UInt8], size: PictureSize) {
        var pixels = [UInt8](repeating: 0, count: renderer.size.byteCount)
        _ = renderer.draw(present) { picture in
            for index in picture.indices { pixels[index] = picture[index] }
        }
        return (pixels, renderer.size)
    }

    private var present: SceneLook {
        var present = look
        present.light *= Float(lightFactor * (body?.variation.light ?? 1))
        let hand = body?.variation.handBeside.map { Occluder(right: $0) }
        present.cover = (occluder ?? hand).map { occluder in
            SceneLook.Cover(
                place: SIMD3(
                    Float(occluder.right),
                    Float(occluder.up),
                    -Float(occluder.distance)
                ),
                halfSize: SIMD3(
                    Float(occluder.halfSize.x),
                    Float(occluder.halfSize.y),
                    0.012
                ),
                colour: SIMD3(0.80, 0.58, 0.46)
            )
        }
        return present
    }
}
