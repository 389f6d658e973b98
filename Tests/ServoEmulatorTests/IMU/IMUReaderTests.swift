import CAllocationCount
import Realtime
import Robot
import ServoEmulator
import ServoHardware
import ServoProtocol
import Testing

/// The real reader on a pseudo-terminal with an emulated unit behind it.
@Suite("An IMU on a serial port", .serialized, .timeLimit(.minutes(1)))
struct IMUReaderTests {
    static let turning = IMUMotion.turning(rate: SIMD3(0, 0, 0.5))

    /// A unit that is switched on now.
    static func line(
        _ spoken: IMUProtocol,
        baudRate: Int? = nil,
        motion: IMUMotion = .still
    ) throws -> EmulatedLine<IMUCore> {
        let line = try EmulatedLine(
            device: IMUCore(
                spoken,
                baudRate: baudRate,
                motion: motion,
                now: MonotonicClock.now()
            )
        )
        line.start()
        return line
    }

    /// Reads until there are so many samples; each poll is a tick of its own time.
    static func poll(_ reader: IMUReader, samples: Int) throws {
        while reader.counters.samples < samples {
            try reader.poll(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        }
    }

    @Test(
        "each kind is read, and set to the rate the file asks for",
        arguments: IMUProtocol.allCases
    )
    func reads(_ spoken: IMUProtocol) throws {
        // An odd mounting: the sensor upside down, looking to the left.
        let mounting = SIMD3(Double.pi, 0, Double.pi / 2)
        let rate: Double = spoken == .bno08xRVC ? 100 : 50
        let line = try Self.line(spoken, baudRate: 115_200)
        defer { line.stop() }
        let reader = try IMUReader(
            IMUDescription(
                port: line.path,
                baudRate: 115_200,
                protocolName: spoken,
                rate: rate,
                mounting: mounting,
                staleAfter: 1
            )
        )
        defer { reader.close() }
        try Self.poll(reader, samples: 10)
        let now = MonotonicTime(nanoseconds: MonotonicClock.now())
        let sample = try #require(reader.sample(now: now))
        // The sensor lies level: the body it is mounted in upside down is upside down.
        let up = sample.orientation.turned(SIMD3(0, 0, 1))
        #expect(abs(up.z + 1) < 1e-3)
        let felt = try #require(sample.acceleration)
        #expect(abs(felt.z + 9.80665) < 0.01)
        #expect(reader.counters.badChecksums == 0)
        #expect((reader.tiltDisagreement ?? 1) < 0.01)
        let isSet = line.withDevice { core -> Bool in
            if let unit = core.unit as? EmulatedVectorNav {
                return spoken == .vectorNavASCII
                    ? unit.text == .quaternionAll && unit.textRate == 50
                    : unit.text == nil && unit.binaryDivisor == 16 && unit.fields == .wanted
            }
            if let unit = core.unit as? EmulatedWitMotion {
                return unit.content == .wanted && unit.rateCode == 8 && unit.lockedWrites == 0
            }
            return true
        }
        #expect(isSet == true)
    }

    @Test("the body's axes: rate and yaw of a unit that is mounted the other way round")
    func mounted() throws {
        let line = try Self.line(.vectorNavASCII, motion: Self.turning)
        defer { line.stop() }
        let reader = try IMUReader(
            IMUDescription(
                port: line.path,
                protocolName: .vectorNavASCII,
                mounting: SIMD3(Double.pi, 0, 0),
                staleAfter: 1
            )
        )
        defer { reader.close() }
        try Self.poll(reader, samples: 3)
        let sample = try #require(
            reader.sample(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        )
        // Turning left about the sensor's up, which is the body's down.
        let rate = try #require(sample.angularRate)
        #expect(abs(rate.z + 0.5) < 1e-5)
    }

    @Test("a sample grows old and is none any more; a pause in the ticks makes the backlog old")
    func staleness() throws {
        let line = try Self.line(.bno08xRVC)
        defer { line.stop() }
        let reader = try IMUReader(
            IMUDescription(port: line.path, protocolName: .bno08xRVC, staleAfter: 0.5)
        )
        defer { reader.close() }
        let before = MonotonicTime(nanoseconds: MonotonicClock.now())
        #expect(reader.sample(now: before) == nil)
        #expect(!reader.isSilent(now: before))
        #expect(reader.isSilent(now: before + 10_000_000_000))
        try Self.poll(reader, samples: 3)
        let taken = try #require(
            reader.sample(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        )
        let time = MonotonicTime(nanoseconds: taken.time)
        #expect(reader.sample(now: time + 500_000_000) != nil)
        #expect(reader.sample(now: time + 500_000_001) == nil)
        #expect(reader.isSilent(now: time + 500_000_001))
        // Nobody polls for 20 seconds; what has waited meanwhile is no news.
        let count = try #require(line.withDevice { $0.counters.samples })
        while try #require(line.withDevice { $0.counters.samples }) < count + 10 {}
        let later = time + 20_000_000_000
        try reader.poll(now: later)
        #expect(reader.lateBytes > 0)
        #expect(reader.sample(now: later) == nil)
        // What comes from now on is.
        while reader.sample(now: later) == nil { try reader.poll(now: later) }
    }

    @Test("a tick asks for no memory", arguments: [IMUProtocol.bno08xRVC, .vectorNavASCII])
    func allocations(_ spoken: IMUProtocol) throws {
        let line = try Self.line(spoken)
        defer { line.stop() }
        let reader = try IMUReader(
            IMUDescription(port: line.path, protocolName: spoken, staleAfter: 1)
        )
        defer { reader.close() }
        try Self.poll(reader, samples: 3)
        let before = allocation_count()
        try Self.poll(reader, samples: 13)
        let sample = reader.sample(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        let asked = allocation_count() - before
        #expect(asked == 0)
        #expect(sample != nil)
    }

    @Test("damage is counted and passed over; a silent unit is seen") func damage() throws {
        let line = try Self.line(.bno08xRVC)
        defer { line.stop() }
        let reader = try IMUReader(
            IMUDescription(port: line.path, protocolName: .bno08xRVC, staleAfter: 1)
        )
        defer { reader.close() }
        try Self.poll(reader, samples: 5)
        line.withDevice { $0.inject(.corrupt(frames: 3), now: 0) }
        line.withDevice { $0.inject(.drop(samples: 2), now: 0) }
        while reader.counters.lost < 5 {
            try reader.poll(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        }
        #expect(reader.counters.badChecksums >= 1)
        #expect(reader.counters.resyncs >= 1)
        line.withDevice { $0.inject(.freeze(samples: 4), now: 0) }
        while reader.counters.repeated < 4 {
            try reader.poll(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
        }
    }

    @Test("a unit that goes away is an error that names the port") func unplugged() throws {
        let line = try Self.line(.bno08xRVC)
        let reader = try IMUReader(
            IMUDescription(port: line.path, protocolName: .bno08xRVC)
        )
        try Self.poll(reader, samples: 1)
        line.stop()
        #expect(throws: HardwareError.portGone(path: reader.description.port)) {
            while true {
                try reader.poll(now: MonotonicTime(nanoseconds: MonotonicClock.now()))
            }
        }
    }

    @Test("a unit that does not answer, refuses or speaks otherwise is a sentence for a person")
    func refusals() throws {
        // A deaf one.
        let deaf = try Self.line(.bno08xRVC)
        defer { deaf.stop() }
        for spoken in [IMUProtocol.vectorNavASCII, .witMotion] {
            #expect(
                throws: IMUError.unanswered(port: deaf.path, spoken: spoken, baudRate: 115_200)
            ) {
                _ = try IMUReader(
                    IMUDescription(
                        port: deaf.path,
                        baudRate: 115_200,
                        protocolName: spoken,
                        rate: 50
                    )
                )
            }
        }
        let nav = try Self.line(.vectorNavBinary)
        defer { nav.stop() }
        nav.withDevice { core in
            guard var unit = core.unit as? EmulatedVectorNav else { return }
            unit.nextError = .insufficientBaudRate
            core.unit = unit
        }
        #expect {
            _ = try IMUReader(
                IMUDescription(port: nav.path, protocolName: .vectorNavBinary, rate: 50)
            )
        } throws: { error in
            "\(error)".contains("the line is too slow for the output asked for")
        }
        #expect {
            _ = try IMUReader(IMUDescription(port: "/dev/nowhere", protocolName: .bno08xRVC))
        } throws: { error in
            "\(error)".contains("there is no /dev/nowhere")
        }
    }

    @Test("listening tells who talks", arguments: IMUProtocol.allCases)
    func probe(_ spoken: IMUProtocol) throws {
        let line = try Self.line(spoken, motion: Self.turning)
        defer { line.stop() }
        if spoken == .vectorNavBinary {
            line.withDevice { core in
                for command in [
                    VectorNavCommand.asyncType(nil),
                    .binaryOutput(ports: 1, divisor: 20, fields: .wanted),
                ] {
                    _ = core.receive(command.encoded(), rate: nil, now: 0)
                }
            }
        }
        let rate = spoken.factoryBaudRate
        let found = try #require(try IMUProbe.listen(port: line.path, bauds: [rate]))
        #expect(found.spoken == spoken)
        #expect(found.baudRate == rate)
        #expect(found.hasOrientation)
        #expect(found.rate >= 1)
    }

    @Test("nobody talks on a silent port") func nobody() throws {
        let line = try Self.line(.bno08xRVC)
        defer { line.stop() }
        line.withDevice { $0.inject(.silence(nanoseconds: 1 << 60), now: MonotonicClock.now()) }
        #expect(
            try IMUProbe.listen(port: line.path, bauds: [115_200, 9600], seconds: 0.1) == nil
        )
    }
}
