import Control
import Operator
import Realtime
import Robot
import Safety
import Synchronization
import Training

/// How a session is run on the control thread.
struct SessionDrive {
    /// What the thread asks of the scheduler.
    var priority: ThreadPriority
    /// Whether a person has to say that the robot may move.
    var asks: Bool
    /// What makes it a service, `nil` for a command.
    var service: ServiceLink?
    /// How it is stopped.
    var stopSwitch: StopSwitch
    /// What people ask for between two episodes.
    var errands: ErrandBox
}

extension RobotStage {
    /// Runs a session on the control thread while the calling one, ten times a second, shows people
    /// and systemd how it goes.
    ///
    /// - Parameter look: called each time before the state is handed out.
    func drive(
        _ session: TrainingSession<Body>,
        _ drive: SessionDrive,
        look: () -> Void
    ) throws -> SessionOutcome {
        let result = Mutex<SessionOutcome?>(nil)
        let handed = Handover(value: (self, session, drive))
        let thread = WorkThread(
            name: "sacbot-control",
            priority: drive.priority,
            refused: { Say.warning("\($0)") }
        ) {
            let (stage, session, drive) = handed.value
            let outcome = stage.work(session, drive)
            result.withLock { $0 = outcome }
        }
        while result.withLock({ $0 == nil }) {
            MonotonicClock.sleep(until: MonotonicClock.now() + 100_000_000)
            look()
            let ticks = TickState(loop.statistics)
            desk.update { $0.ticks = ticks }
            watch.look()
            let reloaded = drive.service?.look(
                desk.state,
                progress: loop.statistics.progress,
                isStopping: drive.stopSwitch.asked == .ordered
            )
            if let reloaded {
                drive.errands.reload(reloaded)
                watch.adopt(reloaded)
            }
        }
        thread.join()
        watch.look()
        drive.service?.leave()
        guard let outcome = result.withLock({ $0 }) else { throw Failure("no outcome") }
        return outcome
    }

    /// The control thread's part.
    private func work(
        _ session: TrainingSession<Body>,
        _ drive: SessionDrive
    ) -> SessionOutcome {
        if let service = drive.service {
            return PatientSession(
                stage: self,
                session: session,
                service: service,
                stopSwitch: drive.stopSwitch
            ).run(asks: drive.asks)
        }
        return awaitPermission(asks: drive.asks).map { session.stopped(because: $0) }
            ?? session.run()
    }

    /// Shows a finished episode; control thread.
    func note(_ finished: FinishedEpisode, _ progress: ProgressLine) {
        let episode = OperatorEpisode(finished)
        let (held, mean) = (progress.recentHeld, progress.recentReturn)
        desk.update {
            $0.episodes = finished.outcome.index + 1
            $0.note(episode)
            $0.recentSuccess = held
            $0.recentReturn = mean
        }
    }
}
