internal import CMuJoCo
internal import Glibc
internal import Robot
internal import Synchronization

/// The rigid bodies: MuJoCo's model and state behind names and numbers that cannot be misused.
///
/// Safety: the model, the state and every pointer into them are made in `init`, freed in `deinit`,
/// never leave this class and `SceneRenderer`, which holds it, and are used by one thread at a time (the class is not Sendable).
/// Indices are checked against the counts MuJoCo gave.
@safe final class Mechanism {
    let modelPath: String
    let model: UnsafeMutablePointer<mjModel>
    let data: UnsafeMutablePointer<mjData>
    private let resetKeyframe: Int32
    /// What the model says, to go back to.
    private let nominal: ModelFigures
    /// What of it holds now.
    private var scaled = ModelScale()
    /// The ground, if it can be made uneven.
    private let ground: UnevenGround?
    private var lies = Ground()

    /// MuJoCo's reader touches the process's locale, so models are read one at a time.
    private static let reader = Mutex(false)

    /// Reads the model, whose time step `timestepSeconds` replaces.
    ///
    /// With `changesGround` it lies on ground that `setGround` makes uneven.
    init(
        path: String,
        timestepSeconds: Double,
        changesGround: Bool = false
    ) throws(PhysicsError) {
        let found = Int(mj_version())
        guard found == Int(mjVERSION_HEADER) else {
            throw .version(built: Int(mjVERSION_HEADER), found: found)
        }
        let text = changesGround ? try UnevenGround.model(path) : nil
        let (loaded, message) = unsafe Self.load(path, text)
        guard let model = unsafe loaded else { throw .modelRefused(path: path, message: message) }
        guard let data = unsafe mj_makeData(model) else {
            unsafe mj_deleteModel(model)
            throw .modelRefused(path: path, message: "not enough memory for its state")
        }
        unsafe model.pointee.opt.timestep = timestepSeconds
        modelPath = path
        unsafe self.model = unsafe model
        unsafe self.data = unsafe data
        resetKeyframe = unsafe mj_name2id(model, Int32(mjOBJ_KEY.rawValue), "reset")
        nominal = unsafe ModelFigures(model)
        ground = changesGround ? unsafe UnevenGround(model) : nil
    }

    deinit {
        unsafe mj_deleteData(data)
        unsafe mj_deleteModel(model)
    }

    /// Reads a file, or a text in its place.
    static func load(
        _ path: String,
        _ text: String? = nil
    ) -> (UnsafeMutablePointer<mjModel>?, String) {
        unsafe reader.withLock { handlersSet in
            if !handlersSet { sacbot_mujoco_set_handlers() }
            handlersSet = true
            var message = [CChar](repeating: 0, count: 1000)
            let size = Int32(message.count)
            let model =
                if let text {
                    unsafe sacbot_mujoco_load_text(path, text, &message, size)
                } else {
                    unsafe mj_loadXML(path, nil, &message, size)
                }
            let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return unsafe (model, String(decoding: bytes, as: UTF8.self))
        }
    }

    // MARK: Joints

    /// Names of all joints.
    var jointNames: [String] {
        unsafe (0..<model.pointee.njnt).compactMap { index in
            guard let name = unsafe mj_id2name(model, Int32(mjOBJ_JOINT.rawValue), index) else {
                return nil
            }
            return unsafe String(cString: name)
        }
    }

    /// Names of all cameras.
    var cameraNames: [String] {
        unsafe (0..<model.pointee.ncam).compactMap { index in
            guard let name = unsafe mj_id2name(model, Int32(mjOBJ_CAMERA.rawValue), index) else {
                return nil
            }
            return unsafe String(cString: name)
        }
    }

    /// The hinge `name`.
    func hinge(_ name: String) throws(PhysicsError) -> Hinge {
        let index = Int(unsafe mj_name2id(model, Int32(mjOBJ_JOINT.rawValue), name))
        guard index >= 0 else {
            throw .jointMissing(name: name, path: modelPath, known: jointNames)
        }
        guard unsafe model.pointee.jnt_type[index] == Int32(mjJNT_HINGE.rawValue) else {
            throw .jointNotHinge(name: name, path: modelPath)
        }
        return unsafe Hinge(
            coordinate: Int(model.pointee.jnt_qposadr[index]),
            freedom: Int(model.pointee.jnt_dofadr[index])
        )
    }

    /// Where a hinge's numbers stand in MuJoCo's arrays; only `hinge(_:)` makes one.
    struct Hinge {
        fileprivate let coordinate: Int
        fileprivate let freedom: Int
    }

    /// Angle, rad.
    func angle(_ hinge: Hinge) -> Double { unsafe data.pointee.qpos[hinge.coordinate] }

