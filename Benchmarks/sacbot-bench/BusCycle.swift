import Control
import Realtime
import Robot
import Safety
import ServoEmulator
import ServoHardware

/// One control cycle of nine servos over a pty: what a tick costs without waiting for a wire.
///
/// The servos answer at once and rest where they are. The cycle is the program's own: the control
/// loop reads the servo body (ten bytes of every servo, one piece of one servo's health), the
/// supervisor judges, and four bytes of goal go to every servo.
enum BusCycle {
    static let names = ["bus.cycle_p50_us", "bus.cycle_cpu_us"]

    private static let repetitions = 5
    private static let cycles = 2000
    private static let warmUpCycles = 500

    static func measure() throws -> [Figure] {
        let robot = try ClawRobot.fingers()
        var options = EmulatorOptions()
        options.timing = .instant
        options.clock = .stepped(tickNanoseconds: robot.tickNanoseconds)
        let setups = try EmulatedServoSetup.setups(for: robot)
        let emulated = try EmulatedRobot(
            robot: robot,
            plant: FreeServoPlant(setups: setups.flatMap { $0 }),
            options: options
        )
        emulated.start()
        defer { emulated.stop() }
        let paths = zip(robot.buses.map(\.name), emulated.paths)
        let body = try ServoBody.connect(
            robot: robot,
            portOverride: Dictionary(uniqueKeysWithValues: paths),
            pacing: .stepped
        )
        defer { body.close() }
        return try measure(robot: robot, body: body)
    }

    private static func measure(robot: RobotDescription, body: ServoBody) throws -> [Figure] {
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: SafetySettings(),
            stopSwitch: StopSwitch()
        )
        let all = JointSet(robot.joints.indices)
        try loop.beginTick()
        try loop.enableTorque(all)
        try loop.endTick(loop.unchanged)
        defer { _ = body.disableTorque(all) }
        for _ in 0..<warmUpCycles { try loop.holdTick() }
        let before = sum(body.counters)
        var repetitions: [Repetition] = []
        for _ in 0..<Self.repetitions { repetitions.append(try run(loop)) }
        let after = sum(body.counters)
        let count = Double(Self.repetitions * cycles)
        return figures(
            repetitions,
            servos: robot.joints.count,
            requestsPerCycle: Double(after.requests - before.requests) / count,
            lost: after.lost - before.lost
        )
    }

    /// Microseconds.
    private struct Repetition {
        var middle: Double
        var late: Double
        var processor: Double
        var mean: Double
    }

    private static func run(_ loop: ControlLoop<ServoBody>) throws -> Repetition {
        var times = [Double](repeating: 0, count: cycles)
        let processor = threadProcessorTime()
        for cycle in 0..<cycles {
            times[cycle] = Double(try nanoseconds { try loop.holdTick() }) * 1e-3
        }
        let spent = Double(threadProcessorTime() - processor) * 1e-3
        return Repetition(
            middle: times.median,
            late: times.quantile(0.99),
            processor: spent / Double(cycles),
            mean: times.reduce(0, +) / Double(cycles)
        )
    }

    private static func sum(_ counters: [ServoHardware.BusCounters]) -> (requests: Int, lost: Int) {
        counters.reduce(into: (requests: 0, lost: 0)) { total, bus in
            total.requests += bus.requests
            total.lost += bus.silences + bus.corruptions + bus.sendFailures
        }
    }

    private static func figures(
        _ results: [Repetition],
        servos: Int,
        requestsPerCycle: Double,
        lost: Int
    ) -> [Figure] {
        let values = [results.map(\.middle).median, results.map(\.processor).median]
        return zip(names, values).map { name, value in
            Figure(
                name: name,
                value: value,
                unit: "us",
                parameters: [
                    "servos": .integer(servos),
                    "read_bytes": .integer(10),
                    "write_bytes": .integer(4),
                    "level": .text("ControlLoop with Supervisor over ServoBody"),
                    "emulator": .text("sacbot, instant, thread of this process"),
                    "requests_per_cycle": .number(requestsPerCycle),
                    "p99_us": .number(results.map(\.late).median),
                    "cycles_per_second": .number(1e6 / results.map(\.mean).median),
                    "lost": .integer(lost),
                    "repetitions": .integer(repetitions),
                    "cycles": .integer(cycles),
                ]
            )
        }
    }
}
