import ServoProtocol

/// The board's tree of properties, as far as a host has use for it.
extension ODriveCore {
    /// What is at a path.
    enum Property {
        /// Nothing.
        case absent
        /// A value, before it is cut.
        case text(String)
    }

    /// The value at a path from the board's root.
    func property(_ path: String) -> Property {
        if let (axis, name) = axisPath(path) {
            return axisProperty(axes[axis], name).map { .text($0) } ?? .absent
        }
        switch path {
        case ODriveProperty.deviceError: return .text(String(deviceErrors.rawValue))
        case ODriveProperty.busVoltage: return .text(ODrivePrinter.decimal(busVoltage))
        case ODriveProperty.serialNumber: return .text(String(setup.serialNumber))
        case "hw_version_major": return .text(String(setup.hardware.major))
        case "hw_version_minor": return .text(String(setup.hardware.minor))
        case "hw_version_variant": return .text(String(setup.hardware.volts))
        case "fw_version_major": return .text(String(setup.firmware.major))
        case "fw_version_minor": return .text(String(setup.firmware.minor))
        case "fw_version_revision": return .text(String(setup.firmware.revision))
        case "config.uart_a_baudrate": return .text(String(setup.rate))
        case "test_property": return .text(String(testProperty))
        default: return .absent
        }
    }

    /// Sets what is at a path; `false` if it is read-only.
    mutating func setProperty(_ path: String, _ value: Double) -> Bool {
        if let (axis, name) = axisPath(path) { return setAxisProperty(axis, name, value) }
        switch path {
        case ODriveProperty.deviceError:
            deviceErrors = ODriveDeviceErrors(rawValue: whole(value))
        case "test_property": testProperty = UInt32(truncatingIfNeeded: whole(value))
        default: return false
        }
        return true
    }

    private func whole(_ value: Double) -> UInt64 {
        value.isFinite && value > 0 && value < 1e18 ? UInt64(value) : 0
    }

    private func axisPath(_ path: String) -> (axis: Int, name: String)? {
        for axis in axes.indices where path.hasPrefix("axis\(axis).") {
            return (axis, String(path.dropFirst(6)))
        }
        return nil
    }

    /// Since 0.5.2 the thermistors belong to the motor.
    private var thermistorPath: String {
        let (major, minor, revision) = setup.firmware
        return (major, minor, revision) >= (0, 5, 2)
            ? ODriveProperty.Axis.temperature.rawValue : "fet_thermistor.temperature"
    }

    private func axisProperty(_ axis: ODriveAxis, _ name: String) -> String? {
        func decimal(_ value: Double) -> String { ODrivePrinter.decimal(value) }
        func flag(_ value: Bool) -> String { value ? "1" : "0" }
        if name == thermistorPath {
            return decimal(axis.shownTemperature ?? axis.report.temperature)
        }
        let drive = axis.configuration.drive
        switch ODriveProperty.Axis(rawValue: name) {
        case .currentState: return String(axis.state.rawValue)
        case .requestedState: return "0"
        case .error: return String(axis.errors.rawValue)
        case .motorError: return String(axis.motorErrors.rawValue)
        case .encoderError: return String(axis.encoderErrors.rawValue)
        case .controllerError: return String(axis.controllerErrors.rawValue)
        case .controlMode: return String(drive.controlMode.rawValue)
        case .inputMode: return String(drive.inputMode)
        case .positionGain: return decimal(drive.positionGain)
        case .velocityGain: return decimal(drive.velocityGain)
        case .velocityIntegratorGain: return decimal(drive.velocityIntegratorGain)
        case .velocityLimit: return decimal(drive.velocityLimit)
        case .inputPosition: return decimal(axis.inputs.position)
        case .inputVelocity: return decimal(axis.inputs.velocity)
        case .inputTorque: return decimal(axis.inputs.torque)
        case .torqueLimit: return decimal(drive.torqueLimit)
        case .currentLimit: return decimal(drive.currentLimit)
        case .torqueConstant: return decimal(drive.torqueConstant)
        case .motorIsCalibrated: return flag(axis.motorIsCalibrated)
        case .encoderIsReady: return flag(axis.encoderIsReady)
        case .enableWatchdog: return flag(axis.configuration.enablesWatchdog)
        case .watchdogTimeout: return decimal(axis.configuration.watchdogTimeout)
        case .position: return decimal(axis.report.position)
        case .velocity: return decimal(axis.report.velocity)
        case .current: return decimal(axis.report.current)
        case .temperature, nil: return otherProperty(axis, name)
        }
    }