    /// Velocity, rad/s.
    func velocity(_ hinge: Hinge) -> Double { unsafe data.pointee.qvel[hinge.freedom] }

    /// Moves a hinge without physics.
    func setAngle(_ hinge: Hinge, _ angle: Double) {
        unsafe data.pointee.qpos[hinge.coordinate] = angle
    }

    /// Gives a hinge a velocity without physics.
    func setVelocity(_ hinge: Hinge, _ velocity: Double) {
        unsafe data.pointee.qvel[hinge.freedom] = velocity
    }

    /// Torque that acts during the following steps, N·m.
    func setTorque(_ hinge: Hinge, _ torque: Double) {
        unsafe data.pointee.qfrc_applied[hinge.freedom] = torque
    }

    /// Braking in proportion to velocity, N·m·s/rad.
    ///
    /// MuJoCo's Euler step takes it implicitly, so any amount is stable.
    func setDamping(_ hinge: Hinge, _ damping: Double) {
        unsafe model.pointee.dof_damping[hinge.freedom] = damping
    }

    /// Dry friction, N·m.
    func setFriction(_ hinge: Hinge, _ torque: Double) {
        unsafe model.pointee.dof_frictionloss[hinge.freedom] = torque
    }

    /// Rotor inertia, kg·m²; takes effect with `settle()`.
    func setArmature(_ hinge: Hinge, _ inertia: Double) {
        unsafe model.pointee.dof_armature[hinge.freedom] = inertia
        // MuJoCo's friction is soft and creeps; with its defaults a servo under a load of 0.05 N·m
        // would creep by 0.3 degrees a second.
        unsafe model.pointee.dof_solref[Int(mjNREF) * hinge.freedom] = 0.01
        unsafe model.pointee.dof_solref[Int(mjNREF) * hinge.freedom + 1] = 1
        unsafe model.pointee.dof_solimp[Int(mjNIMP) * hinge.freedom] = 0.99
        unsafe model.pointee.dof_solimp[Int(mjNIMP) * hinge.freedom + 1] = 0.999
    }

    // MARK: A body that no joint holds

    /// Where the numbers of a free joint stand, `nil` if the model has none.
    func freeBody() -> FreeBody? {
        unsafe (0..<Int(model.pointee.njnt)).first { index in
            unsafe model.pointee.jnt_type[index] == Int32(mjJNT_FREE.rawValue)
        }.map { index in
            unsafe FreeBody(
                coordinate: Int(model.pointee.jnt_qposadr[index]),
                freedom: Int(model.pointee.jnt_dofadr[index]),
                body: Int(model.pointee.jnt_bodyid[index])
            )
        }
    }

    /// A free joint's place in MuJoCo's arrays; only `freeBody()` makes one.
    struct FreeBody {
        fileprivate let coordinate: Int
        fileprivate let freedom: Int
        fileprivate let body: Int
    }

    /// Place, metres; turn as a quaternion, scalar first; angular velocity about its own axes.
    func pose(_ body: FreeBody) -> BasePose {
        let (q, v) = (body.coordinate, body.freedom)
        return unsafe BasePose(
            place: SIMD3(data.pointee.qpos[q], data.pointee.qpos[q + 1], data.pointee.qpos[q + 2]),
            turn: SIMD4(
                data.pointee.qpos[q + 3],
                data.pointee.qpos[q + 4],
                data.pointee.qpos[q + 5],
                data.pointee.qpos[q + 6]
            ),
            rates: SIMD3(
                data.pointee.qvel[v + 3],
                data.pointee.qvel[v + 4],
                data.pointee.qvel[v + 5]
            )
        )
    }

    /// Lifts a body above its place and turns it, without physics: yaw 0, then pitch, then roll.
    func setPose(_ body: FreeBody, height: Double, roll: Double, pitch: Double) {
        let q = body.coordinate
        let (cr, sr) = (cos(roll / 2), sin(roll / 2))
        let (cp, sp) = (cos(pitch / 2), sin(pitch / 2))
        unsafe data.pointee.qpos[q + 2] = height
        unsafe data.pointee.qpos[q + 3] = cp * cr
        unsafe data.pointee.qpos[q + 4] = cp * sr
        unsafe data.pointee.qpos[q + 5] = sp * cr
        unsafe data.pointee.qpos[q + 6] = -sp * sr
    }

    /// Pushes on a body that no joint holds, N in the world's axes, at its centre of mass.
    func setForce(_ body: FreeBody, _ force: SIMD3<Double>) {
        for axis in 0..<3 { unsafe data.pointee.xfrc_applied[6 * body.body + axis] = force[axis] }
    }

    // MARK: Other masses and frictions

