import Control
import Operator
import Robot
import Safety
import Training

/// A session that outlives faults: the robot is stopped, a person looks into it and clears it, and
/// the run goes on; control thread.
///
/// A service that left instead would only be started again, and meanwhile nobody could ask it why.
struct PatientSession<Body: DrivenBody> {
    let stage: RobotStage<Body>
    let session: TrainingSession<Body>
    let service: ServiceLink
    let stopSwitch: StopSwitch

    /// Seconds for which the robot is looked at before anything else is said about it.
    private static var firstLookSeconds: Double { 0.2 }

    /// Runs until somebody asks for the end, or a fault comes that only a new process can clear.
    func run(asks: Bool) -> SessionOutcome {
        var stop = lookAround() ?? stage.awaitPermission(asks: asks)
        while true {
            let outcome = stop.map { session.stopped(because: $0) } ?? session.run()
            guard case .fault(let fault) = outcome.stop, fault.code.clears != .never else {
                return outcome
            }
            let words = stage.describe(fault)
            service.tell(fault, "\(words); \(stage.describe(outcome.stopping))", stage.loop.robot)
            // It is latched as a fault; from here on a new one is a new word.
            stopSwitch.emergencyIsDone()
            stop = clearance(words)
        }
    }

    /// The first checks.
    private func lookAround() -> ControlStop? {
        defer { service.firstLookIsDone() }
        do throws(ControlStop) {
            for _ in 0..<stage.loop.ticks(Self.firstLookSeconds) { try stage.loop.idleTick() }
            return nil
        } catch {
            return error
        }
    }

    /// What ended the wait for a person; `nil` if it was the person's clearance.
    private func clearance(_ words: String) -> ControlStop? {
        stage.desk.update { $0.phase = "waiting for a person" }
        do throws(ControlStop) {
            try stage.awaitClearance(of: words)
            if stage.loop.isDisconnected, let problem = stage.loop.reconnect() {
                Say.warning("\(problem)")
            }
            stage.loop.goOn()
            return nil
        } catch {
            return error
        }
    }
}
