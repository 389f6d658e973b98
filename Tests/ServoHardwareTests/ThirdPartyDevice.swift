import Foundation
import Robot

/// Somebody else's Dynamixel device (mini_dxl.py, a Python program) on a pseudo-terminal.
///
/// It lies outside the repository, in `shared/` beside it or where SACBOT_SHARED points.
final class ThirdPartyDevice {
    /// The folder of mini_dxl.py, `nil` if it is not on this machine.
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let places: [String?] = [
            environment["SACBOT_SHARED"],
            root.appendingPathComponent("../shared").standardizedFileURL.path,
            root.resolvingSymlinksInPath().appendingPathComponent("../shared").standardized.path,
        ]
        return places.compactMap { place in place.map { $0 + "/protocols/snippets" } }
            .first { FileManager.default.fileExists(atPath: $0 + "/mini_dxl.py") }
    }()

    /// Where its servos are.
    private(set) var port = ""
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer: [UInt8] = []

    /// Starts it with servos such as `1:XM430-W210:46`, and with serve.py's options; or another
    /// device of Tests/peers.
    init(_ arguments: [String], peer: String = "mini_dxl") throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../peers/\(peer)/serve.py").standardizedFileURL.path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, Self.folder ?? ""] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        port = readLine()
    }

    deinit { kill() }

    /// Ends it at once.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Has it obey one line and returns its answer.
    @discardableResult
    func tell(_ line: String) -> String {
        input.fileHandleForWriting.write(Data((line + "\n").utf8))
        return readLine()
    }

    /// What a register of a servo holds.
    func get(_ id: Int, _ address: Int, _ size: Int) -> Int? {
        Int(tell("get \(id) \(address) \(size)"))
    }

    /// Requests since the last call, each `instruction:ID` with the instruction in hex.
    func log() -> [String] { tell("log").split(separator: " ").map(String.init) }

    private func readLine() -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return "" }
            buffer += data
        }
    }
}

/// Robots for these tests.
enum TestRobot {
    /// Joints named a, b, c… with the IDs given, all XM430-W210, on one bus; the second joint is
    /// mounted the other way round.
    static func robot(
        ids: [UInt8] = [1, 2, 3],
        port: String,
        baudRate: Int = 1_000_000,
        watchdog: Seconds? = 0.2,
        servo: ServoSpecification = .xm430w210
    ) -> RobotDescription {
        let names = ["a", "b", "c", "d", "e", "f"]
        return RobotDescription(
            name: "test",
            joints: ids.enumerated().map { index, id in
                Joint(
                    name: names[index],
                    role: .actuated,
                    busIndex: 0,
                    servoID: id,
                    servo: servo,
                    limits: JointLimits(
                        position: degrees(-90)...degrees(90),
                        goalVelocity: 2,
                        tripVelocity: 8,
                        current: 1.2,
                        followingError: degrees(20),
                        pauseTemperature: 55,
                        stopTemperature: 65
                    ),
                    resetPosition: 0,
                    gains: .registers(PositionGains(proportional: 640, integral: 3, derivative: 40))
                )
            },
            calibration: ids.indices.map { index in
                JointCalibration(zeroPulse: 2048, direction: index == 1 ? -1 : 1)
            },
            buses: [
                ServoBusDescription(
                    name: "hand",
                    port: port,
                    baudRate: baudRate,
                    servoWatchdog: watchdog
                )
            ],
            tickNanoseconds: 10_000_000,
            modelPath: nil,
            stop: .park,
            emergencyStop: .release,
            arming: .manual
        )
    }
}
