public import ServoProtocol

/// An ODrive board with two motors at the end of a serial line, firmware 0.5.x.
///
/// A state machine: bytes in, timed answers out. Requests and answers have a wire each, as a UART
/// has, so answers overlap with the requests behind them. The motors' loops are in `ODrivePlant`.
///
/// Under the stepped clock the physics run a tick as soon as every axis in closed loop has been
/// sent a set point (any axis, if none is), or one of them a second one; states and calibrations
/// then take no time.
public struct ODriveCore: LineDevice {
    /// M0 and M1.
    public internal(set) var axes: [ODriveAxis]
    /// `error`.
    public internal(set) var deviceErrors = ODriveDeviceErrors()
    /// What was seen so far.
    public internal(set) var counters = ODriveCounters()
    /// `test_property`, a number nobody uses.
    var testProperty: UInt32 = 0

    let setup: ODriveSetup
    let options: EmulatorOptions
    let plant: SharedPlant
    let busIndex: Int
    /// What `ss` kept.
    var saved: [ODriveAxis.Configuration]
    /// The present, of the wires and of the motors.
    private(set) var now: Int64
    private var buffer: [UInt8] = []
    /// Inside a line that was too long.
    private var isSkipping = false
    private var wires: ODriveWires
    var faults = Faults()
    private var deafUntil = Int64.min
    /// Axes that were sent a set point since the last tick of the stepped clock.
    private var steered: Set<Int> = []
    /// What each motor was last told.
    private var told: [Told?] = [nil, nil]

    /// Faults that are in force.
    struct Faults: Sendable {
        var busVoltage: Double?
        var isDisconnected = false
        var answersToDrop = 0
        /// Answers that go out before those to drop.
        var answersToSpare = 0
        var answersToCorrupt = 0
        var answersToDelay = 0
        var delay: Int64 = 0
        var requestsToDrop = 0
    }

    private struct Told: Sendable, Hashable {
        var configuration: ODriveDriveConfiguration
        var inputs: ODriveInputs
        var isArmed: Bool
    }

    /// Powers the board.
    ///
    /// - Parameters:
    ///   - plant: an `ODrivePlant`; each axis's `plantIndex` must be below its `servoCount`.
    ///   - busIndex: tells boards and buses that share a plant apart.
    public init(
        setup: ODriveSetup,
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0,
        now: Int64
    ) {
        let count = plant.servoCount
        for axis in setup.axes {
            guard let axis else { continue }
            precondition(
                (0..<count).contains(axis.plantIndex),
                "an ODrive axis is servo \(axis.plantIndex) of a plant of \(count)"
            )
        }
        var setup = setup
        if options.clock != .real {
            setup.transitionNanoseconds = 0
            setup.motorCalibrationNanoseconds = 0
            setup.encoderCalibrationNanoseconds = 0
        }
        self.setup = setup
        self.options = options
        self.plant = plant
        self.busIndex = busIndex
        self.now = now
        wires = ODriveWires(timing: options.timing, rate: setup.rate)
        let fresh = ODriveAxis.Configuration(drive: setup.drive)
        saved = setup.axes.map { _ in fresh }
        axes = setup.axes.map { ODriveAxis($0, setup, fresh) }
        if options.clock == .real { plant.advance(to: now) }
        powerUp()
    }

    /// Everything as after power-up: configuration as it was saved, errors gone, motors off.
    private mutating func powerUp() {
        for index in axes.indices {
            axes[index] = ODriveAxis(setup.axes[index], setup, saved[index])
            if saved[index].enablesWatchdog {
                axes[index].feedWatchdog(now: time)
                axes[index].enableWatchdog(true, now: time)
            }
            told[index] = nil
        }
        deviceErrors = []
        testProperty = 0
        buffer.removeAll()
        isSkipping = false
        plant.withPlant { plant in
            guard let plant = plant as? ODrivePlant else {
                preconditionFailure("put an ODrivePlant around the plant of an ODrive board")
            }
            for axis in setup.axes { if let axis { plant.attach(axis) } }
        }
        refresh()
    }

    /// Restarts: deaf for a while, then as after power-up.
    mutating func reboot() {
        counters.reboots += 1
        deafUntil = time + options.bootNanoseconds
        powerUp()
    }

