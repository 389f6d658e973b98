/// The rules as a table: limit, unit, default, fault, response, remedy.
///
/// docs/safety.md prints it; `SafetyCheck` takes its words from it.
public enum RuleTable {
    /// One rule in words.
    public struct Row: Sendable, Hashable {
        /// The rule.
        public var rule: SafetyRule
        /// What it says, a few words.
        public var name: String
        /// The robot file's key, empty if it has none.
        public var key: String
        /// The key's unit.
        public var unit: String
        /// What the limit is unless the file says otherwise.
        public var standard: String
        /// What a person does about it.
        public var remedy: String

        init(
            _ rule: SafetyRule,
            _ name: String,
            key: String = "",
            unit: String = "",
            standard: String = "",
            remedy: String
        ) {
            self.rule = rule
            self.name = name
            self.key = key
            self.unit = unit
            self.standard = standard
            self.remedy = remedy
        }
    }

    /// The row of a rule.
    public static func row(_ rule: SafetyRule) -> Row { rows[Int(rule.rawValue)] }

    /// Every rule, in the order of `SafetyRule`.
    public static let rows: [Row] = readings + motion + load + base + rest + goals

    private static let readings = [
        Row(
            .body,
            "the bus or the physics answers",
            remedy: "look at the fault's own number: bus, servo watchdog, restart or simulation"
        ),
        Row(
            .reading,
            "readings are fresh",
            key: "safety.stale_ticks",
            unit: "ticks",
            standard: "5",
            remedy: "check the joint's cable, ID and power"
        ),
        Row(
            .hardwareError,
            "no servo reports an error",
            remedy: "clear the cause, then `sacbot reboot` or power-cycle the servo"
        ),
        Row(.proposal, "proposals are numbers", remedy: "the policy or the task is broken"),
    ]

    private static let motion = [
        Row(
            .hardZone,
            "no joint is far outside its limits",
            key: "joints.hard_zone",
            unit: "deg",
            standard: "`following_error`",
            remedy: "move the joint back by hand"
        ),
        Row(
            .overspeed,
            "no joint is too fast",
            key: "joints.trip_velocity, safety.overspeed_ticks",
            unit: "deg/s, ticks",
            standard: "required, 3",
            remedy: "look for a crash or a slip"
        ),
    ]

    private static let load = [
        Row(
            .current,
            "currents are within limits",
            key: "joints.current (or torque), safety.overcurrent_ticks",
            unit: "A (or N·m), ticks",
            standard: "required, 50",
            remedy: "look for a jam"
        ),
        Row(
            .thermalLoad,
            "motors stand their current (I²t)",
            key: "joints.continuous_current, safety.heat_time",
            unit: "A, s",
            standard: "half the stall current, at most 0.75 `current`; 10 s at `current`",
            remedy: "let the motor cool, then look at its load"
        ),
        Row(
            .jointPower,
            "no joint draws too much power",
            key: "joints.power, safety.power_time",
            unit: "W, s",
            standard: "stall current x 1.3 nominal voltage, 0.5 s",
            remedy: "look for a jam or a short"
        ),
        Row(
            .robotPower,
            "the robot does not draw too much power",
            key: "safety.power, safety.power_time",
            unit: "W, s",
            standard: "no limit, 0.5 s",
            remedy: "look for a jam, or give it a stronger supply and limit"
        ),
        Row(
            .stopTemperature,
            "no servo is too hot",
            key: "joints.stop_temperature",
            unit: "degC",
            standard: "required",
            remedy: "let it cool, then look at its load"
        ),
        Row(
            .voltage,
            "supply voltages are in range",
            key: "joints.voltage, safety.voltage_time",
            unit: "V, s",
            standard: "0.75 to 1.3 of the model's nominal voltage, 1 s (before arming at once)",
            remedy: "check the supply, its cables and its load"
        ),
        Row(
            .followingError,
            "joints come along with their goals",
            key: "joints.following_error, safety.following_time",
            unit: "deg, s",
            standard: "required, 30 s at the window's edge",
            remedy: "free what blocks the joint; look at its gains"
        ),
        Row(
            .heldBack,
            "no joint is held back for long",
            key: "safety.held_back_time",
            unit: "s",
            standard: "no limit",
            remedy: "look at what the policy asks of the joint"
        ),
    ]

