/// What is spoken on a serial bus.
public enum BusProtocol: String, Sendable, CaseIterable {
    /// Dynamixel protocol 2.0 (X series, MX with 2.0 firmware).
    case dynamixel
    /// Dynamixel protocol 1.0 (AX, MX with 1.0 firmware).
    case dynamixel1 = "dynamixel-1"
    /// Feetech's STS series.
    case feetech
    /// moteus controllers behind an fdcanusb, or one on a UART.
    case moteus
    /// An ODrive board, firmware 0.5, ASCII protocol.
    case odrive

    /// Whether controllers that nobody talks to stop by themselves.
    public var hasWatchdog: Bool {
        switch self {
        case .dynamixel, .moteus, .odrive: true
        case .dynamixel1, .feetech: false
        }
    }

    /// Whether controllers can brake in proportion to velocity, with torque on and no goal.
    ///
    /// moteus and ODrive drop their stiffness and keep their damping. Dynamixel 2.0 servos take
    /// gains while torque is on: with P and I at nothing D alone is left. Protocol 1 and Feetech
    /// servos have no such gain in RAM.
    public var canDamp: Bool {
        switch self {
        case .dynamixel, .moteus, .odrive: true
        case .dynamixel1, .feetech: false
        }
    }

    /// The controller's own watchdog counts in steps of this, `nil` if in fractions of seconds.
    public var watchdogStep: Seconds? { self == .dynamixel ? 0.02 : nil }

    /// Whether controllers are told torques (and compute them from stiffness and damping) rather
    /// than running a position loop in registers.
    public var isTorqueControlled: Bool { self == .moteus || self == .odrive }

    /// IDs that controllers may have.
    public var ids: ClosedRange<Int> {
        switch self {
        case .dynamixel: 0...252
        case .dynamixel1, .feetech: 0...253
        case .moteus: 1...127
        case .odrive: 0...1
        }
    }
}
