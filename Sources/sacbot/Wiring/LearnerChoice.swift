import Control
import Journal
import Realtime
import Robot
import Synchronization
import Training

/// The learner beside the robot, or in lock step with it, with one face for the job.
final class LearnerChoice {
    /// What the control thread talks to.
    let link: any LearnerLink
    private let thread: LearnerThread?
    private let lockstep: LockstepLearner?
    private let core: LearnerCore
    private let trouble: Trouble
    private let lockstepFigures = Mutex(LearnerThread.Figures())

    /// Where the learner leaves word that it had to stop.
    private final class Trouble: Sendable {
        let text = Mutex<String?>(nil)
    }

    init(
        core: LearnerCore,
        layout: TransitionLayout,
        task: TaskSettings,
        tickSeconds: Seconds,
        isLockstep: Bool,
        goesOnExactly: Bool,
        hasSimulatedTime: Bool,
        stopSwitch: StopSwitch
    ) {
        self.core = core
        let trouble = Trouble()
        self.trouble = trouble
        let failed: @Sendable (JournalError) -> Void = { error in
            trouble.text.withLock { $0 = $0 ?? "\(error)" }
            stopSwitch.ask(.ordered)
        }
        if isLockstep {
            let learner = LockstepLearner(
                core: core,
                layout: layout,
                goesOnExactly: goesOnExactly,
                clock: WallClock.now,
                failed: failed
            )
            (link, thread, lockstep) = (learner, nil, learner)
        } else {
            let stepSeconds = Double(task.ticksPerStep) * tickSeconds
            let learner = LearnerThread(
                core: core,
                layout: layout,
                episodeSteps: task.stepCount,
                stepsPerMinute: Int(60 / stepSeconds),
                priority: hasSimulatedTime ? .ordinary : .background,
                clock: WallClock.now,
                failed: failed
            )
            (link, thread, lockstep) = (learner, learner, nil)
        }
    }

    /// Why the learner had to stop, if it had to.
    var problem: String? { trouble.text.withLock { $0 } }

    /// How updates keep step with transitions.
    var governor: Governor { core.governor }

    /// The learner's figures.
    var figures: LearnerThread.Figures {
        thread?.figures ?? lockstepFigures.withLock { $0 }
    }

    /// Brings the lock-step figures up to date; control thread, where that learner works.
    func noteEpisode() {
        guard lockstep != nil else { return }
        lockstepFigures.withLock {
            $0.transitions = core.transitions
            $0.updates = core.updates
            $0.metrics = core.metrics
        }
    }

    /// Writes the last checkpoint and ends the learner's thread.
    func close() {
        thread?.close()
        lockstep?.close()
    }
}
