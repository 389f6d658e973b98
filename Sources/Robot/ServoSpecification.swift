/// What a servo model is: its data sheet as numbers.
public struct ServoSpecification: Sendable, Hashable {
    /// The maker's name, for example `XM430-W210`.
    public var name: String
    /// What the servo answers to a ping.
    public var modelNumber: UInt16
    /// Encoder pulses in one turn of the horn.
    public var pulsesPerTurn: Int
    /// One unit of the velocity registers.
    public var velocityUnit: RadiansPerSecond
    /// One unit of the current registers.
    public var currentUnit: Amperes
    /// The PWM register's value for full supply voltage.
    public var fullPWM: Int
    /// Supply voltage of the data-sheet point below.
    public var nominalVoltage: Volts
    /// Torque with the shaft held, at the nominal voltage.
    public var stallTorque: NewtonMetres
    /// Current with the shaft held, at the nominal voltage.
    public var stallCurrent: Amperes
    /// Speed without load, at the nominal voltage.
    public var noLoadVelocity: RadiansPerSecond
    /// Temperature the servo shuts down at when it leaves the factory.
    public var temperatureLimit: Celsius
    /// Firmware version from which Fast Sync Read is there, `nil` if never.
    public var fastSyncReadFirmware: Int?
    /// Firmware version from which Bus Watchdog is there, `nil` if never.
    public var busWatchdogFirmware: Int?
    /// Mechanical constants that no data sheet gives.
    public var friction: ServoFriction
    /// Divisor of the Position P Gain register (manual: 128; XL330 behaves as 256).
    public var positionGainDivisor: Double

    /// Angle of one encoder pulse.
    public var radiansPerPulse: Radians { 2 * .pi / Double(pulsesPerTurn) }
}

/// Rotor inertia and friction at the output shaft, identified on the bench or interpolated.
public struct ServoFriction: Sendable, Hashable {
    /// Rotor inertia seen through the gear, kg·m².
    public var armature: Double
    /// Friction that does not depend on speed, N·m.
    public var coulomb: NewtonMetres
    /// Friction in proportion to speed, N·m·s/rad.
    public var viscous: Double

    /// Constants at the output shaft.
    public init(armature: Double, coulomb: NewtonMetres, viscous: Double) {
        self.armature = armature
        self.coulomb = coulomb
        self.viscous = viscous
    }
}

extension ServoSpecification {
    /// Robotis XM430-W210; e-manual, 12 V row.
    ///
    /// Inertia and friction lie between the bench fits of MX-64 and XL330 (Rhoban BAM): the middle
    /// of that range is a guess, no public source has them.
    public static let xm430w210 = ServoSpecification(
        name: "XM430-W210",
        modelNumber: 1030,
        pulsesPerTurn: 4096,
        velocityUnit: 0.229 * 2 * .pi / 60,
        currentUnit: 0.00269,
        fullPWM: 885,
        nominalVoltage: 12,
        stallTorque: 3.0,
        stallCurrent: 2.3,
        noLoadVelocity: 77 * 2 * .pi / 60,
        temperatureLimit: 80,
        fastSyncReadFirmware: 45,
        busWatchdogFirmware: 38,
        friction: ServoFriction(armature: 0.009, coulomb: 0.07, viscous: 0.015),
        positionGainDivisor: 128
    )

    /// Robotis XL330-M288; e-manual, 5 V row; friction as identified by Rhoban BAM (model m1).
    public static let xl330m288 = ServoSpecification(
        name: "XL330-M288",
        modelNumber: 1200,
        pulsesPerTurn: 4096,
        velocityUnit: 0.229 * 2 * .pi / 60,
        currentUnit: 0.001,
        fullPWM: 885,
        nominalVoltage: 5,
        stallTorque: 0.52,
        stallCurrent: 1.47,
        noLoadVelocity: 103 * 2 * .pi / 60,
        temperatureLimit: 70,
        fastSyncReadFirmware: 46,
        busWatchdogFirmware: 38,
        friction: ServoFriction(armature: 0.001814, coulomb: 0.0128, viscous: 0.00366),
        positionGainDivisor: 256
    )

    /// The models this program knows how to drive.
    public static let all: [ServoSpecification] = [.xm430w210, .xl330m288]
}
