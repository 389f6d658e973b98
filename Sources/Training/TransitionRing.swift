import Control
import Realtime

/// The way of transitions from the control thread to the learner: a ring that holds a minute.
public final class TransitionRing {
    let ring: FloatRing
    let layout: TransitionLayout
    private var row: [Float]

    /// A ring for `capacity` transitions.
    public init(layout: TransitionLayout, capacity: Int) {
        self.layout = layout
        ring = FloatRing(recordSize: layout.size, capacity: capacity)
        row = [Float](repeating: 0, count: layout.size)
    }

    /// Puts one transition in; `false` if the ring is full.
    ///
    /// Control thread only.
    func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool {
        layout.encode(header, into: &row)
        copy(observation, layout.observation)
        copy(next, layout.next)
        copy(applied, layout.applied)
        copy(proposed, layout.proposed)
        layout.encode(picture, into: &row, layout.picture)
        layout.encode(nextPicture, into: &row, layout.nextPicture)
        let record = row
        return ring.offer(record.span)
    }

    private func copy(_ values: Span<Float>, _ range: Range<Int>) {
        for index in 0..<range.count { row[range.lowerBound + index] = values[index] }
    }
}
