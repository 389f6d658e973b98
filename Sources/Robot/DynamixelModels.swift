// Dynamixel models of protocol 2.0, each from its e-manual page at the recommended voltage.
extension ServoSpecification {
    /// Robotis XM430-W210.
    public static let xm430w210 = x(
        "XM430-W210",
        number: 1030,
        volts: 12,
        stall: (3.0, 2.3),
        noLoad: 77,
        currentUnit: 0.00269,
        temperature: 80,
        fastRead: 45,
        friction: ServoFriction(armature: 0.009, coulomb: 0.07, viscous: 0.015)
    )

    /// Robotis XM430-W350.
    public static let xm430w350 = x(
        "XM430-W350",
        number: 1020,
        volts: 12,
        stall: (4.1, 2.3),
        noLoad: 46,
        currentUnit: 0.00269,
        temperature: 80,
        fastRead: 45
    )

    /// Robotis XH430-W210.
    public static let xh430w210 = x(
        "XH430-W210",
        number: 1010,
        volts: 12,
        stall: (2.5, 1.3),
        noLoad: 50,
        currentUnit: 0.00269,
        temperature: 80,
        fastRead: 45
    )

    /// Robotis XM540-W270.
    public static let xm540w270 = x(
        "XM540-W270",
        number: 1120,
        volts: 12,
        stall: (10.6, 4.4),
        noLoad: 30,
        currentUnit: 0.00269,
        temperature: 80,
        fastRead: 45
    )

    /// Robotis XL430-W250.
    public static let xl430w250 = x(
        "XL430-W250",
        number: 1060,
        volts: 11.1,
        stall: (1.4, 1.3),
        noLoad: 57,
        currentUnit: 1.3 / 1000,
        temperature: 72,
        measuresCurrent: false,
        fastRead: 45
    )

    /// Robotis XC430-W150.
    public static let xc430w150 = x(
        "XC430-W150",
        number: 1070,
        volts: 12,
        stall: (1.6, 1.4),
        noLoad: 106,
        currentUnit: 1.4 / 1000,
        temperature: 80,
        measuresCurrent: false,
        fastRead: 45
    )

    /// Robotis XC430-W240.
    public static let xc430w240 = x(
        "XC430-W240",
        number: 1080,
        volts: 12,
        stall: (1.9, 1.4),
        noLoad: 70,
        currentUnit: 1.4 / 1000,
        temperature: 80,
        measuresCurrent: false,
        fastRead: 45
    )

    /// Robotis XL330-M077.
    public static let xl330m077 = x(
        "XL330-M077",
        number: 1190,
        volts: 5,
        stall: (0.215, 1.47),
        noLoad: 383,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        positionGainDivisor: 256
    )

    /// Robotis XL330-M288.
    public static let xl330m288 = x(
        "XL330-M288",
        number: 1200,
        volts: 5,
        stall: (0.52, 1.47),
        noLoad: 103,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        friction: ServoFriction(armature: 0.001814, coulomb: 0.0128, viscous: 0.00366),
        positionGainDivisor: 256
    )

    /// Robotis XC330-M181.
    public static let xc330m181 = x(
        "XC330-M181",
        number: 1230,
        volts: 5,
        stall: (0.6, 1.8),
        noLoad: 129,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        positionGainDivisor: 256
    )

    /// Robotis XC330-M288.
    public static let xc330m288 = x(
        "XC330-M288",
        number: 1240,
        volts: 5,
        stall: (0.93, 1.8),
        noLoad: 81,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        positionGainDivisor: 256
    )

    /// Robotis XC330-T181.
    public static let xc330t181 = x(
        "XC330-T181",
        number: 1210,
        volts: 11.1,
        stall: (0.76, 0.8),
        noLoad: 104,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        positionGainDivisor: 256
    )

    /// Robotis XC330-T288.
    public static let xc330t288 = x(
        "XC330-T288",
        number: 1220,
        volts: 11.1,
        stall: (0.92, 0.8),
        noLoad: 65,
        currentUnit: 0.001,
        temperature: 70,
        fastRead: 46,
        positionGainDivisor: 256
    )

    /// Robotis MX-28.
    public static let mx28 = x(
        "MX-28",
        number: 30,
        volts: 12,
        stall: (2.5, 1.4),
        noLoad: 55,
        currentUnit: 1.4 / 1000,
        temperature: 80,
        measuresCurrent: false,
        fastRead: nil
    )

    /// Robotis MX-64.
    public static let mx64 = x(
        "MX-64",
        number: 311,
        volts: 12,
        stall: (6.0, 4.1),
        noLoad: 63,
        currentUnit: 0.00336,
        temperature: 80,
        fastRead: nil,
        friction: ServoFriction(armature: 0.01195, coulomb: 0.0904, viscous: 0.0117)
    )

    /// Robotis MX-106.
    public static let mx106 = x(
        "MX-106",
        number: 321,
        volts: 12,
        stall: (8.4, 5.2),
        noLoad: 45,
        currentUnit: 0.00336,
        temperature: 80,
        fastRead: nil,
        friction: ServoFriction(armature: 0.02661, coulomb: 0.1035, viscous: 0.0352)
    )

    /// A servo of this series; speed in revolutions a minute.
    private static func x(
        _ name: String,
        number: UInt16,
        volts: Volts,
        stall: (torque: NewtonMetres, current: Amperes),
        noLoad: Double,
        currentUnit: Amperes,
        temperature: Celsius,
        measuresCurrent: Bool = true,
        fastRead: Int?,
        friction: ServoFriction? = nil,
        positionGainDivisor: Double = 128
    ) -> ServoSpecification {
        ServoSpecification(
            name: name,
            modelNumber: number,
            pulsesPerTurn: 4096,
            velocityUnit: 0.229 * 2 * .pi / 60,
            currentUnit: currentUnit,
            measuresCurrent: measuresCurrent,
            fullPWM: 885,
            nominalVoltage: volts,
            stallTorque: stall.torque,
            stallCurrent: stall.current,
            noLoadVelocity: noLoad * 2 * .pi / 60,
            temperatureLimit: temperature,
            fastSyncReadFirmware: fastRead,
            busWatchdogFirmware: 38,
            friction: friction ?? .scaled(toStallTorque: stall.torque),
            positionGainDivisor: positionGainDivisor
        )
    }
}
