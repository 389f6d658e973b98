import Foundation
import Operator
import Realtime
import Robot
import Safety
import Synchronization

/// What makes a training a service: systemd is told how it is, SIGHUP reads the robot file again.
///
/// `look` belongs to the main thread; the control thread only leaves word here.
final class ServiceLink: Sendable {
    /// train, run or idle.
    let mode: String
    private let notifier: ServiceNotifier?
    private let report: Mutex<ServiceReport>
    private let hasLooked = Atomic<Bool>(false)
    private let isReloadAsked = Atomic<Bool>(false)
    private let reload: Mutex<RobotReload>

    init(mode: String, configuration: RobotConfiguration) {
        self.mode = mode
        notifier = ServiceNotifier(
            environment: ProcessInfo.processInfo.environment,
            processID: getpid()
        )
        report = Mutex(ServiceReport(watchdogNanoseconds: notifier?.watchdogNanoseconds))
        reload = Mutex(RobotReload(configuration))
    }

    // MARK: Any thread

    /// The first checks are done: the service counts as started.
    func firstLookIsDone() { hasLooked.store(true, ordering: .releasing) }

    /// Somebody wants the robot file read again.
    func askForReload() { isReloadAsked.store(true, ordering: .releasing) }

    /// A fault, for the journal.
    func tell(_ fault: Fault, _ words: String, _ robot: RobotDescription) {
        var fields = [(name: "SACBOT_FAULT", value: "\(fault.code.rawValue)")]
        if let joint = fault.joint {
            fields.append((name: "SACBOT_JOINT", value: robot.joints[joint].name))
        }
        Say.error(words, fields)
    }

    // MARK: Main thread

    /// Tells systemd what is new, and reads the robot file again if that was asked for.
    ///
    /// - Returns: the robot to go on with, if the file may change it.
    func look(
        _ state: OperatorState,
        progress: UInt64,
        isStopping: Bool
    ) -> RobotDescription? {
        let look = ServiceReport.Look(
            now: MonotonicClock.now(),
            progress: progress,
            isReady: hasLooked.load(ordering: .acquiring),
            isStopping: isStopping,
            status: state.statusLine
        )
        notifier?.send(report.withLock { $0.lines(look) })
        let isAsked = isReloadAsked.exchange(false, ordering: .acquiringAndReleasing)
        return isAsked ? readAgain() : nil
    }

    /// The control thread has ended: what is left is the last checkpoint, which has the watchdog's
    /// time from this last sign of life on.
    func leave() {
        let look = ServiceReport.Look(
            now: MonotonicClock.now(),
            progress: 0,
            isReady: true,
            isStopping: true,
            status: "stopped; writing the last checkpoint"
        )
        notifier?.send(report.withLock { $0.lines(look) })
    }

    private func readAgain() -> RobotDescription? {
        notifier?.send(ServiceReport.reloading(now: MonotonicClock.now()))
        let result = reload.withLock { $0.run() }
        for line in result.problems { Say.warning(line) }
        Say.note(result.summary)
        notifier?.send(ServiceReport.reloaded(result.summary))
        return result.robot
    }
}
