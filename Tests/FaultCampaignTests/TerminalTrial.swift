import Control
import Robot
import Safety

@testable import ServoEmulator

/// Faults that stay until somebody clears their cause: the robot has to stop, with the right number,
/// and to go on afterwards.
struct TerminalTrial {
    /// What stays.
    enum Cause: CaseIterable {
        case alert, overload, overheating, brownOut, reboot, watchdogTrip, disconnected, wrongID
        case idCollision, silentBus, noisyBus, unplugged

        var name: String {
            switch self {
            case .silentBus: "every reply lost"
            case .noisyBus: "every reply damaged"
            case .unplugged: FaultKind.unplug.rawValue
            default: kind?.rawValue ?? ""
            }
        }

        /// The fault of one servo, `nil` for trouble on the line.
        var kind: FaultKind? {
            switch self {
            case .alert: .alert
            case .overload: .overload
            case .overheating: .overheating
            case .brownOut: .brownOut
            case .reboot: .reboot
            case .watchdogTrip: .watchdogTrip
            case .disconnected: .disconnected
            case .wrongID: .wrongID
            case .idCollision: .idCollision
            case .silentBus, .noisyBus, .unplugged: nil
            }
        }

        /// The right numbers, and within how many ticks they have to come.
        var expected: (codes: Set<FaultCode>, ticks: Int) {
            switch self {
            // The error bit is in the next reply; the register is read in the same tick.
            case .alert, .overload: ([.hardwareError], 3)
            case .overheating: ([.hardwareError, .overTemperature], 3)
            // The sag shows as an error; a servo that was quick to restart shows the restart.
            case .brownOut: ([.hardwareError, .servoRebooted], 40)
            // Ten servos are asked for three pieces of their health in turn, one a tick.
            case .reboot: ([.servoRebooted], 32)
            case .watchdogTrip: ([.servoWatchdog], 32)
            // Five ticks without a sample, and the tick that notices.
            case .disconnected, .wrongID: ([.staleReading], 8)
            // Where two superimposed replies happen to be equal, that one is whole and fresh.
            case .idCollision: ([.staleReading], 16)
            case .silentBus, .noisyBus: ([.staleReading, .lostBus], 8)
            case .unplugged: ([.lostBus], 1)
            }
        }
    }

    var cause: Cause
    var instants: Int
    var seed: UInt64

    /// Runs it: so many random instants, each with its stop, its clearance and its re-arming.
    func run() throws -> CampaignRow {
        var row = CampaignRow(fault: cause.name, rate: nil)
        var random = FaultRandom(seed: seed)
        let rig = try CampaignRig(seed: seed, firmware: seed % 2 == 1 ? 46 : 44)
        for instant in 0..<instants {
            let quiet = Int.random(in: 1...150, using: &random)
            let unit = rig.robot.joints[Int.random(in: rig.robot.joints.indices, using: &random)]
                .servoID
            try run(rig, instant: instant, quiet: quiet, unit: unit, &row)
            for text in rig.oracle.violations { row.note(wrong: text, seed: seed) }
            rig.oracle.reset()
        }
        return row
    }

    private func run(
        _ rig: CampaignRig,
        instant: Int,
        quiet: Int,
        unit: UInt8,
        _ row: inout CampaignRow
    ) throws {
        for _ in 0..<quiet {
            try rig.cycle()
            row.cycles += 1
        }
        strike(rig, unit)
        row.hits += 1
        let place = "instant \(instant), servo \(unit)"
        let (codes, ticks) = cause.expected
        var stop: Fault?
        for tick in 1...(2 * ticks) where stop == nil {
            row.cycles += 1
            do throws(ControlStop) {
                try rig.cycle()
            } catch .fault(let fault) {
                stop = fault
                row.stops[fault.code.rawValue, default: 0] += 1
                row.slowest = max(row.slowest, tick)
                if !codes.contains(fault.code) || tick > ticks {
                    row.note(wrong: "\(place): \(fault) after \(tick) ticks", seed: seed)
                }
            } catch { stop = nil }
        }
        if stop == nil { row.note(wrong: "\(place): no stop", seed: seed) }
        if let problem = rig.stopped(unreachable: unreachable(rig, unit)) {
            row.note(wrong: "\(place): \(problem)", seed: seed)
        }
        try rig.clear(cause.kind, unit: unit)
        if let problem = rig.armed() { row.note(wrong: "\(place): \(problem)", seed: seed) }
    }

    private func strike(_ rig: CampaignRig, _ unit: UInt8) {
        switch cause {
        case .unplugged: rig.memory.isPulled = true
        case .silentBus: rig.memory.line.add(FaultOrder(.lostReply, .rate(1)))
        case .noisyBus: rig.memory.line.add(FaultOrder(.bitFlip, .rate(1)))
        default:
            guard let kind = cause.kind else { return }
            rig.memory.line.add(FaultOrder(kind, .at(nanoseconds: 0), servo: Int(unit)))
        }
    }

    /// Servos that cannot be heard while the cause stays.
    private func unreachable(_ rig: CampaignRig, _ unit: UInt8) -> Set<UInt8> {
        switch cause {
        case .disconnected, .wrongID, .idCollision: [unit]
        case .silentBus, .noisyBus, .unplugged: Set(rig.robot.joints.map(\.servoID))
        default: []
        }
    }
}
