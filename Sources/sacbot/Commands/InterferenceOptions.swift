import ArgumentParser
import Control
import Evaluation
import Foundation
import Robot
import Safety

/// What of `sacbot evaluate` is about interference.
struct InterferenceOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: """
            Interfere while the policy works: names with commas or spaces between them, `all`, or \
            `by-hand`, which you mark with `i` and Enter, `sacbot mark` or SIGUSR1.
            """
    )
    var interfere: [String] = []
    @Option(
        help:
            "Walk on unseen ground: slope-up, slope-down, blocks, step-down, low-friction, payload."
    )
    var terrain: [String] = []
    @Option(help: "Interfere as a schedule or a former evaluation's JSON file says.")
    var schedule: String?
    @Option(help: "Episodes of each kind to take down sample by sample.")
    var rollouts: Int = 2
    @Flag(help: "Draw every episode's world as the robot file's `randomise:` says.")
    var randomised = false

    /// Whether the evaluation is one with interference.
    var isAsked: Bool { !interfere.isEmpty || !terrain.isEmpty || schedule != nil }

    func validate() throws {
        if rollouts < 0 { throw ValidationError("--rollouts cannot be negative") }
        if schedule != nil, !interfere.isEmpty || !terrain.isEmpty {
            throw ValidationError("--schedule says what to do; give no --interfere beside it")
        }
    }

    /// The schedule of an evaluation: read, or drawn.
    func schedule(
        for configuration: RobotConfiguration,
        task: TaskSettings,
        backend: Backend,
        episodes: Int,
        seed: UInt64
    ) throws -> InterferenceSchedule {
        if let schedule {
            return try Self.read(schedule, for: configuration.robot, task: task, backend)
        }
        let draw = InterferenceDraw(
            robot: configuration.robot,
            task: task,
            seed: seed,
            staleTicks: configuration.safety.staleTicks
        )
        let kinds = try kinds(draw, configuration.robot, task, backend)
        return draw.schedule(kinds, episodes: episodes)
    }

    /// The kinds that were asked for, each once, in the order of docs/interference.md.
    private func kinds(
        _ draw: InterferenceDraw,
        _ robot: RobotDescription,
        _ task: TaskSettings,
        _ backend: Backend
    ) throws -> [InterferenceKind] {
        var wanted = Set<InterferenceKind>()
        for name in (interfere + terrain).flatMap({ $0.split(separator: ",").map(String.init) }) {
            wanted.formUnion(try Self.kinds(named: name, among: draw.fitting))
        }
        for kind in wanted where kind != .byHand && !draw.fits(kind) {
            throw Failure(
                "`\(kind.rawValue)` means nothing for \(robot.name) and its task \(task.name); "
                    + "choose among: \(Self.names(draw.fitting))"
            )
        }
        let all = interfere.contains("all")
        let kinds = InterferenceKind.allCases.filter {
            wanted.contains($0) && !(all && Self.problem($0, backend) != nil)
        }
        try Self.check(kinds, backend)
        return kinds
    }

    private static func kinds(
        named name: String,
        among fitting: [InterferenceKind]
    ) throws -> [InterferenceKind] {
        switch name {
        case "all": return fitting
        case "pushes": return [.pushedFront, .pushedBack, .pushedLeft, .pushedRight]
        case "terrain": return [.slopeUp, .slopeDown, .blocks, .stepDown, .lowFriction, .payload]
        case "latency": return [.addedLatency]
        default:
            guard let kind = InterferenceKind(rawValue: name) else {
                throw Failure(
                    "there is no interference `\(name)`; there are: "
                        + names(InterferenceKind.allCases) + "; and all, pushes, terrain, latency"
                )
            }
            return [kind]
        }
    }

    private static func names(_ kinds: [InterferenceKind]) -> String {
        kinds.map(\.rawValue).joined(separator: ", ")
    }

    /// Refuses what the backend cannot do.
    private static func check(_ kinds: [InterferenceKind], _ backend: Backend) throws {
        for kind in kinds {
            if let problem = problem(kind, backend) { throw Failure(problem) }
        }
    }

    private static func problem(_ kind: InterferenceKind, _ backend: Backend) -> String? {
        switch (backend, kind) {
        case (.simulation, .byHand): return "by-hand needs a robot; in simulation name a kind"
        case (.simulation, _): return nil
        case (_, let kind) where kind.worksOnRealRobots: return nil
        case (_, let kind):
            return "`\(kind.rawValue)` can only be done in simulation; on a robot do it yourself "
                + "and say --interfere by-hand, or use valve-held or valve-knocked"
        }
    }

    /// A schedule from a file of its own, or out of an evaluation's.
    private static func read(
        _ path: String,
        for robot: RobotDescription,
        task: TaskSettings,
        _ backend: Backend
    ) throws -> InterferenceSchedule {
        let data = Data(try contents(of: path))
        let found: InterferenceSchedule
        do {
            found = try InterferenceSchedule(file: data)
        } catch {
            throw Failure("\(path) is neither a schedule nor an evaluation of sacbot: \(error)")
        }
        guard found.robot == robot.name, found.task == task.name else {
            throw Failure(
                "\(path) is for \(found.robot), task \(found.task), not for \(robot.name), task "
                    + "\(task.name); choose them with --robot and --task"
            )
        }
        if let problem = found.problem(for: robot) { throw Failure("\(path): \(problem)") }
        try check(found.kinds, backend)
        return found
    }
}
