import ServoProtocol

/// What the board does with each command.
extension ODriveCore {
    /// Why a command was not done, as the board says it.
    private struct Refusal: Error {
        var text: String

        init(_ refusal: ODriveRefusal) { text = refusal.rawValue }
        init(motor: UInt32) { text = "invalid motor \(motor)" }
    }

    /// Does what a line says; returns the lines of the answer.
    mutating func execute(_ request: ODriveRequest) -> [String] {
        var scanner = ODriveScanner(request.text)
        do throws(Refusal) {
            guard let letter = request.text.first else { throw Refusal(.unknownCommand) }
            _ = scanner.take(Unicode.Scalar(letter))
            switch letter {
            case UInt8(ascii: "p"): try position(&scanner)
            case UInt8(ascii: "q"): try positionWithLimits(&scanner)
            case UInt8(ascii: "v"): try velocity(&scanner)
            case UInt8(ascii: "c"): try torque(&scanner)
            case UInt8(ascii: "t"): try trajectory(&scanner)
            case UInt8(ascii: "f"): return [try feedback(&scanner)]
            case UInt8(ascii: "u"): try feedWatchdog(&scanner)
            case UInt8(ascii: "e"): return [try encoder(&scanner)]
            case UInt8(ascii: "r"): return [try read(&scanner)]
            case UInt8(ascii: "w"): try write(&scanner)
            case UInt8(ascii: "s"): system(request.text.dropFirst().first)
            case UInt8(ascii: "i"): return info
            case UInt8(ascii: "h"): return Self.help
            default: throw Refusal(.unknownCommand)
            }
            return []
        } catch {
            return [error.text]
        }
    }

    // MARK: Set points

    /// The axis number and as many numbers as follow, three at most.
    private func arguments(
        _ scanner: inout ODriveScanner,
        needed: Int
    ) throws(Refusal) -> (axis: Int, values: [Double]) {
        guard let number = scanner.unsigned() else { throw Refusal(.invalidFormat) }
        var values: [Double] = []
        while values.count < 3, let value = scanner.float() { values.append(value) }
        guard values.count >= needed else { throw Refusal(.invalidFormat) }
        guard number < UInt32(axes.count) else { throw Refusal(motor: number) }
        return (Int(number), values)
    }

