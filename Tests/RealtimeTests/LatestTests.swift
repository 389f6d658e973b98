import Realtime
import Synchronization
import Testing

@Suite("A mailbox for the newest value")
struct LatestTests {
    @Test("a reader gets the newest value once")
    func newest() {
        let box = Latest(blank: 0)
        #expect(box.takeIfNew() == nil)
        box.publish(1)
        box.publish(2)
        #expect(box.takeIfNew() == 2)
        #expect(box.takeIfNew() == nil)
        box.publish(3)
        #expect(box.takeIfNew() == 3)
    }

    /// Two halves that belong together.
    private struct Pair: BitwiseCopyable {
        var number: UInt64
        var square: UInt64
    }

    @Test("200,000 values between two threads: never torn, never an older one, at last the last")
    func twoThreads() {
        let count: UInt64 = 200_000
        let box = Latest(blank: Pair(number: 0, square: 0))
        let writer = WorkThread(name: "writer") {
            for number in 1...count { box.publish(Pair(number: number, square: number &* number)) }
        }
        var last: UInt64 = 0
        var isWhole = true
        while last < count {
            guard let pair = box.takeIfNew() else { continue }
            isWhole = isWhole && pair.square == pair.number &* pair.number && pair.number > last
            last = pair.number
            if !isWhole { break }
        }
        writer.join()
        #expect(isWhole && last == count)
    }
}
