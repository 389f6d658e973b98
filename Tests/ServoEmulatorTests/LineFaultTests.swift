import Testing

@testable import ServoEmulator

/// Sends back, bit by bit turned over, whatever it is sent; takes 1 ms for it.
private struct Mirror: LineDevice {
    var heard: [[UInt8]] = []
    var begun: [String] = []
    var time: Int64?

    mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply] {
        heard.append(bytes)
        return [TimedReply(bytes: bytes.map { ~$0 }, time: now + 1_000_000)]
    }

    mutating func advance(to now: Int64) -> [TimedReply] { [] }
    var patienceNanoseconds: Int64 { 5_000_000 }
    mutating func noteDroppedReply() {}
    func deviceTime(at now: Int64) -> Int64 { time ?? now }
    var unitIDs: [Int] { [3, 4] }

    mutating func begin(_ fault: FaultKind, unit: Int, value: Double?, now: Int64) -> Bool {
        begun.append("+\(fault.rawValue) \(unit)")
        return true
    }

    mutating func end(_ fault: FaultKind, unit: Int, now: Int64) {
        begun.append("-\(fault.rawValue) \(unit)")
    }
}

@Suite("What goes wrong on a line happens as ordered")
struct LineFaultTests {
    private let request: [UInt8] = Array(1...100)
    private var answer: [UInt8] { request.map { ~$0 } }

    private func line(_ orders: FaultOrder..., instant: Bool = false) -> FaultyLine<Mirror> {
        FaultyLine(device: Mirror(), isInstant: instant, plan: FaultPlan(orders, seed: 5))
    }

    /// Everything that arrives by a time, with the moment of each piece.
    private func arrivals(
        _ line: inout FaultyLine<Mirror>,
        by end: Int64 = .max
    ) -> [(time: Int64, bytes: [UInt8])] {
        var found: [(Int64, [UInt8])] = []
        while let time = line.nextArrival, time <= end, let bytes = line.arrival(by: time) {
            found.append((time, bytes))
        }
        return found
    }

    @Test("without orders bytes pass as they are, at the device's time or at once")
    func quiet() {
        var honest = line()
        honest.receive(request, rate: nil, now: 7)
        let pieces = arrivals(&honest)
        #expect(pieces.map(\.time) == [1_000_007] && pieces.map(\.bytes) == [answer])
        var instant = line(instant: true)
        instant.receive(request, rate: nil, now: 7)
        #expect(arrivals(&instant).map(\.time) == [7])
    }

    @Test("a lost reply does not come, a lost request is not heard")
    func lost() {
        var reply = line(FaultOrder(.lostReply, .rate(1)))
        reply.receive(request, rate: nil, now: 0)
        #expect(arrivals(&reply).isEmpty)
        #expect(reply.device.heard == [request])
        #expect(reply.hits == [.lostReply: 1])
        var asked = line(FaultOrder(.lostRequest, .rate(1)))
        asked.receive(request, rate: nil, now: 0)
        #expect(arrivals(&asked).isEmpty && asked.device.heard.isEmpty)
    }

    @Test("a late reply comes whole, by so much later, and is overtaken")
    func late() {
        var line = line(FaultOrder(.lateReply, .at(nanoseconds: 0), value: 0.020))
        line.receive(request, rate: nil, now: 0)
        line.receive([9], rate: nil, now: 5_000_000)
        let pieces = arrivals(&line)
        #expect(pieces.map(\.time) == [6_000_000, 21_000_000])
        #expect(pieces.map(\.bytes) == [[~9], answer])
    }

