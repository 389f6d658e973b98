internal import CMuJoCo
public import Robot

/// Where a posture puts the robot's bodies, by the MuJoCo model alone: no forces, no time.
///
/// Has a state of its own beside the physics. `place` and what is asked after it allocate nothing.
///
/// Safety: the model, the state and every pointer into them are made in `init`, freed in `deinit`
/// and never leave this class; indices are checked against the counts MuJoCo gave. Not for use by
/// two threads at a time.
@safe public final class PostureModel {
    /// Two shapes of the robot that may come into one another, by their numbers in the model.
    private struct Pair {
        var first: Int32
        var second: Int32
    }

    private let path: String
    private let model: UnsafeMutablePointer<mjModel>
    private let data: UnsafeMutablePointer<mjData>
    /// Where each joint's angle stands, in the order given.
    private var coordinates: [Int] = []
    /// The robot's joint of each joint of the model; -1 is somebody else's.
    private var owners: [Int] = []
    private var sites: [Int] = []
    private var pairs: [Pair] = []

    /// Reads the model and finds the joints in it.
    public init(path: String, joints: [String]) throws(PhysicsError) {
        let (loaded, message) = unsafe Mechanism.load(path)
        guard let model = unsafe loaded else { throw .modelRefused(path: path, message: message) }
        guard let data = unsafe mj_makeData(model) else {
            unsafe mj_deleteModel(model)
            throw .modelRefused(path: path, message: "not enough memory for its state")
        }
        self.path = path
        unsafe self.model = unsafe model
        unsafe self.data = unsafe data
        owners = unsafe Array(repeating: -1, count: Int(model.pointee.njnt))
        for (index, name) in joints.enumerated() {
            let found = Int(unsafe mj_name2id(model, Int32(mjOBJ_JOINT.rawValue), name))
            guard found >= 0 else {
                throw .jointMissing(name: name, path: path, known: names(mjOBJ_JOINT))
            }
            guard unsafe model.pointee.jnt_type[found] == Int32(mjJNT_HINGE.rawValue) else {
                throw .jointNotHinge(name: name, path: path)
            }
            coordinates.append(Int(unsafe model.pointee.jnt_qposadr[found]))
            owners[found] = index
        }
        let keyframe = unsafe mj_name2id(model, Int32(mjOBJ_KEY.rawValue), "reset")
        if keyframe >= 0 { unsafe mj_resetDataKeyframe(model, data, keyframe) }
    }

    deinit {
        unsafe mj_deleteData(data)
        unsafe mj_deleteModel(model)
    }

    // MARK: What to watch

    /// Watches a site; returns its number here and the robot's joints that move it.
    public func watch(site name: String) throws(PhysicsError) -> (number: Int, joints: JointSet) {
        let found = Int(unsafe mj_name2id(model, Int32(mjOBJ_SITE.rawValue), name))
        guard found >= 0 else {
            throw .siteMissing(name: name, path: path, known: names(mjOBJ_SITE))
        }
        let chain = chain(Int(unsafe model.pointee.site_bodyid[found]))
        if let stranger = chain.strangers.first {
            throw .jointWithoutServo(name: stranger, moves: name)
        }
        sites.append(found)
        return (sites.count - 1, chain.joints)
    }

    /// Watches all shapes of the robot against each other, but for those that a joint connects and
    /// those of the named pairs of bodies; returns how many pairs there are.
    ///
    /// The robot's shapes are those that `robot`'s joints move and that touch anything in the model.
    public func watchCollisions(
        of robot: JointSet,
        except: [[String]]
    ) throws(PhysicsError) -> Int {
        let excepted = try except.map { names throws(PhysicsError) in
            Set(try names.map { name throws(PhysicsError) in try body(name) })
        }
        var shapes: [Int32] = []
        for shape in unsafe 0..<model.pointee.ngeom {
            let body = Int(unsafe model.pointee.geom_bodyid[Int(shape)])
            let touches =
                unsafe model.pointee.geom_contype[Int(shape)] != 0
                || model.pointee.geom_conaffinity[Int(shape)] != 0
            let chain = chain(body)
            guard touches, chain.joints.bits & robot.bits != 0 else { continue }
            // A free base moves everything alike.
            if let stranger = chain.strangers.first(where: { !isFree($0) }) {
                throw .jointWithoutServo(name: stranger, moves: name(mjOBJ_BODY, body))
            }
            shapes.append(shape)
        }
        pairs = []
        for (place, first) in shapes.enumerated() {
            for second in shapes[(place + 1)...] {
                let bodies = (owner(first), owner(second))
                guard !areJoined(bodies.0, bodies.1),
                    !excepted.contains([bodies.0, bodies.1])
                else { continue }
                pairs.append(Pair(first: first, second: second))
            }
        }
        return pairs.count
    }

