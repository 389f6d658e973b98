public import Robot

/// Checks the inertial measurement unit by listening to it; sends nothing.
public struct IMUExaminer {
    private let root: String

    /// Checks a unit of this machine, or with copies of its /dev, /sys and /etc under `root`.
    public init(root: String = "") { self.root = root }

    /// Port, what talks on it, and whether it talks often enough.
    public func examine(
        _ unit: IMUDescription,
        port: String,
        tickSeconds: Seconds
    ) -> [CheckLine] {
        let lines = PortExaminer(root: root).examine(
            port: port,
            bus: "imu",
            tickSeconds: tickSeconds
        )
        if lines.contains(where: { $0.verdict == .fail && !$0.subject.hasSuffix("timer") }) {
            return lines
        }
        do throws(HardwareError) {
            let found = try IMUProbe.listen(port: port, bauds: [unit.baudRate])
            return lines + [Self.judge(found, unit)]
        } catch {
            return lines + [CheckLine(.fail, "imu: port", "\(error)")]
        }
    }

    /// What was heard against what the robot file says.
    static func judge(_ found: FoundIMU?, _ unit: IMUDescription) -> CheckLine {
        let subject = "imu: unit"
        guard let found else {
            return CheckLine(
                .fail,
                subject,
                "nothing is heard at \(unit.baudRate) bit/s",
                remedy: "check its power, the wire from its transmit pin and `baud:` "
                    + "(`sacbot scan` tries all)"
            )
        }
        let heard = "\(found)"
        guard found.spoken.format == unit.protocolName.format else {
            return CheckLine(
                .fail,
                subject,
                "\(heard); the file says \(unit.protocolName.rawValue)",
                remedy: "correct `protocol:`"
            )
        }
        // With `rate:` the unit is set when the robot starts.
        if unit.rate == nil, !found.hasOrientation {
            return CheckLine(.fail, subject, heard, remedy: "give `rate:` in `imu:`")
        }
        if unit.rate == nil, found.rate * unit.staleAfter < 1 {
            return CheckLine(
                .fail,
                subject,
                "\(heard); a sample is too old after \(unit.staleAfter) s",
                remedy: "give `rate:` in `imu:`"
            )
        }
        return CheckLine(.pass, subject, heard)
    }
}
