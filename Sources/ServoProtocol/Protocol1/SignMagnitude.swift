/// A number as some servos keep it: its size in the low bits, and one bit that says "negative".
///
/// Feetech STS: bit 15 in positions and velocities, 11 in Homing Offset, 10 in loads. Dynamixel
/// 1.0: bit 10 in speeds and loads, where it means clockwise, which is the negative direction.
public struct SignMagnitude: Sendable, Hashable {
    /// The bit that says "negative", 1...15; the magnitude is in the bits below.
    public var signBit: Int

    /// A number with that sign bit.
    public init(signBit: Int) {
        precondition((1...15).contains(signBit), "a sign bit lies between 1 and 15")
        self.signBit = signBit
    }

    /// Loads; the speeds of Dynamixel 1.0.
    public static let bit10 = SignMagnitude(signBit: 10)
    /// Feetech's Homing Offset.
    public static let bit11 = SignMagnitude(signBit: 11)
    /// Feetech's positions and velocities.
    public static let bit15 = SignMagnitude(signBit: 15)

    /// The largest magnitude there is room for.
    public var largest: Int { 1 << signBit - 1 }

    /// The register's bits for a number; one beyond `largest` becomes `largest`.
    public func raw(_ value: Int) -> Int {
        let magnitude = min(value.magnitude, largest.magnitude)
        return Int(magnitude) | (value < 0 ? 1 << signBit : 0)
    }

    /// The number in a register's bits; bits above the sign are not looked at.
    ///
    /// Minus zero is zero.
    public func value(_ raw: Int) -> Int {
        let magnitude = raw & largest
        return raw & (1 << signBit) == 0 ? magnitude : -magnitude
    }
}
