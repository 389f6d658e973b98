import CAllocationCount
import Foundation
import ServoProtocol
import Testing

@Suite("IMU frames in a stream")
struct IMUStreamTests {
    // MARK: One bit

    @Test("no frame survives a flipped bit") func flippedBit() {
        for (bytes, _) in IMUFrames.rvc { refuses(bytes) { UARTRVCDecoder(isAligned: true) } }
        for (bytes, _) in IMUFrames.witMotion {
            refuses(bytes) { WitMotionDecoder(isAligned: true) }
        }
        for (bytes, _, _) in IMUFrames.binary { refuses(bytes) { VectorNavDecoder() } }
        let lines = IMUFrames.text.map(\.line) + IMUFrames.replies.map(\.line) + ["$VNERR,08*79"]
        for line in lines { refuses(IMUFrames.line(line)) { VectorNavDecoder() } }
    }

    private func refuses<D: IMUDecoder>(_ bytes: [UInt8], _ make: () -> D) {
        for bit in 0..<(bytes.count * 8) {
            var decoder = make()
            decoder.append(Self.flipped(bytes, bit))
            // Frames of a kind are counted whether they make a sample or not.
            #expect(decoder.nextSample() == nil, "bit \(bit)")
            #expect(decoder.counters.frames == 0, "bit \(bit) of \(bytes)")
        }
    }

    private static func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    @Test("the good frames behind one with a flipped bit are found") func nextAfterFlippedBit() {
        let rvc = (1...4).map {
            UARTRVCFrame(
                index: UInt8($0),
                yaw: Int16($0),
                pitch: -110,
                roll: 2085,
                acceleration: [-371, -20, 977]
            ).encoded()
        }
        for bit in 0..<(19 * 8) {
            var decoder = UARTRVCDecoder(isAligned: true)
            decoder.append(rvc[0] + Self.flipped(rvc[1], bit) + rvc[2] + rvc[3])
            #expect(decoder.samples().map(\.time).count == 3, "bit \(bit)")
            #expect(decoder.counters.lost == 1)
        }
        let binary = IMUFrames.binary[0].bytes
        for bit in 0..<(binary.count * 8) {
            var decoder = VectorNavDecoder()
            // A flipped mask may ask for up to 204 bytes.
            decoder.append(Self.flipped(binary, bit) + Array(repeating: binary, count: 6).joined())
            #expect(decoder.samples().count == 6, "bit \(bit)")
        }
        let line = IMUFrames.line(IMUFrames.text[3].line)
        for bit in 0..<(line.count * 8) {
            var decoder = VectorNavDecoder()
            decoder.append(Self.flipped(line, bit) + line + line + line)
            #expect(decoder.samples().count == 3, "bit \(bit)")
        }
    }

    // MARK: UART-RVC

