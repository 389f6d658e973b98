import Foundation
import NIOCore
import Operator
import Synchronization

/// Turns what the desk shows into events: at most ten a second, one encoding for all listeners.
final class StateFeed: Sendable {
    /// Ticks of 100 ms without news after which a heartbeat is sent.
    private static let quietTicks = 50

    private struct Content {
        var shown: UInt64?
        var ticksSinceEvent = 0
    }

    private let desk: OperatorDesk
    private let hub: EventHub
    private let content = Mutex(Content())

    init(desk: OperatorDesk, hub: EventHub) {
        (self.desk, self.hub) = (desk, hub)
    }

    /// The state as it stands.
    var newest: OperatorState { desk.state }

    /// The state as it stands, as an event.
    var event: ByteBuffer { Self.event(newest) }

    /// Call ten times a second: tells all listeners what is new.
    func tick() {
        guard hub.listenerCount > 0 else { return }
        let state = newest
        let event: ByteBuffer? = content.withLock { stored in
            stored.ticksSinceEvent += 1
            if stored.shown != state.sequence {
                stored.shown = state.sequence
                stored.ticksSinceEvent = 0
                return Self.event(state)
            }
            guard stored.ticksSinceEvent >= Self.quietTicks else { return nil }
            stored.ticksSinceEvent = 0
            return ServerSentEvent.heartbeat
        }
        if let event { hub.publish(event) }
    }

    /// Without what the page asks for by itself: ten times a second it would be most of the bytes.
    private static func event(_ state: OperatorState) -> ByteBuffer {
        var state = state
        state.recentEpisodes = []
        for index in (state.ticks?.stages ?? []).indices { state.ticks?.stages[index].buckets = [] }
        return ServerSentEvent.named(
            "state",
            String(decoding: DashboardJSON.data(state), as: UTF8.self)
        )
    }
}
