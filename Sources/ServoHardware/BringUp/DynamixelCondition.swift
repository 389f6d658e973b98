import Robot
import ServoProtocol

/// What the registers of a bus's servos say, judged line by line.
struct DynamixelCondition {
    let examination: BusExamination
    let servos: [DynamixelExaminer.Servo]

    var lines: [CheckLine] {
        firmware + voltage + temperature + hardwareError + torque + watchdog + returnDelay
            + calibration + limits
    }

    /// One line for all servos that are well, one for each that is not.
    private func judge(
        _ subject: String,
        well: String,
        _ trouble: (DynamixelExaminer.Servo) -> (CheckLine.Verdict, String, String)?
    ) -> [CheckLine] {
        let title = examination.subject(subject)
        let lines = servos.compactMap { servo in
            trouble(servo).map { verdict, finding, remedy in
                CheckLine(verdict, title, "\(servo.name): \(finding)", remedy: remedy)
            }
        }
        return lines.isEmpty ? [CheckLine(.pass, title, well)] : lines
    }

    private func span(_ values: [Int], _ unit: String, scale: Double = 1) -> String {
        guard let least = values.min(), let most = values.max() else { return "-" }
        func shown(_ value: Int) -> String {
            scale == 1 ? "\(value)" : "\(Double(value) * scale)"
        }
        return least == most
            ? "\(shown(least)) \(unit)" : "\(shown(least)) to \(shown(most)) \(unit)"
    }

    // MARK: Supply, heat, errors

    private var firmware: [CheckLine] {
        let versions = servos.map { Int($0.found.firmware) }
        guard Set(versions).count > 1 else {
            return [
                CheckLine(
                    .pass,
                    examination.subject("firmware"),
                    versions.first.map { "version \($0)" } ?? "-"
                )
            ]
        }
        let old = servos.filter { Int($0.found.firmware) < versions.max() ?? 0 }
        return [
            CheckLine(
                .warn,
                examination.subject("firmware"),
                "versions differ: \(span(versions, "")), older at "
                    + old.map(\.name).joined(separator: ", "),
                remedy: "update them with the vendor's tool, so that all do the same"
            )
        ]
    }

    private var voltage: [CheckLine] {
        let tenths = servos.map { $0.image.value($0.link.registers.presentInputVoltage) }
        return judge("voltage", well: span(tenths, "V", scale: 0.1)) { servo in
            let table = ControlTable.model(number: servo.found.modelNumber)
            guard let most = table?.register(.maxVoltageLimit),
                let least = table?.register(.minVoltageLimit)
            else { return nil }
            let found = servo.image.value(servo.link.registers.presentInputVoltage)
            let allowed = (servo.image.value(least), servo.image.value(most))
            if found >= allowed.0, found <= allowed.1 { return nil }
            return (
                .fail,
                "\(Double(found) / 10) V, allowed are "
                    + "\(Double(allowed.0) / 10) to \(Double(allowed.1) / 10) V",
                "check the supply, its wires and its current limit"
            )
        }
    }

    private var temperature: [CheckLine] {
        let found = servos.map { $0.image.value($0.link.registers.presentTemperature) }
        return judge("temperature", well: span(found, "degC")) { servo in
            let warmth = servo.image.value(servo.link.registers.presentTemperature)
            let limits = servo.link.joint.limits
            if Double(warmth) >= limits.stopTemperature {
                return (
                    .fail, "\(warmth) degC, the robot stops at \(Int(limits.stopTemperature)) degC",
                    "let it cool, then look at its load"
                )
            }
            guard Double(warmth) >= limits.pauseTemperature else { return nil }
            return (
                .warn, "\(warmth) degC, the robot pauses at \(Int(limits.pauseTemperature)) degC",
                "let it cool"
            )
        }
    }

    private var hardwareError: [CheckLine] {
        judge("hardware errors", well: "none") { servo in
            let bits = servo.image.value(servo.link.registers.hardwareErrorStatus)
            guard bits != 0 else { return nil }
            let words = HardwareErrorBits(rawValue: UInt8(truncatingIfNeeded: bits)).words
            return (
                .fail, "reports \(words)",
                "remove the cause, then `sacbot reboot --robot \(examination.robot.name) "
                    + "\(servo.link.joint.name)`"
            )
        }
    }

    private var torque: [CheckLine] {
        judge("torque", well: "off at all servos") { servo in
            guard servo.image.value(servo.link.registers.torqueEnable) != 0 else { return nil }
            return (
                .warn, "torque is on although nobody drives it",
                "`sacbot release --robot \(examination.robot.name)` (a raised arm will fall)"
            )
        }
    }

