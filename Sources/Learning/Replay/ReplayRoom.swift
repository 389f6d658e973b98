/// How large the rings of a replay are, from what it may hold.
struct ReplayRoom {
    let transitionBytes: Int
    let frameBytes: Int
    let pixelBytes: Int
    /// Transitions held at most.
    let capacity: Int
    /// Frames that may be held at the same time.
    let frameSlots: Int
    /// What transitions and frames may take together, without the pages' rounding.
    let byteLimit: Int

    /// Traps when the bytes do not hold one transition, whatever it shares.
    init(
        transitionBytes: Int,
        frameBytes: Int,
        pixelBytes: Int,
        historyFrames: Int,
        capacity: Int,
        byteCapacity: Int?
    ) {
        (self.transitionBytes, self.frameBytes) = (transitionBytes, frameBytes)
        self.pixelBytes = pixelBytes
        let frame = frameBytes + pixelBytes
        // A transition that shares nothing has a window before and a window after. A ring of as
        // many for all is never filled: what is behind goes back to the system.
        let (mostFrames, isTooMany) = capacity.multipliedReportingOverflow(by: 2 * historyFrames)
        if let byteCapacity {
            byteLimit = byteCapacity - (pixelBytes > 0 ? 3 : 2) * PageRing.slackBytes
            precondition(
                byteLimit >= transitionBytes + 2 * historyFrames * frame,
                "\(byteCapacity) bytes do not hold one transition"
            )
            self.capacity = min(capacity, byteLimit / (transitionBytes + frame))
            frameSlots = min(isTooMany ? Int.max : mostFrames, byteLimit / frame)
        } else {
            byteLimit = Int.max
            self.capacity = capacity
            frameSlots = isTooMany ? Int.max : mostFrames
        }
        precondition(frameSlots < 1 << 32, "a replay of \(capacity) transitions")
    }
}
