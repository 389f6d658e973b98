import Robot

/// What was read of a bus's controllers, judged line by line.
struct BusCondition {
    let examination: BusExamination
    let servos: [ServoCondition]

    var lines: [CheckLine] {
        firmware + voltage + temperature + hardwareError + torque + watchdog + returnDelay
            + calibration + limits
    }

    /// One line for all servos that are well, one for each that is not.
    private func judge(
        _ subject: String,
        well: String,
        _ trouble: (ServoCondition) -> (CheckLine.Verdict, String, String)?
    ) -> [CheckLine] {
        let title = examination.subject(subject)
        let lines = servos.compactMap { servo in
            trouble(servo).map { verdict, finding, remedy in
                CheckLine(verdict, title, "\(servo.name): \(finding)", remedy: remedy)
            }
        }
        return lines.isEmpty ? [CheckLine(.pass, title, well)] : lines
    }

    /// From the least to the most of some numbers.
    private func span(_ values: [Double?], _ unit: String) -> String {
        let known = values.compactMap { $0 }
        guard let least = known.min(), let most = known.max() else { return "not measured" }
        return least == most
            ? "\(shown(least)) \(unit)" : "\(shown(least)) to \(shown(most)) \(unit)"
    }

    /// To a tenth, and without one where there is none.
    private func shown(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() && abs(tenths) < 1e9 ? "\(Int(tenths))" : "\(tenths)"
    }

    // MARK: Supply, heat, errors

    private var firmware: [CheckLine] {
        let subject = examination.subject("firmware")
        let versions = Set(servos.map(\.version)).sorted()
        guard versions.count > 1 else {
            return [CheckLine(.pass, subject, versions.first.map { "version \($0)" } ?? "-")]
        }
        let newest = servos.map(\.firmware).max() ?? 0
        let old = servos.filter { $0.firmware < newest }
        return [
            CheckLine(
                .warn,
                subject,
                "versions differ: \(versions.joined(separator: ", ")), older at "
                    + old.map(\.name).joined(separator: ", "),
                remedy: "update them with the vendor's tool, so that all do the same"
            )
        ]
    }

    private var voltage: [CheckLine] {
        judge("voltage", well: span(servos.map(\.voltage), "V")) { servo in
            guard let found = servo.voltage, let allowed = servo.settings.voltages,
                !allowed.contains(found)
            else { return nil }
            return (
                .fail,
                "\(found) V, allowed are \(allowed.lowerBound) to \(allowed.upperBound) V",
                "check the supply, its wires and its current limit"
            )
        }
    }

    private var temperature: [CheckLine] {
        judge("temperature", well: span(servos.map(\.temperature), "degC")) { servo in
            guard let warmth = servo.temperature else { return nil }
            let limits = servo.joint.limits
            if warmth >= limits.stopTemperature {
                return (
                    .fail,
                    "\(shown(warmth)) degC, the robot stops at \(Int(limits.stopTemperature)) degC",
                    "let it cool, then look at its load"
                )
            }
            guard warmth >= limits.pauseTemperature else { return nil }
            return (
                .warn,
                "\(shown(warmth)) degC, the robot pauses at \(Int(limits.pauseTemperature)) degC",
                "let it cool"
            )
        }
    }

    private var hardwareError: [CheckLine] {
        judge("hardware errors", well: "none") { servo in
            guard !servo.errorWords.isEmpty else { return nil }
            return (
                .fail, "reports \(servo.errorWords)",
                "remove the cause, then "
                    + (examination.description.wire.rebootByHand
                        ?? "`sacbot reboot --robot \(examination.robot.name) \(servo.joint.name)`")
            )
        }
    }

    private var torque: [CheckLine] {
        judge("torque", well: "off at all servos") { servo in
            guard servo.hasTorque else { return nil }
            return (
                .warn, "torque is on although nobody drives it",
                "`sacbot release --robot \(examination.robot.name)` (a raised arm will fall)"
            )
        }
    }

    private var watchdog: [CheckLine] {
        guard let seconds = examination.description.servoWatchdog else {
            let hasOne = examination.description.wire.hasWatchdog
            return [
                CheckLine(
                    .warn,
                    examination.subject("watchdog"),
                    (hasOne ? "not used" : "these servos have none")
                        + ": servos go on alone if the program dies",
                    remedy: hasOne
                        ? "give `watchdog: 200 ms` instead of `no_watchdog: accepted`"
                        : "have a switch in their supply within reach"
                )
            ]
        }
        let milliseconds = Int((seconds * 1000).rounded())
        return judge("watchdog", well: "all servos know it; it trips after \(milliseconds) ms") {
            servo in
            let needed = servo.joint.servo.busWatchdogFirmware
            if let needed, servo.firmware >= needed { return nil }
            return (
                .fail, "firmware \(servo.version) has no bus watchdog",
                needed.map { "update it to \($0) or newer" } ?? "its model never has one; "
                    + "say `no_watchdog: accepted` on its bus or exchange it"
            )
        }
    }

    /// Nothing where the protocol has no such delay.
    private var returnDelay: [CheckLine] {
        guard servos.contains(where: { $0.settings.returnDelay != nil }) else { return [] }
        return judge("return delay", well: "0 at all servos") { servo in
            guard let units = servo.settings.returnDelay, units != 0 else { return nil }
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
        guard servos.contains(where: { record.joints[$0.index].servo != nil }) else {
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
            difference(servo, record.joints[servo.index].servo)
        }
    }

    /// What of a servo is not as it was when its joint was calibrated.
    private func difference(
        _ servo: ServoCondition,
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
            let pulses = servo.pulses.limits
            let reach = servo.pulses.reach
            if servo.joint.servo.goalPulses != nil, !servo.pulses.isInReach {
                return (
                    .fail,
                    "its limits are pulses \(pulses.lowerBound) to \(pulses.upperBound), a "
                        + "servo reaches \(reach.lowerBound) to \(reach.upperBound)",
                    "calibrate it, or turn its horn by some teeth"
                )
            }
            // Two degrees: a hand does not press against a stop as a motor does.
            let slack = servo.joint.servo.pulsesPerTurn / 180
            if let measured = examination.record?.joints[servo.index].range,
                servo.joint.role == .actuated,
                pulses.lowerBound < measured.lowerBound - slack
                    || pulses.upperBound > measured.upperBound + slack
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
    private func servoFence(_ servo: ServoCondition) -> (CheckLine.Verdict, String, String)? {
        guard let own = servo.settings.limits else { return nil }
        let reach = servo.pulses.reach
        let fence = servo.pulses.fence
        let isFactory = own == (reach.lowerBound, reach.upperBound)
        if isFactory || own == (fence.lowerBound, fence.upperBound) { return nil }
        return (
            .warn,
            "its own limits are \(own.low) to \(own.high), this calibration makes them "
                + "\(fence.lowerBound) to \(fence.upperBound)",
            "arming the robot writes them; if the servo was exchanged, calibrate it first"
        )
    }
}
