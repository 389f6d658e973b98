import Control
import Evaluation
import Learning
import Operator
import Robot
import Safety
import Synchronization
import Training

/// What people ask a session to do between two episodes, on its way to the control thread.
final class ErrandBox: Sendable {
    let pause = PauseSwitch()
    private let evaluation = Mutex<OperatorEvaluation?>(nil)
    private let reloaded = Mutex<RobotDescription?>(nil)

    /// Lets a desk put errands in.
    func serve(_ actions: inout OperatorActions) {
        actions.pause = { [pause] command in
            switch command {
            case .pause: if pause.asked == .none { pause.ask(.pause) }
            case .release: pause.ask(.release)
            default: pause.ask(.none)
            }
        }
        actions.evaluate = { [self] asked in evaluation.withLock { $0 = asked } }
    }

    /// A robot file was read again, and what it changes may be taken over.
    func reload(_ robot: RobotDescription) { reloaded.withLock { $0 = robot } }

    /// The evaluation that was asked for, once.
    func takeEvaluation() -> OperatorEvaluation? { evaluation.take() }

    /// The robot file that was read again, once.
    func takeReloaded() -> RobotDescription? { reloaded.take() }
}

extension Mutex {
    /// What is in it, leaving nothing.
    fileprivate func take<Wrapped: Sendable>() -> Wrapped? where Value == Wrapped? {
        withLock { stored in
            defer { stored = nil }
            return stored
        }
    }
}

/// Does the errands; control thread.
final class SessionErrands<Body: DrivenBody> {
    private let box: ErrandBox
    private let stage: RobotStage<Body>
    private let learner: any LearnerLink
    private let runner: EpisodeRunner<Body>

    init(box: ErrandBox, stage: RobotStage<Body>, learner: any LearnerLink) {
        self.box = box
        self.stage = stage
        self.learner = learner
        runner = stage.runner(sink: NoTransitions())
    }

    /// Does what was asked for; the stop that came in between, if one did.
    func run() -> ControlStop? {
        if let robot = box.takeReloaded() { stage.loop.adopt(robot) }
        if let asked = box.takeEvaluation(), let stop = evaluate(asked) { return stop }
        return pause()
    }

    private func pause() -> ControlStop? {
        guard box.pause.asked != .none else { return nil }
        let desk = stage.desk
        do throws(ControlStop) {
            try stage.loop.pause(while: box.pause) { isLimp in
                desk.update {
                    $0.phase = "paused"
                    $0.pause = isLimp ? .released : .paused
                }
            }
            desk.update { $0.pause = .no }
        } catch {
            desk.update { $0.pause = .no }
            box.pause.ask(.none)
            return error
        }
        return nil
    }

    private func evaluate(_ asked: OperatorEvaluation) -> ControlStop? {
        var evaluation = asked
        let desk = stage.desk
        func show() { desk.update { [evaluation] in $0.evaluation = evaluation } }
        guard let policy = learner.policyToTry() else {
            evaluation.phase = .failed
            evaluation.problem = "there is no policy yet: the learner is still warming up"
            show()
            return nil
        }
        evaluation.phase = .running
        evaluation.policyUpdates = policy.version
        show()
        desk.update { $0.phase = "evaluating" }
        let session = EvaluationSession(
            runner: runner,
            seed: asked.seed,
            recover: { .fault($0) }
        ) { outcome in
            evaluation.note(outcome)
            show()
        }
        let (_, stop) = session.run(.policy(policy, explores: false), episodes: asked.episodes)
        evaluation.phase = stop == nil ? .done : .failed
        if let stop { evaluation.problem = "stopped: \(stage.words(stop))" }
        show()
        return stop
    }
}

extension OperatorEvaluation {
    /// Counts an episode in.
    fileprivate mutating func note(_ outcome: EpisodeOutcome) {
        let sum = (meanReturn ?? 0) * Double(done) + outcome.totalReward
        done += 1
        meanReturn = sum / Double(done)
        if outcome.successHeld { held += 1 }
        if outcome.successFinal { final += 1 }
    }
}

extension RobotStage {
    /// Why the control thread left, in words.
    func words(_ stop: ControlStop) -> String {
        switch stop {
        case .ordered: "somebody asked for a stop"
        case .fault(let fault): describe(fault)
        }
    }
}
