import Control
import Journal
import Learning
import Operator
import Pictures
import Robot
import RobotFiles
import Safety
import Simulation
import Training

/// A body with everything around it that train and evaluate share: loop, operator, socket.
final class RobotStage<Body: DrivenBody> {
    let loop: ControlLoop<Body>
    let desk: OperatorDesk
    let facts: PolicyFacts
    /// Shows what the supervisor says and keeps its latch; for the main thread.
    let watch: SafetyWatch
    private let configuration: RobotConfiguration
    private let task: TaskSettings
    private let socket: ControlSocket?
    /// What the policy looks through; `nil` for tasks without a camera.
    let camera: (any FrameSource)?
    private let operatorLink: any OperatorLink
    /// What the latch said at the start, in words; `nil` if nothing was latched.
    private let latchedWords: String?

    init(
        body: Body,
        configuration: RobotConfiguration,
        task: TaskSettings,
        backend: Backend,
        stopSwitch: StopSwitch,
        latch: FaultLatch?,
        errands: ErrandBox? = nil
    ) throws {
        self.configuration = configuration
        self.task = task
        camera = try CameraChoice.open(configuration, task, body)
        loop = ControlLoop(
            body: body,
            robot: configuration.robot,
            safety: configuration.safety,
            stopSwitch: stopSwitch,
            posture: try configuration.postureGuard()
        )
        var actions = OperatorActions { command in
            stopSwitch.ask(command == .estop ? .emergency : .ordered)
        }
        errands?.serve(&actions)
        desk = OperatorDesk(actions)
        let terminal = TerminalOperator(desk: desk)
        operatorLink =
            (body as? SimulatedBody).map { SimulatedAttendant(body: $0, others: terminal) }
            ?? terminal
        facts = PolicyFacts(configuration: configuration, task: task, backend: backend)
        desk.update {
            $0.robot = configuration.robot.name
            $0.task = task.name
            $0.backend = backend.rawValue
            $0.program = programVersion
            $0.started = WallClock.now()
            $0.tickSeconds = configuration.robot.tickSeconds
        }
        let robot = configuration.robot
        let latched = latch?.fault(of: robot)
        latchedWords = latched?.words
        if let latched { loop.restore(latched: latched.fault) }
        watch = SafetyWatch(
            robot: robot,
            status: loop.safetyStatus,
            picture: loop.picture,
            desk: desk,
            latch: latch,
            restored: latched?.fault,
            describe: { $0.words(of: robot) }
        )
        watch.look()
        socket = try Self.socket(robot: configuration.robot.name, desk: desk)
        TerminalAnswers.listen(desk)
    }

    /// Closes the control socket and the camera.
    func close() {
        socket?.stop()
        desk.finish()
        CameraChoice.close(camera)
    }

    /// The robot's control socket, or none with a warning if somebody else serves it: an evaluation
    /// in simulation beside a training, say.
    private static func socket(robot: String, desk: OperatorDesk) throws -> ControlSocket? {
        do throws(ControlSocketError) {
            let path = ControlSocket.path(robot: robot)
            // The service's folder lets only its group in; a person's own only that person.
            let isService = path.hasPrefix(ControlSocket.serviceFolder + "/")
            return try ControlSocket(path: path, forGroup: isService, desk: desk)
        } catch {
            guard case .alreadyServed = error else { throw error }
            Say.warning(error.description)
            return nil
        }
    }

    /// A runner of the task that hands transitions to `sink`.
    func runner(sink: any TransitionSink) -> EpisodeRunner<Body> {
        EpisodeRunner(
            loop: loop,
            task: task,
            reset: loop.isRestorable ? configuration.simulatedReset : configuration.reset,
            operatorLink: operatorLink,
            sink: sink,
            camera: camera
        )
    }

    /// Waits for the robot when it was lost.
    var recovery: OutageRecovery<Body> {
        OutageRecovery(loop: loop, operatorLink: operatorLink) { [unowned self] fault, stopping in
            "\(describe(fault)); \(describe(stopping))"
        }
    }

    /// Waits for whatever has to come before the first torque: a person who clears a latched fault,
    /// and the word that the robot may move if `asks`.
    ///
    /// - Returns: what ended the wait, if not that.
    func awaitPermission(asks: Bool) -> ControlStop? {
        do throws(ControlStop) {
            if let latchedWords { try awaitClearance(of: latchedWords) }
        } catch {
            return error
        }
        return asks ? askBeforeArming() : nil
    }

    /// Waits until a person clears the fault in force, if there is one: by a deliberate word, not by
    /// the usual answer to a question.
    func awaitClearance(of words: String) throws(ControlStop) {
        guard loop.supervisor.fault != nil else { return }
        operatorLink.show(
            OperatorPrompt(
                reason: .latchedFault,
                text: "\(configuration.robot.name) gets no torque: it was stopped before by "
                    + "\(words). Look into that first."
            )
        )
        defer { operatorLink.show(nil) }
        while true {
            try loop.restTick()
            switch operatorLink.takeAnswer() {
            case .clearFault:
                loop.clearFault()
                operatorLink.note("the latched fault is cleared")
                return
            case .giveUp: throw .ordered
            case .goOn, nil: break
            }
        }
    }

