import Foundation
import Testing

/// Robotis' own SDK, which tells us what a servo's registers hold after our program has gone.
enum ServoPeer {
    static let torqueEnable = "64:1"
    static let busWatchdog = "98:1"
    static let goalPosition = "116:4"
    static let presentPosition = "132:4"
    /// Bus Watchdog -1: it has stopped the servo.
    static let tripped = 255

    static let isThere: Bool = {
        let child = try? ChildProcess(
            [interpreter, "-c", "import dynamixel_sdk"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/"
        )
        return (try? child?.end().code) == 0
    }()

    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? Bench.package + "/.venv/bin/python3"

    /// Carries out commands of Tests/peers/dxl_registers.py; one number each.
    static func ask(_ port: String, _ commands: String...) throws -> [Int] {
        let script = Bench.package + "/Tests/peers/dxl_registers.py"
        let end = try ChildProcess(
            [interpreter, script, port, "1000000"] + commands,
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/"
        ).end()
        try #require(end.code == 0, "\(end)")
        return end.output.split(separator: "\n").compactMap { Int($0) }
    }
}
