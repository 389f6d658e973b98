import Robot
import ServoProtocol

/// One bus of the robot with the joints on it.
final class BusLink {
    let description: ServoBusDescription
    let bus: ServoBus
    var joints: [JointLink]
    /// Reads current, velocity and position of all joints.
    var reader: GroupReader
    /// Whose turn it is to be asked for its health, and for which part.
    var healthCursor = 0
    /// Set once the bus cannot be relied on any more.
    var isLost = false
    /// Set once the port was given back.
    var isClosed = false

    init(description: ServoBusDescription, bus: ServoBus, joints: [JointLink]) {
        self.description = description
        self.bus = bus
        self.joints = joints
        reader = Self.reader(joints, usesFastRead: false)
    }

    private static func reader(_ joints: [JointLink], usesFastRead: Bool) -> GroupReader {
        GroupReader(
            ids: joints.map(\.id),
            address: JointLink.presentAddress,
            count: JointLink.presentCount,
            usesFastRead: usesFastRead
        )
    }

    /// Reads in one shared status from now on, if all servos can.
    func useFastReadIfKnown() {
        let allKnow = joints.allSatisfy { link in
            guard let first = link.joint.servo.fastSyncReadFirmware else { return false }
            return link.firmware >= first
        }
        reader = Self.reader(joints, usesFastRead: allKnow)
    }

    /// Takes note of the servos' Return Delay Time registers: the longest one counts.
    func noteReturnDelays() {
        bus.timing.returnDelay = joints.map { Int64($0.returnDelay) * 2000 }.max() ?? 508_000
    }

    /// Bus Watchdog register for the robot file's time: 20 ms a unit, rounded up; 0 is off.
    var watchdogUnits: Int {
        guard let seconds = description.servoWatchdog else { return 0 }
        // A thousandth of a unit forgives what 0.1 is in binary.
        return min(max(Int((seconds / 0.020 - 0.001).rounded(.up)), 1), 127)
    }

    /// The joints of a set that are on this bus.
    func links(in set: JointSet) -> [JointLink] { joints.filter { set.contains($0.index) } }
}