    private mutating func position(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, values) = try arguments(&scanner, needed: 1)
        axes[axis].configuration.drive.controlMode = .position
        axes[axis].inputs.position = values[0]
        if values.count > 1 { axes[axis].inputs.velocity = values[1] }
        if values.count > 2 { axes[axis].inputs.torque = values[2] }
        taken(axis)
    }

    private mutating func positionWithLimits(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, values) = try arguments(&scanner, needed: 1)
        axes[axis].configuration.drive.controlMode = .position
        axes[axis].inputs.position = values[0]
        if values.count > 1 { axes[axis].configuration.drive.velocityLimit = values[1] }
        if values.count > 2 { axes[axis].configuration.drive.torqueLimit = values[2] }
        taken(axis)
    }

    private mutating func velocity(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, values) = try arguments(&scanner, needed: 1)
        axes[axis].configuration.drive.controlMode = .velocity
        axes[axis].inputs.velocity = values[0]
        if values.count > 1 { axes[axis].inputs.torque = values[1] }
        taken(axis)
    }

    private mutating func torque(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, values) = try arguments(&scanner, needed: 1)
        axes[axis].configuration.drive.controlMode = .torque
        axes[axis].inputs.torque = values[0]
        taken(axis)
    }

    private mutating func trajectory(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, values) = try arguments(&scanner, needed: 1)
        axes[axis].configuration.drive.inputMode = ODriveInputMode.trapezoidalTrajectory.rawValue
        axes[axis].configuration.drive.controlMode = .position
        axes[axis].inputs.position = values[0]
        taken(axis)
    }

    private mutating func taken(_ axis: Int) {
        axes[axis].feedWatchdog(now: time)
        steer(axis)
    }

    private mutating func feedWatchdog(_ scanner: inout ODriveScanner) throws(Refusal) {
        let (axis, _) = try arguments(&scanner, needed: 0)
        axes[axis].feedWatchdog(now: time)
    }

    // MARK: Questions

    private func feedback(_ scanner: inout ODriveScanner) throws(Refusal) -> String {
        let (axis, _) = try arguments(&scanner, needed: 0)
        let report = axes[axis].report
        return ODrivePrinter.decimal(report.position) + " "
            + ODrivePrinter.decimal(report.velocity)
    }

    /// `esl axis count`: sets where the encoder thinks it is.
    private mutating func encoder(_ scanner: inout ODriveScanner) throws(Refusal) -> String {
        guard scanner.take("s"), scanner.take("l"), let number = scanner.unsigned(),
            let count = scanner.integer()
        else { throw Refusal(.invalidFormat) }
        guard number < UInt32(axes.count) else { throw Refusal(motor: number) }
        let axis = Int(number)
        if let setup = axes[axis].setup {
            // Counts of the factory's 8192 a turn.
            let turns = Double(count) / 8192
            plant.withPlant { plant in
                (plant as? ODrivePlant)?.setPosition(setup.plantIndex, turns: turns)
            }
        }
        axes[axis].feedWatchdog(now: time)
        refresh()
        return "encoder set to \(UInt32(truncatingIfNeeded: count))"
    }

    private var info: [String] {
        let (hardware, firmware) = (setup.hardware, setup.firmware)
        let serial = String(setup.serialNumber, radix: 16, uppercase: true)
        return [
            "Hardware version: \(hardware.major).\(hardware.minor)-\(hardware.volts)V",
            "Firmware version: \(firmware.major).\(firmware.minor).\(firmware.revision)",
            "Serial number: " + String(repeating: "0", count: max(0, 12 - serial.count)) + serial,
        ]
    }

    /// Several lines for a person; a program that asks by mistake must get over them.
    private static let help = [
        "Commands, each with an axis number:", "p q: position; v: velocity; c: torque",
        "t: move; f: feedback; u: feed the watchdog", "r path; w path value; i",
        "ss se sr sc: save, erase, reboot, clear errors",
    ]

    // MARK: Properties

    private func read(_ scanner: inout ODriveScanner) throws(Refusal) -> String {
        guard let path = scanner.word() else { throw Refusal(.invalidFormat) }
        switch property(path) {
        case .absent: throw Refusal(.invalidProperty)
        case .text(let text): return String(text.prefix(ODriveASCII.longestValue))
        }
    }

    private mutating func write(_ scanner: inout ODriveScanner) throws(Refusal) {
        guard let path = scanner.word() else { throw Refusal(.invalidFormat) }
        guard case .text = property(path) else { throw Refusal(.invalidProperty) }
        guard let value = scanner.float(), setProperty(path, value) else {
            throw Refusal(.notImplemented)
        }
        settle()
    }

    // MARK: The board as a whole

    /// Letters behind the `s` that are none of these do nothing, and nobody is told.
    private mutating func system(_ letter: UInt8?) {
        switch letter {
        case UInt8(ascii: "s"):
            // Refused without a word while a motor runs; else the board restarts.
            guard !axes.contains(where: { $0.state.drivesMotor }) else { return }
            saved = axes.map(\.configuration)
            reboot()
        case UInt8(ascii: "e"):
            saved = axes.map { _ in ODriveAxis.Configuration(drive: setup.drive) }
            reboot()
        case UInt8(ascii: "r"): reboot()
        case UInt8(ascii: "c"):
            deviceErrors = []
            for index in axes.indices { axes[index].clearErrors() }
            settle()
        default: break
        }
    }

    /// Brings a fault about now.
    public mutating func inject(_ fault: ODriveFault) {
        switch fault {
        case .deviceError(let bits): noteDeviceError(ODriveDeviceErrors(rawValue: bits))
        case .axisError(let axis, let bits): axes[axis].fail(ODriveAxisErrors(rawValue: bits))
        case .motorError(let axis, let bits):
            axes[axis].motorErrors.formUnion(ODriveMotorErrors(rawValue: bits))
            axes[axis].fail(.motorFailed)
        case .encoderError(let axis, let bits):
            axes[axis].encoderErrors.formUnion(ODriveEncoderErrors(rawValue: bits))
            axes[axis].fail(.encoderFailed)
        case .controllerError(let axis, let bits):
            axes[axis].controllerErrors.formUnion(ODriveControllerErrors(rawValue: bits))
            axes[axis].fail(.controllerFailed)
        case .temperature(let axis, let shown): axes[axis].shownTemperature = shown
        case .busVoltage(let volts):
            faults.busVoltage = volts
            if let volts, volts < 5 { reboot() }
        case .powerCycle: reboot()
        case .disconnected(let isOff): faults.isDisconnected = isOff
        case .dropAnswers(let count): faults.answersToDrop = count
        case .corruptAnswers(let count): faults.answersToCorrupt = count
        case .delayAnswers(let count, let nanoseconds):
            faults.answersToDelay = count
            faults.delay = nanoseconds
        case .dropRequests(let count): faults.requestsToDrop = count
        }
        refresh()
    }
}
