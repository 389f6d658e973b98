import NIOCore
import Synchronization
import Testing

@testable import Dashboard

@Suite("Events for many listeners")
struct EventHubTests {
    private func event(_ number: Int) -> ByteBuffer {
        ServerSentEvent.named("state", "\(number)")
    }

    @Test("an event is a name, a line of data and an empty line")
    func format() {
        #expect(String(buffer: event(7)) == "event: state\ndata: 7\n\n")
        #expect(String(buffer: ServerSentEvent.heartbeat).hasPrefix(":"))
    }

    @Test("a listener that does not read is cut off when its queue is full; others get everything")
    func slow() async throws {
        let hub = EventHub()
        let cuts = Mutex(0)
        let slow = try #require(hub.listen(first: []) { cuts.withLock { $0 += 1 } })
        let quick = try #require(hub.listen(first: []) { Issue.record("it reads") })
        var heard = quick.events.makeAsyncIterator()
        for number in 0..<(EventHub.queueLength + 5) {
            hub.publish(event(number))
            let got = await heard.next()
            #expect(got == event(number))
        }
        #expect(cuts.withLock { $0 } == 1)
        #expect(hub.droppedCount == 1)
        #expect(hub.listenerCount == 1)
        // What waited for it is bounded.
        var left = 0
        for await _ in slow.events { left += 1 }
        #expect(left == EventHub.queueLength)
    }

    @Test("what it is told at first comes first, and closing ends every stream")
    func closing() async throws {
        let hub = EventHub()
        let listener = try #require(hub.listen(first: [event(1), event(2)]) {})
        hub.publish(event(3))
        hub.close()
        var heard: [ByteBuffer] = []
        for await event in listener.events { heard.append(event) }
        #expect(heard == [event(1), event(2), event(3)])
        let refused = hub.listen(first: []) {}
        #expect(refused == nil)
    }

    @Test("there is room for so many and no more; who leaves makes room")
    func capacity() throws {
        let hub = EventHub()
        var listeners = (0..<EventHub.capacity).compactMap { _ in hub.listen(first: []) {} }
        #expect(listeners.count == EventHub.capacity)
        let refused = hub.listen(first: []) {}
        #expect(refused == nil)
        hub.leave(listeners.removeLast())
        let another = hub.listen(first: []) {}
        #expect(another != nil)
    }
}
