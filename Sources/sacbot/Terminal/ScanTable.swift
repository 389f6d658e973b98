import ServoHardware

/// What `sacbot scan` shows.
enum ScanTable {
    static let heading =
        "ID   model          firmware  rate (bit/s)  voltage  temperature  condition"

    /// A table for each port, in the order found.
    static func text(_ devices: [FoundDevice]) -> String {
        var lines: [String] = []
        var port = ""
        for device in devices {
            let place = "\(device.port)  \(device.wire)"
            if place != port {
                lines += (port.isEmpty ? [] : [""]) + [place, heading]
                port = place
            }
            lines.append(row(device))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ device: FoundDevice) -> String {
        let volts = device.inputVoltage.map { "\($0) V" } ?? "-"
        let warmth = device.temperature.map { "\(Int($0)) degC" } ?? "-"
        return "\(device.id)".padding(5) + device.model.padding(15)
            + (device.firmware.map { "\($0)" } ?? "-").padding(10)
            + "\(device.baudRate)".padding(14) + volts.padding(9) + warmth.padding(13)
            + device.condition
    }
}

/// Where a long search stands: one line that changes in place, or a line a port where there is no
/// terminal.
final class SearchProgress {
    private let line = ChangingLine()
    private var port = ""

    /// Shows a step.
    func show(_ step: DeviceScan.Step) {
        if line.isTerminal {
            line.show(
                "searching \(step.port) for \(step.wire) at \(step.rate) bit/s "
                    + "(\(step.done + 1) of \(step.count))"
            )
        } else if step.port != port {
            port = step.port
            Say.note("searching \(port)")
        }
    }

    /// Takes the line away.
    func end() { line.clear() }
}
