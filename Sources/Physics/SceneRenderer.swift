internal import CMuJoCo
public import Robot

/// Draws what a camera of the model sees, without a screen.
///
/// The same state and look give the same bytes on the same machine. It reads the plant's pose and
/// changes nothing that a later step depends on.
///
/// Safety: scene and context are made and freed here and never leave; the model and state are the
/// plant's, which is held. Used by one thread at a time, together with the plant (the class is not
/// Sendable); the OpenGL context is made current on whatever thread draws.
@safe public final class SceneRenderer {
    /// The size of the pictures.
    public let size: PictureSize

    private let mechanism: Mechanism
    private let context: OffscreenContext
    private let cameraIndex: Int32
    private let scene: UnsafeMutablePointer<mjvScene>
    private let drawing: UnsafeMutablePointer<mjrContext>
    private var option = mjvOption()
    private var camera = mjvCamera()
    private var isReady = false
    private var pixels: [UInt8]

    /// Room for the shapes of a robot and what stands around it.
    private static let maximumShapes: Int32 = 400

    /// A renderer of the plant's camera `name`.
    public init(
        plant: Plant,
        camera name: String,
        size: PictureSize,
        library: RenderingLibrary
    ) throws(PhysicsError) {
        let mechanism = plant.mechanism
        let index = unsafe mj_name2id(mechanism.model, Int32(mjOBJ_CAMERA.rawValue), name)
        guard index >= 0 else {
            throw .cameraMissing(
                name: name,
                path: mechanism.modelPath,
                known: mechanism.cameraNames
            )
        }
        context = try OffscreenContext(library, width: size.width, height: size.height)
        self.mechanism = mechanism
        self.size = size
        cameraIndex = index
        unsafe scene = .allocate(capacity: 1)
        unsafe scene.initialize(to: mjvScene())
        unsafe drawing = .allocate(capacity: 1)
        unsafe drawing.initialize(to: mjrContext())
        unsafe mjv_defaultScene(scene)
        unsafe mjr_defaultContext(drawing)
        pixels = Array(repeating: 0, count: size.byteCount)
    }

    deinit {
        if isReady, context.makeCurrent() {
            unsafe mjr_freeContext(drawing)
            unsafe mjv_freeScene(scene)
        }
        unsafe scene.deallocate()
        unsafe drawing.deallocate()
    }

    /// Draws the present pose and hands its RGB rows, from above, to `use`.
    ///
    /// Allocates nothing after the first time.
    ///
    /// - Returns: false if OpenGL refused; `use` is not called then.
    public func draw(_ look: SceneLook = SceneLook(), _ use: (Span<UInt8>) -> Void) -> Bool {
        guard context.makeCurrent() else { return false }
        if !isReady { prepare() }
        let (model, data) = unsafe (mechanism.model, mechanism.data)
        // A step leaves the shapes where they were before it; they are drawn where they are.
        unsafe mj_kinematics(model, data)
        unsafe mj_comPos(model, data)
        unsafe mj_camlight(model, data)
        let all = Int32(mjCAT_ALL.rawValue)
        unsafe mjv_updateScene(model, data, &option, nil, &camera, all, scene)
        apply(look)
        let view = mjrRect(left: 0, bottom: 0, width: Int32(size.width), height: Int32(size.height))
        unsafe mjr_render(view, scene, drawing)
        unsafe mjr_readPixels(&pixels, nil, view, drawing)
        turnOver()
        let drawn = pixels
        use(drawn.span)
        return true
    }

    /// Makes MuJoCo's half of the context; needs OpenGL's to be current.
    private func prepare() {
        let model = unsafe mechanism.model
        unsafe model.pointee.vis.global.offwidth = Int32(size.width)
        unsafe model.pointee.vis.global.offheight = Int32(size.height)
        unsafe model.pointee.vis.quality.offsamples = 0
        // The cost is in the corners of round shapes; at 32 pixels nobody sees more of them.
        unsafe model.pointee.vis.quality.numslices = 12
        unsafe model.pointee.vis.quality.numstacks = 6
        unsafe mjv_makeScene(model, scene, Self.maximumShapes)
        unsafe mjr_makeContext(model, drawing, Int32(mjFONTSCALE_50.rawValue))
        unsafe mjr_setBuffer(Int32(mjFB_OFFSCREEN.rawValue), drawing)
        unsafe mjv_defaultOption(&option)
        unsafe mjv_defaultCamera(&camera)
        camera.type = Int32(mjCAMERA_FIXED.rawValue)
        camera.fixedcamid = cameraIndex
        let flags = unsafe sacbot_scene_flags(scene)
        unsafe flags?[Int(mjRND_SHADOW.rawValue)] = 0
        unsafe flags?[Int(mjRND_REFLECTION.rawValue)] = 0
        isReady = true
    }

    /// OpenGL's rows begin at the bottom.
    private func turnOver() {
        let row = size.width * 3
        for upper in 0..<(size.height / 2) {
            let lower = size.height - 1 - upper
            for index in 0..<row { pixels.swapAt(upper * row + index, lower * row + index) }
        }
    }
}

// What is drawn differently from what the model says.
extension SceneRenderer {
    private func apply(_ look: SceneLook) {
        light(look)
        colour(look)
        move(look)
        if let cover = look.cover { add(cover) }
    }

