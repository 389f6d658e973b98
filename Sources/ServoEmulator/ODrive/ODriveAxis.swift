public import ServoProtocol

/// One axis of an emulated board: state, errors, settings, watchdog.
public struct ODriveAxis: Sendable {
    /// What the host has written: kept over power-off only by `ss`.
    public struct Configuration: Sendable, Hashable {
        /// The control loops' settings.
        public var drive: ODriveDriveConfiguration
        /// Whether the watchdog runs.
        public var enablesWatchdog = false
        /// Seconds.
        public var watchdogTimeout = 0.0
    }

    /// What the host has written.
    public internal(set) var configuration: Configuration
    /// What the axis does.
    public internal(set) var state = ODriveAxisState.idle
    /// `axisN.error`.
    public internal(set) var errors = ODriveAxisErrors()
    /// `axisN.motor.error`.
    public internal(set) var motorErrors = ODriveMotorErrors()
    /// `axisN.encoder.error`.
    public internal(set) var encoderErrors = ODriveEncoderErrors()
    /// `axisN.controller.error`.
    public internal(set) var controllerErrors = ODriveControllerErrors()
    /// Whether phase resistance and inductance are known.
    public internal(set) var motorIsCalibrated: Bool
    /// Whether the encoder's angle to the rotor is known.
    public internal(set) var encoderIsReady: Bool

    let setup: ODriveAxisSetup?
    var inputs = ODriveInputs()
    var report = ODrivePlant.Report()
    /// What its thermometer shows instead of the plant's word.
    var shownTemperature: Double?
    /// States still to come, and when the present one ends.
    var pending: [ODriveAxisState] = []
    var stateEnds: Int64?
    /// Whether the present state ends because another was requested.
    private var isInterrupted = false
    private var watchdog = ODriveWatchdog()

    init(_ setup: ODriveAxisSetup?, _ board: ODriveSetup, _ configuration: Configuration) {
        self.setup = setup
        self.configuration = configuration
        motorIsCalibrated = board.isCalibrated
        encoderIsReady = board.isCalibrated
    }

    /// Whether the motor follows set points.
    var isArmed: Bool { state == .closedLoopControl && setup != nil }

    // MARK: Watchdog

    /// When the watchdog expires, `nil` while it cannot.
    var watchdogDeadline: Int64? {
        errors.contains(.watchdogExpired) ? nil : watchdog.deadline
    }

    mutating func feedWatchdog(now: Int64) {
        watchdog.feed(timeout: configuration.watchdogTimeout, now: now)
    }

    mutating func enableWatchdog(_ enabled: Bool, now: Int64) {
        configuration.enablesWatchdog = enabled
        watchdog.enable(enabled, now: now)
    }

    // MARK: States

    /// Takes a requested state; `board` says how long things take.
    mutating func request(_ requested: Int, _ board: ODriveSetup, now: Int64) {
        errors.remove(.invalidState)
        guard let state = ODriveAxisState(rawValue: requested) else {
            return fail(.invalidState)
        }
        switch state {
        case .undefined: return
        case .startupSequence: pending = [.idle]
        case .fullCalibration:
            pending = [.motorCalibration, .encoderOffsetCalibration, .idle]
        default: pending = [state, .idle]
        }
        // A request that is repeated, or replaced by another, is not seen any later for that.
        if isInterrupted, stateEnds != nil { return }
        isInterrupted = true
        stateEnds = now + board.transitionNanoseconds
    }

    /// Enters the next of the pending states; nothing if none is due.
    mutating func enterNext(_ board: ODriveSetup, now: Int64) {
        if !isInterrupted { finish() }
        isInterrupted = false
        stateEnds = nil
        guard !pending.isEmpty else { return }
        let next = pending.removeFirst()
        guard canEnter(next) else { return fail(.invalidState) }
        if next == .homing { return fail(.homingWithoutEndstop) }
        state = next
        if next == .closedLoopControl {
            feedWatchdog(now: now)
            // The set point is where the motor is, whatever it was before.
            if configuration.drive.controlMode == .position { inputs.position = report.position }
            // With errors standing the first turn of the loops switches the motor off again.
            if !errors.isEmpty { drop() }
        } else if next.drivesMotor {
            stateEnds = now + duration(next, board)
        }
    }

    private func canEnter(_ state: ODriveAxisState) -> Bool {
        switch state {
        case .idle: true
        case .motorCalibration: setup != nil
        case .sensorlessControl, .anticoggingCalibration, .harmonicCalibration,
            .harmonicCalibrationCommit, .undefined, .startupSequence, .fullCalibration:
            false
        case .closedLoopControl: motorIsCalibrated && encoderIsReady && setup != nil
        default: motorIsCalibrated && setup != nil
        }
    }

    private func duration(_ state: ODriveAxisState, _ board: ODriveSetup) -> Int64 {
        state == .motorCalibration
            ? board.motorCalibrationNanoseconds : board.encoderCalibrationNanoseconds
    }

    /// What a state that ran to its end leaves behind.
    private mutating func finish() {
        switch state {
        case .motorCalibration: motorIsCalibrated = true
        case .encoderOffsetCalibration: encoderIsReady = true
        default: break
        }
    }

    // MARK: Errors

    /// Sets a bit of the axis's own word and switches the motor off.
    mutating func fail(_ error: ODriveAxisErrors) {
        errors.formUnion(error)
        drop()
    }

    /// Back to idle, with nothing to come.
    mutating func drop() {
        state = .idle
        pending = []
        stateEnds = nil
    }

    /// Sees what happened inside the control loops.
    mutating func noteTrip() {
        guard let trip = report.trip, isArmed else { return }
        switch trip {
        case .overspeed: controllerErrors.insert(.overspeed)
        case .invalidInputMode: controllerErrors.insert(.invalidInputMode)
        case .notANumber:
            motorErrors.insert(.modulationNaN)
            return fail(.motorFailed)
        }
        fail(.controllerFailed)
    }

    /// As `sc` does.
    mutating func clearErrors() {
        errors = []
        motorErrors = []
        encoderErrors = []
        controllerErrors = []
    }
}

/// A counter that runs down while it is enabled.
struct ODriveWatchdog: Sendable {
    private var left: Int64 = 0
    /// Since when it runs; `nil` while it is disabled.
    private var since: Int64?

    /// When it will have run down.
    var deadline: Int64? { since.map { $0 + left } }

    mutating func feed(timeout: Double, now: Int64) {
        // What is no number is no time.
        left = timeout > 0 ? Int64(min(timeout, 1e6) * 1e9) : 0
        if since != nil { since = now }
    }

    mutating func enable(_ enabled: Bool, now: Int64) {
        if let began = since { left = max(left - (now - began), 0) }
        since = enabled ? now : nil
    }
}
