import Glibc
public import Robot
import Safety

/// How a fallen robot gets up; the robot file's `reset: stand_up`.
public struct StandUpSettings: Sendable, Hashable {
    /// Tries before a person is asked.
    public var tries: Int
    /// How long folding takes.
    public var foldSeconds: Seconds
    /// How long extending takes.
    public var extendSeconds: Seconds

    /// Settings.
    public init(tries: Int = 4, foldSeconds: Seconds = 0.6, extendSeconds: Seconds = 0.8) {
        self.tries = tries
        self.foldSeconds = foldSeconds
        self.extendSeconds = extendSeconds
    }
}

/// Gets a fallen robot back on its feet: folds the legs under the body, lets it come to rest on its
/// belly, and extends them slowly.
///
/// A body that rests on an edge or on its nose is pushed first: the legs on the lower side, or the
/// lower end, are thrust out while the others stay folded, so that it tips back onto its belly; every
/// second try rocks to and fro instead. Legs that move in their own planes cannot turn a robot over
/// that lies on its side or back; a person can.
struct StandUp<Body: DrivenBody> {
    let loop: ControlLoop<Body>
    let settings: StandUpSettings
    let poses: LegPoses
    /// The tilt above which the robot counts as fallen.
    let fallTilt: Radians

    /// Tries until the robot stands or the tries are over; whether it stands.
    func run() throws(ControlStop) -> Bool {
        for attempt in 0..<settings.tries {
            try fold()
            try rest()
            if tilt > fallTilt {
                if attempt % 2 == 0 { try push() } else { try rock() }
                try fold()
                try rest()
            }
            try extend()
            try rest()
            if stands { return true }
        }
        return false
    }

    /// Upright enough, with the feet below.
    private var stands: Bool {
        guard tilt < fallTilt / 2 else { return false }
        for leg in poses.legs.indices {
            guard let pose = poses.pose(leg, loop.state) else { return false }
            if (pose.extension - poses.rest(leg).extension).magnitude > degrees(20) { return false }
            if (pose.swing - poses.rest(leg).swing).magnitude > degrees(20) { return false }
        }
        return true
    }

    private var tilt: Radians { loop.state.base?.tilt ?? .pi }

    /// Folds all legs, feet below the hips.
    private func fold() throws(ControlStop) {
        try move(settings.foldSeconds) { leg in
            LegPose(swing: 0, extension: poses.folded(leg))
        }
    }

    /// Extends all legs to the reset pose, all alike, so that the body rises level.
    private func extend() throws(ControlStop) {
        try move(settings.extendSeconds) { poses.rest($0) }
    }

    /// Thrusts the legs out that are on the side the body leans to.
    private func push() throws(ControlStop) {
        guard let base = loop.state.base else { return }
        let hips = poses.legs.map(\.leg.hip)
        try move(0.12) { leg in
            // Positive roll lowers the right side, positive pitch the front.
            let low = hips[leg].x * sin(base.pitch) - hips[leg].y * sin(base.roll)
            let swing = base.pitch.magnitude > base.roll.magnitude ? -0.5 * sign(base.pitch) : 0
            return low > 0
                ? LegPose(swing: swing, extension: 2.6)
                : LegPose(swing: 0, extension: poses.folded(leg))
        }
    }

    /// Swings all legs to one side and back.
    private func rock() throws(ControlStop) {
        for swing in [0.9, -0.9, 0.9, 0] {
            try move(0.15) { leg in LegPose(swing: swing, extension: poses.folded(leg) + 0.5) }
        }
    }

    private func sign(_ value: Double) -> Double { value < 0 ? -1 : 1 }

    /// Moves every leg from where it is to a pose, in a straight line of swing and extension.
    private func move(
        _ seconds: Seconds,
        to target: (Int) -> LegPose
    ) throws(ControlStop) {
        let ends = poses.legs.indices.map(target)
        let starts = poses.legs.indices.map { poses.pose($0, loop.state) ?? ends[$0] }
        let count = loop.ticks(seconds)
        for tick in 1...count {
            let share = Double(tick) / Double(count)
            var wanted = loop.unchanged
            for leg in poses.legs.indices {
                let (from, to) = (starts[leg], ends[leg])
                let pose = LegPose(
                    swing: from.swing + share * (to.swing - from.swing),
                    extension: from.extension + share * (to.extension - from.extension)
                )
                poses.want(leg, pose, into: &wanted)
            }
            try loop.beginTick()
            try loop.endTick(wanted)
        }
    }

    /// Waits until the body is still, a second and a half at most.
    private func rest() throws(ControlStop) {
        var still = 0
        for _ in 0..<loop.ticks(1.5) {
            try loop.holdTick()
            guard let base = loop.state.base else { continue }
            let isStill = base.rollRate.magnitude < 0.1 && base.pitchRate.magnitude < 0.1
            still = isStill ? still + 1 : 0
            if still >= loop.ticks(0.1) { return }
        }
    }
}
