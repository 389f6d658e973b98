/// What a person is told about one joint; angles in radians, other units in the names.
public struct OperatorJoint: Sendable, Codable, Hashable {
    /// The joint's name.
    public var name: String
    /// actuated or object.
    public var role: String
    /// The servo's model.
    public var servo: String
    /// The servo's ID.
    public var id: Int
    /// The name of its bus.
    public var bus: String
    /// Whether its servo has torque.
    public var hasTorque = false
    /// Where it stands, `nil` if it was never read.
    public var position: Double?
    /// How fast it turns, radians a second.
    public var velocity: Double?
    /// The goal in force, `nil` without torque.
    public var goal: Double?
    /// Motor current, amperes.
    public var currentAmperes: Double?
    /// Temperature inside the servo, degrees Celsius.
    public var temperatureCelsius: Double?
    /// Supply voltage at the servo.
    public var voltageVolts: Double?
    /// Hardware error bits, 0 is healthy.
    public var hardwareError: Int?
    /// Age of the sample in seconds.
    public var ageSeconds: Double?
    /// What it may do.
    public var limits: OperatorLimits

    /// A joint nothing is known of yet.
    public init(
        name: String,
        role: String,
        servo: String,
        id: Int,
        bus: String,
        limits: OperatorLimits
    ) {
        (self.name, self.role, self.servo) = (name, role, servo)
        (self.id, self.bus, self.limits) = (id, bus, limits)
    }
}

/// A joint's limits as far as they are shown; `nil` is without that limit.
public struct OperatorLimits: Sendable, Codable, Hashable {
    /// The lowest position a goal may have, radians.
    public var lowest: Double
    /// The highest position a goal may have, radians.
    public var highest: Double
    /// How fast a goal may move, radians a second.
    public var goalVelocity: Double
    /// The measured speed above which the robot stops, radians a second.
    public var tripVelocity: Double
    /// The current above which, if it lasts, the robot stops.
    public var currentAmperes: Double
    /// Above it goals become slower.
    public var slowCelsius: Double?
    /// Above it the robot pauses between episodes.
    public var pauseCelsius: Double
    /// Above it the robot stops.
    public var stopCelsius: Double
    /// The lowest supply voltage.
    public var lowestVolts: Double?
    /// The highest supply voltage.
    public var highestVolts: Double?

    /// Limits of a joint.
    public init(
        lowest: Double,
        highest: Double,
        goalVelocity: Double,
        tripVelocity: Double,
        currentAmperes: Double,
        slowCelsius: Double?,
        pauseCelsius: Double,
        stopCelsius: Double,
        lowestVolts: Double?,
        highestVolts: Double?
    ) {
        (self.lowest, self.highest) = (lowest, highest)
        (self.goalVelocity, self.tripVelocity) = (goalVelocity, tripVelocity)
        self.currentAmperes = currentAmperes
        (self.slowCelsius, self.pauseCelsius, self.stopCelsius) =
            (slowCelsius, pauseCelsius, stopCelsius)
        (self.lowestVolts, self.highestVolts) = (lowestVolts, highestVolts)
    }
}

/// The fault in force, in parts.
public struct OperatorFault: Sendable, Codable, Hashable {
    /// The fault's number.
    public var code: Int
    /// Its name, as in `overTemperature`.
    public var name: String
    /// The joint that showed it, by name; `nil` for the robot as a whole.
    public var joint: String?
    /// What happened and what to do first, one line.
    public var remedy: String
    /// The file in docs/faults that says more.
    public var page: String
    /// Whether it is kept across restarts until `clear-fault`.
    public var isLatched: Bool

    /// A fault.
    public init(
        code: Int,
        name: String,
        joint: String?,
        remedy: String,
        page: String,
        isLatched: Bool
    ) {
        (self.code, self.name, self.joint) = (code, name, joint)
        (self.remedy, self.page, self.isLatched) = (remedy, page, isLatched)
    }
}
