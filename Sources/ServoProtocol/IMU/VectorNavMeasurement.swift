/// What a VectorNav VN-100 measured, in its own units and frames.
///
/// The device's body frame has x forward, y right and z down; its world has x north, y east and z
/// down. A level device at rest reads an acceleration of (0, 0, -9.81). (VN-100 user manual.)
public struct VectorNavMeasurement: Sendable, Hashable {
    /// Nanoseconds since the device started.
    public var timeStartup: UInt64?
    /// Yaw, pitch, roll in degrees, Euler 3-2-1.
    public var yawPitchRoll: SIMD3<Double>?
    /// x, y, z and the scalar last; takes vectors of the body to the world.
    public var quaternion: SIMD4<Double>?
    /// Gauss.
    public var magnetic: SIMD3<Double>?
    /// Metres per second squared, gravity included.
    public var acceleration: SIMD3<Double>?
    /// Radians per second.
    public var angularRate: SIMD3<Double>?
    /// Degrees Celsius.
    public var temperature: Double?
    /// Kilopascals.
    public var pressure: Double?

    /// Nothing measured.
    public init() {}

    /// The measurement in the convention of `IMUSample`, `nil` without an orientation.
    ///
    /// Body: forward-right-down becomes forward-left-up, half a turn about x. World:
    /// north-east-down becomes east-north-up. A device that faces north has yaw 90 degrees then.
    public func sample(time: Int64) -> IMUSample? {
        guard let orientation = orientation.flatMap(\.normalised) else { return nil }
        return IMUSample(
            orientation: Self.fromNorthEastDown * orientation * Self.toForwardRightDown,
            angularRate: angularRate.map(Self.toForwardRightDown.turned),
            acceleration: acceleration.map(Self.toForwardRightDown.turned),
            time: time,
            deviceTime: timeStartup.map { Int64(truncatingIfNeeded: $0) }
        )
    }

    /// The measurement of a device whose sample this is; for emulators.
    public init(_ sample: IMUSample) {
        let turn =
            Self.fromNorthEastDown.inverse * sample.orientation * Self.toForwardRightDown.inverse
        quaternion = SIMD4(turn.x, turn.y, turn.z, turn.w)
        yawPitchRoll = 180 / Double.pi * SIMD3(turn.yaw, turn.pitch, turn.roll)
        angularRate = sample.angularRate.map(Self.toForwardRightDown.turned)
        acceleration = sample.acceleration.map(Self.toForwardRightDown.turned)
        timeStartup = sample.deviceTime.map { UInt64(max(0, $0)) }
    }

    /// Whether an orientation is given, good or not.
    var hasOrientation: Bool { quaternion != nil || yawPitchRoll != nil }

    /// Body to world, the device's frames.
    private var orientation: Quaternion? {
        if let q = quaternion { return Quaternion(w: q.w, x: q.x, y: q.y, z: q.z) }
        return yawPitchRoll.map { angles in
            let radians = Double.pi / 180 * angles
            return Quaternion(roll: radians.z, pitch: radians.y, yaw: radians.x)
        }
    }

    /// Half a turn about x; the same either way.
    private static let toForwardRightDown = Quaternion(w: 0, x: 1, y: 0, z: 0)
    /// Half a turn about the line between x and y: swaps the two and turns z over.
    private static let fromNorthEastDown = Quaternion(
        w: 0,
        x: 0.5.squareRoot(),
        y: 0.5.squareRoot(),
        z: 0
    )
}

/// What a VectorNav device answers when it cannot do something (VN-100 manual, error codes).
public enum VectorNavError: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// The processor failed.
    case hardFault = 1
    /// Bytes came faster than the device takes them.
    case serialBufferOverflow = 2
    /// A command's check sum is wrong.
    case invalidChecksum = 3
    /// No such command.
    case invalidCommand = 4
    /// A command lacks parameters.
    case tooFewParameters = 5
    /// A command has parameters too many.
    case tooManyParameters = 6
    /// A parameter is out of its range.
    case invalidParameter = 7
    /// No such register.
    case invalidRegister = 8
    /// The register cannot be written.
    case unauthorisedAccess = 9
    /// The device restarted by its watchdog.
    case watchdogReset = 10
    /// The output does not fit through the line.
    case outputBufferOverflow = 11
    /// The line is too slow for the output asked for.
    case insufficientBaudRate = 12
    /// More errors than the device can report.
    case errorBufferOverflow = 255

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .hardFault: "its processor failed"
        case .serialBufferOverflow: "bytes came faster than it takes them"
        case .invalidChecksum: "the command arrived damaged"
        case .invalidCommand: "it does not know the command"
        case .tooFewParameters: "the command lacks parameters"
        case .tooManyParameters: "the command has too many parameters"
        case .invalidParameter: "a parameter is out of its range"
        case .invalidRegister: "it has no such register"
        case .unauthorisedAccess: "the register cannot be written"
        case .watchdogReset: "its watchdog restarted it"
        case .outputBufferOverflow: "the output does not fit through the line"
        case .insufficientBaudRate: "the line is too slow for the output asked for"
        case .errorBufferOverflow: "it has more errors than it can report"
        }
    }
}
