/// What a servo or motor controller is: its data sheet as numbers.
public struct ServoSpecification: Sendable, Hashable {
    /// The maker's name, for example `XM430-W210`.
    public var name: String
    /// What it speaks.
    public var wire = BusProtocol.dynamixel
    /// What the servo answers to a ping; 0 if it does not say.
    public var modelNumber: UInt16
    /// Encoder pulses in one turn of the horn.
    public var pulsesPerTurn: Int
    /// The pulses a goal may have; `nil` if the joint may turn further than the encoder counts.
    public var goalPulses: ClosedRange<Int>? = 0...4095
    /// One unit of the velocity registers.
    public var velocityUnit: RadiansPerSecond
    /// One unit of the current registers.
    public var currentUnit: Amperes
    /// Whether the servo measures its current; if not, `currentUnit` is a load register's unit
    /// taken as a share of the stall current.
    public var measuresCurrent = true
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

    /// Torque for each ampere, as the held shaft's data-sheet point has it, N·m/A.
    public var torqueConstant: Double { stallTorque / stallCurrent }

    /// Supply voltages to expect, from 0.75 to 1.3 of the nominal one.
    ///
    /// Batteries and regulated supplies stay inside; a wrong supply (5 V servos at 7.4 V, 12 V ones
    /// at 7.4 V or 16 V) does not.
    public var usualVoltage: ClosedRange<Volts> { 0.75 * nominalVoltage...1.3 * nominalVoltage }

    /// What it may draw for ever: half its stall current.
    ///
    /// No maker of these servos states one; Robotis advises a fifth of the stall torque for smooth
    /// motion. A half lets a firm grip pass and catches a joint that is held fast.
    public var continuousCurrent: Amperes { stallCurrent / 2 }

    /// The most it can draw: the stall current at the upper end of its usual voltage.
    public var stallPower: Watts { stallCurrent * usualVoltage.upperBound }

    /// Position D Gain of a Dynamixel that brakes: P and I are 0 then.
    ///
    /// At one radian a second 1000 is 5 % of the duty on top of what a winding brakes that duty 0
    /// holds at no voltage: some 0.15 N·m·s/rad beside 0.4 for an XM430-W210 at 12 V.
    public static let dampingGain = 1000

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
