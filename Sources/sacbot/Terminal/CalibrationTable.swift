import Glibc
import ServoHardware

/// The live table of `sacbot calibrate`: pulses now, lowest, highest, and the turn between.
struct CalibrationTable {
    static let heading = "joint              position    lowest   highest       turn"

    private let isTerminal = isatty(STDOUT_FILENO) != 0
    private var height = 0

    /// A row a joint.
    static func text(_ measures: [JointMeasure]) -> String {
        ([heading] + measures.map(row)).joined(separator: "\n")
    }

    private static func row(_ measure: JointMeasure) -> String {
        let lowest = measure.range?.lowerBound
        let highest = measure.range?.upperBound
        // In pulses as they will be with torque on, like the range.
        let present = measure.present.map { present in
            present + (measure.middlePulse ?? 0) - (measure.middle ?? 0)
        }
        let turn = measure.range.map { range in
            let tenths = Double((range.count - 1) * 3600) / Double(measure.turn)
            return "\(tenths.rounded() / 10) deg"
        }
        let note = measure.wraps ? "   over the encoder's end" : ""
        return measure.name.padding(17) + shown(present) + shown(lowest) + shown(highest)
            + (turn ?? "-").rightPadding(11) + note
    }

    private static func shown(_ pulses: Int?) -> String {
        (pulses.map { "\($0)" } ?? "-").rightPadding(10)
    }

    /// Draws over what was drawn before; nothing where there is no terminal.
    mutating func redraw(_ measures: [JointMeasure]) {
        guard isTerminal else { return }
        let lines = Self.text(measures).split(separator: "\n")
        let up = height > 0 ? "\u{1B}[\(height)A" : ""
        Say.write(
            up + lines.map { "\r\u{1B}[K\($0)\n" }.joined(),
            to: STDOUT_FILENO
        )
        height = lines.count
    }

    /// The last state, where it could not be followed live.
    func finish(_ measures: [JointMeasure]) {
        if !isTerminal { Say.show(Self.text(measures)) }
    }
}
