/// What does not change of a robot's task while it runs, for the page.
public struct RobotSheet: Sendable, Codable, Hashable {
    /// One number that the policy sees.
    public struct Observation: Sendable, Codable, Hashable {
        /// `joint_positions.elbow`, say.
        public var name: String
        /// `rad`, `rad/s` or `1`.
        public var unit: String

        /// A number.
        public init(name: String, unit: String) { (self.name, self.unit) = (name, unit) }
    }

    /// Policy steps a second.
    public var stepsPerSecond: Double
    /// What an ordered stop does: park, hold or release.
    public var stop: String
    /// What an emergency stop does.
    public var emergencyStop: String
    /// The numbers of an observation in their order.
    public var observations: [Observation]
    /// The joints that the numbers of an action are for.
    public var actions: [String]

    /// A sheet.
    public init(
        stepsPerSecond: Double,
        stop: String,
        emergencyStop: String,
        observations: [Observation],
        actions: [String]
    ) {
        self.stepsPerSecond = stepsPerSecond
        (self.stop, self.emergencyStop) = (stop, emergencyStop)
        (self.observations, self.actions) = (observations, actions)
    }
}
