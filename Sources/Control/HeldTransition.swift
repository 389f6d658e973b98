/// The newest transition, held back until the step after it is known to be sound.
struct HeldTransition {
    private var observation: [Float]
    private var next: [Float]
    private var applied: [Float]
    private var proposed: [Float]
    private var started: [Float]
    private var picture: [UInt8]
    private var nextPicture: [UInt8]
    private var startedPicture: [UInt8]
    private var header: TransitionHeader?

    init(observationCount: Int, actionCount: Int, pictureBytes: Int) {
        observation = [Float](repeating: 0, count: observationCount)
        started = observation
        next = observation
        applied = [Float](repeating: 0, count: actionCount)
        proposed = applied
        picture = [UInt8](repeating: 0, count: pictureBytes)
        nextPicture = picture
        startedPicture = picture
    }

    /// Remembers what the policy saw at the beginning of the step.
    mutating func begin(observation: [Float], picture: [UInt8]) {
        for index in observation.indices { started[index] = observation[index] }
        for index in picture.indices { startedPicture[index] = picture[index] }
    }

    /// Holds a finished step; the one before must have been released.
    mutating func complete(
        header: TransitionHeader,
        applied: [Float],
        proposed: [Float],
        next: [Float],
        nextPicture: [UInt8]
    ) {
        swap(&observation, &started)
        swap(&picture, &startedPicture)
        for index in nextPicture.indices { self.nextPicture[index] = nextPicture[index] }
        for index in next.indices { self.next[index] = next[index] }
        for index in applied.indices {
            self.applied[index] = applied[index]
            self.proposed[index] = proposed[index]
        }
        self.header = header
    }

    /// Hands the held step on; `false` if the sink has no room.
    ///
    /// True if nothing is held.
    mutating func release(to sink: any TransitionSink, truncated: Bool) -> Bool {
        guard var header else { return true }
        self.header = nil
        header.truncated = header.truncated || truncated
        return sink.offer(
            header,
            observation: observation.span,
            picture: picture.span,
            applied: applied.span,
            proposed: proposed.span,
            next: next.span,
            nextPicture: nextPicture.span
        )
    }

    /// Forgets the held step.
    mutating func drop() { header = nil }
}