    private func light(_ look: SceneLook) {
        guard let lights = unsafe sacbot_scene_lights(scene) else { return }
        for index in 0..<Int(unsafe scene.pointee.nlight) {
            let light = unsafe lights + index
            unsafe light.pointee.ambient = Self.scaled(light.pointee.ambient, look.light)
            unsafe light.pointee.diffuse = Self.scaled(light.pointee.diffuse, look.light)
            unsafe light.pointee.specular = Self.scaled(light.pointee.specular, look.light)
            if unsafe light.pointee.headlight == 0 {
                unsafe light.pointee.pos.0 += look.lampShift.x
                unsafe light.pointee.pos.1 += look.lampShift.y
                unsafe light.pointee.pos.2 += look.lampShift.z
            }
        }
    }

    private static func scaled(
        _ colour: (Float, Float, Float),
        _ factor: Float
    ) -> (Float, Float, Float) {
        (min(1, colour.0 * factor), min(1, colour.1 * factor), min(1, colour.2 * factor))
    }

    private func colour(_ look: SceneLook) {
        guard look.colourSpread > 0 || look.textureScale != 1 else { return }
        for index in 0..<Int(unsafe scene.pointee.ngeom) {
            let shape = unsafe scene.pointee.geoms + index
            guard let colour = unsafe sacbot_geom_colour(shape),
                let repeats = unsafe sacbot_geom_texture_repeats(shape)
            else { continue }
            let tint = unsafe look.tint(shape: Int(shape.pointee.objid))
            for channel in 0..<3 {
                unsafe colour[channel] = min(1, max(0, colour[channel] + tint[channel]))
            }
            unsafe repeats[0] *= look.textureScale
            unsafe repeats[1] *= look.textureScale
        }
    }

    /// Right, up and back of the camera, and where it is.
    private typealias Axes = (right: SIMD3<Float>, up: SIMD3<Float>, back: SIMD3<Float>)

    private func move(_ look: SceneLook) {
        guard look.cameraShift != .zero || look.cameraTurn != .zero,
            let cameras = unsafe sacbot_scene_cameras(scene)
        else { return }
        for eye in 0..<2 {
            let camera = unsafe cameras + eye
            let axes = unsafe Self.axes(camera.pointee)
            let shift =
                axes.right * look.cameraShift.x + axes.up * look.cameraShift.y
                + axes.back * look.cameraShift.z
            let turn =
                axes.right * look.cameraTurn.x + axes.up * look.cameraTurn.y
                + axes.back * look.cameraTurn.z
            let forward = Self.turned(-axes.back, about: turn)
            let up = Self.turned(axes.up, about: turn)
            unsafe camera.pointee.pos.0 += shift.x
            unsafe camera.pointee.pos.1 += shift.y
            unsafe camera.pointee.pos.2 += shift.z
            unsafe camera.pointee.forward = (forward.x, forward.y, forward.z)
            unsafe camera.pointee.up = (up.x, up.y, up.z)
        }
    }

    private static func axes(_ camera: mjvGLCamera) -> Axes {
        let forward = SIMD3(camera.forward.0, camera.forward.1, camera.forward.2)
        let up = SIMD3(camera.up.0, camera.up.1, camera.up.2)
        return (cross(forward, up), up, -forward)
    }

    private static func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }

    /// A vector turned about an axis by the axis's length; right to the second order, which for the
    /// few degrees of a camera that was knocked is enough.
    private static func turned(_ vector: SIMD3<Float>, about turn: SIMD3<Float>) -> SIMD3<Float> {
        let first = cross(turn, vector)
        let moved = vector + first + cross(turn, first) * 0.5
        return moved / (moved * moved).sum().squareRoot()
    }

    private func add(_ cover: SceneLook.Cover) {
        guard let eye = unsafe sacbot_scene_cameras(scene),
            unsafe scene.pointee.ngeom < scene.pointee.maxgeom
        else { return }
        let axes = unsafe Self.axes(eye.pointee)
        // Two eyes stand apart; what is drawn is seen from between them.
        let left = unsafe SIMD3(eye[0].pos.0, eye[0].pos.1, eye[0].pos.2)
        let right = unsafe SIMD3(eye[1].pos.0, eye[1].pos.1, eye[1].pos.2)
        let place =
            (left + right) / 2
            + axes.right * cover.place.x + axes.up * cover.place.y + axes.back * cover.place.z
        var size = (0..<3).map { Double(cover.halfSize[$0]) }
        var position = (0..<3).map { Double(place[$0]) }
        // Rows of a rotation matrix: each world axis as seen along the camera's three.
        var turn = (0..<3).flatMap { row in
            [Double(axes.right[row]), Double(axes.up[row]), Double(axes.back[row])]
        }
        var colour = [cover.colour.x, cover.colour.y, cover.colour.z, 1]
        let shape = unsafe scene.pointee.geoms + Int(scene.pointee.ngeom)
        let ellipsoid = Int32(mjGEOM_ELLIPSOID.rawValue)
        unsafe mjv_initGeom(shape, ellipsoid, &size, &position, &turn, &colour)
        unsafe shape.pointee.category = Int32(mjCAT_DECOR.rawValue)
        unsafe shape.pointee.objtype = Int32(mjOBJ_UNKNOWN.rawValue)
        unsafe shape.pointee.objid = -1
        unsafe shape.pointee.segid = -1
        unsafe scene.pointee.ngeom += 1
    }
}
