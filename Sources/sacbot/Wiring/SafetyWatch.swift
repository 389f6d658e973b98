import Control
import Foundation
import Journal
import Operator
import Realtime
import Robot
import Safety

/// Reads what the control thread says about safety and joints, shows it to people and keeps the
/// latch.
///
/// Words and files are made here, on the main thread, never in the tick. A fault is on disk at most
/// one call of `look` after it was seen.
final class SafetyWatch {
    private let robot: RobotDescription
    private let status: Latest<SafetyStatus>
    private let picture: Latest<RobotPicture>
    private var jointsAtRest: [OperatorJoint]
    private let desk: OperatorDesk
    private let latch: FaultLatch?
    /// A fault in words, with its remedy.
    private let describe: (Fault) -> String
    private var latched: Fault?

    /// A watch over a loop's status.
    ///
    /// - Parameters:
    ///   - latch: where faults are kept; `nil` where every process has a new robot.
    ///   - restored: what the latch held at the start.
    init(
        robot: RobotDescription,
        status: Latest<SafetyStatus>,
        picture: Latest<RobotPicture>,
        desk: OperatorDesk,
        latch: FaultLatch?,
        restored: Fault?,
        describe: @escaping (Fault) -> String
    ) {
        self.robot = robot
        self.status = status
        self.picture = picture
        jointsAtRest = robot.joints.map { OperatorJoint($0, of: robot) }
        self.desk = desk
        self.latch = latch
        self.describe = describe
        latched = restored
    }

    /// Takes in what is new and hands it out; for one thread only.
    func look() {
        lookAtSafety()
        lookAtJoints()
        desk.publish()
    }

    /// Shows the limits of a robot file that was read again.
    func adopt(_ robot: RobotDescription) {
        jointsAtRest = robot.joints.map { OperatorJoint($0, of: robot) }
    }

    private func lookAtJoints() {
        guard let seen = picture.takeIfNew() else { return }
        let joints = zip(jointsAtRest.indices, jointsAtRest).map { index, joint in
            joint.seen(seen, index)
        }
        desk.update {
            $0.joints = joints
            $0.tickCount = seen.tick
            $0.robotSeconds = Double(seen.time.nanoseconds) * 1e-9
        }
    }

    private func lookAtSafety() {
        guard let seen = status.takeIfNew() else { return }
        keep(seen)
        let words = seen.fault.map(describe)
        let parts = seen.fault.map {
            OperatorFault($0, of: robot, isLatched: seen.isLatched)
        }
        let checks = SafetyCheck.list(seen, robot: robot).map {
            OperatorCheck(
                name: $0.name,
                outcome: $0.outcome.rawValue,
                joints: $0.joints,
                remedy: $0.remedy
            )
        }
        desk.update {
            $0.safety = seen.state.words
            $0.fault = words
            $0.faultDetail = parts
            $0.isFaultLatched = seen.isLatched
            $0.checks = checks
        }
    }

    /// Writes a new latch, removes a cleared one.
    private func keep(_ seen: SafetyStatus) {
        guard let latch else { return }
        do throws(JournalError) {
            if seen.isLatched, let fault = seen.fault, latched != fault {
                let joint = fault.joint.map { robot.joints[$0].name }
                try latch.write(
                    LatchedFault(
                        code: Int(fault.code.rawValue),
                        joint: joint,
                        time: WallClock.now(),
                        words: describe(fault)
                    )
                )
                latched = fault
            } else if !seen.isLatched, latched != nil {
                try latch.clear()
                latched = nil
            }
        } catch {
            // Tried again with the next status.
            Say.warning("the latch of \(robot.name) could not be kept: \(error)")
        }
    }
}

extension FaultLatch {
    /// Where a robot's latch is: the service's state folder, or beside the runs.
    static func of(_ robot: String, runs: String) -> FaultLatch {
        let state = ProcessInfo.processInfo.environment["STATE_DIRECTORY"]
        return FaultLatch(folder: state ?? runs, robot: robot)
    }

    /// The latched fault as the supervisor knows it, and in words.
    ///
    /// What cannot be read counts as an emergency stop: somebody wanted the robot to stand.
    func fault(of robot: RobotDescription) -> (fault: Fault, words: String)? {
        do throws(JournalError) {
            guard let kept = try read() else { return nil }
            let code = UInt8(exactly: kept.code).flatMap(FaultCode.init) ?? .emergencyStop
            let joint = kept.joint.flatMap { name in
                robot.joints.firstIndex { $0.name == name }
            }
            return (Fault(code, joint: joint), kept.words)
        } catch {
            return (Fault(.emergencyStop), error.description)
        }
    }
}