    // MARK: Time

    /// The board's own time: monotonic, or physics time under the stepped clock.
    var time: Int64 {
        switch options.clock {
        case .real: now
        case .stepped(let tick): Int64(plant.ticks) * tick
        }
    }

    /// Lets time pass: physics, watchdogs, states.
    public mutating func advance(to time: Int64) -> [TimedReply] {
        follow(time)
        return []
    }

    /// Physics, watchdogs and states until `end`; earlier moments are ignored.
    private mutating func follow(_ end: Int64) {
        guard end > now else { return }
        if options.clock == .real {
            // Each watchdog stops its motor when it is due, not when somebody looks.
            while let due = nextEvent(), due <= end {
                runPlant(to: due)
                happen()
            }
            runPlant(to: end)
        }
        now = end
    }

    private mutating func runPlant(to end: Int64) {
        now = max(now, end)
        plant.advance(to: now)
        refresh()
    }

    private func nextEvent() -> Int64? {
        axes.flatMap { [$0.watchdogDeadline, $0.stateEnds] }.compactMap { $0 }.min()
    }

    /// Does what is due now.
    private mutating func happen() {
        while let due = nextEvent(), due <= time {
            for index in axes.indices {
                if let deadline = axes[index].watchdogDeadline, deadline <= time {
                    axes[index].fail(.watchdogExpired)
                    counters.watchdogTrips += 1
                }
                if let ends = axes[index].stateEnds, ends <= time {
                    axes[index].enterNext(setup, now: time)
                }
            }
        }
        tellMotors()
    }

    /// Reads the sensors and sees what happened inside the loops.
    mutating func refresh() {
        let found = plant.withPlant { [axes] plant in
            axes.map { axis -> ODrivePlant.Report in
                guard let setup = axis.setup, let plant = plant as? ODrivePlant else {
                    return ODrivePlant.Report()
                }
                return plant.report(setup.plantIndex)
            }
        }
        for index in axes.indices {
            axes[index].report = found[index]
            axes[index].noteTrip()
        }
        checkSupply()
        tellMotors()
    }

    /// Volts at the supply: the plant's, or what a fault says.
    var busVoltage: Double {
        if let voltage = faults.busVoltage { return voltage }
        return axes.first { $0.setup != nil }?.report.inputVoltage ?? 24
    }

    private mutating func checkSupply() {
        // dc_bus_undervoltage_trip_level from the factory.
        guard busVoltage < 8, !deviceErrors.contains(.busUnderVoltage) else { return }
        noteDeviceError(.busUnderVoltage)
    }

    /// Sets bits of the board's word; motors that run are switched off.
    mutating func noteDeviceError(_ errors: ODriveDeviceErrors) {
        deviceErrors.formUnion(errors)
        for index in axes.indices where axes[index].state.drivesMotor {
            axes[index].motorErrors.insert(.systemLevel)
            axes[index].fail(.motorFailed)
        }
    }

    /// Tells motors whose settings, inputs or state changed.
    mutating func tellMotors() {
        for index in axes.indices {
            guard let servo = axes[index].setup?.plantIndex else { continue }
            let axis = axes[index]
            let words = Told(
                configuration: axis.configuration.drive,
                inputs: axis.inputs,
                isArmed: axis.isArmed
            )
            guard words != told[index] else { continue }
            told[index] = words
            plant.withPlant { plant in
                (plant as? ODrivePlant)?
                    .drive(servo, words.configuration, words.inputs, armed: words.isArmed)
            }
        }
    }

    /// Counts a set point; under the stepped clock a tick runs when it is time.
    mutating func steer(_ index: Int) {
        counters.setPoints += 1
        guard case .stepped(let tick) = options.clock else { return }
        if steered.contains(index) { runTick(tick) }
        steered.insert(index)
        tellMotors()
        let running = axes.indices.filter { axes[$0].isArmed }
        if steered.isSuperset(of: running) { runTick(tick) }
    }

    private mutating func runTick(_ tick: Int64) {
        steered = []
        _ = plant.countGoalPacket(bus: busIndex, tickNanoseconds: tick)
        refresh()
        happen()
    }

