import Glibc
public import Robot
import Safety

/// What happens at the end of a track; the robot file's `reset: track_end`.
public enum TrackEnd: String, Sendable, CaseIterable {
    /// A person carries the robot back.
    case ask
    /// It walks back, tail first.
    case walkBack = "walk_back"
    /// A person turns it round where it is, and it walks the other way in its next episode: legs that
    /// move in their own planes only do not turn a body on the spot.
    case turnRound = "turn_round"
}

/// Brings a robot back from the end of its track at an open-loop trot.
///
/// Diagonal legs swing together; each side's stride is set by how far the heading is off, so it goes
/// straight enough to come back. It is no gait to be proud of: slow, and only for flat ground. Who is
/// where among the legs is what `hip` says. A robot that
/// points far away from its track's beginning does not get there in time.
struct WalkHome<Body: DrivenBody> {
    let loop: ControlLoop<Body>
    let poses: LegPoses
    let walk: WalkGoal

    /// Steps a second, the largest swing, how far a foot is lifted in radians of extension.
    private static var stepRate: Double { 2 }
    private static var stride: Radians { 0.25 }
    private static var lift: Radians { 0.45 }
    /// Whoever takes longer than this much of the track a second needs help.
    private static var slowest: Double { 0.05 }

    /// Walks tail first to within a quarter of the track from where it begins; whether it came there.
    func back() throws(ControlStop) -> Bool {
        try trot(seconds: walk.track / Self.slowest) { place in
            let distance = (place.x * place.x + place.y * place.y).squareRoot()
            if distance < walk.track / 4 { return nil }
            // The tail has to point to the track's beginning.
            let tail = wrappedAngle(place.heading + .pi)
            let off = wrappedAngle(atan2(-place.y, -place.x) - tail)
            return (forward: -1, turn: 1.5 * off)
        }
    }

    /// Trots as told until nothing more is to be done; `false` if it falls, is lost or takes too long.
    ///
    /// `forward` and `turn` are shares of the stride, turn positive to the left.
    func trot(
        seconds: Seconds,
        _ steering: (BasePlace) -> (forward: Double, turn: Double)?
    ) throws(ControlStop) -> Bool {
        var phase = 0.0
        for _ in 0..<loop.ticks(seconds) {
            try loop.beginTick()
            guard let place = loop.state.place, let base = loop.state.base,
                base.tilt < walk.fallTilt
            else {
                try loop.endTick(loop.unchanged)
                return false
            }
            guard let wish = steering(place) else {
                try loop.endTick(loop.unchanged)
                return true
            }
            phase += Self.stepRate * loop.robot.tickSeconds
            try loop.endTick(step(phase, wish))
        }
        return false
    }

    private func step(
        _ phase: Double,
        _ wish: (forward: Double, turn: Double)
    ) -> JointArray<Radians?> {
        var wanted = loop.unchanged
        for leg in poses.legs.indices {
            let hip = poses.legs[leg].leg.hip
            let isFirstPair = (hip.x > 0) == (hip.y > 0)
            let own = (phase + (isFirstPair ? 0 : 0.5)).truncatingRemainder(dividingBy: 1)
            // The left side walks back to turn left.
            let side = wish.forward + (hip.y > 0 ? -wish.turn : wish.turn)
            let stride = Self.stride * min(1, max(-1, side))
            let rest = poses.rest(leg)
            let pose =
                own < 0.5
                ? LegPose(swing: stride * (1 - 4 * own), extension: rest.extension)
                : LegPose(
                    swing: stride * (4 * own - 3),
                    extension: rest.extension - Self.lift * sin(2 * .pi * (own - 0.5))
                )
            poses.want(leg, pose, into: &wanted)
        }
        return wanted
    }
}

/// Where a robot's legs are.
public enum LegPlaces {
    /// Whether there is one leg at each corner and the robot file says so.
    public static func areKnown(_ robot: RobotDescription) -> Bool {
        let corners = robot.legs.map { ($0.hip.x > 0 ? 1 : 0) + ($0.hip.y > 0 ? 2 : 0) }
        return robot.legs.allSatisfy { $0.hip.x != 0 && $0.hip.y != 0 }
            && corners.sorted() == [0, 1, 2, 3]
    }
}
