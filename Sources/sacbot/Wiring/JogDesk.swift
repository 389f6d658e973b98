import Robot
import Synchronization

/// What a person at the keyboard wants of the control thread.
enum JogOrder: Sendable {
    /// Moves a joint's goal by an angle.
    case nudge(Int, Radians)
    /// Switches one joint's torque on or off.
    case torque(Int)
    /// Switches all torque off.
    case stop
    /// The person has looked at the fault.
    case clearFault
    /// Leave, with torque off.
    case quit
}

/// What the control thread shows.
struct JogView: Sendable {
    var state: BodyState
    var goals: JointArray<Radians?>
    var skippedTicks = 0
    var message = ""

    init(jointCount: Int) {
        state = BodyState(jointCount: jointCount)
        goals = JointArray(count: jointCount, repeating: nil)
    }
}

/// Between the keyboard and the control thread; nobody waits here.
final class JogDesk: Sendable {
    private struct Content {
        var orders: [JogOrder] = []
        var view: JogView
        /// When the keyboard side was last there, nanoseconds.
        var seen: Int64
        var outcome: JogOutcome?
    }

    private let content: Mutex<Content>

    init(jointCount: Int, now: Int64) {
        content = Mutex(Content(view: JogView(jointCount: jointCount), seen: now))
    }

    // MARK: The keyboard's side

    /// Leaves orders and takes what there is to show; `now` proves that somebody looks.
    func exchange(_ orders: [JogOrder], now: Int64) -> (view: JogView, outcome: JogOutcome?) {
        content.withLock { content in
            content.orders += orders
            content.seen = now
            return (content.view, content.outcome)
        }
    }

    // MARK: The control thread's side

    /// The orders since the last call.
    func takeOrders() -> [JogOrder] {
        content.withLock { content in
            defer { content.orders.removeAll(keepingCapacity: true) }
            return content.orders
        }
    }

    /// How long nobody has looked, nanoseconds.
    func unattended(now: Int64) -> Int64 { content.withLock { now - $0.seen } }

    /// Shows.
    func show(_ view: JogView) { content.withLock { $0.view = view } }

    /// Says that the control thread has ended.
    func finish(_ outcome: JogOutcome) { content.withLock { $0.outcome = outcome } }
}

/// How a session ended.
struct JogOutcome: Sendable {
    /// Joints that did not confirm that their torque is off.
    var unconfirmed: JointSet
    /// What ended it, if not the person; with the remedy.
    var problem: String?
}
