/// The registers of a Dynamixel 1.0 or Feetech model by what they are for, looked up once.
///
/// The makers call the same thing by different names (CW Angle Limit, Min Position Limit) and keep
/// it at different places; `nil` is what a model does not have.
///
/// A class, so that what holds it can be copied in the tick without touching each register.
public final class Protocol1Registers: Sendable {
    /// ID.
    public let id: Register
    /// Baud Rate.
    public let baudRate: Register
    /// Return Delay Time, 2 µs a unit.
    public let returnDelayTime: Register
    /// Status Return Level: Dynamixel 0 ping, 1 and reads, 2 all; Feetech 0 ping and reads, 1 all.
    public let statusReturnLevel: Register
    /// The lower end of where goals may lie: CW Angle Limit, Min Position Limit.
    public let lowLimit: Register
    /// The upper end: CCW Angle Limit, Max Position Limit.
    public let highLimit: Register
    /// Highest temperature in degrees Celsius.
    public let temperatureLimit: Register
    /// Lowest supply voltage in 0.1 V.
    public let minVoltageLimit: Register
    /// Highest supply voltage in 0.1 V.
    public let maxVoltageLimit: Register
    /// What Torque Limit is when power comes on.
    public let maxTorque: Register
    /// The conditions that stop the motor, bits as in the error byte: Shutdown, Unloading Condition.
    public let shutdown: Register
    /// Torque Enable.
    public let torqueEnable: Register
    /// Goal Position.
    public let goalPosition: Register
    /// Moving Speed, Goal Velocity; 0 is as fast as it can.
    public let goalSpeed: Register
    /// Present Position.
    public let presentPosition: Register
    /// Present Speed, Present Velocity.
    public let presentSpeed: Register
    /// Present Load.
    public let presentLoad: Register
    /// Supply voltage in 0.1 V.
    public let presentVoltage: Register
    /// Temperature in degrees Celsius.
    public let presentTemperature: Register
    /// Whether a write waits for Action.
    public let registered: Register
    /// Whether it moves.
    public let moving: Register
    /// Dynamixel: 1 freezes EEPROM until power-off; Feetech: 1 forgets EEPROM writes at power-off.
    public let lock: Register
    /// The most torque, in `ControlTable.fullPWM` parts; the SCS series has none in RAM.
    public let torqueLimit: Register?
    /// P Gain; the AX series has compliance slopes instead.
    public let positionGain: Register?
    /// CW Compliance Slope (AX): pulses of error that call for full torque.
    public let complianceSlope: Register?
    /// Multi Turn Offset (MX).
    public let multiTurnOffset: Register?
    /// Resolution Divider (MX).
    public let resolutionDivider: Register?
    /// Goal Acceleration, Acceleration.
    public let acceleration: Register?
    /// Realtime Tick (MX).
    public let realtimeTick: Register?
    /// Homing Offset (STS): Present Position is the sensor's less this.
    public let homingOffset: Register?
    /// Operating Mode (STS): 0 position, 1 velocity, 2 PWM, 3 steps.
    public let operatingMode: Register?
    /// Goal Time in ms (SCS), or PWM (STS in mode 2, SCS as a wheel).
    public let goalTime: Register?
    /// Present Current (STS).
    public let presentCurrent: Register?
    /// The error byte as a register (Feetech).
    public let status: Register?
    /// The ceiling of Acceleration (STS).
    public let maximumAcceleration: Register?

    /// `nil` if the model lacks one that every model of these protocols has.
    public init?(_ table: ControlTable) {
        func find(_ names: Register.Name...) -> Register? {
            for name in names {
                if let register = table.register(name) { return register }
            }
            return nil
        }
        guard let id = find(.id), let baudRate = find(.baudRate),
            let returnDelayTime = find(.returnDelayTime),
            let statusReturnLevel = find(.statusReturnLevel),
            let lowLimit = find(.cwAngleLimit, .minPositionLimit),
            let highLimit = find(.ccwAngleLimit, .maxPositionLimit),
            let temperatureLimit = find(.temperatureLimit),
            let minVoltageLimit = find(.minVoltageLimit),
            let maxVoltageLimit = find(.maxVoltageLimit), let maxTorque = find(.maxTorque),
            let shutdown = find(.shutdown, .unloadingCondition),
            let torqueEnable = find(.torqueEnable), let goalPosition = find(.goalPosition),
            let goalSpeed = find(.movingSpeed, .goalVelocity),
            let presentPosition = find(.presentPosition),
            let presentSpeed = find(.presentSpeed, .presentVelocity),
            let presentLoad = find(.presentLoad), let presentVoltage = find(.presentVoltage),
            let presentTemperature = find(.presentTemperature),
            let registered = find(.registered), let moving = find(.moving),
            let lock = find(.lock)
        else { return nil }
        self.id = id
        self.baudRate = baudRate
        self.returnDelayTime = returnDelayTime
        self.statusReturnLevel = statusReturnLevel
        self.lowLimit = lowLimit
        self.highLimit = highLimit
        self.temperatureLimit = temperatureLimit
        self.minVoltageLimit = minVoltageLimit
        self.maxVoltageLimit = maxVoltageLimit
        self.maxTorque = maxTorque
        self.shutdown = shutdown
        self.torqueEnable = torqueEnable
        self.goalPosition = goalPosition
        self.goalSpeed = goalSpeed
        self.presentPosition = presentPosition
        self.presentSpeed = presentSpeed
        self.presentLoad = presentLoad
        self.presentVoltage = presentVoltage
        self.presentTemperature = presentTemperature
        self.registered = registered
        self.moving = moving
        self.lock = lock
        torqueLimit = find(.torqueLimit)
        positionGain = find(.pGain)
        complianceSlope = find(.cwComplianceSlope)
        multiTurnOffset = find(.multiTurnOffset)
        resolutionDivider = find(.resolutionDivider)
        acceleration = find(.goalAcceleration, .acceleration)
        realtimeTick = find(.realtimeTick)
        homingOffset = find(.homingOffset)
        operatingMode = find(.operatingMode)
        goalTime = find(.goalTime)
        presentCurrent = find(.presentCurrent)
        status = find(.status)
        maximumAcceleration = find(.maximumAcceleration)
    }
}
