import Robot
import ServoEmulator
import ServoProtocol
import Testing

/// All that a unit sends of what it measures before a moment.
func sent(_ core: inout IMUCore, until end: Int64) -> [TimedReply] {
    // Samples are made ahead of their time.
    core.advance(to: end - core.patienceNanoseconds - 1)
}

/// The samples in what a unit sent, with the moment each was whole.
func samples(_ replies: [TimedReply], _ format: IMUFormat) -> (list: [IMUSample], IMUCounters) {
    var decoder = format.decoder()
    var list: [IMUSample] = []
    for reply in replies {
        decoder.append(reply.bytes.span, time: reply.time)
        while let sample = decoder.nextSample() { list.append(sample) }
    }
    return (list, decoder.counters)
}

func answers(_ core: inout IMUCore, _ command: [UInt8], now: Int64 = 0) -> [String] {
    core.receive(command, rate: nil, now: now).map { String(decoding: $0.bytes, as: UTF8.self) }
}

@Suite("Emulated IMUs")
struct IMUCoreTests {
    static let second: Int64 = 1_000_000_000
    /// A turn about a skew axis: 0.54 rad/s.
    static let turning = IMUMotion.turning(rate: SIMD3(0.3, -0.2, 0.4))

    /// Half a step of the format's numbers, in radians and SI.
    static let steps: [(IMUProtocol, orientation: Double, rate: Double, acceleration: Double)] = [
        // 0.01 degrees and thousandths of g; a rate is a difference over 10 ms.
        (.bno08xRVC, 1.5e-4, 0.035, 0.005),
        (.vectorNavASCII, 5e-5, 5e-6, 5e-4), (.vectorNavBinary, 1e-6, 1e-6, 1e-6),
        (.witMotion, 1.5e-4, 6e-4, 2.5e-3),
    ]

    @Test("what a decoder makes of the bytes is how the unit moves") func motion() {
        for (spoken, orientation, rate, acceleration) in Self.steps {
            var core = IMUCore(spoken, baudRate: 115_200, motion: Self.turning, now: 0)
            if spoken == .vectorNavBinary {
                let fields: [VectorNavCommand] = [
                    .asyncType(nil), .binaryOutput(ports: 1, divisor: 8, fields: .wanted),
                ]
                for command in fields { _ = answers(&core, command.encoded()) }
            }
            let replies = sent(&core, until: Self.second)
            let (list, counters) = samples(replies, spoken.testFormat)
            #expect(list.count >= 8, "\(spoken)")
            #expect(counters.discardedBytes == 0)
            for sample in list {
                // The sample was measured when its burst began; look at the nearest such moment.
                let period = 5_000_000.0 / 4
                let exact = (0..<40).map { back in
                    let measured = (Double(sample.time) / period).rounded(.down) - Double(back)
                    return Self.turning.sample(Int64(measured * period))
                }
                func distance(_ one: IMUSample) -> Double {
                    let vector = (one.orientation.inverse * sample.orientation).rotationVector
                    return (vector * vector).sum().squareRoot()
                }
                let nearest = exact.min { distance($0) < distance($1) }
                guard let nearest else { continue }
                #expect(distance(nearest) < orientation, "\(spoken)")
                for (found, true_, limit) in [
                    (sample.angularRate, nearest.angularRate, rate),
                    (sample.acceleration, nearest.acceleration, acceleration),
                ] {
                    guard let found, let true_ else {
                        // The first of a differentiated rate.
                        #expect(spoken == .bno08xRVC)
                        continue
                    }
                    let off = found - true_
                    #expect(max(abs(off.x), abs(off.y), abs(off.z)) < limit, "\(spoken)")
                }
            }
        }
    }

    @Test("samples come at their rate, and as late as the wire makes them") func timing() {
        var rvc = IMUCore(.bno08xRVC, now: 0)
        let reports = sent(&rvc, until: Self.second)
        #expect(reports.count == 100)
        // 19 bytes of ten bits at 115200.
        let wire = Int64(19) * 10 * Self.second / 115_200
        for (index, report) in reports.enumerated() {
            #expect(report.time == Int64(index) * 10_000_000 + wire)
        }
        var wit = IMUCore(.witMotion, now: 0)
        let frames = sent(&wit, until: Self.second)
        // Ten bursts of four frames, one frame behind the other: 11 bytes at 9600.
        #expect(frames.count == 40)
        let frame = Int64(11) * 10 * Self.second / 9600
        #expect(frames[4].time == 100_000_000 + frame)
        #expect(frames[7].time == 100_000_000 + 4 * frame)
        var nav = IMUCore(.vectorNavASCII, now: 0)
        #expect(sent(&nav, until: Self.second).count == 40)
    }

    @Test("more than the line carries is not sent late but not at all") func overflow() {
        var core = IMUCore(.vectorNavASCII, now: 0)
        _ = answers(&core, VectorNavCommand.asyncRate(200).encoded())
        let replies = sent(&core, until: Self.second)
        #expect(core.counters.overflows > 50)
        // As many whole lines as fit, but for pauses shorter than one: the next is measured then.
        let wire = Int64(replies[0].bytes.count) * 10 * Self.second / 115_200
        #expect(replies.count <= Int(Self.second / wire) + 1)
        #expect(replies.count > Int(Self.second / (wire + 5_000_000)))
        // None waited for the one before it.
        for (reply, next) in zip(replies, replies.dropFirst()) {
            #expect(next.time - reply.time >= wire)
        }
    }

