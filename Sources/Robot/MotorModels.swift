// Servos and motors of other makers.
extension ServoSpecification {
    /// Robotis AX-12A, protocol 1.0; e-manual, 12 V row.
    ///
    /// 1024 positions over 300 degrees, so 1228.8 to a turn: 1229 is 0.02 % too many.
    public static let ax12a = ServoSpecification(
        name: "AX-12A",
        wire: .dynamixel1,
        modelNumber: 12,
        pulsesPerTurn: 1229,
        goalPulses: 0...1023,
        velocityUnit: 0.111 * 2 * .pi / 60,
        currentUnit: 1.5 / 1000,
        measuresCurrent: false,
        fullPWM: 1023,
        nominalVoltage: 12,
        stallTorque: 1.5,
        stallCurrent: 1.5,
        noLoadVelocity: 59 * 2 * .pi / 60,
        temperatureLimit: 70,
        fastSyncReadFirmware: nil,
        busWatchdogFirmware: nil,
        friction: .scaled(toStallTorque: 1.5),
        positionGainDivisor: 8
    )

    /// Robotis MX-28 with firmware of protocol 1.0; e-manual, 12 V row.
    public static let mx28Protocol1 = ServoSpecification(
        name: "MX-28(1.0)",
        wire: .dynamixel1,
        modelNumber: 29,
        pulsesPerTurn: 4096,
        velocityUnit: 0.114 * 2 * .pi / 60,
        currentUnit: 1.4 / 1000,
        measuresCurrent: false,
        fullPWM: 1023,
        nominalVoltage: 12,
        stallTorque: 2.5,
        stallCurrent: 1.4,
        noLoadVelocity: 55 * 2 * .pi / 60,
        temperatureLimit: 80,
        fastSyncReadFirmware: nil,
        busWatchdogFirmware: nil,
        friction: .scaled(toStallTorque: 2.5),
        positionGainDivisor: 8
    )

    /// Feetech STS3215, 7.4 V; motor constants and friction as identified by Rhoban BAM.
    ///
    /// Stall torque and no-load speed follow from kt = 1.212 N·m/A and R = 2.676 ohm.
    public static let sts3215 = ServoSpecification(
        name: "STS3215",
        wire: .feetech,
        modelNumber: 777,
        pulsesPerTurn: 4096,
        velocityUnit: 2 * .pi / 4096,
        currentUnit: 0.0065,
        fullPWM: 1000,
        nominalVoltage: 7.4,
        stallTorque: 3.30,
        stallCurrent: 2.765,
        noLoadVelocity: 5.81,
        temperatureLimit: 70,
        fastSyncReadFirmware: nil,
        busWatchdogFirmware: nil,
        friction: ServoFriction(armature: 0.02840, coulomb: 0.0524, viscous: 0.0591),
        positionGainDivisor: 32
    )

    /// The Minitaur's direct-drive motor (T-Motor U8 as pybullet's Minitaur models it: 16 V,
    /// 0.186 ohm, 0.0954 N·m/A) behind a moteus controller.
    public static let u8OnMoteus = u8("moteus U8", wire: .moteus)

    /// The same motor on one axis of an ODrive.
    public static let u8OnODrive = u8("ODrive U8", wire: .odrive)

    /// Rotor inertia is that of an 87 mm outrunner's bell of about 0.1 kg; no maker states it.
    private static func u8(_ name: String, wire: BusProtocol) -> ServoSpecification {
        ServoSpecification(
            name: name,
            wire: wire,
            modelNumber: 0,
            pulsesPerTurn: 100_000,
            goalPulses: nil,
            velocityUnit: 0.000_25 * 2 * .pi,
            currentUnit: 0.01,
            fullPWM: 32767,
            nominalVoltage: 16,
            stallTorque: 16 / 0.186 * 0.0954 - 0.01,
            stallCurrent: 16 / 0.186,
            noLoadVelocity: 160,
            temperatureLimit: 85,
            fastSyncReadFirmware: nil,
            busWatchdogFirmware: 0,
            friction: ServoFriction(armature: 1.2e-4, coulomb: 0.01, viscous: 1e-4),
            positionGainDivisor: 1
        )
    }

    /// The models this program knows how to drive.
    public static let all: [ServoSpecification] = [
        .xm430w210, .xm430w350, .xh430w210, .xm540w270, .xl430w250, .xc430w150, .xc430w240,
        .xl330m077, .xl330m288, .xc330m181, .xc330m288, .xc330t181, .xc330t288, .mx28, .mx64,
        .mx106, .ax12a, .mx28Protocol1, .sts3215, .u8OnMoteus, .u8OnODrive,
    ]
}

extension ServoFriction {
    /// A guess for a servo nobody has measured: friction and inertia grow with its torque.
    ///
    /// The shares are those of the measured neighbours (Rhoban BAM: XL330, MX-64, MX-106).
    static func scaled(toStallTorque torque: NewtonMetres) -> ServoFriction {
        ServoFriction(
            armature: 0.003 * torque,
            coulomb: 0.02 * torque,
            viscous: 0.004 * torque
        )
    }
}
