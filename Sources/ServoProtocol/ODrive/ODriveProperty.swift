/// Paths of the properties a host uses, from the board's root.
public enum ODriveProperty {
    /// The board's own error word.
    public static let deviceError = "error"
    /// Supply in volts.
    public static let busVoltage = "vbus_voltage"
    /// Serial number, cut after nine digits; `i` tells it whole.
    public static let serialNumber = "serial_number"

    /// A property of one axis.
    public enum Axis: String, Sendable, Hashable, CaseIterable {
        /// `ODriveAxisState`, what it does.
        case currentState = "current_state"
        /// `ODriveAxisState`, what it shall do.
        case requestedState = "requested_state"
        /// `ODriveAxisErrors`.
        case error = "error"
        /// `ODriveMotorErrors`.
        case motorError = "motor.error"
        /// `ODriveEncoderErrors`.
        case encoderError = "encoder.error"
        /// `ODriveControllerErrors`.
        case controllerError = "controller.error"
        /// `ODriveControlMode`; writing position control sets `input_pos` to where the axis is.
        case controlMode = "controller.config.control_mode"
        /// `ODriveInputMode`.
        case inputMode = "controller.config.input_mode"
        /// (turns/s)/turn.
        case positionGain = "controller.config.pos_gain"
        /// N·m/(turn/s).
        case velocityGain = "controller.config.vel_gain"
        /// N·m/(turn/s)/s.
        case velocityIntegratorGain = "controller.config.vel_integrator_gain"
        /// Turns/s; 1.2 times it is an overspeed error.
        case velocityLimit = "controller.config.vel_limit"
        /// Turns.
        case inputPosition = "controller.input_pos"
        /// Turns/s.
        case inputVelocity = "controller.input_vel"
        /// N·m.
        case inputTorque = "controller.input_torque"
        /// N·m; infinite from the factory.
        case torqueLimit = "motor.config.torque_lim"
        /// Amperes.
        case currentLimit = "motor.config.current_lim"
        /// N·m/A.
        case torqueConstant = "motor.config.torque_constant"
        /// Whether phase resistance and inductance are known.
        case motorIsCalibrated = "motor.is_calibrated"
        /// Whether the encoder's angle to the rotor is known.
        case encoderIsReady = "encoder.is_ready"
        /// Whether the axis stops when its host falls silent.
        case enableWatchdog = "config.enable_watchdog"
        /// Seconds.
        case watchdogTimeout = "config.watchdog_timeout"
        /// Turns.
        case position = "encoder.pos_estimate"
        /// Turns/s.
        case velocity = "encoder.vel_estimate"
        /// Amperes that make torque.
        case current = "motor.current_control.Iq_measured"
        /// Degrees Celsius at the axis's transistors; 0.5.2 and later have it under `motor`.
        case temperature = "motor.fet_thermistor.temperature"

        /// The path from the board's root.
        ///
        /// Makes a string, so not for the tick.
        public func path(_ axis: Int) -> String { "axis\(axis).\(rawValue)" }
    }
}