    /// The robot's joints between a body and the world, and the names of others.
    private func chain(_ body: Int) -> (joints: JointSet, strangers: [String]) {
        var joints = JointSet()
        var strangers: [String] = []
        var at = body
        while at > 0 {
            let first = Int(unsafe model.pointee.body_jntadr[at])
            for joint in first..<first + Int(unsafe model.pointee.body_jntnum[at]) {
                if owners[joint] >= 0 {
                    joints.insert(owners[joint])
                } else {
                    strangers.append(name(mjOBJ_JOINT, joint))
                }
            }
            at = Int(unsafe model.pointee.body_parentid[at])
        }
        return (joints, strangers)
    }

    private func isFree(_ name: String) -> Bool {
        let joint = Int(unsafe mj_name2id(model, Int32(mjOBJ_JOINT.rawValue), name))
        return unsafe joint >= 0 && model.pointee.jnt_type[joint] == Int32(mjJNT_FREE.rawValue)
    }

    private func owner(_ shape: Int32) -> Int {
        let body = Int(unsafe model.pointee.geom_bodyid[Int(shape)])
        return Int(unsafe model.pointee.body_weldid[body])
    }

    /// Whether two bodies are one, or one hangs at the other by a joint.
    private func areJoined(_ first: Int, _ second: Int) -> Bool {
        if first == second { return true }
        func parent(_ body: Int) -> Int {
            let above = Int(unsafe model.pointee.body_parentid[body])
            return Int(unsafe model.pointee.body_weldid[above])
        }
        return parent(first) == second || parent(second) == first
    }

    private func body(_ name: String) throws(PhysicsError) -> Int {
        let found = Int(unsafe mj_name2id(model, Int32(mjOBJ_BODY.rawValue), name))
        guard found >= 0 else {
            throw .bodyMissing(name: name, path: path, known: names(mjOBJ_BODY))
        }
        return Int(unsafe model.pointee.body_weldid[found])
    }

    private func names(_ kind: mjtObj) -> [String] {
        let count =
            switch kind {
            case mjOBJ_JOINT: unsafe model.pointee.njnt
            case mjOBJ_SITE: unsafe model.pointee.nsite
            default: unsafe model.pointee.nbody
            }
        return (0..<Int(count)).map { name(kind, $0) }.filter { !$0.isEmpty }
    }

    private func name(_ kind: mjtObj, _ index: Int) -> String {
        guard let text = unsafe mj_id2name(model, Int32(kind.rawValue), Int32(index)) else {
            return ""
        }
        return unsafe String(cString: text)
    }

    // MARK: A posture

    /// Puts the joints at angles and finds where the bodies are.
    public func place(_ angles: JointArray<Radians>) {
        for joint in coordinates.indices {
            unsafe data.pointee.qpos[coordinates[joint]] = angles[joint]
        }
        unsafe mj_kinematics(model, data)
    }

    /// Where a watched site is, metres in the model's frame.
    public func position(site number: Int) -> SIMD3<Double> {
        let at = 3 * sites[number]
        return unsafe SIMD3(
            data.pointee.site_xpos[at],
            data.pointee.site_xpos[at + 1],
            data.pointee.site_xpos[at + 2]
        )
    }

    /// How far the two nearest watched shapes are apart, at most `limit`; negative inside one
    /// another.
    public func clearance(limit: Double) -> Double {
        var nearest = limit
        for pair in pairs where mayTouch(pair, within: nearest) {
            nearest = min(
                nearest,
                unsafe sacbot_mujoco_distance(model, data, pair.first, pair.second, limit)
            )
        }
        return nearest
    }

    /// The names of the nearest two shapes' bodies; for messages, allocates.
    public func nearestBodies() -> [String] {
        var found: [String] = []
        var nearest = Double.infinity
        for pair in pairs {
            let apart = unsafe sacbot_mujoco_distance(model, data, pair.first, pair.second, 1)
            guard apart < nearest else { continue }
            nearest = apart
            found = [pair.first, pair.second].map { name(mjOBJ_BODY, owner($0)) }
        }
        return found
    }

    /// Whether the spheres around two shapes come nearer than `limit`.
    private func mayTouch(_ pair: Pair, within limit: Double) -> Bool {
        let (a, b) = (Int(pair.first), Int(pair.second))
        var squares = 0.0
        for axis in 0..<3 {
            let apart =
                unsafe data.pointee.geom_xpos[3 * a + axis]
                - data.pointee.geom_xpos[3 * b + axis]
            squares += apart * apart
        }
        let reach = unsafe model.pointee.geom_rbound[a] + model.pointee.geom_rbound[b] + limit
        return reach > 0 && squares < reach * reach
    }
}
