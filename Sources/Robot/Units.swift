/// Plain numbers whose unit is in the name of the type; everything inside the program is SI.
public typealias Radians = Double
/// Radians per second.
public typealias RadiansPerSecond = Double
/// Radians per second, per second.
public typealias RadiansPerSecondSquared = Double
/// Amperes of motor current.
public typealias Amperes = Double
/// Volts of supply.
public typealias Volts = Double
/// Watts of electrical power.
public typealias Watts = Double
/// Degrees Celsius.
public typealias Celsius = Double
/// Newton metres at the output shaft.
public typealias NewtonMetres = Double
/// Seconds.
public typealias Seconds = Double

/// Degrees as radians.
@inlinable public func degrees(_ value: Double) -> Radians { value * .pi / 180 }

/// The same angle wrapped into [-pi, pi).
@inlinable public func wrappedAngle(_ angle: Radians) -> Radians {
    let turns = ((angle + .pi) / (2 * .pi)).rounded(.down)
    return angle - turns * 2 * .pi
}
