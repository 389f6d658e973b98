import Control
import Robot
import Safety

@testable import ServoEmulator

/// Faults that come and go: what is hit is one reply, one request or one servo for one request.
struct TransientTrial {
    var kinds: [FaultKind]
    var rate: Double
    var cycles: Int
    var seed: UInt64

    /// Every kind that a host can hope to ride through.
    static let all: [FaultKind] = [
        .lostReply, .lateReply, .bitFlip, .splitReply, .garbage, .lostRequest, .requestBitFlip,
        .echo, .latencyStall, .wrongID, .idCollision, .disconnected,
    ]

    /// Numbers a stop may have when trouble on the line lasts too long.
    private static let allowed: Set<FaultCode> = [.staleReading, .lostBus]

    /// Runs it; one row for each kind.
    func run() throws -> [CampaignRow] {
        // Seeds in turn use one shared status for all servos, and one status each.
        let rig = try CampaignRig(seed: seed, firmware: seed % 2 == 1 ? 46 : 44)
        var rows = kinds.map { CampaignRow(fault: $0.rawValue, rate: rate, cycles: cycles) }
        order(rig)
        for _ in 0..<cycles {
            do throws(ControlStop) {
                try rig.cycle()
            } catch {
                try handle(error, rig, &rows)
            }
            if !rig.oracle.violations.isEmpty {
                for text in rig.oracle.violations { note(text, &rows) }
                rig.oracle.reset()
            }
        }
        for index in rows.indices { rows[index].hits = rig.memory.line.hits[kinds[index]] ?? 0 }
        return rows
    }

    private func order(_ rig: CampaignRig) {
        for kind in kinds {
            // Later than the host waits for a reply: anything earlier is only a slow bus.
            let value = kind == .lateReply ? 0.120 : nil
            rig.memory.line.add(FaultOrder(kind, .rate(rate), value: value))
        }
    }

    private func handle(
        _ stop: ControlStop,
        _ rig: CampaignRig,
        _ rows: inout [CampaignRow]
    ) throws {
        guard case .fault(let fault) = stop else { return note("an ordered stop", &rows) }
        for index in rows.indices { rows[index].stops[fault.code.rawValue, default: 0] += 1 }
        if !Self.allowed.contains(fault.code) {
            note(
                "tick \(rig.oracle.tick): fault \(fault.code.rawValue), joint \(fault.joint ?? -1)",
                &rows
            )
        }
        rig.memory.line.remove(nil)
        if let problem = rig.stopped(unreachable: []) { note(problem, &rows) }
        try rig.clear(nil, unit: 0)
        if let problem = rig.armed() { note(problem, &rows) }
        order(rig)
    }

    private func note(_ text: String, _ rows: inout [CampaignRow]) {
        for index in rows.indices { rows[index].note(wrong: text, seed: seed) }
    }
}
