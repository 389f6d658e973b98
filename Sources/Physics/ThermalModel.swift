internal import Robot

/// How hot a servo gets from its own current.
///
/// One body with one path to the air. No source has thermal figures of these servos: both
/// constants are invented, so that a stalled servo reaches 80 degC after two to three minutes and
/// one that works at a third of its stall current never does.
struct ThermalModel: Sendable {
    /// Rise above the room that a stall would end at, K.
    static let stallRise = 140.0
    /// Time in which 63 % of a change happens, s.
    static let timeConstant = 300.0
    /// The room, degC.
    static let ambient = 25.0

    private(set) var temperature: Celsius = ThermalModel.ambient
    private let risePerSquareAmpere: Double

    init(_ servo: ServoSpecification) {
        risePerSquareAmpere = Self.stallRise / (servo.stallCurrent * servo.stallCurrent)
    }

    /// Heats or cools for `seconds` at a motor current.
    mutating func advance(current: Amperes, seconds: Seconds) {
        let end = Self.ambient + risePerSquareAmpere * current * current
        temperature += (end - temperature) * seconds / Self.timeConstant
    }

    /// Saves or restores how hot it is.
    mutating func carry(_ numbers: inout WorldNumbers) { numbers.carry(&temperature) }

    /// Starts at a temperature, for tests and faults on demand.
    mutating func set(_ value: Celsius) { temperature = value }
}
