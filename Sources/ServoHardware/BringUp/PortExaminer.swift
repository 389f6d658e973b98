/// Checks a port before it is opened: name, permissions, latency timer, udev rule.
public struct PortExaminer {
    private let files: SystemFiles
    private let ports: SerialPortList

    /// Checks ports of this machine, or of copies of its /dev, /sys and /etc under `root`.
    public init(root: String = "") {
        files = SystemFiles(root: root)
        ports = SerialPortList(root: root)
    }

    /// One line for each thing that can be known without opening the port.
    ///
    /// - Parameters:
    ///   - port: the device.
    ///   - bus: the bus's name, for the lines' subjects.
    ///   - tickSeconds: one control tick; an adapter must not hold bytes back for long in it.
    public func examine(port: String, bus: String, tickSeconds: Double) -> [CheckLine] {
        guard let ownership = SystemFiles.ownership(of: port) else {
            let present = ports.entries().map(\.path).joined(separator: ", ")
            return [
                CheckLine(
                    .fail,
                    "\(bus): port",
                    "there is no \(port)",
                    remedy: "plug the adapter in, or correct `port:` in the robot file ("
                        + (present.isEmpty
                            ? "no USB serial port is present" : "present: \(present)")
                        + ")"
                )
            ]
        }
        var lines = [nameLine(port, bus), permissionLine(port, bus, ownership)]
        guard let kind = usbName(port) else { return lines }
        lines.append(latencyLine(port, kind, bus, tickSeconds))
        lines.append(ruleLine(bus))
        return lines
    }

    /// The kernel's name of a USB adapter, such as `ttyUSB0`; `nil` for other ports.
    private func usbName(_ port: String) -> String? {
        for path in [port, SystemFiles.resolved(port)] {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            if name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") { return name }
        }
        return ports.entries().first { $0.path == port }
            .flatMap { $0.device.split(separator: "/").last.map(String.init) }
    }

    private func nameLine(_ port: String, _ bus: String) -> CheckLine {
        let subject = "\(bus): port"
        if ports.isStable(port) { return CheckLine(.pass, subject, port) }
        if let stable = ports.stableName(of: port) {
            return CheckLine(
                .warn,
                subject,
                "\(port) may be another adapter after replugging",
                remedy: "write `port: \(stable)` in the robot file"
            )
        }
        guard usbName(port) != nil else { return CheckLine(.pass, subject, port) }
        return CheckLine(
            .warn,
            subject,
            "\(port) may be another adapter after replugging, and has no stable name",
            remedy: "install systemd/60-sacbot.rules and use its name below /dev/sacbot"
        )
    }

    private func permissionLine(
        _ port: String,
        _ bus: String,
        _ ownership: SystemFiles.Ownership
    ) -> CheckLine {
        let mode = String(ownership.mode, radix: 8)
        let owner = "group \(ownership.group), mode \(mode)"
        if ownership.isUsable {
            return CheckLine(.pass, "\(bus): permission", "read and write (\(owner))")
        }
        let isForGroup = ownership.mode & 0o060 == 0o060 && ownership.group != "root"
        return CheckLine(
            .fail,
            "\(bus): permission",
            "no permission to open \(port) (\(owner))",
            remedy: isForGroup
                ? "`sudo usermod -aG \(ownership.group) $USER`, then log in again"
                : "install systemd/60-sacbot.rules, which gives it to group dialout"
        )
    }

    private func latencyLine(
        _ port: String,
        _ name: String,
        _ bus: String,
        _ tickSeconds: Double
    ) -> CheckLine {
        let subject = "\(bus): latency timer"
        let entry = "/sys/bus/usb-serial/devices/\(name)/latency_timer"
        guard let milliseconds = DevicePath(path: name, sysRoot: files.root + "/sys").latencyTimer
        else { return CheckLine(.pass, subject, "the adapter has none") }
        if milliseconds <= 1 { return CheckLine(.pass, subject, "\(milliseconds) ms") }
        // Held back once a tick at least: a tick that is not longer cannot be kept.
        let isHopeless = Double(milliseconds) * 1e-3 >= tickSeconds
        return CheckLine(
            isHopeless ? .fail : .warn,
            subject,
            "the adapter holds bytes back for up to \(milliseconds) ms",
            remedy: "`echo 1 | sudo tee \(entry)` for now, "
                + "systemd/60-sacbot.rules for ever"
        )
    }

    private func ruleLine(_ bus: String) -> CheckLine {
        let subject = "\(bus): udev rule"
        let folders = ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d"]
        if let folder = folders.first(where: { files.exists("\($0)/\(Self.ruleName)") }) {
            return CheckLine(.pass, subject, "\(folder)/\(Self.ruleName)")
        }
        return CheckLine(
            .warn,
            subject,
            "\(Self.ruleName) is not installed",
            remedy: "`sudo cp systemd/\(Self.ruleName) /etc/udev/rules.d/ && sudo udevadm control "
                + "--reload && sudo udevadm trigger`"
        )
    }

    /// The rule that comes with the program.
    public static let ruleName = "60-sacbot.rules"
}
