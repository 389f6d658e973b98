import Robot

/// What the supervisor remembers of one driven joint from tick to tick.
struct JointWatch: Sendable, BitwiseCopyable {
    /// How far the safe goal moved in the newest tick.
    var lastStep: Radians = 0
    /// Mean speed of the safe goal, to and fro counted alike.
    var meanGoalSpeed: RadiansPerSecond = 0
    /// Heat above what the joint stands for ever, A²s.
    var heat = 0.0
    /// Ticks in a row in which a rule was broken.
    var overspeedTicks = 0
    var overcurrentTicks = 0
    var overpowerTicks = 0
    var voltageTicks = 0
    /// Ticks in a row in which the goal was held at the edge of its window.
    var windowTicks = 0
    /// Ticks in a row in which the goal was held back by anything but its plain velocity limit.
    var heldBackTicks = 0

    mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&lastStep)
        numbers.carry(&meanGoalSpeed)
        numbers.carry(&heat)
        numbers.carry(&overspeedTicks)
        numbers.carry(&overcurrentTicks)
        numbers.carry(&overpowerTicks)
        numbers.carry(&voltageTicks)
        numbers.carry(&windowTicks)
        numbers.carry(&heldBackTicks)
    }
}

/// Times of the settings as ticks, so that judging compares whole numbers.
struct PatienceTicks: Sendable {
    var voltage: Int
    var power: Int
    var following: Int
    var heldBack: Int
    var collision: Int
    /// The part of a new step in the mean goal velocity.
    var meanShare: Double

    init(_ settings: SafetySettings, tickSeconds: Seconds, collisionSeconds: Seconds) {
        func ticks(_ seconds: Double) -> Int {
            let count = (seconds / tickSeconds).rounded()
            return count < 1e9 ? max(1, Int(count)) : Int.max
        }
        voltage = ticks(settings.voltageSeconds)
        power = ticks(settings.powerSeconds)
        following = ticks(settings.followingSeconds)
        heldBack = ticks(settings.heldBackSeconds)
        collision = ticks(collisionSeconds)
        meanShare = min(1, tickSeconds / settings.meanVelocitySeconds)
    }
}
