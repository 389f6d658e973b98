import ArgumentParser
import ServoHardware

/// The command `sacbot scan`.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Looks for servos, motors and IMUs on all ports; writes nothing to them.",
        discussion: """
            Listens for IMUs, then asks for Dynamixel, Feetech, ODrive and moteus at all usual
            rates: about half a minute a port, less with --baud.

            Examples:
              sacbot scan
              sacbot scan --port /dev/ttyUSB0 --baud 57600 --baud 1000000
              sacbot scan --json
            """
    )

    @Option(help: "A device, for example /dev/ttyUSB0; all USB serial ports by default.")
    var port: [String] = []
    @Option(help: "Bits per second to try; all usual rates by default.")
    var baud: [Int] = []
    @Flag(help: "Print a JSON array of what was found.")
    var json = false
    @Option(help: .hidden)
    var root = ""

    func run() throws {
        let ports = port.isEmpty ? SerialPortList(root: root).entries().map(\.path) : port
        if ports.isEmpty {
            throw Failure(
                "there is no USB serial port; plug the adapter in (`dmesg | tail` shows whether the "
                    + "kernel sees it), or name a port with --port"
            )
        }
        let progress = SearchProgress()
        let outcome = DeviceScan(probes: BringUpProtocols.probes).run(
            ports: ports,
            rates: baud,
            progress: progress.show
        )
        progress.end()
        for trouble in outcome.troubles { Say.warning("\(trouble.error)") }
        if json {
            print(try JSONOutput.text(outcome.devices))
        } else if !outcome.devices.isEmpty {
            print(ScanTable.text(outcome.devices))
        }
        for rate in Set(outcome.refusedRates).sorted() {
            Say.note("not searched: an adapter cannot do \(rate) bit/s")
        }
        if !outcome.devices.isEmpty { return }
        if outcome.troubles.count == ports.count { throw ExitCode(1) }
        throw Failure(
            "no servo answers on \(ports.joined(separator: ", ")); check the servos' power, the "
                + "cable, and that the adapter's switch is on TTL or RS-485 as the servos need"
        )
    }
}

extension String {
    /// Filled with blanks on the right.
    func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }

    /// Filled with blanks on the left.
    func rightPadding(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
