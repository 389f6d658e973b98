import Realtime
import Robot
import ServoProtocol

extension DynamixelDriver {
    /// Asks one joint for one piece of its health: a joint that calls for attention first, then
    /// all in turn.
    func readHealth(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError) {
        let alerting = links.indices.first { place in
            reader.slots.replies[place] != .silent && reader.slots.alerts[place]
                && health[place].hardwareError == 0
        }
        if let alerting {
            try read(.hardwareError, of: alerting, deadline: deadline, into: &cycle)
            return
        }
        let pieces = HealthPiece.turn
        let turn = healthCursor % (pieces.count * links.count)
        healthCursor = turn + 1
        let place = turn / pieces.count
        guard reader.silentCycles[place] == 0 else { return }
        try read(pieces[turn % pieces.count], of: place, deadline: deadline, into: &cycle)
    }

    private func read(
        _ piece: HealthPiece,
        of place: Int,
        deadline: Int64,
        into cycle: inout BusCycle
    ) throws(HardwareError) {
        let link = links[place]
        let span = piece.span(link.registers)
        let need = bus.timing.exchange(requestBytes: 14, dataCount: span.count)
        let left = deadline - MonotonicClock.now() - need
        guard left > 0 else { return }
        try bus.ask(
            id: link.id,
            .read,
            count: span.count,
            attempts: 1,
            patience: left
        ) { writer in
            writer.append(span.lowerBound, size: 2)
            writer.append(span.count, size: 2)
        }
        guard bus.alone.replies[0] == .value else { return }
        note(piece, of: place, into: &cycle)
        let time = cycle.time(bus.alone.times[0])
        if let report = health[place].report(time: time) {
            cycle.state.health[link.index] = report
        }
    }

    private func note(_ piece: HealthPiece, of place: Int, into cycle: inout BusCycle) {
        let answer = bus.alone
        let index = links[place].index
        func byte(_ offset: Int) -> UInt8 {
            UInt8(answer.value(0, at: offset, size: 1, isSigned: false))
        }
        switch piece {
        case .supply:
            // Tenths of a volt and degrees Celsius.
            let tenths = answer.value(0, at: 0, size: 2, isSigned: false)
            health[place].inputVoltage = Double(tenths) / 10
            health[place].temperature = Double(byte(2))
        case .hardwareError:
            health[place].hardwareError = byte(0)
        case .torque:
            health[place].hardwareError = byte(answer.count - 1)
            guard byte(0) == 0, cycle.torqueOn.contains(index) else { return }
            // A shutdown names itself in the hardware error; without one the servo restarted.
            cycle.torqueLost.insert(index)
            if health[place].hardwareError == 0 { cycle.restarted.insert(index) }
        case .watchdog:
            if byte(0) == 0xFF, cycle.torqueOn.contains(index) {
                cycle.watchdogTripped.insert(index)
            }
        }
    }
}
