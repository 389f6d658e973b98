import Physics
import Robot
import ServoProtocol

extension EmulatedMoteus {
    /// What a register reads, in its unit; `nil` if there is none.
    func read(_ register: MoteusRegister, now: Int64) -> Double? {
        switch register {
        case .mode: Double(mode.rawValue)
        case .position: position
        case .velocity: velocity
        case .torque: torque
        case .qCurrent: current
        case .dCurrent: 0
        case .absolutePosition: position - position.rounded(.down)
        case .power: inputVoltage * current * Double(measurement.pwm) / fullPWM
        // No motor thermometer is connected.
        case .motorTemperature: 0
        case .trajectoryComplete: isThere(now: now) ? 1 : 0
        case .homeState: Double(homeState)
        case .voltage: inputVoltage
        case .temperature: temperature
        case .fault: Double(fault.rawValue)
        case .milliseconds: Double((now - poweredAt) / 1_000_000 & 0x7FFF_FFFF)
        case .multiplexID: Double(id)
        default: readMore(register, now: now)
        }
    }

    private func readMore(_ register: MoteusRegister, now: Int64) -> Double? {
        switch register.rawValue {
        case _ where MoteusGoal.has(register): goal[register]
        case 0x034, 0x03A: torque
        case 0x038: mode == .position ? goalPosition(at: now) : .nan
        case 0x039: mode == .position ? goal.value(.commandVelocity, default: 0) : .nan
        case 0x03B: mode == .position ? goalPosition(at: now) - position : 0
        case 0x03C: mode == .position ? goal.value(.commandVelocity, default: 0) - velocity : 0
        case 0x100: Double(setup.model)
        case 0x101: Double(setup.firmware)
        // The register map of the sources this was written from.
        case 0x102: 5
        // A number nobody made, told apart by its last word.
        case 0x120, 0x121: 0x5AC0
        case 0x122, 0x150...0x153: Double(setup.id)
        // It cannot be addressed by a UUID's mask.
        case 0x158: 0
        default: nil
        }
    }

    private var fullPWM: Double { Double(max(setup.servo.fullPWM, 1)) }

    /// Whether the motor is where the command wants it; a path in the plant is not looked at.
    private func isThere(now: Int64) -> Bool {
        mode != .position || abs(goalPosition(at: now) - position) < 0.005
    }

    /// Writes a register that is no part of a command; whether there is one.
    mutating func write(_ register: MoteusRegister, _ value: Double, now: Int64) -> Bool {
        switch register {
        case .setNearest: setPosition(value, nearest: true)
        case .setExact: setPosition(value, nearest: false)
        case .requireReindex: requireReindex()
        case .recapture: recapture(now: now)
        case .multiplexID:
            guard (1...126).contains(value) else { return false }
            id = UInt8(value)
        default: return false
        }
        return true
    }
}
