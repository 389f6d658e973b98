import NIOCore
import Synchronization

/// Hands events to everybody who listens, and waits for nobody.
///
/// Each listener has a queue of `queueLength` events. One that is full belongs to a listener that
/// does not read: it is cut off, and may come again.
final class EventHub: Sendable {
    /// Events that wait for a listener at most: about three seconds.
    static let queueLength = 32
    /// Listeners at most.
    static let capacity = 256

    /// One listener's stream.
    struct Listener: Sendable {
        /// Names it to the hub.
        let number: Int
        /// What it is to be told, until it is cut off or the hub closes.
        let events: AsyncStream<ByteBuffer>
    }

    private struct Outlet {
        var continuation: AsyncStream<ByteBuffer>.Continuation
        var cutOff: @Sendable () -> Void
    }

    private struct Content {
        var outlets: [Int: Outlet] = [:]
        var nextNumber = 0
        var dropped = 0
        var isOpen = true
    }

    private let content = Mutex(Content())

    /// How many listen.
    var listenerCount: Int { content.withLock { $0.outlets.count } }

    /// How many were cut off.
    var droppedCount: Int { content.withLock { $0.dropped } }

    /// Begins to listen; `nil` if too many do.
    ///
    /// - Parameters:
    ///   - first: what it is told at once.
    ///   - cutOff: called when it does not read.
    func listen(first: [ByteBuffer], cutOff: @escaping @Sendable () -> Void) -> Listener? {
        content.withLock { stored in
            guard stored.isOpen, stored.outlets.count < Self.capacity else { return nil }
            let (events, continuation) = AsyncStream.makeStream(
                of: ByteBuffer.self,
                bufferingPolicy: .bufferingOldest(Self.queueLength)
            )
            first.forEach { _ = continuation.yield($0) }
            stored.nextNumber += 1
            stored.outlets[stored.nextNumber] = Outlet(continuation: continuation, cutOff: cutOff)
            return Listener(number: stored.nextNumber, events: events)
        }
    }

    /// Ends listening.
    func leave(_ listener: Listener) {
        content.withLock { $0.outlets.removeValue(forKey: listener.number) }?.continuation.finish()
    }

    /// Tells everybody.
    func publish(_ event: ByteBuffer) {
        let slow = content.withLock { stored in
            let slow = stored.outlets.filter { _, outlet in
                if case .enqueued = outlet.continuation.yield(event) { return false }
                return true
            }
            slow.keys.forEach { stored.outlets[$0] = nil }
            stored.dropped += slow.count
            return slow.values
        }
        for outlet in slow {
            outlet.continuation.finish()
            outlet.cutOff()
        }
    }

    /// Ends every stream; nobody can listen after it.
    func close() {
        let outlets = content.withLock { stored in
            defer { stored.outlets = [:] }
            stored.isOpen = false
            return stored.outlets.values
        }
        outlets.forEach { $0.continuation.finish() }
    }
}

/// The text of a server-sent event.
enum ServerSentEvent {
    /// An event of this name with one line of data.
    static func named(_ name: String, _ data: String) -> ByteBuffer {
        ByteBuffer(string: "event: \(name)\ndata: \(data)\n\n")
    }

    /// A line that means nothing, so that both ends see that the connection lives.
    static var heartbeat: ByteBuffer { ByteBuffer(string: ": heartbeat\n\n") }
}
