import ServoProtocol

/// The registers the body uses, looked up once.
///
/// A class, so that a joint's link can be copied in the tick without touching each register.
final class ServoRegisters {
    let firmwareVersion: Register
    let returnDelayTime: Register
    let driveMode: Register
    let operatingMode: Register
    let homingOffset: Register
    let pwmLimit: Register
    /// `nil` on models that do not measure current.
    let currentLimit: Register?
    let maxPositionLimit: Register
    let minPositionLimit: Register
    /// `nil` on models and firmware without it.
    let startupConfiguration: Register?
    let torqueEnable: Register
    let statusReturnLevel: Register
    let hardwareErrorStatus: Register
    let positionDGain: Register
    let positionIGain: Register
    let positionPGain: Register
    let busWatchdog: Register
    let goalPWM: Register
    let profileAcceleration: Register
    let profileVelocity: Register
    let goalPosition: Register
    let presentPosition: Register
    let presentInputVoltage: Register
    let presentTemperature: Register

    /// `nil` if the model lacks one that is needed.
    init?(_ table: ControlTable) {
        guard let firmwareVersion = table.register(.firmwareVersion),
            let returnDelayTime = table.register(.returnDelayTime),
            let driveMode = table.register(.driveMode),
            let operatingMode = table.register(.operatingMode),
            let homingOffset = table.register(.homingOffset),
            let pwmLimit = table.register(.pwmLimit),
            let maxPositionLimit = table.register(.maxPositionLimit),
            let minPositionLimit = table.register(.minPositionLimit),
            let torqueEnable = table.register(.torqueEnable),
            let statusReturnLevel = table.register(.statusReturnLevel),
            let hardwareErrorStatus = table.register(.hardwareErrorStatus),
            let positionDGain = table.register(.positionDGain),
            let positionIGain = table.register(.positionIGain),
            let positionPGain = table.register(.positionPGain),
            let busWatchdog = table.register(.busWatchdog),
            let goalPWM = table.register(.goalPWM),
            let profileAcceleration = table.register(.profileAcceleration),
            let profileVelocity = table.register(.profileVelocity),
            let goalPosition = table.register(.goalPosition),
            let presentPosition = table.register(.presentPosition),
            let presentInputVoltage = table.register(.presentInputVoltage),
            let presentTemperature = table.register(.presentTemperature)
        else { return nil }
        self.firmwareVersion = firmwareVersion
        self.returnDelayTime = returnDelayTime
        self.driveMode = driveMode
        self.operatingMode = operatingMode
        self.homingOffset = homingOffset
        self.pwmLimit = pwmLimit
        currentLimit = table.register(.currentLimit)
        self.maxPositionLimit = maxPositionLimit
        self.minPositionLimit = minPositionLimit
        startupConfiguration = table.register(.startupConfiguration)
        self.torqueEnable = torqueEnable
        self.statusReturnLevel = statusReturnLevel
        self.hardwareErrorStatus = hardwareErrorStatus
        self.positionDGain = positionDGain
        self.positionIGain = positionIGain
        self.positionPGain = positionPGain
        self.busWatchdog = busWatchdog
        self.goalPWM = goalPWM
        self.profileAcceleration = profileAcceleration
        self.profileVelocity = profileVelocity
        self.goalPosition = goalPosition
        self.presentPosition = presentPosition
        self.presentInputVoltage = presentInputVoltage
        self.presentTemperature = presentTemperature
    }
}

/// A copy of the beginning of one servo's control table.
struct RegisterImage {
    /// Everything up to Present Temperature (146).
    static let size = 147
    let bytes: [UInt8]

    /// What a register held when the copy was made.
    func value(_ register: Register) -> Int {
        register.value(of: bytes[register.addresses])
    }
}
