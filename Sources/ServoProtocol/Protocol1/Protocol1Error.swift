/// The error byte of a Dynamixel 1.0 or Feetech answer.
///
/// Some bits say how the servo is, others what was wrong with the request; which bit is which
/// depends on the maker.
public struct Protocol1Error: OptionSet, Sendable, Hashable {
    /// The byte as sent.
    public var rawValue: UInt8

    /// The byte as received.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Supply voltage outside its limits; both makers.
    public static let inputVoltage = Protocol1Error(rawValue: 1 << 0)
    /// Dynamixel: a goal outside the angle limits, in this request.
    public static let angleLimit = Protocol1Error(rawValue: 1 << 1)
    /// Feetech: the angle sensor is broken.
    public static let angleSensor = Protocol1Error(rawValue: 1 << 1)
    /// Too hot; both makers.
    public static let overheating = Protocol1Error(rawValue: 1 << 2)
    /// Dynamixel: a value outside its range, in this request.
    public static let range = Protocol1Error(rawValue: 1 << 3)
    /// Feetech: too much current.
    public static let overCurrent = Protocol1Error(rawValue: 1 << 3)
    /// Dynamixel: the request's check sum was wrong.
    public static let checksum = Protocol1Error(rawValue: 1 << 4)
    /// Load too high for too long; both makers.
    public static let overload = Protocol1Error(rawValue: 1 << 5)
    /// Dynamixel: an unknown instruction, or `action` with nothing held back.
    public static let instruction = Protocol1Error(rawValue: 1 << 6)

    /// The bits that refuse what was asked.
    ///
    /// Feetech servos refuse nothing in words.
    public static func refusals(on wire: ServoWire) -> Protocol1Error {
        wire.isFeetech ? [] : [.angleLimit, .range, .checksum, .instruction]
    }

    /// What was refused and how the servo is, in the terms of protocol 2.0.
    ///
    /// If the servo gives several reasons, the first of: instruction, check sum, range, limit. The
    /// alert bit stands for every condition of the servo itself.
    public func statusError(on wire: ServoWire) -> StatusError {
        let refusal = intersection(Self.refusals(on: wire))
        let code: StatusError.Code =
            if refusal.contains(.instruction) {
                .instruction
            } else if refusal.contains(.checksum) {
                .checksum
            } else if refusal.contains(.range) {
                .dataRange
            } else if refusal.contains(.angleLimit) {
                .dataLimit
            } else {
                .none
            }
        return StatusError(code, alert: !hardwareErrors(on: wire).isEmpty)
    }

    /// How the servo is, numbered as in Hardware Error Status of protocol 2.0.
    ///
    /// Too much current has no number of its own there; it counts as electrical shock.
    public func hardwareErrors(on wire: ServoWire) -> HardwareErrorBits {
        var bits: HardwareErrorBits = []
        if contains(.inputVoltage) { bits.insert(.inputVoltage) }
        if contains(.overheating) { bits.insert(.overheating) }
        if contains(.overload) { bits.insert(.overload) }
        if wire.isFeetech {
            if contains(.angleSensor) { bits.insert(.motorEncoder) }
            if contains(.overCurrent) { bits.insert(.electricalShock) }
        }
        return bits
    }
}
