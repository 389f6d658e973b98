/// Carries out a fault plan on one line: decides when which order hits.
///
/// It reads no clock: `time` is the device's own, in nanoseconds; it never goes back.
struct FaultRunner: Sendable {
    /// One order and where it stands.
    private struct Entry {
        let order: FaultOrder
        /// When an order of the `at` kind is due; `nil` once it was.
        var due: Int64?
        /// A hit that lasts goes on until then.
        var lastsUntil: Int64?
        /// The next reply or request is hit.
        var isArmed = false
        /// Whom a lasting hit concerns.
        var unit: Int?
    }

    private var entries: [Entry]
    private var start: Int64?
    var random: FaultRandom
    /// How often each fault has hit.
    private(set) var hits: [FaultKind: Int] = [:]

    init(_ plan: FaultPlan) {
        entries = plan.orders.map { order in
            var entry = Entry(order: order)
            if case .at(let nanoseconds) = order.trigger { entry.due = nanoseconds }
            return entry
        }
        random = FaultRandom(seed: plan.seed)
    }

    /// Whether nothing will ever go wrong.
    var isIdle: Bool { entries.isEmpty }

    /// Adds an order while the line runs.
    mutating func add(_ order: FaultOrder) {
        var entry = Entry(order: order)
        if case .at(let nanoseconds) = order.trigger { entry.due = nanoseconds }
        entries.append(entry)
    }

    /// Forgets all orders of this kind; a fault of a device that is in force stays.
    mutating func remove(_ kind: FaultKind?) {
        entries.removeAll { kind == nil || $0.order.kind == kind }
    }

    /// One line fault that acts on something now.
    struct Hit {
        var kind: FaultKind
        var value: Double
        var duration: Int64
    }

    /// The line faults that act on one reply, one request or the adapter.
    ///
    /// With `onlyTimed`, nothing is drawn: time has passed, but no reply or request is there.
    mutating func lineHits(
        _ scope: FaultKind.Scope,
        time: Int64,
        onlyTimed: Bool = false
    ) -> [Hit] {
        var found: [Hit] = []
        for index in entries.indices where entries[index].order.kind.scope == scope {
            guard acts(index, time: time, onlyTimed) else { continue }
            let order = entries[index].order
            hits[order.kind, default: 0] += 1
            found.append(
                Hit(
                    kind: order.kind,
                    value: order.value ?? order.kind.usualValue ?? 0,
                    duration: order.duration ?? order.kind.usualDuration ?? 0
                )
            )
        }
        return found
    }

    /// Whether an order acts on the reply or request at hand.
    private mutating func acts(_ index: Int, time: Int64, _ onlyTimed: Bool) -> Bool {
        if let until = entries[index].lastsUntil {
            if time < until { return true }
            entries[index].lastsUntil = nil
        }
        guard begins(index, time: time, onlyTimed) else { return false }
        // An adapter's time off is the line's business.
        let order = entries[index].order
        if order.kind.scope != .adapter, let duration = order.duration {
            entries[index].lastsUntil = time + duration
        }
        return true
    }

    /// Whether an order hits now.
    private mutating func begins(_ index: Int, time: Int64, _ onlyTimed: Bool) -> Bool {
        if start == nil { start = time }
        let now = time - (start ?? time)
        switch entries[index].order.trigger {
        case .at:
            guard let due = entries[index].due, now >= due else { return false }
            entries[index].due = nil
            return true
        case .rate(let rate): return !onlyTimed && random.happens(rate)
        }
    }

    /// A fault of a device that begins or ends now.
    struct DeviceChange {
        var kind: FaultKind
        var unit: Int
        var value: Double?
        var begins: Bool
    }

    /// The devices' faults that begin or end with this request.
    ///
    /// A hit of a rate without a duration lasts one request: `endsOfRequest` gives its end.
    mutating func deviceChanges(
        units: [Int],
        time: Int64,
        onlyTimed: Bool = false
    ) -> [DeviceChange] {
        var changes: [DeviceChange] = []
        for index in entries.indices where entries[index].order.kind.scope == .device {
            let order = entries[index].order
            if let until = entries[index].lastsUntil, let unit = entries[index].unit {
                guard time >= until else { continue }
                entries[index].lastsUntil = nil
                entries[index].unit = nil
                changes.append(
                    DeviceChange(kind: order.kind, unit: unit, value: order.value, begins: false)
                )
            }
            guard begins(index, time: time, onlyTimed),
                let unit = order.servo ?? units.randomElement(using: &random)
            else { continue }
            hits[order.kind, default: 0] += 1
            changes.append(
                DeviceChange(kind: order.kind, unit: unit, value: order.value, begins: true)
            )
            if let duration = order.duration ?? order.kind.usualDuration {
                entries[index].lastsUntil = time + duration
                entries[index].unit = unit
            } else if case .rate = order.trigger {
                entries[index].isArmed = true
                entries[index].unit = unit
            }
        }
        return changes
    }

    /// The ends of the hits that lasted for one request.
    mutating func endsOfRequest() -> [DeviceChange] {
        var changes: [DeviceChange] = []
        for index in entries.indices where entries[index].isArmed {
            entries[index].isArmed = false
            guard let unit = entries[index].unit else { continue }
            entries[index].unit = nil
            let order = entries[index].order
            changes.append(
                DeviceChange(kind: order.kind, unit: unit, value: order.value, begins: false)
            )
        }
        return changes
    }
}
