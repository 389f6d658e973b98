import Realtime
import Robot
import ServoProtocol

/// Checks a bus of Dynamixel 2.0 servos against the robot file; writes nothing.
public struct DynamixelExaminer: BusExaminer {
    /// An examiner.
    public init() {}

    /// What was read of one joint's servo.
    struct Servo {
        let link: JointLink
        let found: FoundServo
        let image: RegisterImage

        /// As it is judged.
        func condition(of robot: RobotDescription) -> ServoCondition {
            var condition = ServoCondition(robot: robot, joint: link.index, found: found)
            let registers = link.registers
            func value(_ register: Register) -> Int { image.value(register) }
            condition.voltage = Double(value(registers.presentInputVoltage)) / 10
            condition.temperature = Double(value(registers.presentTemperature))
            let error = UInt8(truncatingIfNeeded: value(registers.hardwareErrorStatus))
            condition.errorWords = error == 0 ? "" : HardwareErrorBits(rawValue: error).words
            condition.hasTorque = value(registers.torqueEnable) != 0
            condition.settings = LastingSettings(
                homingOffset: value(registers.homingOffset),
                driveMode: value(registers.driveMode),
                limits: (value(registers.minPositionLimit), value(registers.maxPositionLimit)),
                voltages: voltages,
                returnDelay: value(registers.returnDelayTime)
            )
            return condition
        }

        /// The supply it accepts.
        private var voltages: ClosedRange<Volts>? {
            let table = ControlTable.model(number: found.modelNumber)
            guard let least = table?.register(.minVoltageLimit).map(image.value),
                let most = table?.register(.maxVoltageLimit).map(image.value), least <= most
            else { return nil }
            return Double(least) / 10...Double(most) / 10
        }
    }

    /// Who is there, what state they are in, and whether the tick can be kept.
    public func examine(_ examination: BusExamination) throws(HardwareError) -> [CheckLine] {
        let bench = try DynamixelBench(
            port: examination.port,
            rate: examination.description.baudRate,
            sysRoot: examination.root + "/sys"
        )
        defer { bench.close() }
        var lines: [CheckLine] = []
        let servos = try identify(examination, bench, &lines)
        guard !servos.isEmpty else { return lines }
        lines +=
            BusCondition(
                examination: examination,
                servos: servos.map { $0.condition(of: examination.robot) }
            ).lines
        lines.append(
            try timing(examination, servos, bench)
        )
        return lines
    }

    // MARK: Who is there

    private func identify(
        _ examination: BusExamination,
        _ bench: DynamixelBench,
        _ lines: inout [CheckLine]
    ) throws(HardwareError) -> [Servo] {
        let subject = examination.subject("servos")
        var servos: [Servo] = []
        var missing: [Joint] = []
        var isRight = true
        for (index, joint) in examination.joints {
            guard
                let registers = ControlTable.model(number: joint.servo.modelNumber)
                    .flatMap({ ServoRegisters($0) })
            else { continue }
            let found = try bench.bus.ping(id: joint.servoID)
            guard let found else {
                missing.append(joint)
                continue
            }
            guard found.modelNumber == joint.servo.modelNumber else {
                isRight = false
                lines.append(wrongModel(joint, found, subject))
                continue
            }
            var link = JointLink(
                index: index,
                joint: joint,
                calibration: examination.robot.calibration[index],
                registers: registers
            )
            link.firmware = Int(found.firmware)
            let image = try bench.bus.read(
                id: joint.servoID,
                address: 0,
                count: RegisterImage.size
            )
            guard image.reply == .value else {
                isRight = false
                let problem = ServoProblem.unreadable(joint: joint.name, id: joint.servoID)
                lines.append(CheckLine(.fail, subject, "\(problem)"))
                continue
            }
            servos.append(Servo(link: link, found: found, image: RegisterImage(bytes: image.data)))
        }
        let strangers = try lookAround(examination, missing, bench, &lines)
        if missing.isEmpty, isRight, !strangers {
            lines.append(CheckLine(.pass, subject, who(servos)))
        }
        return servos
    }

    private func who(_ servos: [Servo]) -> String {
        let models = Set(servos.map(\.found.modelName)).sorted().joined(separator: ", ")
        return "all \(servos.count) answer with the models of the file (\(models))"
    }

    private func wrongModel(_ joint: Joint, _ found: FoundServo, _ subject: String) -> CheckLine {
        let problem = ServoProblem.wrongModel(
            joint: joint.name,
            id: joint.servoID,
            expected: joint.servo.name,
            found: found.modelNumber
        )
        return CheckLine(.fail, subject, "\(problem)")
    }

