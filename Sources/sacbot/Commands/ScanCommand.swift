import ArgumentParser
import ServoHardware

/// The command `sacbot scan`.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Looks for servos on a port at all usual rates; writes nothing to them.",
        discussion: """
            Examples:
              sacbot scan --port /dev/ttyUSB0
              sacbot scan --port /dev/ttyUSB0 --baud 57600 --baud 1000000
            """
    )

    @Option(help: "The device, for example /dev/ttyUSB0.")
    var port: String
    @Option(help: "Bits per second to try; all usual rates by default.")
    var baud: [Int] = []

    func run() throws {
        let rates = baud.isEmpty ? ServoScan.usualRates : baud
        let found = try ServoScan.scan(port: port, bauds: rates)
        if found.isEmpty {
            throw Failure(
                "no servo answers on \(port); check the servos' power, the cable, and that "
                    + "the adapter's switch is on TTL or RS-485 as the servos need"
            )
        }
        print("ID   model          firmware  rate")
        for servo in found {
            let id = String(servo.id).padding(5)
            let alert = servo.hasAlert ? "  ALERT: reports a hardware error" : ""
            print(
                "\(id)\(servo.modelName.padding(15))\(String(servo.firmware).padding(10))"
                    + "\(servo.baudRate) bit/s\(alert)"
            )
        }
    }
}

extension String {
    /// Filled with blanks on the right.
    func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