    @Test("VectorNav's registers answer, and refuse with the manual's numbers") func registers() {
        var core = IMUCore(.vectorNavASCII, now: 0)
        let table: [(command: String, answer: String)] = [
            ("$VNRRG,06*XX\r\n", "$VNRRG,06,14*5C\r\n"),
            ("$VNWRG,06,14*59\r\n", "$VNWRG,06,14*59\r\n"),
            ("$VNWRG,07,40*59\r\n", "$VNWRG,07,40*59\r\n"),
            ("$VNASY,0*4F\r\n", "$VNASY,0*4F\r\n"),
            // No such register, a wrong rate, a wrong sum, no such command, one that cannot be
            // written, too few and too many parameters: the codes of imu.md, section 2.
            ("$VNRRG,99*XX\r\n", "$VNERR,08*79\r\n"),
            ("$VNWRG,07,41*XX\r\n", "$VNERR,07*76\r\n"),
            ("$VNWRG,07,40*58\r\n", "$VNERR,03*72\r\n"),
            ("$VNFOO*XX\r\n", "$VNERR,04*75\r\n"),
            ("$VNWRG,01,X*XX\r\n", "$VNERR,09*78\r\n"),
            ("$VNWRG,07*XX\r\n", "$VNERR,05*74\r\n"),
            ("$VNRRG,07,1*XX\r\n", "$VNERR,06*77\r\n"),
        ]
        for (command, answer) in table {
            #expect(answers(&core, Array(command.utf8)) == [answer], "\(command)")
        }
        // In pieces, and with something before it.
        let pieces = Array("xx$VN".utf8)
        #expect(answers(&core, pieces) == [])
        #expect(answers(&core, Array("RRG,06*XX\r\n".utf8)) == ["$VNRRG,06,14*5C\r\n"])
        #expect(sent(&core, until: Self.second).isEmpty, "paused by VNASY,0")
        let wrongRate = core.receive(Array("$VNRRG,06*XX\r\n".utf8), rate: 9600, now: 0)
        #expect(wrongRate == [])
    }

    @Test("WitMotion's registers need the key, for ten seconds") func lock() {
        var core = IMUCore(.witMotion, now: 0)
        func registers(_ core: inout IMUCore, now: Int64) -> [UInt8] {
            let read = WitMotionCommand.read(register: 0x02).encoded()
            return core.receive(read, rate: nil, now: now).flatMap(\.bytes)
        }
        // Content 1E, rate 6, baud 2.
        let factory: [UInt8] = [0x55, 0x5F, 0x1E, 0, 6, 0, 2, 0, 0, 0, 0xDA]
        #expect(registers(&core, now: 0) == factory)
        _ = core.receive(WitMotionCommand.rate(code: 9).encoded(), rate: nil, now: 0)
        #expect(registers(&core, now: 0) == factory)
        _ = core.receive(WitMotionCommand.unlock.encoded(), rate: nil, now: 0)
        _ = core.receive(WitMotionCommand.rate(code: 9).encoded(), rate: nil, now: Self.second)
        #expect(registers(&core, now: Self.second)[4] == 9)
        let late = 10 * Self.second
        _ = core.receive(WitMotionCommand.rate(code: 6).encoded(), rate: nil, now: late)
        #expect(registers(&core, now: late)[4] == 9)
    }

    @Test("every fault is seen for what it is") func faults() {
        var core = IMUCore(.bno08xRVC, motion: Self.turning, now: 0)
        core.inject(.drop(samples: 2), now: 0)
        let (_, dropped) = samples(sent(&core, until: Self.second / 2), .uartRVC)
        // Before the first sample nobody knows of a loss.
        #expect(dropped.lost == 0 && dropped.samples == 48)

        core = IMUCore(.bno08xRVC, motion: Self.turning, now: 0)
        var end = Self.second / 2
        var replies = sent(&core, until: end)
        for fault in [IMUFault.drop(samples: 3), .corrupt(frames: 2), .freeze(samples: 4)] {
            core.inject(fault, now: 0)
            end += 200_000_000
            replies += sent(&core, until: end)
        }
        let (_, counters) = samples(replies, .uartRVC)
        #expect(counters.lost == 5)
        #expect(counters.badChecksums >= 1)
        #expect(counters.repeated == 4)

        core = IMUCore(.bno08xRVC, motion: Self.turning, now: 0)
        core.inject(.split(frames: 5), now: 0)
        let split = sent(&core, until: Self.second)
        let (_, whole) = samples(split, .uartRVC)
        #expect(whole.samples == whole.frames && whole.discardedBytes == 0)
        #expect(split.count == whole.samples + 5)

        core = IMUCore(.bno08xRVC, motion: Self.turning, now: 0)
        core.inject(.silence(nanoseconds: 300_000_000), now: 0)
        #expect(sent(&core, until: Self.second).first?.time ?? 0 > 300_000_000)
    }
}

extension IMUProtocol {
    /// Whose bytes it is; ServoHardware has the same, for itself.
    var testFormat: IMUFormat {
        switch self {
        case .bno08xRVC: .uartRVC
        case .vectorNavASCII, .vectorNavBinary: .vectorNav
        case .witMotion: .witMotion
        }
    }
}