    /// Makes masses, inertias and frictions what the model says, times the scale.
    ///
    /// The state of motion stays; what MuJoCo derives from masses is computed anew. Not for every
    /// step: it allocates.
    func scale(_ scale: ModelScale, payloadOn body: FreeBody?) {
        guard scale != scaled else { return }
        scaled = scale
        unsafe nominal.write(scale, payloadOn: body?.body, to: model)
        guard let scratch = unsafe mj_makeData(model) else { return }
        unsafe mj_setConst(model, scratch)
        unsafe mj_deleteData(scratch)
    }

    /// Makes the ground as said, if it is one that can change; allocates.
    func setGround(_ wanted: Ground) {
        guard let ground, wanted != lies else { return }
        lies = wanted
        unsafe ground.lay(wanted, on: model)
    }

    // MARK: The whole

    /// Recomputes what MuJoCo derives from inertias, and resets.
    func settle() {
        unsafe mj_setConst(model, data)
        reset()
    }

    /// Back to the keyframe `reset`, or to the model's zero if it has none.
    func reset() {
        if resetKeyframe >= 0 {
            unsafe mj_resetDataKeyframe(model, data, resetKeyframe)
        } else {
            unsafe mj_resetData(model, data)
        }
        unsafe mj_forward(model, data)
    }

    /// Saves or restores all that a step begins from.
    ///
    /// Everything else in MuJoCo's data is computed from it anew in every step. What the plant
    /// changes in the model, damping and friction, it sets before every step; so is derived, too.
    func carry(_ world: inout WorldTransfer) {
        world.part("mujoco.time") { unsafe $0.carry(&data.pointee.time) }
        let (joints, bodies) = unsafe (model.pointee.nv, 6 * model.pointee.nbody)
        let mocaps = unsafe model.pointee.nmocap
        unsafe carry("qpos", data.pointee.qpos, model.pointee.nq, &world)
        unsafe carry("qvel", data.pointee.qvel, joints, &world)
        unsafe carry("act", data.pointee.act, model.pointee.na, &world)
        unsafe carry("qacc_warmstart", data.pointee.qacc_warmstart, joints, &world)
        unsafe carry("ctrl", data.pointee.ctrl, model.pointee.nu, &world)
        unsafe carry("qfrc_applied", data.pointee.qfrc_applied, joints, &world)
        unsafe carry("xfrc_applied", data.pointee.xfrc_applied, bodies, &world)
        unsafe carry("mocap_pos", data.pointee.mocap_pos, 3 * mocaps, &world)
        unsafe carry("mocap_quat", data.pointee.mocap_quat, 4 * mocaps, &world)
        unsafe carry("userdata", data.pointee.userdata, model.pointee.nuserdata, &world)
        world.part("mujoco.warnings") { numbers in
            for index in 0..<Int32(mjNWARNING.rawValue) {
                var count = Int(unsafe sacbot_mujoco_warnings(data, index))
                numbers.carry(&count)
                unsafe sacbot_mujoco_set_warnings(data, index, Int32(truncatingIfNeeded: count))
            }
        }
    }

    /// Carries one of MuJoCo's arrays, `count` long.
    private func carry(
        _ name: String,
        _ array: UnsafeMutablePointer<mjtNum>?,
        _ count: Int32,
        _ world: inout WorldTransfer
    ) {
        // Safety: MuJoCo allocated `count` numbers there; an array of none may be nil.
        let numbers = unsafe UnsafeMutableBufferPointer(start: array, count: Int(count))
        world.part("mujoco.\(name)") { words in
            for index in numbers.indices { unsafe words.carry(&numbers[index]) }
        }
    }

    /// One step of physics.
    func step() { unsafe mj_step(model, data) }

    /// Whether a number went bad since the last reset.
    var isBroken: Bool { unsafe sacbot_mujoco_is_broken(data) != 0 }

    /// Whether contacts were dropped for want of room since the last reset.
    var isFull: Bool { unsafe sacbot_mujoco_is_full(data) != 0 }

    /// Which geoms touch in the present pose, and how deep; allocates.
    func contacts() -> [Contact] {
        unsafe mj_fwdPosition(model, data)
        return unsafe (0..<Int(data.pointee.ncon)).map { index in
            unsafe Contact(
                first: geomName(data.pointee.contact[index].geom1),
                second: geomName(data.pointee.contact[index].geom2),
                depth: -data.pointee.contact[index].dist
            )
        }
    }

    private func geomName(_ index: Int32) -> String {
        guard let name = unsafe mj_id2name(model, Int32(mjOBJ_GEOM.rawValue), index) else {
            return "geom \(index)"
        }
        return unsafe String(cString: name)
    }
}

/// Two shapes that touch.
public struct Contact: Sendable, Hashable {
    /// One shape's name in the model.
    public var first: String
    /// The other shape's name.
    public var second: String
    /// How far they are inside one another, metres; negative if they are only near.
    public var depth: Double
}
