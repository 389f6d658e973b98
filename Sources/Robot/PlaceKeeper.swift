internal import Glibc

/// The control thread's view of where the robot is: the newest report while it is fresh, the legs'
/// kinematics where that is allowed, nobody else.
///
/// Whoever takes over goes on from where the other one was, so that a change of source is no leap in
/// the robot's speed. What they disagree by is worked off at `slew`.
public struct PlaceKeeper: Sendable {
    /// How fast the place moves to where a source that has come back sees the robot, m/s.
    public static let slew = 0.05

    /// Who said where the robot is, last.
    public enum Speaker: Sendable, BitwiseCopyable {
        /// Nobody.
        case nobody
        /// The estimator outside.
        case outside
        /// The robot's own legs.
        case legs
    }

    /// Who said where the robot is in the newest tick.
    public private(set) var speaker = Speaker.nobody

    private let sensor: SpeedSensorDescription
    private let odometry: LegOdometry?
    private var newest: BasePlace?
    private var shown: BasePlace?
    /// What is shown less what the estimator says.
    private var lead = SIMD2<Double>.zero
    private var last: MonotonicTime?

    /// A keeper for a robot with a speed sensor.
    public init(_ sensor: SpeedSensorDescription, robot: RobotDescription) {
        self.sensor = sensor
        odometry = sensor.usesLegs ? LegOdometry(robot) : nil
    }

    /// Takes what came from outside.
    public mutating func take(_ place: BasePlace) { newest = place }

    /// Where the robot is in a tick; `nil` if nobody knows.
    public mutating func place(
        now: MonotonicTime,
        samples: JointArray<JointSample?>,
        base: BaseSample?
    ) -> BasePlace? {
        let elapsed = last.map { min(max(0, now.seconds(since: $0)), sensor.staleAfter) } ?? 0
        last = now
        if let seen = newest, now.seconds(since: seen.time) <= sensor.staleAfter {
            show(seen, elapsed)
            speaker = .outside
        } else if let odometry, let base, let motion = odometry.motion(samples, base) {
            walk(motion, base, elapsed, now)
            speaker = .legs
        } else {
            speaker = .nobody
            return nil
        }
        return shown
    }

    private mutating func show(_ seen: BasePlace, _ elapsed: Seconds) {
        if speaker == .legs, let shown {
            lead = SIMD2(shown.x - seen.x, shown.y - seen.y)
        } else if speaker == .nobody {
            lead = .zero
        }
        let size = (lead * lead).sum().squareRoot()
        let step = Self.slew * elapsed
        lead = size > step ? lead * (1 - step / size) : .zero
        var place = seen
        place.x += lead.x
        place.y += lead.y
        shown = place
    }

    private mutating func walk(
        _ motion: LegOdometry.Motion,
        _ base: BaseSample,
        _ elapsed: Seconds,
        _ now: MonotonicTime
    ) {
        // The IMU's yaw drifts, so only its changes are added to a heading known from outside.
        let turned = shown.map { $0.heading + base.yawRate * elapsed }
        let heading = sensor.source == .legs ? base.yaw : turned ?? base.yaw
        let (c, s) = (cos(heading), sin(heading))
        let way = elapsed * motion.velocity
        shown = BasePlace(
            x: (shown?.x ?? 0) + c * way.x - s * way.y,
            y: (shown?.y ?? 0) + s * way.x + c * way.y,
            height: motion.height,
            heading: heading,
            time: base.time
        )
    }

    /// Saves or restores what the next place depends on.
    public mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&newest)
        numbers.carry(&shown)
        numbers.carry(&lead.x)
        numbers.carry(&lead.y)
        var time = last?.nanoseconds ?? .min
        numbers.carry(&time)
        last = time == .min ? nil : MonotonicTime(nanoseconds: time)
        var code = speaker == .nobody ? 0 : speaker == .outside ? 1 : 2
        numbers.carry(&code)
        speaker = code == 0 ? .nobody : code == 1 ? .outside : .legs
    }
}

extension WorldNumbers {
    /// Carries a place, or that there is none; the same words either way.
    mutating func carry(_ place: inout BasePlace?) {
        var there = place != nil
        var value =
            place
            ?? BasePlace(x: 0, y: 0, height: 0, heading: 0, time: MonotonicTime(nanoseconds: 0))
        carry(&there)
        carry(&value.x)
        carry(&value.y)
        carry(&value.height)
        carry(&value.heading)
        carry(&value.time.nanoseconds)
        place = there ? value : nil
    }
}
