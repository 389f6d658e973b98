import CKernels
import Glibc
import Synchronization

/// A thread that stands by to do one half of a piece of work while its owner does the other.
///
/// Half 0 is always the owner's. Half 1 is offered: whoever claims it first does it, so an owner
/// whose second core is taken by something else does both, and loses the price of the offer only.
///
/// ```
///  idle ──offer──> offered ──either claims──> idle      pending ──────────> done
///   └─> asleep ──────┘                                     └─> awaited ───────┘
///  (between pieces: the thread)              (after its own half: the owner)
/// ```
///
/// Once claimed, a half cannot be taken back; a thread that is pushed off its core in the middle of
/// one keeps the owner waiting for milliseconds. The owner then works alone for a while, longer
/// each time, and so loses little on a machine that is busy with something else. It also works alone
/// where that is faster, because the cores share no cache (`SharingJudge`).
///
/// Both wait by spinning for a bounded time first, then blocked: a wake-up costs tens of
/// microseconds, an endless spin costs the other processes a core.
final class SecondThread {
    private let desk: Desk
    private var thread: pthread_t?
    private var mayStart: Bool

    /// A pair that starts its thread with the first piece, so that it is as nice as the owner's.
    ///
    /// Without a thread, because the system refused one or `starts` is false, the owner does both
    /// halves and the results are the same.
    /// - Parameters:
    ///   - name: what the thread is called in `ps -L`; the first 15 bytes count.
    ///   - starts: whether there is to be a thread at all.
    ///   - rests: whether the owner works alone for a while after a preemption, and for as long as
    ///     sharing is slower.
    ///   - work: does one half of a piece; the two halves of a piece must not touch the same data.
    init(
        name: String,
        starts: Bool = true,
        rests: Bool = true,
        work: @escaping (_ piece: Int, _ half: Int) -> Void
    ) {
        desk = Desk(name: name, rests: rests, work: work)
        mayStart = starts
    }

    deinit {
        guard let thread else { return }
        desk.stop()
        pthread_join(thread, nil)
    }

    /// Does both halves of a piece and returns when both are done.
    func run(_ piece: Int) {
        if mayStart {
            mayStart = false
            thread = startThread(desk)
        }
        desk.run(piece)
    }

    /// Pieces whose second half the other thread did.
    var shared: Int { desk.shared }
}

/// Where the halves change hands.
@safe private final class Desk: @unchecked Sendable {
    // Safety: `piece` and what the halves touch belong to the owner between pieces; an offer
    // (release) hands half 1 to whoever claims it (acquire), and `done` (release) hands it back
    // (acquire), with `wasPreempted`. `shared`, `truce` and `judge` are the owner's alone. The
    // semaphores live as long as this object, which both threads hold.
    let name: String
    private let rests: Bool
    private let work: (Int, Int) -> Void
    private let offer = Atomic<UInt32>(Offer.idle)
    private let half = Atomic<UInt32>(OtherHalf.done)
    private let threadWake = Semaphore()
    private let ownerWake = Semaphore()
    private var piece = 0
    private var wasPreempted = false
    private var truce = Truce()
    private var judge = SharingJudge()
    private(set) var shared = 0

    private enum Offer {
        static let idle: UInt32 = 0
        static let asleep: UInt32 = 1
        static let offered: UInt32 = 2
        static let stopping: UInt32 = 3
    }

    /// The half that the thread claimed.
    private enum OtherHalf {
        static let pending: UInt32 = 0
        static let awaited: UInt32 = 1
        static let done: UInt32 = 2
    }

    /// Looks at the state before blocking, each a pause of 10 to 45 ns apart.
    private static let spins = 1000

    init(name: String, rests: Bool, work: @escaping (Int, Int) -> Void) {
        self.name = name
        self.rests = rests
        self.work = work
    }

    func run(_ piece: Int) {
        if truce.isAlone() {
            doBoth(piece)
            return
        }
        guard rests else {
            share(piece)
            return
        }
        let start = monotonicNanoseconds()
        if judge.sharesNext { share(piece) } else { doBoth(piece) }
        judge.note(piece, nanoseconds: monotonicNanoseconds() - start)
    }

    private func doBoth(_ piece: Int) {
        work(piece, 0)
        work(piece, 1)
    }

    private func share(_ piece: Int) {
        self.piece = piece
        half.store(OtherHalf.pending, ordering: .relaxed)
        put(Offer.offered)
        work(piece, 0)
        if claim() {
            work(piece, 1)
        } else {
            awaitOtherHalf()
            shared += 1
            truce.note(preempted: rests && wasPreempted)
        }
    }

