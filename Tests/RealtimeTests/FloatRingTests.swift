import Realtime
import Testing

@Suite("FloatRing")
struct FloatRingTests {
    @Test("a full ring refuses and keeps what it holds, in order")
    func refusesWhenFull() {
        let ring = FloatRing(recordSize: 2, capacity: 3)
        for value in 0..<3 {
            let record = [Float(value), -Float(value)]
            let taken = ring.offer(record.span)
            #expect(taken)
        }
        let extra: [Float] = [9, 9]
        let overflow = ring.offer(extra.span)
        #expect(!overflow)
        var seen: [Float] = []
        while ring.take({ record in seen += [record[0], record[1]] }) {}
        #expect(seen == [0, 0, 1, -1, 2, -2])
        #expect(ring.count == 0)
    }

    @Test("a million records cross threads whole and in order")
    func crossesThreads() {
        let ring = FloatRing(recordSize: 3, capacity: 7)
        let count = 1_000_000
        let writer = WorkThread(name: "writer") {
            for value in 0..<count {
                // Exact in a float: below 2^24.
                let record = [Float(value), Float(value), Float(value)]
                while !ring.offer(record.span) {}
            }
        }
        var next = 0
        var torn = 0
        while next < count {
            _ = ring.take { record in
                if record[0] != Float(next) || record[1] != record[0] || record[2] != record[0] {
                    torn += 1
                }
                next += 1
            }
        }
        writer.join()
        #expect(torn == 0)
    }
}
