import Control
import Glibc
import Robot
import Safety

/// Does to the robot what an episode's plan says, tick by tick.
///
/// In simulation by torques, grips, forces and other worlds; on a real robot by the object's own
/// servo, by restarting a servo, or by a person who marks what is done. Every goal, the object's
/// too, goes through the supervisor. Works on the control thread and allocates nothing in a tick.
final class Interferer<Body: DrivenBody> {
    /// Whether something is done to the robot in the present tick.
    private(set) var isActive = false
    /// When what is done by hand began and ended, in ticks; filled while an episode runs.
    private(set) var marked: [ClosedRange<Int>] = []

    private let loop: ControlLoop<Body>
    private let mark: InterferenceMark
    private let object: Int?
    private let tickSeconds: Double
    private var plan: EpisodePlan?
    private var steps: [TimedEvent] = []
    private var world: WorldVariation
    private var target: Radians = 0
    private var markBegan: Int?

    /// One event with its times in ticks.
    private struct TimedEvent {
        var first: Int
        /// The first tick after it; `nil` if it lasts.
        var end: Int?
        var joint: Int?
        var amount: Double
        var secondAmount: Double
        var isUnderWay = false

        func isActive(_ tick: Int) -> Bool { tick >= first && (end.map { tick < $0 } ?? true) }
    }

    init(loop: ControlLoop<Body>, mark: InterferenceMark) {
        self.loop = loop
        self.mark = mark
        object = loop.robot.objectJoint
        tickSeconds = loop.robot.tickSeconds
        world = WorldVariation(jointCount: loop.robot.joints.count)
        marked.reserveCapacity(64)
    }

    // MARK: An episode

    /// Takes a plan, or none, before the reset: what has to lie there before the robot does.
    func prepare(_ plan: EpisodePlan?) {
        self.plan = plan
        world = WorldVariation(jointCount: loop.robot.joints.count)
        isActive = false
        marked.removeAll(keepingCapacity: true)
        markBegan = nil
        let tickSeconds = tickSeconds
        steps = (plan?.events ?? []).map { event in
            TimedEvent(
                first: Int((event.start / tickSeconds).rounded()),
                end: event.end.map { Int(($0 / tickSeconds).rounded()) },
                joint: event.joint.flatMap { name in
                    loop.robot.joints.firstIndex { $0.name == name }
                },
                amount: event.amount,
                secondAmount: event.secondAmount ?? 0
            )
        }
        if let kind = plan?.kind, let event = steps.first, kind.liesThereBefore {
            begin(kind, event)
            steps[0].isUnderWay = true
            loop.vary(world)
        }
    }

    /// Begins with the world that `randomise:` drew, or the plain one, and what the task aims at.
    func episodeBegins(world drawn: WorldVariation?, target: Radians) {
        self.target = target
        let before = world
        world = drawn ?? WorldVariation(jointCount: loop.robot.joints.count)
        if plan?.kind.liesThereBefore == true {
            world.payload = before.payload
            world.ground = before.ground
            world.contactFriction *= before.contactFriction
            loop.vary(world)
        }
    }

    /// Undoes everything.
    func episodeEnds() {
        plan = nil
        steps = []
        isActive = false
        world = WorldVariation(jointCount: loop.robot.joints.count)
        loop.vary(nil)
    }

    // MARK: A tick

    func tick(_ tick: Int, wanted: inout JointArray<Radians?>) throws(ControlStop) {
        guard let kind = plan?.kind else { return }
        if kind == .byHand { return noteMark(tick) }
        var changes = false
        isActive = false
        for place in steps.indices {
            let event = steps[place]
            if event.isActive(tick) {
                isActive = true
                if !event.isUnderWay {
                    steps[place].isUnderWay = true
                    begin(kind, event)
                    try takeHold(kind)
                    changes = true
                }
                if kind == .valveKnocked { changes = push(towards: event, &wanted) || changes }
            } else if event.isUnderWay {
                steps[place].isUnderWay = false
                end(kind, event)
                try letGo(kind)
                changes = true
            }
        }
        if changes { loop.vary(world) }
    }

    private func noteMark(_ tick: Int) {
        isActive = mark.isOn
        if isActive, markBegan == nil { markBegan = tick }
        if !isActive, let began = markBegan {
            markBegan = nil
            if marked.count < marked.capacity { marked.append(began...tick) }
        }
    }

    /// Closes what a person has not marked as ended.
    func closeMark(at tick: Int) {
        if let began = markBegan { marked.append(began...max(began, tick)) }
        markBegan = nil
    }