    private static let base = [
        Row(
            .attitudeReading,
            "the body's attitude is known",
            key: "safety.base.stale_after",
            unit: "s",
            standard: "100 ms",
            remedy: "check the IMU, its cable and its rate"
        ),
        Row(
            .tipped,
            "the body is not tipped over",
            key: "safety.base.roll, safety.base.pitch",
            unit: "deg",
            standard: "no limit",
            remedy: "put the robot on its feet, then look why it fell that far"
        ),
        Row(
            .heightStop,
            "the body is neither on the ground nor in the air",
            key: "safety.base.height",
            unit: "m",
            standard: "no limit",
            remedy: "put the robot on its feet on the track"
        ),
        Row(
            .placeReading,
            "it is known where the robot is",
            key: "speed_sensor.stale_after",
            unit: "s",
            standard: "100 ms",
            remedy: "look whether the estimator runs and sends (docs/speed-sensor.md)"
        ),
    ]

    private static let rest = [
        Row(
            .lateTicks,
            "ticks come in time",
            key: "safety.late_ticks",
            unit: "ticks",
            standard: "20",
            remedy: "look at the machine's load"
        ),
        Row(
            .tilt,
            "the body is upright",
            key: "safety.base.roll, safety.base.pitch",
            unit: "deg",
            standard: "no limit",
            remedy: "nothing; the robot stands up between episodes, or asks for help"
        ),
        Row(
            .height,
            "the body is at its height",
            key: "safety.base.height",
            unit: "m",
            standard: "no limit",
            remedy: "nothing; the robot stands up between episodes, or asks for help"
        ),
        Row(
            .collisionTime,
            "the policy does not ask for collisions all the time",
            key: "self_collision.time",
            unit: "s",
            standard: "1 s more of refused than of accepted goals",
            remedy: "nothing; look at the task's reward if it happens in every episode"
        ),
        Row(
            .pauseTemperature,
            "servos are cool enough to begin",
            key: "joints.pause_temperature",
            unit: "degC",
            standard: "required",
            remedy: "wait; the next episode begins 5 degC below"
        ),
        Row(
            .slowTemperature,
            "warm servos are spared",
            key: "joints.slow_temperature",
            unit: "degC",
            standard: "midway between `pause_temperature` and `stop_temperature`",
            remedy: "nothing; goals are slower until it has cooled"
        ),
    ]

    private static let goals = [
        Row(
            .softZone,
            "goals become slow near the limits",
            key: "joints.soft_zone",
            unit: "deg",
            standard: "0 (off)",
            remedy: "nothing"
        ),
        Row(
            .meanGoalVelocity,
            "goals do not go to and fro all the time",
            key: "joints.mean_goal_velocity, safety.mean_velocity_time",
            unit: "deg/s, s",
            standard: "no limit, 1 s",
            remedy: "let the policy learn smoother actions (action_change, action_low_pass)"
        ),
        Row(
            .goalVelocity,
            "goals do not move too fast",
            key: "joints.goal_velocity",
            unit: "deg/s",
            standard: "required",
            remedy: "nothing"
        ),
        Row(
            .goalAcceleration,
            "goals do not gain speed too fast",
            key: "joints.goal_acceleration",
            unit: "deg/s²",
            standard: "no limit",
            remedy: "nothing"
        ),
        Row(
            .followingWindow,
            "goals stay near the joint",
            key: "joints.following_error",
            unit: "deg",
            standard: "required",
            remedy: "nothing"
        ),
        Row(
            .workspace,
            "goals keep fingertips and feet in their boxes",
            key: "workspace.x, workspace.y, workspace.z",
            unit: "m",
            standard: "no box",
            remedy: "nothing; the goal before is kept"
        ),
        Row(
            .selfCollision,
            "goals do not bring the robot's bodies into one another",
            key: "self_collision.margin",
            unit: "m",
            standard: "not looked at",
            remedy: "nothing; the goal before is kept"
        ),
        Row(
            .positionRange,
            "joints stand inside their limits",
            key: "joints.position",
            unit: "deg",
            standard: "required",
            remedy: "nothing; the joint is only moved inward"
        ),
        Row(
            .servoWatchdog,
            "servos stop by themselves when the program dies",
            key: "buses.watchdog, buses.no_watchdog",
            unit: "s",
            standard: "required",
            remedy: "set a low current limit; somebody has to stay at the power switch"
        ),
    ]
}
