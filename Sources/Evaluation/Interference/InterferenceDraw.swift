public import Control
import Learning
public import Robot

/// Draws schedules: what is done in which episode, from a seed and nothing else.
///
/// Every plan has a stream of its own, named by kind and episode, so that a kind's plans are the
/// same whatever other kinds are run and in whatever order. Ranges: docs/interference.md.
public struct InterferenceDraw: Sendable {
    private let robot: RobotDescription
    private let task: TaskSettings
    private let seed: UInt64
    /// The longest the supervisor bears a silent servo, in ticks.
    private let bearableTicks: Int

    /// Draws for a robot and task.
    public init(robot: RobotDescription, task: TaskSettings, seed: UInt64, staleTicks: Int) {
        self.robot = robot
        self.task = task
        self.seed = seed
        bearableTicks = staleTicks
    }

    /// The kinds that mean something for this robot and task, by-hand not among them.
    public var fitting: [InterferenceKind] { InterferenceKind.allCases.filter(fits) }

    /// Whether a kind means something for this robot and task.
    public func fits(_ kind: InterferenceKind) -> Bool {
        var walks = false
        if case .walk = task.goal { walks = true }
        switch kind.target {
        case .object: return robot.objectJoint != nil
        // A leg's motor is called one; the claw's joints have nothing that is called a motor.
        case .joints: return !(walks && (kind == .fingerPushed || kind == .jointWeakened))
        case .base, .ground: return walks
        case .view: return task.camera != nil
        case .anything: return false
        }
    }

    /// The schedule of some kinds, `episodes` of each.
    public func schedule(_ kinds: [InterferenceKind], episodes: Int) -> InterferenceSchedule {
        let plans = kinds.flatMap { kind in
            (0..<episodes).map { EpisodePlan(kind: kind, episode: $0, events: events(kind, $0)) }
        }
        return InterferenceSchedule(robot: robot.name, task: task.name, seed: seed, plans: plans)
    }

    private var seconds: Double {
        Double(task.stepCount * task.ticksPerStep) * robot.tickSeconds
    }

    private func events(_ kind: InterferenceKind, _ episode: Int) -> [InterferenceEvent] {
        var random = RandomSource(
            seed: seed,
            name: "interference-\(kind.rawValue)-\(episode)"
        )
        switch kind {
        case .byHand: return []
        case .sensorDropout: return bursts(&random)
        default: return [event(kind, &random)]
        }
    }

    private func event(
        _ kind: InterferenceKind,
        _ random: inout RandomSource
    ) -> InterferenceEvent {
        // A held object is to be met while it is being turned, not when it is there already.
        let shares = kind == .valveHeld ? 0.05...0.15 : 0.3...0.4
        let start = kind.isWholeEpisode ? 0 : random.uniform(in: shares) * seconds
        var event = InterferenceEvent(start: start, end: nil, amount: 0)
        switch kind {
        case .valveHeld:
            event.end = start + seconds / 4
            event.amount = random.uniform(in: 1...2)
        case .valveKnocked:
            event.end = start + 0.5
            event.amount = knockedAngle(&random)
        case .fingerPushed:
            event.end = start + 0.3
            event.joint = joint(&random)
            event.amount = random.uniform(in: 0.5...1) * random.sign()
        case .servoRebooted:
            event.end = start + 0.3
            event.joint = joint(&random)
            event.amount = 0.3
        case .jointWeakened, .motorWeakened:
            event.joint = joint(&random)
            event.amount = random.uniform(in: 0.3...0.6)
        case .addedLatency: event.amount = random.uniform(in: 0.01...0.04)
        case .friction:
            event.amount = random.uniform(in: 0.3...0.6)
            event.secondAmount = random.uniform(in: 0.05...0.2)
        case .load: event.amount = random.uniform(in: 0.02...0.1) * random.sign()
        case .pushedFront, .pushedBack, .pushedLeft, .pushedRight:
            event.end = start + 0.1
            event.amount = random.uniform(in: 60...120)
        case .payload: event.amount = random.uniform(in: 1...2)
        case .slopeUp, .slopeDown: event.amount = random.uniform(in: degrees(4)...degrees(8))
        case .stepDown: event.amount = random.uniform(in: 0.02...0.04)
        case .blocks:
            event.amount = random.uniform(in: 0.01...0.02)
            // Names the blocks' places; a whole number, so that it is written exactly.
            event.secondAmount = Double(random.next() >> 32)
        case .lowFriction: event.amount = random.uniform(in: 0.2...0.4)
        case .handInView:
            event.end = start + seconds / 4
            // How far beside the line of sight, metres.
            event.amount = random.uniform(in: 0.02...0.06) * random.sign()
        case .lightChanged:
            let factor = random.uniform(in: 0.3...0.7)
            event.amount = random.sign() < 0 ? factor : 1 / factor
        case .sensorDropout, .byHand: break
        }
        return event
    }

    /// Silence half of the time between 30 % and 70 % of the episode.
    private func bursts(_ random: inout RandomSource) -> [InterferenceEvent] {
        let tick = robot.tickSeconds
        var events: [InterferenceEvent] = []
        // On a tick, so that a burst is as many ticks as it says.
        var start = (0.3 * seconds / tick).rounded() * tick
        while start < 0.7 * seconds {
            let ticks = 1 + random.index(below: bearableTicks)
            let length = Double(ticks) * tick
            events.append(
                InterferenceEvent(start: start, end: start + length, amount: Double(ticks))
            )
            // At least two ticks with answers: the first may be late for this tick's decision.
            start += length + Double(max(2, ticks)) * tick
        }
        return events
    }

    /// An angle at which the task could have begun, counted from where its starts are.
    private func knockedAngle(_ random: inout RandomSource) -> Radians {
        guard case .objectAngle(let goal) = task.goal else {
            return random.uniform(in: -Double.pi...Double.pi)
        }
        return random.uniform(in: goal.start)
    }

    private func joint(_ random: inout RandomSource) -> String {
        let joints = robot.actuatedJoints
        return robot.joints[joints[random.index(below: joints.count)]].name
    }
}

extension RandomSource {
    /// 1 or -1.
    fileprivate mutating func sign() -> Double { uniform() < 0.5 ? -1 : 1 }
}