    /// Lets what was asked for without delay happen.
    mutating func settle() {
        happen()
        refresh()
    }

    // MARK: Requests

    /// Takes bytes as the host wrote them.
    public mutating func receive(_ bytes: [UInt8], rate: Int?, now arrival: Int64) -> [TimedReply] {
        follow(arrival)
        guard !faults.isDisconnected else { return [] }
        if options.checksBaudRate, let rate, abs(rate - setup.rate) * 100 > setup.rate * 3 {
            counters.inputAtWrongRate += 1
            return []
        }
        var replies: [TimedReply] = []
        for byte in bytes {
            wires.request(now: arrival)
            if byte == 0x0A || byte == 0x0D || byte == 0x21 {
                replies += endLine()
            } else if !isSkipping {
                buffer.append(byte)
                // The line end must fit as well.
                if buffer.count >= ODriveASCII.longestRequest {
                    buffer.removeAll(keepingCapacity: true)
                    isSkipping = true
                }
            }
        }
        return replies
    }

    private mutating func endLine() -> [TimedReply] {
        defer { buffer.removeAll(keepingCapacity: true) }
        counters.requests += 1
        if isSkipping {
            isSkipping = false
            counters.ignoredRequests += 1
            return []
        }
        // A line is done when its last byte is there.
        follow(wires.requestEnd)
        guard time >= deafUntil else { return [] }
        if faults.requestsToDrop > 0 {
            faults.requestsToDrop -= 1
            return []
        }
        refresh()
        guard let request = ODriveRequest(buffer) else {
            counters.ignoredRequests += 1
            return []
        }
        let answers = execute(request)
        tellMotors()
        return answers.compactMap { send($0, checksum: request.hasChecksum) }
    }

    private mutating func send(_ text: String, checksum: Bool) -> TimedReply? {
        if faults.answersToSpare > 0 {
            faults.answersToSpare -= 1
        } else if faults.answersToDrop > 0 {
            faults.answersToDrop -= 1
            return nil
        }
        var bytes = Array(text.utf8.prefix(ODriveASCII.longestAnswer))
        if checksum { bytes += Array("*\(ODriveASCII.checksum(bytes))".utf8) }
        bytes = Array((bytes + [0x0D, 0x0A]).prefix(ODriveASCII.longestAnswer))
        if faults.answersToCorrupt > 0 {
            faults.answersToCorrupt -= 1
            // Another place each time, so that text, sum and line end are all hit.
            let bit = (counters.answers * 7) % (8 * bytes.count)
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
        var delay = setup.answerNanoseconds
        if faults.answersToDelay > 0 {
            faults.answersToDelay -= 1
            delay += faults.delay
        }
        counters.answers += 1
        return TimedReply(bytes: bytes, time: wires.answer(bytes: bytes.count, after: delay))
    }

    /// Counts an answer that the pty had no room for.
    public mutating func noteDroppedReply() { counters.droppedAnswers += 1 }

    /// Physics follow the clock every 5 ms; under the stepped clock nothing happens by itself.
    public var patienceNanoseconds: Int64 { options.clock == .real ? 5_000_000 : 20_000_000 }
}

/// Two wires, one a direction, ten bit times a byte.
struct ODriveWires: Sendable {
    private let timing: EmulatorOptions.Timing
    private let byteNanoseconds: Int64
    /// When the last byte of what the host sent is there.
    private(set) var requestEnd = Int64.min
    private var answerEnd = Int64.min

    init(timing: EmulatorOptions.Timing, rate: Int) {
        self.timing = timing
        byteNanoseconds = timing == .honest ? 10_000_000_000 / Int64(max(rate, 1)) : 0
    }

    /// One byte that the host handed over at `now`; it waits for those before it.
    mutating func request(now: Int64) { requestEnd = max(now, requestEnd) + byteNanoseconds }

    /// An answer to the request that has just ended; returns when its last byte is there.
    mutating func answer(bytes: Int, after delay: Int64) -> Int64 {
        let start = timing == .honest ? requestEnd + delay : requestEnd
        answerEnd = max(start, answerEnd) + Int64(bytes) * byteNanoseconds
        return answerEnd
    }
}
