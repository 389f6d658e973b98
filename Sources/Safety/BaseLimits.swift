public import Robot

/// How a walking robot's body may lie while an episode runs, and how high.
///
/// Beyond `end` the episode ends, as after a fall; beyond `stop` the robot stops as `estop:` says.
/// Between episodes nothing of it is judged: there a fallen robot may stand up by itself.
public struct BaseLimits: Sendable, Hashable {
    /// Where an episode ends and where the robot stops.
    public struct Bounds: Sendable, Hashable {
        /// Outside of this the episode ends.
        public var end: ClosedRange<Double>
        /// Outside of this the robot stops; holds `end`.
        public var stop: ClosedRange<Double>

        /// Bounds that hold one another.
        public init(end: ClosedRange<Double>, stop: ClosedRange<Double>) {
            self.end = end
            self.stop = stop
        }

        /// Bounds nothing is outside of.
        public static let none = Bounds(
            end: -.infinity ... .infinity,
            stop: -.infinity ... .infinity
        )
    }

    /// About the forward axis, rad.
    public var roll: Bounds
    /// About the left axis, rad.
    public var pitch: Bounds
    /// Of the body's origin above the ground, metres; judged where somebody says the place.
    public var height: Bounds
    /// How old the attitude may be, in seconds.
    public var staleSeconds: Seconds

    /// Limits; those not given are off.
    public init(
        roll: Bounds = .none,
        pitch: Bounds = .none,
        height: Bounds = .none,
        staleSeconds: Seconds = 0.1
    ) {
        self.roll = roll
        self.pitch = pitch
        self.height = height
        self.staleSeconds = staleSeconds
    }
}

/// How an episode is to end before its time because a rule says so.
@frozen public enum EpisodeCut: UInt8, Sendable, BitwiseCopyable {
    /// The robot has fallen: nothing is to be earned after it.
    case fallen
    /// The policy kept asking for what is refused: what comes after it still counts.
    case refused
}

extension Supervisor {
    /// Why the episode has to end now, `nil` if it may go on.
    public var episodeCut: EpisodeCut? {
        if broken.isBroken(.tilt) || broken.isBroken(.height) { return .fallen }
        return broken.isBroken(.collisionTime) ? .refused : nil
    }

    /// How the body lies and how high: judged while an episode runs.
    func base(_ body: BodyState, _ now: MonotonicTime, _ found: inout Findings) {
        guard state == .running else { return }
        readings(body, now, &found)
        guard let limits = settings.base else { return }
        if let base = body.base, base.isFinite {
            judge(base.roll, limits.roll, soft: .tilt, hard: .tipped, &found)
            judge(base.pitch, limits.pitch, soft: .tilt, hard: .tipped, &found)
        }
        if let height = body.place?.height, height.isFinite {
            judge(height, limits.height, soft: .height, hard: .heightStop, &found)
        }
    }

    /// Whether attitude and place are known and fresh, as far as rules watch them.
    func readings(_ body: BodyState, _ now: MonotonicTime, _ found: inout Findings) {
        if let limits = settings.base {
            let isKnown = body.base.map {
                $0.isFinite && now.seconds(since: $0.time) <= limits.staleSeconds
            }
            if isKnown != true { found.note(.attitudeReading) }
        }
        if let oldest = settings.placeStaleSeconds {
            let isKnown = body.place.map {
                $0.isFinite && now.seconds(since: $0.time) <= oldest
            }
            if isKnown != true { found.note(.placeReading) }
        }
    }

    private func judge(
        _ value: Double,
        _ bounds: BaseLimits.Bounds,
        soft: SafetyRule,
        hard: SafetyRule,
        _ found: inout Findings
    ) {
        if !bounds.stop.contains(value) { found.note(hard) }
        if !bounds.end.contains(value) { found.note(soft) }
    }
}

extension BaseSample {
    /// Whether every number is one.
    var isFinite: Bool {
        roll.isFinite && pitch.isFinite && rollRate.isFinite && pitchRate.isFinite
    }
}

extension BasePlace {
    /// Whether every number is one, but for the height, which may not be known.
    var isFinite: Bool { x.isFinite && y.isFinite && heading.isFinite }
}
