import ServoProtocol

/// Finds out which request each answer belongs to, on a line whose answers name nobody.
///
/// The answers to `f 0` and `f 1` look the same, so an answer that is lost or late must never let
/// the next one slip into its place. What can be relied on: a board answers in the order of the
/// requests, at most once each, and not at all if it did not understand. Three things follow.
///
/// **In step** means that no answer is on its way. What is heard from then on belongs to the
/// questions asked from then on, in their order. Where that leaves one way only of giving the
/// answers to the questions, each answer's place is certain; where it leaves several, it is not
/// used. With a property asked for between `f 0` and `f 1`, one lost answer leaves no doubt about
/// the others.
///
/// **Out of step** is what a question without a certain answer leaves behind: its answer may still
/// come, at any time. Nothing heard is used until it is certain that nothing old is on its way.
///
/// **A fence** makes that certain: `f N` for an axis number that no board has is answered with
/// `invalid motor N`, which looks like no other answer, and has a new N each time. All that was
/// asked before it has been answered by then, or never will be. It is sent in front of the next
/// questions, so that a lost answer costs one tick and not two.
///
/// What no program can exclude: two flips of the same bit in one line cancel out in its checksum,
/// so that `f 0*118` may arrive as `f 1*119`.
struct ODriveDialogue {
    /// What an answer must look like.
    enum Kind: Sendable, Hashable {
        /// Position and velocity.
        case feedback
        /// A property's value, or that there is none.
        case value
        /// Nothing, unless a `w` is refused; the question behind it tells which.
        case refusalIfAny
        /// The answers to `i`.
        case hardware, firmware, serialNumber
    }

    /// A question of the present exchange.
    struct Question: Sendable {
        var kind: Kind
        /// The answer that is certainly this question's.
        var answer: ODriveAnswer?
        /// When it was complete, nanoseconds on CLOCK_MONOTONIC.
        var time: Int64 = 0
    }

    /// Fences have numbers from here on, which no board has axes for.
    private static let firstFence = 2
    private static let lastFence = 59_999
    /// More questions than any exchange has.
    private static let capacity = 16

    /// The questions of the present exchange, in the order in which they were asked.
    private(set) var questions: [Question] = []
    /// Whether no answer to an earlier exchange can be on its way.
    private(set) var isInStep = false
    /// Answers that belong to no question.
    private(set) var strays = 0
    private var nextFence = ODriveDialogue.firstFence
    /// The first fence that was sent behind everything that may still be answered.
    private var barrier = ODriveDialogue.firstFence
    /// What was heard in step in this exchange.
    private var heard: [(answer: ODriveAnswer, time: Int64)] = []
    private var earliest: [Int] = []
    private var latest: [Int] = []

    init() {
        questions.reserveCapacity(Self.capacity)
        heard.reserveCapacity(Self.capacity)
        earliest.reserveCapacity(Self.capacity)
        latest.reserveCapacity(Self.capacity)
    }

    // MARK: Asking

    /// Begins an exchange; returns the number of the fence to send first, if one is needed.
    mutating func begin() -> Int? {
        conclude()
        questions.removeAll(keepingCapacity: true)
        heard.removeAll(keepingCapacity: true)
        guard !isInStep else { return nil }
        if nextFence > Self.lastFence {
            // Old fences of these numbers were sent a thousand seconds ago.
            nextFence = Self.firstFence
            barrier = Self.firstFence
        }
        defer { nextFence += 1 }
        return nextFence
    }

    /// Takes note of a question that is being asked.
    mutating func expect(_ kind: Kind) {
        questions.append(Question(kind: kind))
    }

    /// Draws the line under an exchange: questions without a certain answer put it out of step.
    mutating func conclude() {
        guard !isComplete || heard.count > questions.count else { return }
        guard questions.contains(where: { $0.kind != .refusalIfAny }) else { return }
        isInStep = false
        barrier = nextFence
    }

    // MARK: Hearing

    /// Whether every question has its answer.
    var isComplete: Bool {
        isInStep && questions.allSatisfy { $0.answer != nil || $0.kind == .refusalIfAny }
    }

    /// Takes a good line.
    mutating func hear(_ answer: ODriveAnswer, time: Int64) {
        if case .invalidMotor(let number) = answer {
            if !isInStep, number >= barrier, number < nextFence { isInStep = true }
            return
        }
        guard isInStep, heard.count < Self.capacity else {
            strays += 1
            return
        }
        heard.append((answer, time))
        assign()
    }

    /// Gives answers to the questions they can only belong to.
    ///
    /// The earliest and the latest question an answer may belong to, all others considered; where
    /// they are the same there is no doubt.
    private mutating func assign() {
        for index in questions.indices { questions[index].answer = nil }
        guard findEarliest(), findLatest() else {
            // Something came that was not asked for: then nothing is certain.
            strays += 1
            isInStep = false
            barrier = nextFence
            return
        }
        for (place, found) in heard.enumerated() where earliest[place] == latest[place] {
            questions[earliest[place]].answer = found.answer
            questions[earliest[place]].time = found.time
        }
    }

    private mutating func findEarliest() -> Bool {
        earliest.removeAll(keepingCapacity: true)
        var next = 0
        for found in heard {
            while next < questions.count, !questions[next].kind.accepts(found.answer) { next += 1 }
            guard next < questions.count else { return false }
            earliest.append(next)
            next += 1
        }
        return true
    }

    private mutating func findLatest() -> Bool {
        latest.removeAll(keepingCapacity: true)
        var next = questions.count - 1
        for found in heard.reversed() {
            while next >= 0, !questions[next].kind.accepts(found.answer) { next -= 1 }
            guard next >= 0 else { return false }
            latest.append(next)
            next -= 1
        }
        latest.reverse()
        return true
    }
}

extension ODriveDialogue.Kind {
    /// Whether an answer looks as it should.
    func accepts(_ answer: ODriveAnswer) -> Bool {
        switch (self, answer) {
        case (.feedback, .feedback), (.value, .value), (.value, .refusal),
            (.refusalIfAny, .refusal), (.hardware, .hardware), (.firmware, .firmware),
            (.serialNumber, .serialNumber):
            true
        default: false
        }
    }
}
