/// Makes places of reports: puts them in order and on this machine's clock.
///
/// Time and bytes come from outside; nothing here reads a clock.
///
/// **Order.** A report whose number is not above the last one's is dropped; after a second without
/// any, whatever comes is taken: the sender was started anew.
///
/// **Clock.** A time of this machine's own clock is taken as it is; one that lies in the future is
/// dropped. Of another clock only differences are known: the smallest difference between arrival
/// and time stamp is taken for the way, so that a report that was held up on it is as old as it is.
/// That difference may grow by 200 ppm, which is more than two clocks drift apart.
public struct PlaceIntake: Sendable, BitwiseCopyable {
    /// Reports that were taken.
    public private(set) var taken = 0
    /// Reports that were late, doubled, from the future or no numbers.
    public private(set) var dropped = 0

    private let latency: Int64
    private var lastSequence: UInt32 = 0
    private var lastArrival: MonotonicTime?
    /// Arrival less time stamp of the quickest report.
    private var offset: Int64?
    /// The newest place, which velocities are added to.
    private var place = BasePlace(
        x: 0,
        y: 0,
        height: .nan,
        heading: 0,
        time: MonotonicTime(nanoseconds: 0)
    )
    private var hasPlace = false

    /// How fast another clock may run away, and how far in the future a time stamp may lie.
    private static var drift: Double { 2e-4 }
    private static var future: Int64 { 2_000_000 }
    private static var pause: Seconds { 1 }

    /// - Parameter latency: how long before its time stamp a report was measured, in seconds.
    public init(latency: Seconds = 0) { self.latency = Int64((latency * 1e9).rounded()) }

    /// Takes a report that arrived; `nil` if it is to be dropped.
    public mutating func take(_ report: PlaceReport, arrival: MonotonicTime) -> BasePlace? {
        let pause = lastArrival.map { arrival.seconds(since: $0) } ?? .infinity
        let isNew = pause > Self.pause
        let ahead = report.sequence &- lastSequence
        guard isNew || (ahead > 0 && ahead < 1 << 31), report.isFinite,
            let time = moment(report, arrival, isNew: isNew, pause: pause)
        else {
            dropped += 1
            return nil
        }
        let elapsed = hasPlace && !isNew ? time.seconds(since: place.time) : 0
        // Two reports of one moment, or time that runs backwards, say nothing new.
        guard !hasPlace || isNew || elapsed > 0 else {
            dropped += 1
            return nil
        }
        move(report, elapsed)
        place.time = time
        hasPlace = true
        lastSequence = report.sequence
        lastArrival = arrival
        taken += 1
        return place
    }

    /// When a report was measured, on this machine's clock.
    private mutating func moment(
        _ report: PlaceReport,
        _ arrival: MonotonicTime,
        isNew: Bool,
        pause: Seconds
    ) -> MonotonicTime? {
        if report.sharesClock {
            guard report.time <= arrival.nanoseconds + Self.future else { return nil }
            return MonotonicTime(nanoseconds: min(report.time, arrival.nanoseconds) - latency)
        }
        let (seen, overflow) = arrival.nanoseconds.subtractingReportingOverflow(report.time)
        guard !overflow else { return nil }
        if let offset, !isNew {
            self.offset = min(seen, offset + Int64(pause * 1e9 * Self.drift))
        } else {
            offset = seen
        }
        return MonotonicTime(nanoseconds: report.time &+ (offset ?? seen) - latency)
    }

    private mutating func move(_ report: PlaceReport, _ elapsed: Seconds) {
        if let seen = report.place {
            (place.x, place.y, place.height) = (seen.x, seen.y, seen.z)
        } else if let velocity = report.velocity {
            place.x += velocity.x * elapsed
            place.y += velocity.y * elapsed
        }
        if let heading = report.heading { place.heading = heading }
    }
}

extension PlaceReport {
    /// Whether it says something, in numbers; a height may be unknown.
    var isFinite: Bool {
        guard place != nil || velocity != nil else { return false }
        let at = place ?? .zero
        let speed = velocity ?? .zero
        return at.x.isFinite && at.y.isFinite && !at.z.isInfinite && (heading ?? 0).isFinite
            && speed.x.isFinite && speed.y.isFinite && abs(at.x) < 1e6 && abs(at.y) < 1e6
            && (speed * speed).sum() < 1e4
    }
}