    /// Stops the robot after a fault and waits for a person who has looked into it; a robot that was
    /// lost is waited for, too.
    ///
    /// - Returns: what ends the work, `nil` if it goes on.
    func recover(from fault: Fault) -> ControlStop? {
        if loop.canRecover(from: fault) { return recovery.recover(from: .fault(fault)) }
        let stopping = loop.stop()
        operatorLink.show(
            OperatorPrompt(
                reason: .latchedFault,
                text: "\(describe(fault)); \(describe(stopping)). Look into that first."
            )
        )
        defer { operatorLink.show(nil) }
        do throws(ControlStop) {
            while true {
                try loop.idleTick()
                switch operatorLink.takeAnswer() {
                case .clearFault:
                    loop.goOn()
                    return loop.supervisor.fault.map { .fault($0) }
                case .giveUp: throw .ordered
                case .goOn, nil: break
                }
            }
        } catch {
            return error
        }
    }

    /// Waits for a person's word before the first torque; what ended the wait, if not that.
    private func askBeforeArming() -> ControlStop? {
        loop.note(.checking)
        operatorLink.show(
            OperatorPrompt(
                reason: .confirmArming,
                text: "\(configuration.robot.name) is about to move. Clear its space."
            )
        )
        defer { operatorLink.show(nil) }
        do throws(ControlStop) {
            while true {
                try loop.holdTick()
                switch operatorLink.takeAnswer() {
                case .goOn: return nil
                case .giveUp: return .ordered
                case .clearFault, nil: break
                }
            }
        } catch {
            return error
        }
    }

    /// How a stop went, in words.
    func describe(_ stop: StopOutcome) -> String {
        var text: String
        switch stop.response {
        case .park: text = stop.parked ? "parked, torque off" : "not parked in time, torque off"
        case .hold: text = "holding with torque on"
        case .damp: text = "braked to rest, torque off"
        case .release: text = "torque off"
        }
        if !stop.unconfirmed.isEmpty {
            text += "; NOT CONFIRMED by \(names(stop.unconfirmed.indices)): cut their power"
        }
        return text
    }

    /// A fault in words, with its remedy.
    func describe(_ fault: Fault) -> String {
        var text = fault.words(of: configuration.robot)
        if let problem = loop.armingProblem { text += " (\(problem))" }
        return text
    }

    private func names(_ joints: [Int]) -> String {
        joints.map { "\(loop.robot.joints[$0].name) (ID \(loop.robot.joints[$0].servoID))" }
            .joined(separator: ", ")
    }
}

extension Fault {
    /// The fault with its number, its joint and its remedy.
    func words(of robot: RobotDescription) -> String {
        let place = joint.map { " at \(robot.joints[$0].name) (ID \(robot.joints[$0].servoID))" }
        return "fault \(code.rawValue)\(place ?? ""): \(code.explanation)"
    }
}

/// What identifies the experience of one robot, task and backend.
struct PolicyFacts {
    let layout: TransitionLayout
    let observationLayout: String
    let actionLayout: String
    let observation: ObservationNotes
    let action: ActionNotes
    /// The robot file and the task, for messages.
    let place: String
    private let robot: String
    private let task: String
    private let backend: String
    private let robotHash: String
    private let calibrationHash: String

    init(configuration: RobotConfiguration, task: TaskSettings, backend: Backend) {
        let description = configuration.robot
        let observer = Observer(task: task, robot: description)
        let mapping = ActionMapping(task: task, robot: description)
        layout = TransitionLayout(
            observationCount: observer.count,
            actionCount: mapping.count,
            image: CameraChoice.image(configuration, task)
        )
        observationLayout = observer.layout
        actionLayout = mapping.layout
        let elements = task.observationElements(robot: description)
        observation = ObservationNotes(
            names: elements.map(\.name),
            units: elements.map(\.unit),
            historyFrames: task.historyFrames,
            ratePerSecond: 1e9 / Double(task.ticksPerStep * Int(description.tickNanoseconds))
        )
        action = ActionNotes(
            kind: mapping.kind.rawValue,
            joints: mapping.names,
            offsets: mapping.offsets,
            factors: mapping.factors,
            lowPassHertz: task.actionCutoffHertz
        )
        place = "\(configuration.path), task \(task.name)"
        robot = description.name
        self.task = task.name
        self.backend = backend.rawValue
        robotHash = "\(configuration.robotHash)"
        calibrationHash = configuration.calibrationHash
    }

    /// Who a run of this is.
    func identity(seed: UInt64, profile: String) -> RunIdentity {
        var identity = RunIdentity(
            key: RunKey(robot: robot, task: task, backend: backend, profile: profile),
            seed: seed,
            observationHash: "\(ContentHash(observationLayout.utf8))",
            actionHash: "\(ContentHash(actionLayout.utf8))",
            calibrationHash: calibrationHash,
            robotHash: robotHash,
            programVersion: programVersion
        )
        identity.host = HostDescription.text
        return identity
    }

    /// What policy files of this say about themselves.
    func provenance(profile: String) -> PolicyProvenance {
        PolicyProvenance(
            robot: robot,
            task: task,
            backend: backend,
            profile: profile,
            robotHash: robotHash,
            calibrationHash: calibrationHash,
            observationLayout: observationLayout,
            actionLayout: actionLayout,
            observation: observation,
            action: action,
            programVersion: programVersion
        )
    }
}
