import Realtime
import ServoProtocol

/// Several servos at once, and finding them.
extension Protocol1Bus {
    /// Has all servos do what they held back; nobody confirms.
    func action() throws(HardwareError) {
        let deadline = MonotonicClock.now() + timing.patience
        _ = try send(id: Protocol1.broadcastID, .action, deadline: deadline)
    }

    /// Writes one register of several servos at once; nobody confirms.
    func syncWrite(_ register: Register, _ values: [(id: UInt8, value: Int)]) throws(HardwareError)
    {
        if register.area == .eeprom { counters.eepromWrites += values.count }
        let deadline = MonotonicClock.now() + timing.patience
        _ = try send(id: Protocol1.broadcastID, .syncWrite, deadline: deadline) { writer in
            writer.append(UInt8(truncatingIfNeeded: register.address))
            writer.append(UInt8(truncatingIfNeeded: register.size))
            for (id, value) in values {
                writer.append(id)
                writer.append(value, as: register)
            }
        }
    }

    /// Reads one register of several servos, one after the other; `nil` for those that do not
    /// answer.
    func readEach(_ register: Register, _ ids: [UInt8]) throws(HardwareError) -> [Int?] {
        var values: [Int?] = []
        for id in ids { values.append(try read(id: id, register)) }
        return values
    }

    /// Whether a servo answers a ping.
    func ping(
        id: UInt8,
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> Bool {
        try ask(id: id, .ping, count: 0, attempts: attempts, patience: patience)
        return alone.replies[0] == .value
    }

    /// Who a servo is; `nil` if it does not answer, or not with its model and firmware.
    ///
    /// Unlike in protocol 2.0 a ping says nothing: model and firmware are registers, 0 to 2 with
    /// Dynamixel, 0, 1 and 3 with Feetech.
    func identify(
        id: UInt8,
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> FoundServo? {
        let count = wire.isFeetech ? 5 : 3
        let reply = try read(
            id: id,
            address: 0,
            count: count,
            attempts: attempts,
            patience: patience
        )
        guard reply.reply == .value else { return nil }
        let place = wire.isFeetech ? 3 : 0
        let low = wire.byteOrder == .lowFirst ? place : place + 1
        let high = wire.byteOrder == .lowFirst ? place + 1 : place
        return FoundServo(
            id: id,
            modelNumber: UInt16(reply.data[low]) | UInt16(reply.data[high]) << 8,
            firmware: reply.data[wire.isFeetech ? 0 : 2],
            baudRate: port.baudRate,
            hasAlert: reply.hasAlert
        )
    }

    /// Asks everybody at once and waits as long as 254 servos may need; who answered.
    ///
    /// A hint more than a proof: how servos of protocol 1.0 keep their answers apart is not
    /// documented, and SCS servos give none. `pingScan` is sure.
    func pingAll() throws(HardwareError) -> [UInt8] {
        let ids = Array(0...Protocol1.highestID)
        var slots = ReplySlots(ids: ids, count: 0)
        let start = MonotonicClock.now()
        let wire = timing.wire(Protocol1.shortestFrame * (ids.count + 1))
        // 3 ms for each is what the makers' SDKs allow.
        let deadline = start + wire + Int64(ids.count) * 3_000_000 + timing.patience
        guard try send(id: Protocol1.broadcastID, .ping, deadline: deadline) else { return [] }
        try receiveAll(into: &slots, deadline: deadline)
        return ids.indices.filter { slots.replies[$0] == .value }.map { ids[$0] }
    }

    /// Pings one ID after the other.
    ///
    /// - Parameter patience: nanoseconds to wait for each that is not there, on top of wire time.
    func pingScan(
        ids: ClosedRange<UInt8> = 0...Protocol1.highestID,
        patience: Int64
    ) throws(HardwareError) -> [UInt8] {
        var found: [UInt8] = []
        for id in ids where try ping(id: id, attempts: 1, patience: patience) { found.append(id) }
        return found
    }
}