    private var watchdog: [CheckLine] {
        guard let seconds = examination.description.servoWatchdog else {
            return [
                CheckLine(
                    .warn,
                    examination.subject("watchdog"),
                    "not used: servos go on alone if the program dies",
                    remedy: "give `watchdog: 200 ms` instead of `no_watchdog: accepted`"
                )
            ]
        }
        let milliseconds = Int((seconds * 1000).rounded())
        return judge("watchdog", well: "all servos know it; it trips after \(milliseconds) ms") {
            servo in
            let needed = servo.link.joint.servo.busWatchdogFirmware
            let version = Int(servo.found.firmware)
            if let needed, version >= needed { return nil }
            return (
                .fail, "firmware \(version) has no bus watchdog",
                needed.map { "update it to \($0) or newer" } ?? "its model never has one; "
                    + "say `no_watchdog: accepted` on its bus or exchange it"
            )
        }
    }

    private var returnDelay: [CheckLine] {
        judge("return delay", well: "0 at all servos") { servo in
            let units = servo.image.value(servo.link.registers.returnDelayTime)
            guard units != 0 else { return nil }
            return (
                .warn, "waits \(2 * units) us before each answer",
                "`sacbot setup` sets it to 0, as does arming the robot"
            )
        }
    }

    // MARK: Calibration and limits

    private var calibration: [CheckLine] {
        let subject = examination.subject("calibration")
        guard let record = examination.record else {
            return [
                CheckLine(
                    .fail,
                    subject,
                    "there is no calibration file",
                    remedy: "`sacbot calibrate --robot \(examination.robot.name)`"
                )
            ]
        }
        guard servos.contains(where: { record.joints[$0.link.index].servo != nil }) else {
            return [
                CheckLine(
                    .warn,
                    subject,
                    "the file does not say which servos it was measured with",
                    remedy: "measure it with `sacbot calibrate --robot \(examination.robot.name)`"
                )
            ]
        }
        return judge("calibration", well: "the servos are those it was measured with") { servo in
            difference(servo, record.joints[servo.link.index].servo)
        }
    }

    /// What of a servo is not as it was when its joint was calibrated.
    private func difference(
        _ servo: DynamixelExaminer.Servo,
        _ recorded: ServoRecord?
    ) -> (CheckLine.Verdict, String, String)? {
        let again = "`sacbot calibrate --robot \(examination.robot.name)`"
        guard let recorded else { return (.warn, "was not recorded", again) }
        let now = servo.record
        if now.homingOffset != recorded.homingOffset {
            return (
                .fail,
                "Homing Offset is \(now.homingOffset), was \(recorded.homingOffset) when it "
                    + "was calibrated: its zero has moved", again
            )
        }
        if now.driveMode & 1 != recorded.driveMode & 1 {
            return (.fail, "Drive Mode has turned its direction round", again)
        }
        if now.modelNumber != recorded.modelNumber || now.id != recorded.id {
            return (.fail, "is another servo than the one it was calibrated with", again)
        }
        guard now.firmware != recorded.firmware else { return nil }
        return (
            .warn, "firmware is \(now.firmware), was \(recorded.firmware) when it was calibrated",
            "check one joint with `sacbot jog` before training"
        )
    }

    private var limits: [CheckLine] {
        judge("limits", well: "the file's limits lie within what the servos can reach") { servo in
            let link = servo.link
            let pulses = link.pulses.limits
            if !link.pulses.isInReach {
                return (
                    .fail,
                    "its limits are pulses \(pulses.lowerBound) to \(pulses.upperBound), a "
                        + "servo reaches 0 to 4095", "calibrate it, or turn its horn by some teeth"
                )
            }
            if let measured = examination.record?.joints[link.index].range,
                link.joint.role == .actuated,
                pulses.lowerBound < measured.lowerBound - Self.slack
                    || pulses.upperBound > measured.upperBound + Self.slack
            {
                return (
                    .warn,
                    "its limits (pulses \(pulses.lowerBound) to \(pulses.upperBound)) go "
                        + "beyond what a hand could reach (\(measured.lowerBound) to "
                        + "\(measured.upperBound))",
                    "narrow `position:` in the robot file, or calibrate again"
                )
            }
            return servoFence(servo)
        }
    }

    /// The servo's own limits, which arming writes: another robot's would refuse goals.
    private func servoFence(
        _ servo: DynamixelExaminer.Servo
    ) -> (CheckLine.Verdict, String, String)? {
        let own = (
            servo.image.value(servo.link.registers.minPositionLimit),
            servo.image.value(servo.link.registers.maxPositionLimit)
        )
        let fence = servo.link.fence
        let isFactory = own == (0, servo.link.joint.servo.pulsesPerTurn - 1)
        if isFactory || own == (fence.lowerBound, fence.upperBound) { return nil }
        return (
            .warn,
            "its own limits are \(own.0) to \(own.1), this calibration makes them "
                + "\(fence.lowerBound) to \(fence.upperBound)",
            "arming the robot writes them; if the servo was exchanged, calibrate it first"
        )
    }

    /// Two degrees: a hand does not press against a stop as a motor does.
    private static let slack = 23
}

extension DynamixelExaminer.Servo {
    /// What a calibration of this servo depends on.
    var record: ServoRecord {
        ServoRecord(
            id: Int(link.id),
            modelNumber: Int(found.modelNumber),
            firmware: Int(found.firmware),
            homingOffset: image.value(link.registers.homingOffset),
            driveMode: image.value(link.registers.driveMode)
        )
    }
}