    /// Lets the thread end.
    func stop() { put(Offer.stopping) }

    private func put(_ next: UInt32) {
        let before = offer.exchange(next, ordering: .acquiringAndReleasing)
        if before == Offer.asleep { threadWake.post() }
    }

    private func claim() -> Bool {
        offer.compareExchange(
            expected: Offer.offered,
            desired: Offer.idle,
            ordering: .acquiringAndReleasing
        ).exchanged
    }

    private func awaitOtherHalf() {
        for _ in 0..<Self.spins {
            if half.load(ordering: .acquiring) == OtherHalf.done { return }
            ck_pause()
        }
        // Blocked, this core is free for a thread that was pushed off its own.
        _ = half.compareExchange(
            expected: OtherHalf.pending,
            desired: OtherHalf.awaited,
            ordering: .acquiringAndReleasing
        )
        while half.load(ordering: .acquiring) != OtherHalf.done { ownerWake.wait() }
    }

    /// The thread's life.
    func serve() {
        while offer.load(ordering: .acquiring) != Offer.stopping {
            if claim() {
                let preemptions = ck_preemptions()
                work(piece, 1)
                wasPreempted = ck_preemptions() != preemptions
                let before = half.exchange(OtherHalf.done, ordering: .acquiringAndReleasing)
                if before == OtherHalf.awaited { ownerWake.post() }
            }
            waitForOffer()
        }
    }

    private func waitForOffer() {
        for _ in 0..<Self.spins {
            if offer.load(ordering: .relaxed) != Offer.idle { return }
            ck_pause()
        }
        let sleeps = offer.compareExchange(
            expected: Offer.idle,
            desired: Offer.asleep,
            ordering: .acquiringAndReleasing
        ).exchanged
        // An offer and the end replace `asleep`, so only a signal brings it round once more.
        while sleeps && offer.load(ordering: .acquiring) == Offer.asleep { threadWake.wait() }
    }
}

/// How long the owner works alone after its thread was pushed off a core.
///
/// The time doubles with each preemption and halves with a run of halves without one.
struct Truce {
    /// Pieces to be done alone, after the first preemption and at most.
    ///
    /// An update's and 64 updates' pieces: one wait of 3 ms in 64 updates is a hundredth of them.
    static let bounds = 5...320
    /// Halves in a row without a preemption that halve the next time alone.
    static let goodRun = 50

    private var left = 0
    private var next = Self.bounds.lowerBound
    private var run = 0

    /// Whether the next piece is to be done alone, which is then one less.
    mutating func isAlone() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    /// Takes note of a half that the thread did.
    mutating func note(preempted: Bool) {
        if preempted {
            left = next
            next = min(2 * next, Self.bounds.upperBound)
            run = 0
        } else {
            run += 1
            guard run == Self.goodRun else { return }
            run = 0
            next = max(next / 2, Self.bounds.lowerBound)
        }
    }
}

/// A POSIX semaphore in a fixed place.
@safe private final class Semaphore {
    // Safety: owned by this object alone, initialised in init, destroyed and freed in deinit.
    private let place: UnsafeMutablePointer<sem_t>

    init() {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: sem_t())
        unsafe sem_init(place, 0, 0)
    }

    deinit {
        unsafe sem_destroy(place)
        unsafe place.deallocate()
    }

    func post() { unsafe sem_post(place) }

    /// Waits for a post; may return early when a signal comes.
    func wait() { unsafe sem_wait(place) }
}

/// Starts the desk's thread with ordinary priority whatever the caller's is; `nil` if refused.
private func startThread(_ desk: Desk) -> pthread_t? {
    // Room only: the type's initialiser counts as Dispatch's once SwiftProtobuf is imported here.
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { unsafe attributes.deallocate() }
    unsafe pthread_attr_init(attributes)
    defer { unsafe pthread_attr_destroy(attributes) }
    unsafe pthread_attr_setinheritsched(attributes, Int32(PTHREAD_EXPLICIT_SCHED))
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(desk)
    let status = unsafe pthread_create(&thread, attributes, threadEntry, context.toOpaque())
    guard status == 0 else {
        unsafe context.release()
        return nil
    }
    return thread
}

/// A free function, so that it belongs to no actor.
private func threadEntry(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let desk = unsafe Unmanaged<Desk>.fromOpaque(context).takeRetainedValue()
    unsafe desk.name.withCString { name in unsafe ck_name_thread(name) }
    desk.serve()
    return nil
}

private func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
