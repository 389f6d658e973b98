import Control
import Dashboard
import Journal
import Learning
import Operator
import Realtime
import Robot
import Safety
import Training

/// A service that acts by a policy and learns nothing: `daemon: {mode: run}`.
struct ActingJob: BodyWork {
    let configuration: RobotConfiguration
    let task: TaskSettings
    let backend: Backend
    let policy: PolicySnapshot
    let policyPath: String
    let seed: UInt64
    let asks: Bool
    let latch: FaultLatch?
    let service: ServiceLink
    let errands: ErrandBox
    let stopSwitch: StopSwitch

    func run<Body: DrivenBody>(_ body: Body) throws {
        let stage = try RobotStage(
            body: body,
            configuration: configuration,
            task: task,
            backend: backend,
            stopSwitch: stopSwitch,
            latch: latch,
            errands: errands
        )
        defer { stage.close() }
        let page = try stage.openDashboard(configuration.dashboard)
        defer { page?.stop() }
        let desk = stage.desk
        desk.update {
            $0.mode = service.mode
            $0.run = policyPath
        }
        Say.note("policy \(policyPath)")
        let progress = ProgressLine(now: WallClock.now())
        let link = FixedPolicyLink(policy: policy)
        let errand = SessionErrands(box: errands, stage: stage, learner: link)
        let session = TrainingSession(
            runner: stage.runner(sink: link),
            learner: link,
            trial: nil,
            recovery: backend.hasSimulatedTime ? nil : stage.recovery,
            seed: seed,
            nextEpisode: 0,
            transitions: 0,
            bounds: SessionBounds(),
            waitsForLearner: false,
            clock: WallClock.now,
            phase: { phase in desk.update { $0.phase = phase } },
            errands: { errand.run() },
            report: { finished in
                progress.note(finished)
                desk.update { $0.steps += finished.outcome.steps }
                stage.note(finished, progress)
            }
        )
        let drive = SessionDrive(
            priority: backend.hasSimulatedTime ? .ordinary : configuration.controlPriority,
            asks: asks,
            service: service,
            stopSwitch: stopSwitch,
            errands: errands
        )
        let outcome = try stage.drive(session, drive) {}
        Say.note("stopped: \(stage.describe(outcome.stopping))")
        if case .fault(let fault) = outcome.stop { throw Failure(stage.describe(fault)) }
    }
}