    private func begin(_ kind: InterferenceKind, _ event: TimedEvent) {
        switch kind {
        case .valveHeld: if let object { world.jointFriction[object] += event.amount }
        case .valveKnocked, .byHand: break
        case .fingerPushed: if let joint = event.joint { world.jointTorque[joint] = event.amount }
        case .jointWeakened, .motorWeakened:
            if let joint = event.joint { world.motorStrength[joint] *= event.amount }
        case .servoRebooted:
            if let joint = event.joint {
                loop.variableWorld?.restart(joint, silentFor: event.amount)
            }
        case .sensorDropout: world.silent = JointSet(loop.robot.joints.indices)
        case .addedLatency: world.latency += event.amount
        case .friction:
            world.contactFriction *= event.amount
            if let object { world.jointFriction[object] += event.secondAmount }
        case .load: if let object { world.jointTorque[object] = event.amount }
        case .pushedFront, .pushedBack, .pushedLeft, .pushedRight:
            world.baseForce = force(kind, event.amount)
        case .payload: world.payload = event.amount
        case .lowFriction: world.contactFriction *= event.amount
        case .handInView: world.handBeside = event.amount
        case .lightChanged: world.light *= event.amount
        case .slopeUp, .slopeDown, .blocks, .stepDown:
            world.ground = kind.ground(event.amount, seed: event.secondAmount)
        }
    }

    private func end(_ kind: InterferenceKind, _ event: TimedEvent) {
        switch kind {
        case .valveHeld: if let object { world.jointFriction[object] -= event.amount }
        case .valveKnocked: if let object { world.jointTorque[object] = 0 }
        case .fingerPushed: if let joint = event.joint { world.jointTorque[joint] = 0 }
        case .sensorDropout: world.silent = JointSet()
        case .handInView: world.handBeside = nil
        case .pushedFront, .pushedBack, .pushedLeft, .pushedRight: world.baseForce = SIMD3()
        default: break
        }
    }

    /// A push along the body's own axes, level.
    private func force(_ kind: InterferenceKind, _ newtons: Double) -> SIMD3<Double> {
        let heading = loop.state.place?.heading ?? 0
        let forward = SIMD3(cos(heading), sin(heading), 0)
        let left = SIMD3(-sin(heading), cos(heading), 0)
        switch kind {
        case .pushedFront: return -newtons * forward
        case .pushedBack: return newtons * forward
        case .pushedLeft: return -newtons * left
        default: return newtons * left
        }
    }

    // MARK: The object

    /// Where the object is pushed to in a knock.
    private func angle(_ event: TimedEvent) -> Radians {
        guard let object, let sample = loop.state.samples[object] else { return event.amount }
        let wanted = event.amount + target
        return sample.position + wrappedAngle(wanted - sample.position)
    }

    /// Pushes the object as a hand does; by its own servo where nobody else can.
    ///
    /// - Returns: whether the world changed.
    private func push(towards event: TimedEvent, _ wanted: inout JointArray<Radians?>) -> Bool {
        guard let object, let sample = loop.state.samples[object] else { return false }
        let angle = angle(event)
        guard loop.variableWorld != nil else {
            wanted[object] = angle
            return false
        }
        // A hand that gives way: 5 N·m/rad, 0.1 N·m·s/rad, 1.5 N·m at most.
        let torque = 5 * (angle - sample.position) - 0.1 * sample.velocity
        world.jointTorque[object] = min(max(torque, -1.5), 1.5)
        return true
    }

    /// Gives a real object's servo torque: it holds where it stands until it is told more.
    private func takeHold(_ kind: InterferenceKind) throws(ControlStop) {
        guard loop.variableWorld == nil, kind == .valveHeld || kind == .valveKnocked,
            let object
        else { return }
        try loop.enableTorqueInEpisode(JointSet([object]))
    }

    private func letGo(_ kind: InterferenceKind) throws(ControlStop) {
        guard loop.variableWorld == nil, kind == .valveHeld || kind == .valveKnocked,
            let object
        else { return }
        try loop.disableTorque(JointSet([object]))
    }
}

extension InterferenceKind {
    /// Whether it has to be there before the robot is brought to its start.
    fileprivate var liesThereBefore: Bool { target == .ground || self == .payload }

    /// The ground it is; flat for kinds that are something else.
    fileprivate func ground(_ amount: Double, seed: Double) -> Ground {
        switch self {
        case .slopeUp: Ground(.slope, amount)
        case .slopeDown: Ground(.slope, -amount)
        case .stepDown: Ground(.stepDown, amount)
        case .blocks: Ground(.blocks, amount, seed: UInt64(exactly: seed) ?? 0)
        default: Ground()
        }
    }

    /// Whether a real robot can do it to itself.
    public var worksOnRealRobots: Bool {
        self == .valveHeld || self == .valveKnocked || self == .byHand
    }
}
