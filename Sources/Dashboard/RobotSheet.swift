/// What does not change of a robot and its task while it runs, for the page.
///
/// Angles in rad, speeds in rad/s, currents in A, temperatures in °C, voltages in V.
public struct RobotSheet: Sendable, Codable, Hashable {
    /// One joint and what it may do.
    public struct Joint: Sendable, Codable, Hashable {
        /// Its name in the robot file.
        public var name: String
        /// Its servo's ID.
        public var id: Int
        /// Its servo's model.
        public var servo: String
        /// `actuated` or `object`.
        public var role: String
        /// Its lowest position.
        public var lowest: Double
        /// Its highest position.
        public var highest: Double
        /// The speed above which the robot stops.
        public var tripVelocity: Double
        /// The current above which, if it lasts, the robot stops.
        public var current: Double
        /// The temperature above which the robot pauses.
        public var pauseTemperature: Double
        /// The temperature above which the robot stops.
        public var stopTemperature: Double

        /// A joint.
        public init(
            name: String,
            id: Int,
            servo: String,
            role: String,
            lowest: Double,
            highest: Double,
            tripVelocity: Double,
            current: Double,
            pauseTemperature: Double,
            stopTemperature: Double
        ) {
            (self.name, self.id, self.servo, self.role) = (name, id, servo, role)
            (self.lowest, self.highest) = (lowest, highest)
            (self.tripVelocity, self.current) = (tripVelocity, current)
            (self.pauseTemperature, self.stopTemperature) = (pauseTemperature, stopTemperature)
        }
    }

    /// One number that the policy sees.
    public struct Observation: Sendable, Codable, Hashable {
        /// `joint_positions.elbow`, say.
        public var name: String
        /// `rad`, `rad/s` or `1`.
        public var unit: String

        /// A number.
        public init(name: String, unit: String) { (self.name, self.unit) = (name, unit) }
    }

    /// The robot's name.
    public var robot: String
    /// The task's name.
    public var task: String
    /// simulation, emulator or hardware.
    public var backend: String
    /// One control tick, seconds.
    public var tickSeconds: Double
    /// Policy steps a second.
    public var stepsPerSecond: Double
    /// What an ordered stop does: park, hold or release.
    public var stop: String
    /// What an emergency stop does.
    public var emergencyStop: String
    /// The joints in the order of the robot file.
    public var joints: [Joint]
    /// The numbers of an observation in their order.
    public var observations: [Observation]
    /// The joints that the numbers of an action are for.
    public var actions: [String]

    /// A sheet.
    public init(
        robot: String,
        task: String,
        backend: String,
        tickSeconds: Double,
        stepsPerSecond: Double,
        stop: String,
        emergencyStop: String,
        joints: [Joint],
        observations: [Observation],
        actions: [String]
    ) {
        (self.robot, self.task, self.backend) = (robot, task, backend)
        (self.tickSeconds, self.stepsPerSecond) = (tickSeconds, stepsPerSecond)
        (self.stop, self.emergencyStop) = (stop, emergencyStop)
        (self.joints, self.observations, self.actions) = (joints, observations, actions)
    }
}
