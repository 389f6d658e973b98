public import Physics
public import Robot
public import Safety

/// Boxes for fingertips and feet and collisions of the robot with itself, by its MuJoCo model and by
/// the geometry of its legs.
///
/// Works for real robots as for simulated ones: it looks at goals, not at the physics.
///
/// Safety: used by one thread at a time, the supervisor's; `measure` writes into the model's own
/// state, which nobody else sees.
public final class ModelPostureGuard: PostureGuard, @unchecked Sendable {
    /// What it watches: boxes in the robot file's order, then the collisions.
    public let parts: [PosturePart]

    private enum Place { case site(Int), foot(FiveBarLeg) }

    private let model: PostureModel?
    private let boxes: [(box: WorkspaceBox, place: Place)]
    private let margin: Double?
    /// Bodies further apart than this are not looked at more closely, metres.
    private let reach: Double

    /// What a robot's file asks for; `nil` if it asks for nothing.
    ///
    /// - Throws: what the model lacks, or that the reset pose itself is not allowed.
    public init?(robot: RobotDescription) throws(PostureProblem) {
        guard !robot.workspace.isEmpty || robot.selfCollision != nil else { return nil }
        guard robot.workspace.count < PostureRooms.capacity else {
            throw .tooMany(PostureRooms.capacity - 1)
        }
        let model = try Self.model(robot)
        var parts: [PosturePart] = []
        var boxes: [(box: WorkspaceBox, place: Place)] = []
        for box in robot.workspace {
            let (place, joints) = try Self.find(box, robot, model)
            boxes.append((box, place))
            parts.append(
                PosturePart(
                    name: box.name,
                    rule: .workspace,
                    joints: joints,
                    softZone: box.softZone
                )
            )
        }
        if let limits = robot.selfCollision, let model {
            let actuated = JointSet(robot.actuatedJoints)
            do throws(PhysicsError) {
                _ = try model.watchCollisions(of: actuated, except: limits.except)
            } catch {
                throw .physics(error)
            }
            parts.append(PosturePart(name: "self", rule: .selfCollision, joints: actuated))
        }
        self.model = model
        self.boxes = boxes
        self.parts = parts
        margin = robot.selfCollision?.margin
        reach = (robot.selfCollision?.margin ?? 0) + 0.01
        try checkReset(robot)
    }

    private static func model(_ robot: RobotDescription) throws(PostureProblem) -> PostureModel? {
        let needsModel =
            robot.selfCollision != nil
            || robot.workspace.contains {
                if case .site = $0.point { true } else { false }
            }
        guard needsModel else { return nil }
        guard let path = robot.modelPath else { throw .noModel }
        do throws(PhysicsError) {
            return try PostureModel(path: path, joints: robot.joints.map(\.name))
        } catch {
            throw .physics(error)
        }
    }

    private static func find(
        _ box: WorkspaceBox,
        _ robot: RobotDescription,
        _ model: PostureModel?
    ) throws(PostureProblem) -> (Place, JointSet) {
        switch box.point {
        case .site(let name):
            guard let model else { throw .noModel }
            do throws(PhysicsError) {
                let found = try model.watch(site: name)
                return (.site(found.number), found.joints)
            } catch {
                throw .physics(error)
            }
        case .foot(let index):
            do throws(LegError) {
                let leg = try FiveBarLeg(robot.legs[index])
                return (.foot(leg), JointSet([leg.leg.frontJoint, leg.leg.rearJoint]))
            } catch {
                throw .leg(error)
            }
        }
    }

    /// A robot whose reset pose is refused could never begin an episode.
    private func checkReset(_ robot: RobotDescription) throws(PostureProblem) {
        var pose = JointArray<Radians>(count: robot.joints.count, repeating: 0)
        for joint in robot.joints.indices { pose[joint] = robot.joints[joint].resetPosition }
        var rooms = PostureRooms()
        measure(pose, into: &rooms)
        for (place, part) in parts.enumerated() where !(rooms[place] >= 0) {
            if part.rule == .selfCollision {
                throw .resetCollides(bodies: model?.nearestBodies() ?? [])
            }
            throw .resetOutside(name: part.name, by: -rooms[place])
        }
    }

    /// Room of every box, then between the two nearest bodies less the margin.
    public func measure(_ posture: JointArray<Radians>, into rooms: inout PostureRooms) {
        model?.place(posture)
        for place in boxes.indices { rooms[place] = room(place, posture) }
        if let margin, let model {
            rooms[boxes.count] = model.clearance(limit: reach) - margin
        }
    }

    private func room(_ index: Int, _ posture: JointArray<Radians>) -> Double {
        switch boxes[index].place {
        case .site(let number):
            guard let model else { return -.infinity }
            return boxes[index].box.room(at: model.position(site: number))
        case .foot(let leg):
            let joints = leg.leg
            let pose = leg.pose(front: posture[joints.frontJoint], rear: posture[joints.rearJoint])
            // A linkage that does not close has no foot: that is outside of every box, the further
            // the further it is from closing.
            let range = leg.extensionRange
            let beyond = max(range.lowerBound - pose.extension, pose.extension - range.upperBound)
            guard beyond <= 0, let foot = try? leg.foot(pose) else { return -1 - max(0, beyond) }
            return boxes[index].box.room(at: SIMD3(foot.x, 0, foot.y))
        }
    }
}

/// Why boxes or self-collision cannot be watched.
public enum PostureProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The robot file names no model.
    case noModel
    /// More boxes than there is room for.
    case tooMany(Int)
    /// The model lacks something.
    case physics(PhysicsError)
    /// A leg cannot be.
    case leg(LegError)
    /// The reset pose has a fingertip outside of its box by so many metres.
    case resetOutside(name: String, by: Double)
    /// In the reset pose these bodies are nearer than the margin.
    case resetCollides(bodies: [String])

    /// What is wrong and what to do, for a person.
    public var description: String {
        switch self {
        case .noModel:
            "`workspace` by sites and `self_collision` need a MuJoCo file under `model`"
        case .tooMany(let most): "at most \(most) boxes can be watched; leave some out"
        case .physics(let error): error.description
        case .leg(let error): error.description
        case .resetOutside(let name, let metres):
            "with all joints at `reset` \(name) is \((metres * 10_000).rounded() / 10) mm outside of "
                + "its box; make the box larger or choose another reset pose"
        case .resetCollides(let bodies):
            "with all joints at `reset` the bodies \(bodies.joined(separator: " and ")) are nearer "
                + "than `margin`; choose another reset pose or name them in `except`"
        }
    }
}