    @Test("UART-RVC data that is a report by its sum is not taken for one") func rvcFalseFrame()
        throws
    {
        func stream(_ y: Int16) -> [UARTRVCFrame] {
            (0..<5).map {
                UARTRVCFrame(
                    index: UInt8(40 + $0),
                    yaw: 100,
                    // Two reports' indices make an odd sum; an odd step here makes it even again.
                    pitch: 200 + Int16($0),
                    roll: 300,
                    // AA AA.
                    acceleration: SIMD3(-21_846, y, 1000)
                )
            }
        }
        // An acceleration with which bytes 9 to 27 have a header and the right sum.
        func falseFrame(_ frames: [UARTRVCFrame]) -> [UInt8] {
            Array((frames[0].encoded() + frames[1].encoded())[9..<28])
        }
        let y = try #require(
            (Int16(0)..<256).first {
                let bytes = falseFrame(stream($0))
                return bytes[2..<18].reduce(0, &+) == bytes[18]
            }
        )
        let frames = stream(y)
        #expect(falseFrame(frames).starts(with: [0xAA, 0xAA]))
        var decoder = UARTRVCDecoder()
        decoder.append(Array(frames.flatMap { $0.encoded() }.dropFirst(9)))
        var found: [UARTRVCFrame] = []
        while let frame = decoder.next() { found.append(frame) }
        #expect(found == Array(frames.dropFirst()))
    }

    @Test("after a gap a UART-RVC report needs its successor, or to go on with the count")
    func rvcConfirmation() {
        let good = (0..<6).map {
            UARTRVCFrame(index: UInt8(100 + $0), yaw: 0, pitch: 0, roll: 0, acceleration: .zero)
                .encoded()
        }
        var decoder = UARTRVCDecoder(isAligned: true)
        decoder.append([0x13] + good[0], time: 1)
        #expect(decoder.samples().isEmpty)
        decoder.append(good[1], time: 2)
        let samples = decoder.samples()
        // The first was there before the second; it keeps its time.
        #expect(samples.map(\.time) == [1, 2])
        decoder.append([0x13] + good[3], time: 4)
        #expect(decoder.samples().map(\.time) == [4])
        #expect(decoder.counters.lost == 1)
        #expect(decoder.counters.resyncs == 2)
        #expect(decoder.counters.discardedBytes == 2)
    }

    @Test("a UART-RVC device that repeats itself gives no new sample") func rvcRepeats() {
        var decoder = UARTRVCDecoder(isAligned: true)
        for _ in 0..<3 { decoder.append(IMUFrames.rvcDataSheet) }
        #expect(decoder.samples().count == 1)
        #expect(decoder.counters.repeated == 2)
    }

    @Test("a VectorNav device whose clock stands still gives no new sample") func vectorNavRepeats()
    {
        var decoder = VectorNavDecoder()
        for _ in 0..<3 { decoder.append(IMUFrames.binary[1].bytes) }
        #expect(decoder.samples().count == 1)
        #expect(decoder.counters.repeated == 2)
    }

    @Test("numbers that no sensor measures are refused") func implausible() {
        var rvc = UARTRVCDecoder(isAligned: true)
        rvc.append(
            UARTRVCFrame(index: 0, yaw: 0, pitch: 9001, roll: 0, acceleration: .zero).encoded()
        )
        #expect(rvc.nextSample() == nil)
        #expect(rvc.counters.implausible == 1)

        for bad in [Double.nan, .infinity, 0.5] {
            var measured = VectorNavMeasurement()
            measured.quaternion = [0, 0, 0, bad]
            measured.angularRate = .zero
            var decoder = VectorNavDecoder()
            decoder.append(VectorNavFields([.quaternion, .angularRate]).encoded(measured))
            measured.quaternion = [0, 0, 0, 1]
            measured.angularRate = [0, bad == 0.5 ? .nan : bad, 0]
            decoder.append(VectorNavFields([.quaternion, .angularRate]).encoded(measured))
            #expect(decoder.nextSample() == nil)
            #expect(decoder.counters.implausible == 2)
        }
    }

    @Test("a measurement without orientation is counted, not made up") func withoutOrientation() {
        var decoder = VectorNavDecoder()
        decoder.append(IMUFrames.line(IMUFrames.text[2].line))
        #expect(decoder.nextSample() == nil)
        #expect(decoder.counters.withoutOrientation == 1)
    }

    // MARK: WitMotion

    private static func burst(_ n: Int16, without lost: WitMotionFrame.Kind? = nil) -> [UInt8] {
        let kinds: [WitMotionFrame.Kind] = [.acceleration, .angularRate, .angle]
        return kinds.filter { $0 != lost }.flatMap {
            WitMotionFrame(kind: $0, values: [n, n, n, n]).encoded()
        }
    }

    @Test("WitMotion's first burst teaches; a burst that lacks a frame is no sample")
    func witMotionBursts() {
        var decoder = WitMotionDecoder()
        decoder.append(Self.burst(1))
        #expect(decoder.samples().isEmpty)
        decoder.append(Self.burst(2))
        #expect(decoder.samples().count == 1)
        for lost in [WitMotionFrame.Kind.acceleration, .angularRate, .angle] {
            let before = decoder.counters
            decoder.append(Self.burst(3, without: lost) + Self.burst(4))
            let samples = decoder.samples()
            let rate = 4.0 / 32_768 * 2000 * .pi / 180
            #expect(samples.count == 1)
            // Nothing of the broken burst is in it.
            #expect(isClose(samples.first?.angularRate, [rate, rate, rate], 1e-12), "\(lost)")
            #expect(decoder.counters.incomplete == before.incomplete + 1)
        }
    }

    @Test("WitMotion's frames on two sides of a gap are not joined") func witMotionGap() {
        var decoder = WitMotionDecoder(content: [.acceleration, .angularRate, .angle])
        // The end of one burst and the beginning of the next are lost: 51 | 52 and 53 of later.
        let broken = Array(Self.burst(1).prefix(11)) + [0x00] + Array(Self.burst(2).dropFirst(11))
        decoder.append(broken + Self.burst(3))
        let rate = 3.0 / 32_768 * 2000 * .pi / 180
        let samples = decoder.samples()
        #expect(samples.count == 1)
        #expect(isClose(samples.first?.angularRate, [rate, rate, rate], 1e-12))
    }

    @Test("WitMotion's frame held for its successor keeps the time it came") func witMotionTime() {
        var decoder = WitMotionDecoder(content: [.angle])
        let frame = WitMotionFrame(kind: .angle, values: .zero).encoded()
        decoder.append([0x00] + frame, time: 5)
        #expect(decoder.samples().isEmpty)
        decoder.append(frame, time: 100)
        #expect(decoder.samples().map(\.time) == [5, 100])
    }

    @Test("WitMotion's answer to a read is kept apart") func witMotionRegisters() {
        var decoder = WitMotionDecoder(isAligned: true)
        decoder.append(WitMotionFrame(kind: .registers, values: [526, 9, 6, 0]).encoded())
        #expect(decoder.nextSample() == nil)
        #expect(decoder.registers == [526, 9, 6, 0])
        decoder.forgetRegisters()
        #expect(decoder.registers == nil)
    }

    // MARK: Memory

    @Test("taking samples asks for no memory", arguments: IMUFormat.allCases)
    func allocations(_ format: IMUFormat) {
        var stream: [UInt8] = []
        for index in 0..<50 {
            switch format {
            case .uartRVC:
                stream += UARTRVCFrame(
                    index: UInt8(index),
                    yaw: 0,
                    pitch: 0,
                    roll: 0,
                    acceleration: .zero
                ).encoded()
            case .vectorNav:
                stream += IMUFrames.binary[0].bytes + IMUFrames.line(IMUFrames.text[3].line)
            case .witMotion: stream += Self.burst(Int16(index))
            }
        }
        var decoder = format.decoder()
        decoder.append(stream.span, time: 0)
        while decoder.nextSample() != nil {}
        let before = allocation_count()
        var samples = 0
        for round in 1...20 {
            // Bytes in chunks as a tick finds them, the count going on where it was.
            for start in stride(from: 0, to: stream.count, by: 97) {
                let end = min(start + 97, stream.count)
                decoder.append(stream.span.extracting(start..<end), time: Int64(round))
                while decoder.nextSample() != nil { samples += 1 }
            }
        }
        let asked = allocation_count() - before
        #expect(asked == 0)
        #expect(samples > 500)
    }
}