    /// Where the missing servos are, and who is there that should not be; whether there is anybody.
    private func lookAround(
        _ examination: BusExamination,
        _ missing: [Joint],
        _ bench: DynamixelBench,
        _ lines: inout [CheckLine]
    ) throws(HardwareError) -> Bool {
        let subject = examination.subject("servos")
        let description = examination.description
        let known = examination.joints.map(\.joint.servoID)
        let strangers = try bench.bus.pingAll().map(\.id).filter { !known.contains($0) }
        let rates = try otherRates(of: missing, than: description.baudRate, bench)
        if missing.count == known.count, strangers.isEmpty, rates.isEmpty {
            let problem = ServoProblem.busSilent(
                bus: description.name,
                port: bench.bus.port.path,
                rate: description.baudRate,
                ids: known
            )
            lines.append(CheckLine(.fail, subject, "\(problem)"))
            return false
        }
        lines += missing.map { line($0, description, subject, rates[$0.servoID]) }
        guard !strangers.isEmpty else { return false }
        let problem = ServoProblem.unexpected(bus: description.name, ids: strangers)
        lines.append(
            CheckLine(
                missing.isEmpty ? .warn : .fail,
                subject,
                "\(problem)",
                remedy: "set it up with `sacbot setup`, or take it off the bus"
            )
        )
        return true
    }

    private func line(
        _ joint: Joint,
        _ bus: ServoBusDescription,
        _ subject: String,
        _ rate: Int?
    ) -> CheckLine {
        let problem = ServoProblem.missing(
            joint: joint.name,
            id: joint.servoID,
            bus: bus.name,
            rate: bus.baudRate,
            answersAt: rate
        )
        return CheckLine(.fail, subject, "\(problem)")
    }

    /// The rate each missing servo answers at, if it is one of the usual ones.
    private func otherRates(
        of missing: [Joint],
        than configured: Int,
        _ bench: DynamixelBench
    ) throws(HardwareError) -> [UInt8: Int] {
        var rates: [UInt8: Int] = [:]
        guard !missing.isEmpty else { return rates }
        for rate in ServoScan.usualRates where rate != configured {
            do throws(HardwareError) {
                try bench.bus.setBaudRate(rate)
            } catch .rateRefused {
                continue
            }
            for joint in missing where rates[joint.servoID] == nil {
                let servo = try bench.bus.ping(id: joint.servoID, attempts: 1, patience: 30_000_000)
                if servo != nil { rates[joint.servoID] = rate }
            }
        }
        try bench.bus.setBaudRate(configured)
        return rates
    }

    // MARK: Time

    /// The adapter's round trip, measured, and what a tick then takes.
    private func timing(
        _ examination: BusExamination,
        _ servos: [Servo],
        _ bench: DynamixelBench
    ) throws(HardwareError) -> CheckLine {
        let subject = examination.subject("time")
        let delays = servos.map { $0.image.value($0.link.registers.returnDelayTime) }
        let budget = WireBudget.dynamixel(
            returnDelays: delays,
            baudRate: examination.description.baudRate
        )
        // A ping is 10 bytes out and 14 back.
        let wire = Double(240) / Double(budget.baudRate) + Double(delays.first ?? 0) * 2e-6
        guard let servo = servos.first, let median = try medianRoundTrip(servo.link.id, bench)
        else { return CheckLine(.fail, subject, "pings get lost; check cable and termination") }
        let line = budget.line(
            subject: subject,
            overhead: max(0, median - wire),
            tickSeconds: examination.robot.tickSeconds
        )
        return CheckLine(
            line.verdict,
            line.subject,
            "round trip \(Int((median * 1e6).rounded())) us (median of \(Self.pings)); "
                + line.finding,
            remedy: line.remedy
        )
    }

    private func medianRoundTrip(
        _ id: UInt8,
        _ bench: DynamixelBench
    ) throws(HardwareError) -> Double? {
        var times: [Int64] = []
        for _ in 0..<Self.pings {
            let start = MonotonicClock.now()
            guard try bench.bus.ping(id: id, attempts: 1) != nil else { continue }
            times.append(MonotonicClock.now() - start)
        }
        guard times.count > Self.pings / 2 else { return nil }
        return Double(times.sorted()[times.count / 2]) * 1e-9
    }

    private static let pings = 51
}
