import ServoProtocol

/// What a frame tells a controller to do: registers 020 to 048 as they hold after it.
///
/// Each frame that sets a mode starts from the defaults; registers it does not write keep them.
struct MoteusGoal: Sendable {
    /// Values by register number less 0x20.
    private var values = [Double](repeating: .nan, count: 0x29)

    /// The defaults: shares of one, no velocity, no torque.
    init() {
        for register in [MoteusRegister.kpScale, .kdScale] { self[register] = 1 }
        for number in [0x43, 0x44] { self[MoteusRegister(rawValue: UInt16(number))] = 1 }
        for register in [MoteusRegister.commandVelocity, .feedForwardTorque, .watchdogTimeout] {
            self[register] = 0
        }
        self[MoteusRegister(rawValue: 0x42)] = 0
        self[.withinTimeout] = 0
    }

    /// Registers a controller here takes; stop position (026), fixed voltage and current (02A, 02C),
    /// ki scales and ignored bounds are not among them.
    static func has(_ register: MoteusRegister) -> Bool {
        (0x20...0x29).contains(register.rawValue) && register != .stopPosition
            || (0x40...0x46).contains(register.rawValue)
    }

    /// A register's value in its unit.
    subscript(register: MoteusRegister) -> Double {
        get { values[Int(register.rawValue) - 0x20] }
        set { values[Int(register.rawValue) - 0x20] = newValue }
    }

    /// A register's value, or something else if it was not given.
    func value(_ register: MoteusRegister, default other: Double) -> Double {
        self[register].isNaN ? other : self[register]
    }
}