    private func otherProperty(_ axis: ODriveAxis, _ name: String) -> String? {
        let drive = axis.configuration.drive
        switch name {
        case "motor.is_armed": return axis.isArmed ? "1" : "0"
        case "controller.pos_setpoint":
            return ODrivePrinter.decimal(axis.report.setPoints.position)
        case "controller.vel_setpoint":
            return ODrivePrinter.decimal(axis.report.setPoints.velocity)
        case "controller.torque_setpoint":
            return ODrivePrinter.decimal(axis.report.setPoints.torque)
        case "controller.config.enable_overspeed_error": return drive.checksOverspeed ? "1" : "0"
        default:
            return ODriveDriveConfiguration.tuning[name].map {
                ODrivePrinter.decimal(drive[keyPath: $0])
            }
        }
    }

    private mutating func setAxisProperty(
        _ index: Int,
        _ name: String,
        _ value: Double
    ) -> Bool {
        switch ODriveProperty.Axis(rawValue: name) {
        case .requestedState: axes[index].request(Int(whole(value)), setup, now: time)
        case .error: axes[index].errors = ODriveAxisErrors(rawValue: whole(value))
        case .motorError: axes[index].motorErrors = ODriveMotorErrors(rawValue: whole(value))
        case .encoderError:
            axes[index].encoderErrors = ODriveEncoderErrors(rawValue: whole(value))
        case .controllerError:
            axes[index].controllerErrors = ODriveControllerErrors(rawValue: whole(value))
        case .controlMode:
            guard let mode = ODriveControlMode(rawValue: Int(whole(value))) else { return false }
            axes[index].configuration.drive.controlMode = mode
            if mode == .position { axes[index].inputs.position = axes[index].report.position }
        case .inputMode: axes[index].configuration.drive.inputMode = Int(whole(value))
        case .inputPosition: axes[index].inputs.position = value
        case .inputVelocity: axes[index].inputs.velocity = value
        case .inputTorque: axes[index].inputs.torque = value
        case .enableWatchdog: axes[index].enableWatchdog(value != 0, now: time)
        case .watchdogTimeout: axes[index].configuration.watchdogTimeout = value
        case .currentState, .motorIsCalibrated, .encoderIsReady, .position, .velocity, .current,
            .temperature:
            return false
        default: return setTuning(index, name, value)
        }
        return true
    }

    private mutating func setTuning(_ index: Int, _ name: String, _ value: Double) -> Bool {
        if name == "controller.config.enable_overspeed_error" {
            axes[index].configuration.drive.checksOverspeed = value != 0
            return true
        }
        guard let path = ODriveDriveConfiguration.tuning[name] else { return false }
        axes[index].configuration.drive[keyPath: path] = value
        return true
    }
}

extension ODriveDriveConfiguration {
    /// Properties that are plain numbers.
    static let tuning: [String: any WritableKeyPath<Self, Double> & Sendable] = [
        ODriveProperty.Axis.positionGain.rawValue: \.positionGain,
        ODriveProperty.Axis.velocityGain.rawValue: \.velocityGain,
        ODriveProperty.Axis.velocityIntegratorGain.rawValue: \.velocityIntegratorGain,
        ODriveProperty.Axis.velocityLimit.rawValue: \.velocityLimit,
        ODriveProperty.Axis.torqueLimit.rawValue: \.torqueLimit,
        ODriveProperty.Axis.currentLimit.rawValue: \.currentLimit,
        ODriveProperty.Axis.torqueConstant.rawValue: \.torqueConstant,
        "controller.config.vel_limit_tolerance": \.velocityLimitTolerance,
        "controller.config.vel_ramp_rate": \.velocityRampRate,
        "controller.config.torque_ramp_rate": \.torqueRampRate,
        "controller.config.input_filter_bandwidth": \.inputFilterBandwidth,
        "trap_traj.config.vel_limit": \.trajectoryVelocity,
        "trap_traj.config.accel_limit": \.trajectoryAcceleration,
    ]
}
