import Robot
import ServoProtocol

/// What can be asked about a servo's health in one short read.
enum HealthPiece: Sendable {
    /// Input voltage and temperature: 144 to 146.
    case supply
    /// Torque Enable to Hardware Error Status: 64 to 70.
    case torque
    /// Bus Watchdog: 98; 0xFF once it has tripped.
    case watchdog
    /// Hardware Error Status alone: 70.
    case hardwareError

    /// What each joint is asked in its turn.
    static let turn: [HealthPiece] = [.supply, .torque, .watchdog]

    /// The addresses read.
    func span(_ registers: ServoRegisters) -> Range<Int> {
        switch self {
        case .supply:
            registers.presentInputVoltage.addresses
                .lowerBound..<registers.presentTemperature.addresses.upperBound
        case .torque:
            registers.torqueEnable.addresses
                .lowerBound..<registers.hardwareErrorStatus.addresses.upperBound
        case .watchdog: registers.busWatchdog.addresses
        case .hardwareError: registers.hardwareErrorStatus.addresses
        }
    }
}

/// What is known of one servo's health, piece by piece.
struct HealthNotes {
    var temperature: Celsius?
    var inputVoltage: Volts?
    var hardwareError: UInt8 = 0

    /// A report; `nil` until the temperature was read once, unless there is an error to report.
    func report(time: MonotonicTime) -> JointHealth? {
        if temperature == nil, hardwareError == 0 { return nil }
        return JointHealth(
            temperature: temperature ?? 0,
            inputVoltage: inputVoltage ?? 0,
            hardwareError: UInt32(hardwareError),
            time: time
        )
    }
}
