public import Robot

/// One emulated moteus controller with its motor, as it is when its power comes on.
///
/// Figures without a source are the maker's defaults (moteus docs, configuration).
public struct MoteusSetup: Sendable {
    /// Its CAN ID, 1...126.
    public var id: UInt8
    /// Its number in the plant.
    public var plantIndex: Int
    /// The motor; its units are what the plant counts in.
    public var servo: ServoSpecification
    /// Board model (register 100); 4 is an r4.11.
    public var model = 4
    /// Firmware (register 101), 0xXXYYZZ.
    public var firmware = 0x000103
    /// servo.pid_position.kp, N·m a revolution.
    public var kp = 4.0
    /// servo.pid_position.kd, N·m a revolution a second.
    public var kd = 0.05
    /// Torque a command may ask for at most; the motor's stall torque unless said otherwise.
    public var maximumTorque: NewtonMetres
    /// servo.pid_position.ki; kept but without effect, as its default limit makes it.
    public var ki = 1.0
    /// servo.default_timeout_s.
    public var defaultTimeout: Seconds = 0.1
    /// servo.timeout_mode: 0 off, 10 hold, 12 velocity zero, 15 brake.
    public var timeoutMode = 12
    /// servo.timeout_max_torque_Nm.
    public var timeoutMaximumTorque: NewtonMetres = 5
    /// servopos.position_min and position_max, revolutions; infinite for none.
    public var positionBounds: ClosedRange<Double> = -Double.infinity...Double.infinity
    /// Supply below which a moving motor gives up; 10 V is what the boards need.
    public var lowestVoltage: Volts = 10
    /// servo.max_voltage.
    public var highestVoltage: Volts = 46
    /// How long it takes from stopped to torque, nanoseconds; a guess, the docs only name the
    /// modes on the way.
    public var enablingNanoseconds: Int64 = 5_000_000

    /// A controller with the maker's defaults.
    public init(id: UInt8, plantIndex: Int, servo: ServoSpecification) {
        self.id = id
        self.plantIndex = plantIndex
        self.servo = servo
        maximumTorque = servo.stallTorque
    }

    /// N·m for each ampere, as the plant's motor has it: what it turns out with its shaft held,
    /// dry friction included, for the current it draws then.
    var torqueConstant: Double { (servo.stallTorque + servo.friction.coulomb) / servo.stallCurrent }
}

/// Something that goes wrong with an emulated moteus, on demand.
public enum MoteusTrouble: Sendable, Hashable {
    /// A fault code; the motor stops and stays stopped until it is told to stop.
    case fault(Int)
    /// The thermometer shows this, degrees Celsius; `nil` for the plant's word.
    case temperature(Double?)
    /// The voltmeter shows this, volts; `nil` for the plant's word.
    case inputVoltage(Double?)
    /// The cable comes off (`true`) or on again; power stays.
    case disconnected(Bool)
    /// So many replies are not sent.
    case dropReplies(Int)
    /// So many replies arrive with one bit turned over.
    case corruptReplies(Int)
    /// So many replies come later by this many nanoseconds.
    case delayReplies(Int, nanoseconds: Int64)
    /// Power goes off and on again.
    case powerCycle
}

/// Troubles that are in force.
struct MoteusTroubles: Sendable {
    var temperature: Double?
    var inputVoltage: Double?
    var isDisconnected = false
    var repliesToDrop = 0
    var repliesToCorrupt = 0
    var repliesToDelay = 0
    var replyDelay: Int64 = 0
}
