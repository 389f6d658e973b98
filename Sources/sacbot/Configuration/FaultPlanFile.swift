import Robot
import RobotFiles
import ServoEmulator

/// Reads what shall go wrong with emulated servos: a file's `faults:`, or words of the command
/// line (docs/emulator.md).
enum FaultPlanFile {
    /// The plan of a file and of the command line together; all problems are thrown at once.
    ///
    /// - Parameters:
    ///   - path: the file, `nil` for none.
    ///   - words: one fault each, for example `lost-reply rate=0.01`.
    ///   - seed: overrides the file's; the usual one is 1.
    static func plan(
        path: String?,
        words: [String],
        seed: UInt64?,
        robot: RobotDescription
    ) throws -> FaultPlan {
        var files: [YAMLFile] = []
        var orders: [FaultOrder] = []
        var fileSeed = 1
        if let path {
            let file = try YAMLFile.load(path)
            files.append(file)
            fileSeed = file.section.integer("seed", in: 0...Int.max, default: 1)
            orders += file.section.sections("faults").compactMap { order($0, robot: robot) }
            file.section.finish()
        }
        for words in words {
            let file = try YAMLFile(path: "--fault '\(words)'", text: yaml(words))
            files.append(file)
            if let order = order(file.section, robot: robot) { orders.append(order) }
            file.section.finish()
        }
        try YAMLFile.check(files)
        return FaultPlan(orders, seed: seed ?? UInt64(fileSeed))
    }

    /// `NAME key=value ...` as the mapping it stands for.
    private static func yaml(_ words: String) throws -> String {
        let parts = words.split(separator: " ")
        guard let name = parts.first, !name.contains("=") else {
            throw Failure(
                "--fault '\(words)': the fault's name comes first, as in 'lost-reply rate=0.01'"
            )
        }
        let lines = try parts.dropFirst().map { part in
            guard let sign = part.firstIndex(of: "="), sign > part.startIndex else {
                throw Failure("--fault '\(words)': `\(part)` is no key=value, as in rate=0.01")
            }
            return "\(part[..<sign]): \(part[part.index(after: sign)...])\n"
        }
        return "fault: \(name)\n" + lines.joined()
    }

    private static func order(_ section: Section, robot: RobotDescription) -> FaultOrder? {
        let kind = section.choice("fault", FaultKind.self)
        guard let trigger = trigger(section) else { return nil }
        let bus = section.optionalText("bus")
        if let bus, !robot.buses.contains(where: { $0.name == bus }) {
            let known = robot.buses.map(\.name).joined(separator: ", ")
            section.report("bus", "the robot has: \(known)")
        }
        return FaultOrder(
            kind,
            trigger,
            bus: bus,
            servo: servo(section, kind, robot),
            duration: section.optionalQuantity("for", .seconds, in: 0...86_400).map(nanoseconds),
            value: value(section, kind)
        )
    }

    private static func trigger(_ section: Section) -> FaultOrder.Trigger? {
        let time = section.optionalQuantity("at", .seconds, in: 0...86_400)
        let rate = section.optionalNumber("rate", in: 0...1)
        switch (time, rate) {
        case (let time?, nil): return .at(nanoseconds: nanoseconds(time))
        case (nil, let rate?): return .rate(rate)
        default:
            section.report(
                "either `at` (once, for example 5 s) or `rate` (a probability from 0 to 1) is needed"
            )
            return nil
        }
    }

    private static func servo(
        _ section: Section,
        _ kind: FaultKind,
        _ robot: RobotDescription
    ) -> Int? {
        guard let id = section.optionalInteger("servo", in: 0...255) else { return nil }
        if kind.scope != .device {
            section.report("servo", "\(kind.rawValue) happens on the line, not to one servo")
        } else if !robot.joints.contains(where: { Int($0.servoID) == id }) {
            let known = robot.joints.map { "\($0.servoID)" }.joined(separator: ", ")
            section.report("servo", "the robot has: \(known)")
        }
        return id
    }

    private static func value(_ section: Section, _ kind: FaultKind) -> Double? {
        let (measure, range) = kind.value
        switch measure {
        case .none: return nil
        case .time: return section.optionalQuantity("value", .seconds, in: range)
        case .temperature: return section.optionalQuantity("value", .celsius, in: range)
        case .voltage: return section.optionalQuantity("value", .volts, in: range)
        case .number:
            let whole = Int(range.lowerBound)...Int(range.upperBound)
            return section.optionalInteger("value", in: whole).map(Double.init)
        }
    }

    private static func nanoseconds(_ seconds: Seconds) -> Int64 {
        Int64((seconds * 1e9).rounded())
    }
}
