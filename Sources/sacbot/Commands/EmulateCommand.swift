import ArgumentParser
import Control
import Realtime
import Robot
import ServoEmulator

/// The command `sacbot emulate`.
struct EmulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate",
        abstract: "Puts a robot's servos on pseudo-terminals, with physics behind them.",
        discussion: """
            Any Dynamixel client can talk to them: sacbot itself, the vendor's SDK, your program.
            Prints one line a bus, `NAME PATH`, then answers until Ctrl-C.

            Examples:
              sacbot emulate --robot claw.yaml
              sacbot train --robot claw.yaml --backend hardware --port /dev/pts/7 --arm
              sacbot emulate --robot claw.yaml --clock stepped --timing instant
              sacbot emulate --robot claw.yaml --fault 'lost-reply rate=0.01' --seed 7

            What can go wrong on demand is listed in docs/emulator.md.
            """
    )

    enum Clock: String, CaseIterable, ExpressibleByArgument {
        case real
        case stepped
    }

    enum Timing: String, CaseIterable, ExpressibleByArgument {
        case honest
        case instant
    }

    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "real: physics keep up with the clock; stepped: one tick for each goal write.")
    var clock: Clock = .real
    @Option(help: "honest: replies take the time of their bits and return delay; instant: none.")
    var timing: Timing = .honest
    @Option(help: "A folder for stable names: each bus gets a link there.")
    var links: String?
    @Flag(help: "Answer at whatever rate the client sets.")
    var anyBaud = false
    @Flag(
        help: "Read from standard input what a hand does: turn JOINT DEGREES, let-go JOINT, wait."
    )
    var hand = false

    @Option(help: "A file of what shall go wrong, see docs/emulator.md.")
    var faults: String?
    @Option(
        name: .customLong("fault"),
        help: "One thing that shall go wrong, 'NAME at=5s|rate=0.01 ...'; may be repeated."
    )
    var fault: [String] = []
    @Option(help: "From which faults' chances are drawn; the same seed gives the same faults.")
    var seed: UInt64?

    func run() throws {
        let configuration = try RobotConfiguration.load(robot)
        let plan = try FaultPlanFile.plan(
            path: faults,
            words: fault,
            seed: seed,
            robot: configuration.robot
        )
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch) { _ in }
        var options = EmulatorOptions()
        if clock == .stepped {
            options.clock = .stepped(tickNanoseconds: configuration.robot.tickNanoseconds)
        }
        options.timing = timing == .honest ? .honest : .instant
        options.checksBaudRate = !anyBaud
        let emulated = try EmulatedRobot.started(
            configuration,
            options: options,
            faults: plan,
            linkFolder: links
        )
        if !plan.orders.isEmpty { Say.note("faults on demand, seed \(plan.seed)") }
        let names = configuration.robot.buses.map(\.name) + (emulated.imu == nil ? [] : ["imu"])
        var told: [String?] = names.map { _ in nil }
        if hand { EmulatorHand(robot: configuration.robot, servos: emulated).listen() }
        while stopSwitch.asked == .none {
            tell(names, emulated.paths + (emulated.imu.map { [$0.path] } ?? []), &told)
            MonotonicClock.sleep(until: MonotonicClock.now() + 50_000_000)
        }
        let hits = emulated.faultHits
        emulated.stop()
        for kind in FaultKind.allCases {
            if let count = hits[kind] { Say.note("\(kind.rawValue): \(count) times") }
        }
    }

    /// Says under which path each bus is, at first and whenever an adapter has come back.
    private func tell(_ names: [String], _ paths: [String], _ told: inout [String?]) {
        for index in paths.indices where told[index] != paths[index] {
            Say.write("\(names[index]) \(paths[index])\n", to: 1)
            told[index] = paths[index]
        }
    }
}
