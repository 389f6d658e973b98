import ArgumentParser
import Control
import Realtime
import Robot
import Safety

/// The command `sacbot jog`.
struct JogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jog",
        abstract: "Moves single joints by hand from the keyboard, slowly, and shows all of them.",
        discussion: """
            Torque comes on only at the joint you choose, when you press t; space switches all torque
            off, q leaves with torque off. Every move goes through the supervisor: inside the robot
            file's limits, at 30 degrees a second at most.

            Examples:
              sacbot jog --robot claw.yaml
              sacbot jog --robot claw.yaml --backend hardware
            """
    )

    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "Where the robot is: simulation, emulator or hardware.")
    var backend: Backend = .simulation
    @Option(help: "A port instead of the robot file's: PORT, or BUS=PORT for one of several buses.")
    var port: [String] = []

    func run() throws {
        var configuration = try RobotConfiguration.load(robot)
        let name = configuration.robot.name
        if backend == .hardware {
            try RunningRobot.refuse(name, remedy: RunningRobot.stopFirst(name))
            if configuration.calibrationPath == nil {
                throw Failure(
                    "`\(name)` is not calibrated, so its limits mean nothing yet; "
                        + "run `sacbot calibrate --robot \(robot)` first"
                )
            }
        }
        configuration.robot = Self.slowed(configuration.robot)
        let job = JogJob(configuration: configuration, backend: backend)
        Signals.forward(to: job.stopSwitch) { _ in }
        let outcome = try backend.withBody(
            configuration,
            ports: try PortChoice.ports(port, of: configuration.robot),
            job
        )
        let joints = configuration.robot.joints
        let unconfirmed = outcome.unconfirmed.indices.map { joints[$0].name }
        if !unconfirmed.isEmpty {
            throw Failure(
                "NOT CONFIRMED by \(unconfirmed.joined(separator: ", ")): cut their power"
            )
        }
        Say.note("torque off")
        if let problem = outcome.problem { throw Failure(problem) }
    }

    /// The robot at 30 degrees a second at most, that lets go whenever it stops.
    private static func slowed(_ robot: RobotDescription) -> RobotDescription {
        var robot = robot
        robot.stop = .release
        robot.emergencyStop = .release
        for index in robot.joints.indices {
            robot.joints[index].limits.goalVelocity = min(
                robot.joints[index].limits.goalVelocity,
                .pi / 6
            )
        }
        return robot
    }
}

/// One `sacbot jog`, on whatever body: control on its own thread, keys and screen on this one.
private struct JogJob: BodyWork {
    let configuration: RobotConfiguration
    let backend: Backend
    let stopSwitch = StopSwitch()

    func run<Body: DrivenBody>(_ body: Body) throws -> JogOutcome {
        guard let terminal = RawTerminal() else {
            throw Failure("jog needs a terminal: standard input is none")
        }
        defer { terminal.restore() }
        let robot = configuration.robot
        let desk = JogDesk(jointCount: robot.joints.count, now: MonotonicClock.now())
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: configuration.safety,
            stopSwitch: stopSwitch,
            posture: try configuration.postureGuard()
        )
        let control = Handover(
            value: JogControl(loop: loop, desk: desk, isPaced: backend.hasSimulatedTime)
        )
        let thread = WorkThread(
            name: "sacbot-control",
            priority: backend.hasSimulatedTime ? .ordinary : .control
        ) { control.value.run() }
        let outcome = attend(terminal, desk, robot)
        thread.join()
        return outcome
    }

    /// Keys to orders, the view to the screen, until the control thread has ended.
    private func attend(
        _ terminal: RawTerminal,
        _ desk: JogDesk,
        _ robot: RobotDescription
    ) -> JogOutcome {
        var screen = JogScreen(robot: robot, backend: backend.rawValue)
        var orders: [JogOrder] = []
        while true {
            let (view, outcome) = desk.exchange(orders, now: MonotonicClock.now())
            if let outcome { return outcome }
            terminal.draw(screen.lines(view, rows: terminal.rows))
            guard let keys = terminal.keys(waiting: 100) else {
                // The terminal is gone: leave, as q would.
                orders = [.quit]
                MonotonicClock.sleep(until: MonotonicClock.now() + 20_000_000)
                continue
            }
            orders = keys.compactMap { Self.order($0, &screen) }
        }
    }

    /// What a key asks of the robot; keys that only change the screen do so at once.
    private static func order(_ key: JogKey, _ screen: inout JogScreen) -> JogOrder? {
        switch key {
        case .up: screen.selected = max(0, screen.selected - 1)
        case .down: screen.selected = min(screen.robot.joints.count - 1, screen.selected + 1)
        case .finer: screen.step = max(0, screen.step - 1)
        case .coarser: screen.step = min(JogScreen.steps.count - 1, screen.step + 1)
        case .left: return .nudge(screen.selected, -screen.stepAngle)
        case .right: return .nudge(screen.selected, screen.stepAngle)
        case .torque: return .torque(screen.selected)
        case .stop: return .stop
        case .clearFault: return .clearFault
        case .quit: return .quit
        }
        return nil
    }
}