    @Test("a bit flip changes one bit, of a reply or of a request")
    func bitFlips() {
        func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
            zip(a, b).reduce(abs(a.count - b.count) * 8) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        }
        var places = Set<Int>()
        var reply = line(FaultOrder(.bitFlip, .rate(1)))
        for _ in 0..<200 {
            reply.receive(request, rate: nil, now: 0)
            let bytes = arrivals(&reply)[0].bytes
            #expect(distance(bytes, answer) == 1)
            places.insert(bytes.indices.first { bytes[$0] != answer[$0] } ?? -1)
        }
        #expect(places.count > 60, "bits of all bytes: \(places.count) of 100")
        var asked = line(FaultOrder(.requestBitFlip, .rate(1)))
        asked.receive(request, rate: nil, now: 0)
        #expect(distance(asked.device.heard[0], request) == 1)
    }

    @Test("a split reply comes in two to four pieces with pauses, all of it")
    func split() {
        var line = line(FaultOrder(.splitReply, .rate(1), value: 0.003))
        var counts = Set<Int>()
        for _ in 0..<100 {
            line.receive(request, rate: nil, now: 0)
            let pieces = arrivals(&line)
            counts.insert(pieces.count)
            #expect(pieces.flatMap(\.bytes) == answer)
            #expect(pieces.map(\.time) == pieces.indices.map { 1_000_000 + 3_000_000 * Int64($0) })
        }
        #expect(counts == [2, 3, 4])
    }

    @Test("noise comes before a reply that is whole; an echo before all replies")
    func additions() {
        var noisy = line(FaultOrder(.garbage, .rate(1), value: 8))
        noisy.receive(request, rate: nil, now: 0)
        let bytes = arrivals(&noisy).flatMap(\.bytes)
        #expect((101...108).contains(bytes.count) && Array(bytes.suffix(100)) == answer)
        var echoing = line(FaultOrder(.echo, .rate(1)))
        echoing.receive(request, rate: nil, now: 0)
        #expect(arrivals(&echoing).map(\.bytes) == [request, answer])
    }

    @Test("a latency timer hands over 62 bytes at once and holds the rest back")
    func stall() {
        var line = line(FaultOrder(.latencyStall, .rate(1), value: 0.016))
        var latest: Int64 = 0
        for _ in 0..<50 {
            line.receive(request, rate: nil, now: 0)
            let pieces = arrivals(&line)
            #expect(pieces.map(\.bytes.count) == [62, 38])
            #expect(pieces.flatMap(\.bytes) == answer)
            #expect(pieces[0].time == 1_000_000)
            latest = max(latest, pieces[1].time)
            #expect(pieces[1].time <= 17_000_000)
        }
        #expect(latest > 13_000_000, "the timer is anywhere in its period: \(latest)")
    }

    @Test("a rate is a share of replies, and the seed decides which")
    func rate() {
        func pattern(_ seed: UInt64) -> [Bool] {
            let plan = FaultPlan([FaultOrder(.lostReply, .rate(0.1))], seed: seed)
            var line = FaultyLine(device: Mirror(), isInstant: true, plan: plan)
            return (0..<2000).map { _ in
                line.receive([1], rate: nil, now: 0)
                return arrivals(&line).isEmpty
            }
        }
        let lost = pattern(1).count { $0 }
        // 200 expected, standard deviation 13.
        #expect((140...260).contains(lost), "\(lost) of 2000")
        #expect(pattern(1) == pattern(1))
        #expect(pattern(1) != pattern(2))
    }

    @Test("an order with a time strikes once, with a duration for that long, on the device's clock")
    func times() {
        var line = line(
            FaultOrder(.lostReply, .at(nanoseconds: 50), duration: 20),
            FaultOrder(.echo, .at(nanoseconds: 30))
        )
        var lost: [Int64] = []
        for time in stride(from: Int64(1000), to: 1100, by: 10) {
            line.device.time = time
            line.receive([1], rate: nil, now: 0)
            let bytes = arrivals(&line).flatMap(\.bytes)
            if bytes.isEmpty { lost.append(time) }
            #expect((bytes.count == 2) == (time == 1030), "\(time): \(bytes)")
        }
        #expect(lost == [1050, 1060])
    }

    @Test("a device's fault begins and ends when it should, at the servo that was named")
    func deviceFaults() {
        var line = line(
            FaultOrder(.overheating, .at(nanoseconds: 50), servo: 4, duration: 20),
            FaultOrder(.wrongID, .rate(1), servo: 3)
        )
        for time: Int64 in [0, 60, 80] {
            line.device.time = time
            line.receive([1], rate: nil, now: 0)
        }
        let each = ["+wrong-id 3", "-wrong-id 3"]
        #expect(
            line.device.begun
                == each + ["+overheating 4"] + each + ["-overheating 4"] + each
        )
        var anyone = FaultyLine(
            device: Mirror(),
            isInstant: true,
            plan: FaultPlan([FaultOrder(.reboot, .rate(1))])
        )
        for _ in 0..<50 { anyone.receive([1], rate: nil, now: 0) }
        #expect(Set(anyone.device.begun.filter { $0.hasPrefix("+") }).count == 2)
    }

    @Test("an adapter that is out takes nothing in and gives nothing out")
    func unplugged() {
        var line = line(FaultOrder(.unplug, .at(nanoseconds: 10), duration: 100))
        line.receive([1], rate: nil, now: 0)
        line.advance(to: 10)
        #expect(line.unpluggedUntil == 110)
        line.receive([2], rate: nil, now: 20)
        #expect(line.device.heard == [[1]] && line.nextArrival == nil)
        let early = line.replug(now: 109)
        let back = line.replug(now: 110)
        #expect(!early && back)
        line.receive([3], rate: nil, now: 111)
        #expect(line.device.heard == [[1], [3]])
    }

    @Test("each bus of a plan has its own orders and its own chances")
    func parts() {
        let plan = FaultPlan(
            [FaultOrder(.echo, .rate(0.5)), FaultOrder(.garbage, .rate(0.5), bus: "left")],
            seed: 9
        )
        let left = plan.part(bus: "left", index: 0)
        let right = plan.part(bus: "right", index: 1)
        #expect(left.orders.count == 2 && left.seed == 9)
        #expect(right.orders.map(\.kind) == [.echo] && right.seed != 9)
    }
}
