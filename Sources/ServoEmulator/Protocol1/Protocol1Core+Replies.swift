import ServoProtocol

/// Statuses on the wire.
extension Protocol1Core {
    /// A status now.
    mutating func send(
        _ index: Int,
        _ refusal: Protocol1Error = [],
        id: UInt8? = nil,
        parameters: [UInt8] = []
    ) -> [TimedReply] {
        if servos[index].faults.repliesToDrop > 0 {
            servos[index].faults.repliesToDrop -= 1
            return []
        }
        let status = Protocol1Packet.status(
            id: id ?? servos[index].id,
            error: servos[index].error(refusal),
            parameters: parameters
        )
        var bytes = status.encoded()
        if servos[index].faults.repliesToCorrupt > 0 {
            servos[index].faults.repliesToCorrupt -= 1
            bytes[bytes.count - 2] ^= 0x01
        }
        return [TimedReply(bytes: bytes, time: line.reply(bytes: bytes.count))]
    }

    /// The reply of servos that answer to one ID at the same time.
    ///
    /// What arrives is the AND of their bytes, and a clean status only if all said the same.
    mutating func collided(
        _ indices: [Int],
        _ answer: (inout Protocol1Core, Int) -> [TimedReply]
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
}
