import ServoProtocol

/// Statuses on the wire.
extension BusCore {
    /// A status after the servo's return delay; nothing below the given return level.
    mutating func status(
        _ index: Int,
        _ code: StatusError.Code = .none,
        level: Int = 0,
        id: UInt8? = nil,
        parameters: [UInt8] = []
    ) -> [TimedReply] {
        line.wait(nanoseconds: servos[index].returnDelayNanoseconds)
        return send(index, code, level: level, id: id, parameters: parameters)
    }

    /// A status now; nothing if the servo's return level is lower than `level`.
    mutating func send(
        _ index: Int,
        _ code: StatusError.Code = .none,
        level: Int,
        id: UInt8? = nil,
        parameters: [UInt8] = [],
        twin: [UInt8]? = nil
    ) -> [TimedReply] {
        guard servos[index].image[.statusReturnLevel] >= level, !dropsReply(index) else {
            return []
        }
        let packet = StatusPacket(
            id: servos[index].faults.wrongID ?? id ?? servos[index].id,
            error: servos[index].statusError(code),
            parameters: parameters
        )
        var bytes = packet.encoded()
        if corruptsReply(index) { bytes[bytes.count - 3] ^= 0x01 }
        if let twin {
            let other = StatusPacket(id: packet.id, error: packet.error, parameters: twin)
            bytes = Self.collided(bytes, other.encoded())
        }
        return [TimedReply(bytes: bytes, time: line.reply(bytes: bytes.count))]
    }

    /// Whether a fault keeps this status back; counts it.
    mutating func dropsReply(_ index: Int) -> Bool {
        guard servos[index].faults.repliesToDrop > 0 else { return false }
        servos[index].faults.repliesToDrop -= 1
        return true
    }

    /// Whether a fault damages this status; counts it.
    mutating func corruptsReply(_ index: Int) -> Bool {
        guard servos[index].faults.repliesToCorrupt > 0 else { return false }
        servos[index].faults.repliesToCorrupt -= 1
        return true
    }

    /// The reply of servos that answer to one ID at the same time.
    ///
    /// Two of the same ID pull the line down over each other: what arrives is the AND of their
    /// bytes, and a clean status only if both said the same.
    mutating func collided(
        _ indices: [Int],
        _ answer: (inout BusCore, Int) -> [TimedReply]
    ) -> [TimedReply] {
        let start = line
        var merged: TimedReply?
        for index in indices {
            let end = line
            line = start
            let reply = answer(&self, index).first
            if end.freeAt > line.freeAt { line = end }
            guard let reply else { continue }
            merged = merged?.collided(with: reply) ?? reply
        }
        return merged.map { [$0] } ?? []
    }

    /// What two servos that speak at the same time make of each other's bytes.
    private static func collided(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        var bytes = one.count >= other.count ? one : other
        for position in 0..<min(one.count, other.count) {
            bytes[position] = one[position] & other[position]
        }
        return bytes
    }
}

extension EmulatedServo {
    /// Return Delay Time (9) in nanoseconds.
    var returnDelayNanoseconds: Int64 { Int64(image[.returnDelayTime]) * 2000 }
}
