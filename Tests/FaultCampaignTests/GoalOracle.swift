import Robot
import ServoProtocol

@testable import ServoEmulator

/// Judges every goal that reaches a servo, from the servo's side of the wire.
///
/// It knows the robot file's limits and nothing of the host: a goal must lie inside its joint's
/// limits, and may be further from the one before it than the joint's goal velocity allows only if
/// it comes nearer to where the joint is (docs/decisions/002). Torque may come on only where the
/// goal is where the joint is.
final class GoalOracle {
    private struct Fence {
        var limits: ClosedRange<Int>
        var stepPulses: Double
        var last: Int?
        var lastTick = 0
    }

    /// Control ticks so far; the rig counts them.
    var tick = 0
    /// Goals seen.
    private(set) var goals = 0
    /// What must never happen, one sentence each.
    private(set) var violations: [String] = []

    private var fences: [UInt8: Fence] = [:]
    private var decoder = PacketDecoder()

    private static let goalAddress = 116
    private static let torqueAddress = 64

    init(robot: RobotDescription) {
        for (index, joint) in robot.joints.enumerated() {
            let turn = joint.servo.pulsesPerTurn
            let ends = [joint.limits.position.lowerBound, joint.limits.position.upperBound].map {
                robot.calibration[index].pulses(angle: $0, pulsesPerTurn: turn)
            }
            // Position mode has one turn, whatever an object's limits are.
            let low = max(0, min(ends[0], ends[1]))
            let high = min(turn - 1, max(ends[0], ends[1]))
            let step = joint.limits.goalVelocity * robot.tickSeconds * Double(turn) / (2 * .pi)
            fences[joint.servoID] = Fence(limits: low...high, stepPulses: step)
        }
    }

    /// Takes bytes that a bus has just taken; `before` are the servos that had torque until then.
    func see(_ bytes: [UInt8], _ core: BusCore, before: Set<UInt8>) {
        // The host hands over whole requests.
        decoder.removeAll()
        decoder.append(bytes)
        while let packet = decoder.next() {
            guard case .instruction(let request) = packet else { continue }
            for item in Self.writes(of: request) {
                if item.address == Self.goalAddress, item.data.count == 4 {
                    judge(goal: Register.value(of: item.data[...], isSigned: true), item.id, core)
                } else if item.address == Self.torqueAddress {
                    judgeTorque(item.id, core, hadTorque: before.contains(item.id))
                }
            }
        }
    }

    private static func writes(of request: InstructionPacket) -> [GroupItem] {
        switch request.instruction {
        case .syncWrite, .bulkWrite: return BusRequest.items(request)
        case .write, .regWrite:
            guard let address = BusRequest.word(request.parameters, 0) else { return [] }
            let data = Array(request.parameters.dropFirst(2))
            return [GroupItem(id: request.id, address: address, count: data.count, data: data)]
        default: return []
        }
    }

    private func judge(goal: Int, _ id: UInt8, _ core: BusCore) {
        guard var fence = fences[id], let servo = core.servo(id: id) else { return }
        goals += 1
        if !fence.limits.contains(goal) {
            violations.append(
                "tick \(tick): servo \(id) was sent to \(goal), outside \(fence.limits)"
            )
        }
        if servo.isTorqueOn, let last = fence.last {
            let ticks = max(1, tick - fence.lastTick)
            let most = fence.stepPulses * Double(ticks) + 1
            let present = servo.presentPosition
            let isPull = abs(goal - present) < abs(last - present)
            if Double(abs(goal - last)) > most, !isPull {
                violations.append(
                    "tick \(tick): servo \(id) was sent from \(last) to \(goal) in \(ticks) ticks"
                )
            }
        }
        fence.last = goal
        fence.lastTick = tick
        fences[id] = fence
    }

    /// A servo whose torque comes on has its goal where it is.
    private func judgeTorque(_ id: UInt8, _ core: BusCore, hadTorque: Bool) {
        guard let servo = core.servo(id: id), servo.isTorqueOn, !hadTorque else { return }
        let way = abs((servo.value(of: .goalPosition) ?? 0) - servo.presentPosition)
        if way > 2 {
            violations.append("tick \(tick): torque came on at servo \(id), goal \(way) away")
        }
    }

    /// Forgets violations, for the next row of the table.
    func reset() { violations = [] }
}
