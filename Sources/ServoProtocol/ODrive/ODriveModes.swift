/// What an axis does: `axisN.current_state`, and what can be asked of it in `requested_state`.
public enum ODriveAxisState: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Nothing requested.
    case undefined = 0
    /// The motor coasts.
    case idle = 1
    /// What the configuration has it do at power-up.
    case startupSequence = 2
    /// Motor calibration, then encoder calibration.
    case fullCalibration = 3
    /// Measures phase resistance and inductance.
    case motorCalibration = 4
    /// Control without an encoder; firmware 0.4 and 0.5.0.
    case sensorlessControl = 5
    /// Turns until the encoder's index passes.
    case encoderIndexSearch = 6
    /// Measures the angle between encoder and rotor.
    case encoderOffsetCalibration = 7
    /// The motor follows its set points.
    case closedLoopControl = 8
    /// Turns without feedback.
    case lockinSpin = 9
    /// Finds which way the encoder counts.
    case encoderDirectionFind = 10
    /// Drives to the end stop.
    case homing = 11
    /// Finds the polarity of Hall sensors; 0.5.2 and later.
    case hallPolarityCalibration = 12
    /// Finds the phase of Hall sensors; 0.5.2 and later.
    case hallPhaseCalibration = 13
    /// Measures cogging; 0.6.
    case anticoggingCalibration = 14
    /// Measures the encoder's harmonics; 0.6.
    case harmonicCalibration = 15
    /// As 15, and keeps them; 0.6.
    case harmonicCalibrationCommit = 16

    /// Whether the motor is driven.
    public var drivesMotor: Bool { self != .undefined && self != .idle }

    /// In words.
    public var description: String {
        switch self {
        case .undefined: "undefined"
        case .idle: "idle"
        case .startupSequence: "startup sequence"
        case .fullCalibration: "full calibration"
        case .motorCalibration: "motor calibration"
        case .sensorlessControl: "sensorless control"
        case .encoderIndexSearch: "encoder index search"
        case .encoderOffsetCalibration: "encoder offset calibration"
        case .closedLoopControl: "closed loop control"
        case .lockinSpin: "lock-in spin"
        case .encoderDirectionFind: "encoder direction find"
        case .homing: "homing"
        case .hallPolarityCalibration: "Hall polarity calibration"
        case .hallPhaseCalibration: "Hall phase calibration"
        case .anticoggingCalibration: "anti-cogging calibration"
        case .harmonicCalibration: "harmonic calibration"
        case .harmonicCalibrationCommit: "harmonic calibration, kept"
        }
    }
}

/// Which loops run: `axisN.controller.config.control_mode`.
public enum ODriveControlMode: Int, Sendable, Hashable, CaseIterable {
    /// The set point is a voltage.
    case voltage = 0
    /// The set point is a torque.
    case torque = 1
    /// The set point is a velocity.
    case velocity = 2
    /// The set point is a position.
    case position = 3
}

/// How set points become what the loops follow: `axisN.controller.config.input_mode`.
public enum ODriveInputMode: Int, Sendable, Hashable, CaseIterable {
    /// Set points are ignored.
    case inactive = 0
    /// As they come.
    case passthrough = 1
    /// Velocities ramp.
    case velocityRamp = 2
    /// Positions pass a second-order filter.
    case positionFilter = 3
    /// Never finished by the maker.
    case mixChannels = 4
    /// Positions become trapezoidal moves.
    case trapezoidalTrajectory = 5
    /// Torques ramp.
    case torqueRamp = 6
    /// The other axis is followed.
    case mirror = 7
    /// Sines for tuning.
    case tuning = 8
}
