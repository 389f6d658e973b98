import Robot
import Safety

/// Controllers of a robot on one bus, taken care of through the driver that training uses.
///
/// Only those of the robot file are there for it.
final class DriverBench: DeviceBench {
    private let robot: RobotDescription
    private let driver: any CareDriver
    private var report: BringUpReport?

    /// Opens a port; `nil` for a protocol that has a bench of its own.
    ///
    /// The limits of an old calibration do not matter here.
    init?(robot: RobotDescription, bus: Int, port: String) throws(HardwareError) {
        self.robot = robot.countingPulses
        let driver = try DriverChoice.careDriver(self.robot, bus: bus, path: port)
        guard let driver else { return nil }
        self.driver = driver
        try driver.settleLine()
    }

    func close() { driver.port.close() }

    private func joint(_ id: UInt8) -> Int? {
        driver.joints.first { robot.joints[$0].servoID == id }
    }

    func device(id: UInt8) throws(HardwareError) -> FoundDevice? {
        var report = BringUpReport()
        try driver.bringUp(&report)
        self.report = report
        guard let joint = joint(id), let servo = report.found[joint] else { return nil }
        let survey = try driver.survey(jointCount: robot.joints.count)
        var device = FoundDevice(
            wire: driver.description.wire.rawValue,
            port: driver.port.path,
            baudRate: driver.description.baudRate,
            id: Int(id),
            model: robot.joints[joint].servo.name
        )
        device.modelNumber = Int(servo.modelNumber)
        device.firmware = Int(servo.firmware)
        device.hasTorque = report.torqueOn.contains(joint)
        if let health = survey.state.health[joint] {
            device.inputVoltage = health.inputVoltage
            device.temperature = health.temperature
            device.hardwareError = UInt8(exactly: health.hardwareError)
            if health.hardwareError != 0 {
                device.errorWords = driver.words(hardwareError: health.hardwareError)
            }
        }
        return device
    }

    func release(id: UInt8) throws(HardwareError) -> Bool {
        guard let joint = joint(id) else { return false }
        var left = JointSet([joint])
        try driver.release(left, unconfirmed: &left)
        return left.isEmpty
    }

    func reboot(id: UInt8) throws(HardwareError) -> RebootOutcome {
        guard let joint = joint(id), let before = try device(id: id) else { return .silent }
        if let remedy = driver.description.wire.rebootByHand { return .impossible(remedy) }
        guard try driver.reboot(joint) else { return .refused }
        guard let after = try device(id: id) else { return .doesNotComeBack }
        return .cleared(before: before, after: after)
    }

    func record(id: UInt8) throws(HardwareError) -> ServoRecord? {
        if report == nil {
            var fresh = BringUpReport()
            try driver.bringUp(&fresh)
            report = fresh
        }
        guard let joint = joint(id), let servo = report?.found[joint],
            let settings = try driver.lastingSettings(joint)
        else { return nil }
        var condition = ServoCondition(robot: robot, joint: joint, found: servo)
        condition.settings = settings
        return condition.record
    }

    func setLimits(
        of joint: Joint,
        calibration: JointCalibration
    ) throws(HardwareError) -> Bool {
        guard let index = self.joint(joint.servoID) else { return false }
        var measured = robot
        measured.joints[index] = joint
        measured.calibration[index] = calibration
        do throws(ArmingError) {
            try driver.setLimits(index, of: measured)
            return true
        } catch {
            return false
        }
    }
}
