@testable import ServoEmulator

/// A bus of servos with an oracle that sees every byte that reaches them.
struct WatchedCore: LineDevice {
    var core: BusCore
    // Safety: used by the one thread that drives the rig.
    nonisolated(unsafe) let oracle: GoalOracle

    mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply] {
        let before = core.servos.indices.reduce(into: Set<UInt8>()) { on, index in
            if core.servos[index].isTorqueOn { on.insert(core.servos[index].id) }
        }
        let replies = core.receive(bytes, rate: rate, now: now)
        oracle.see(bytes, core, before: before)
        return replies
    }

    mutating func advance(to now: Int64) -> [TimedReply] { core.advance(to: now) }

    var patienceNanoseconds: Int64 { core.patienceNanoseconds }

    mutating func noteDroppedReply() { core.noteDroppedReply() }

    func deviceTime(at now: Int64) -> Int64 { core.deviceTime(at: now) }

    var unitIDs: [Int] { core.unitIDs }

    mutating func begin(_ fault: FaultKind, unit: Int, value: Double?, now: Int64) -> Bool {
        core.begin(fault, unit: unit, value: value, now: now)
    }

    mutating func end(_ fault: FaultKind, unit: Int, now: Int64) {
        core.end(fault, unit: unit, now: now)
    }
}
