import Realtime
import ServoProtocol

/// The shared status of a fast read.
extension ServoBus {
    /// Waits for the shared status of a fast read; `false` if it did not come whole.
    func receiveFast(into slots: inout ReplySlots, deadline: Int64) throws(HardwareError) -> Bool {
        let length = 8 + slots.ids.count * (4 + slots.count)
        decoder.longestFrame = length
        while try port.read(into: &decoder, deadline: deadline) > 0 {
            while let frame = decoder.nextFrame() {
                guard frame.isFastStatus, frame.whole.count == length else { continue }
                let time = min(MonotonicClock.now(), latestArrival)
                return takeParts(frame, into: &slots, time: time)
            }
        }
        beWary()
        return false
    }

    /// Files the parts, if each is right; the decoder has looked at the last check sum only.
    private func takeParts(
        _ frame: PacketDecoder.Frame,
        into slots: inout ReplySlots,
        time: Int64
    ) -> Bool {
        guard partsAreRight(frame, slots) else {
            counters.corruptions += 1
            beWary()
            return false
        }
        var offset = frame.parameters.lowerBound
        for index in slots.ids.indices {
            let error = StatusError(rawValue: decoder[offset])
            let bytes = (offset + 2)..<(offset + 2 + slots.count)
            slots.fill(index, error: error, bytes: bytes, of: decoder, time: time)
            count(slots.replies[index], error)
            offset += 4 + slots.count
        }
        return true
    }

    /// Whether each part comes from its servo, in order, and ends in the check sum of all before it.
    ///
    /// A servo goes on from the bytes it heard, so that damage to an earlier part, by two servos of
    /// one ID say, can still end in a right sum.
    private func partsAreRight(_ frame: PacketDecoder.Frame, _ slots: ReplySlots) -> Bool {
        var sum: UInt16 = 0
        var summed = frame.whole.lowerBound
        var offset = frame.parameters.lowerBound
        for id in slots.ids {
            let end = offset + 2 + slots.count
            sum = decoder.checksum(summed..<end, from: sum)
            guard decoder[offset + 1] == id,
                decoder[end] == UInt8(truncatingIfNeeded: sum),
                decoder[end + 1] == UInt8(truncatingIfNeeded: sum >> 8)
            else { return false }
            summed = end
            offset = end + 2
        }
        return true
    }
}
