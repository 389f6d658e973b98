/// One motor of an emulated board.
public struct ODriveAxisSetup: Sendable, Hashable {
    /// What the encoder knows when power comes on.
    public enum Encoder: Sendable, Hashable {
        /// Nothing: where it stands is turn zero.
        case incremental
        /// Where in its turn it stands, but not which turn.
        case absolute
    }

    /// Which of the plant's servos it turns.
    public var plantIndex: Int
    /// Encoder pulses of the plant in one turn of the plant's servo.
    public var pulsesPerTurn = 4096
    /// One unit of the plant's velocity, rad/s.
    public var velocityUnit = 0.229 * 2 * Double.pi / 60
    /// Turns of the motor for one turn of the plant's servo; below zero if the belt is crossed.
    public var gearRatio = 1.0
    /// What the encoder knows when power comes on.
    public var encoder = Encoder.incremental

    /// The plant's servo `plantIndex`, without a gear.
    public init(plantIndex: Int) { self.plantIndex = plantIndex }
}

/// An emulated board: what is on it and how it leaves the factory.
public struct ODriveSetup: Sendable, Hashable {
    /// The motors on M0 and M1; `nil` where none is connected.
    public var axes: [ODriveAxisSetup?]
    /// Firmware version.
    public var firmware = (major: 0, minor: 5, revision: 6)
    /// Hardware version and what voltage it bears.
    public var hardware = (major: 3, minor: 6, volts: 56)
    /// Serial number.
    public var serialNumber: UInt64 = 0x3762_364A_3137
    /// Bits per second of the UART; at another rate the board understands nothing.
    public var rate = 115_200
    /// Whether motors and encoders are calibrated when power comes on.
    public var isCalibrated = true
    /// What a motor's parameters are when power comes on.
    public var drive = ODriveDriveConfiguration()
    /// How long the motor calibration takes.
    public var motorCalibrationNanoseconds: Int64 = 3_000_000_000
    /// How long the encoder offset calibration, and every other search, takes.
    public var encoderCalibrationNanoseconds: Int64 = 6_000_000_000
    /// How long a requested state takes to come.
    public var transitionNanoseconds: Int64 = 2_000_000
    /// From a request's last byte to its answer's first: the board's own work.
    public var answerNanoseconds: Int64 = 100_000

    /// A board of hardware 3.6 with firmware 0.5.6; M0 and M1 turn these servos of the plant.
    public init(axes: [ODriveAxisSetup?]) {
        precondition(axes.count == 2, "an ODrive board has two axes, not \(axes.count)")
        self.axes = axes
    }

    /// Equal in everything.
    public static func == (a: Self, b: Self) -> Bool {
        a.axes == b.axes && a.firmware == b.firmware && a.hardware == b.hardware
            && a.serialNumber == b.serialNumber && a.rate == b.rate
            && a.isCalibrated == b.isCalibrated && a.drive == b.drive
            && a.motorCalibrationNanoseconds == b.motorCalibrationNanoseconds
            && a.encoderCalibrationNanoseconds == b.encoderCalibrationNanoseconds
            && a.transitionNanoseconds == b.transitionNanoseconds
            && a.answerNanoseconds == b.answerNanoseconds
    }

    /// Hashes what tells boards apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(axes)
        hasher.combine(serialNumber)
    }
}

/// Something that goes wrong with an emulated board, on demand.
public enum ODriveFault: Sendable, Hashable {
    /// Bits appear in the board's error word; both motors are switched off.
    case deviceError(UInt64)
    /// Bits appear in `axisN.error`; the motor is switched off.
    case axisError(axis: Int, UInt64)
    /// Bits appear in `axisN.motor.error`, and the axis's own word says that its motor failed.
    case motorError(axis: Int, UInt64)
    /// Bits appear in `axisN.encoder.error`, and the axis's own word says that it failed.
    case encoderError(axis: Int, UInt64)
    /// Bits appear in `axisN.controller.error`, and the axis's own word says that it failed.
    case controllerError(axis: Int, UInt64)
    /// The axis's transistors seem to be this warm, in degrees Celsius; `nil` for the plant's word.
    case temperature(axis: Int, Double?)
    /// The supply seems to be this, in volts; `nil` for the plant's word. Below 8 V the board drops
    /// both motors with an under-voltage error, below 5 V it restarts.
    case busVoltage(Double?)
    /// Power goes off and on again.
    case powerCycle
    /// The cable comes off (`true`) or on again; power stays.
    case disconnected(Bool)
    /// So many answers are not sent.
    case dropAnswers(Int)
    /// So many answers go out with one bit turned over.
    case corruptAnswers(Int)
    /// So many answers, and with them all behind, are late by this many nanoseconds.
    case delayAnswers(Int, nanoseconds: Int64)
    /// So many requests do not arrive.
    case dropRequests(Int)
}

/// What an emulated board has seen so far.
public struct ODriveCounters: Sendable, Hashable {
    /// Lines the board took, empty ones included.
    public var requests = 0
    /// Lines that were too long, or whose checksum was wrong.
    public var ignoredRequests = 0
    /// Pieces of input at a rate that is not the board's.
    public var inputAtWrongRate = 0
    /// Set points taken: `p`, `q`, `v`, `c` and `t`.
    public var setPoints = 0
    /// Answers sent.
    public var answers = 0
    /// Answers that the pty had no room for.
    public var droppedAnswers = 0
    /// Times an axis's watchdog expired.
    public var watchdogTrips = 0
    /// Times the board started again.
    public var reboots = 0
}
