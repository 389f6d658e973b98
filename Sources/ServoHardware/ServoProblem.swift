/// One thing that is not as the robot file says.
public enum ServoProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// No servo of a bus answers.
    case busSilent(bus: String, port: String, rate: Int, ids: [UInt8])
    /// A servo does not answer; `answersAt` is the rate it does answer at.
    case missing(joint: String, id: UInt8, bus: String, rate: Int, answersAt: Int?)
    /// Another model than in the robot file.
    case wrongModel(joint: String, id: UInt8, expected: String, found: UInt16)
    /// The program has no control table of the model in the robot file.
    case unknownModel(joint: String, model: String)
    /// The servo's firmware does not have the bus watchdog that the robot file asks for.
    case noWatchdog(joint: String, id: UInt8, firmware: Int, needed: Int?)
    /// The joint's limits lie outside the one turn its servo can be sent to.
    case limitsOutsideTurn(joint: String, pulses: ClosedRange<Int>)
    /// The servo answers a ping but its registers cannot be read.
    case unreadable(joint: String, id: UInt8)
    /// Reading and writing all servos of a bus takes longer than a tick.
    case busTooSlow(bus: String, rate: Int, needed: Int64, tick: Int64)
    /// A joint's controller cannot be used as it is; `reason` goes on from its name and says what
    /// to do.
    case unsuitable(joint: String, id: UInt8, reason: String)
    /// Servos that answer but are not in the robot file.
    case unexpected(bus: String, ids: [UInt8])

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .busSilent(let bus, let port, let rate, let ids):
            "no servo of bus `\(bus)` (\(port), \(rate) bit/s, ID \(Self.list(ids))) answers; "
                + "check the servos' power and the cable, or find their rate with `sacbot scan`"
        case .missing(let joint, let id, let bus, let rate, let answersAt):
            if let answersAt {
                "servo \(id) (joint `\(joint)`) answers at \(answersAt) bit/s instead of \(rate); "
                    + "set its rate with `sacbot setup`, or change `baud:` of bus `\(bus)`"
            } else {
                "servo \(id) (joint `\(joint)`) does not answer on bus `\(bus)` at \(rate) bit/s; "
                    + "check its cable and its ID (`sacbot scan` lists who answers)"
            }
        case .wrongModel(let joint, let id, let expected, let found):
            "servo \(id) (joint `\(joint)`) is \(FoundServo.name(ofModel: found)), the robot file "
                + "says \(expected); correct `servo:` or exchange the servo"
        case .unknownModel(let joint, let model):
            "joint `\(joint)`: there is no control table of a \(model); choose a model this "
                + "program knows"
        case .noWatchdog(let joint, let id, let firmware, let needed):
            "servo \(id) (joint `\(joint)`) has firmware \(firmware), without a bus watchdog; "
                + (needed.map { "update it to \($0) or newer" } ?? "its model never has one")
                + ", or say `no_watchdog: accepted` on its bus"
        case .limitsOutsideTurn(let joint, let pulses):
            "joint `\(joint)`: its limits are pulses \(pulses.lowerBound) to \(pulses.upperBound), "
                + "which is more than its servo can be sent to (0 to 4095, an AX-12A's 0 to 1023); "
                + "calibrate it, or turn its horn by some teeth"
        case .unreadable(let joint, let id):
            "servo \(id) (joint `\(joint)`) answers a ping but its registers cannot be read; "
                + "two servos may have this ID, or the cable is bad"
        case .busTooSlow(let bus, let rate, let needed, let tick):
            "bus `\(bus)` needs \(Self.milliseconds(needed)) ms on the wire for one tick at "
                + "\(rate) bit/s, a tick is \(Self.milliseconds(tick)) ms; raise `baud:` (and the "
                + "servos' rate with `sacbot setup`), set their return delay to 0, split the bus, "
                + "or make `tick:` longer"
        case .unsuitable(let joint, let id, let reason):
            "controller \(id) (joint `\(joint)`) \(reason)"
        case .unexpected(let bus, let ids):
            "also answering on bus `\(bus)`: ID \(Self.list(ids))"
        }
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Double {
        (Double(nanoseconds) / 10_000).rounded() / 100
    }

    private static func list(_ ids: [UInt8]) -> String {
        ids.map(String.init).joined(separator: ", ")
    }
}
