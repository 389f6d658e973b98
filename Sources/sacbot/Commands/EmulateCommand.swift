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

    func run() throws {
        let configuration = try RobotConfiguration.load(robot)
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
            linkFolder: links
        )
        defer { emulated.stop() }
        if hand { EmulatorHand(robot: configuration.robot, servos: emulated).listen() }
        for (bus, path) in zip(configuration.robot.buses, emulated.paths) {
            Say.write("\(bus.name) \(path)\n", to: 1)
        }
        while stopSwitch.asked == .none {
            MonotonicClock.sleep(until: MonotonicClock.now() + 50_000_000)
        }
    }
}
