import Foundation
import ServoProtocol
import Testing

/// One convention for all: x forward, y left, z up; east, north, up.
@Suite("IMU axes")
struct IMUConventionTests {
    static let degree = Double.pi / 180

    /// The sample that has to be there.
    static func first(_ decoder: inout some IMUDecoder) throws -> IMUSample {
        let sample = decoder.nextSample()
        return try #require(sample)
    }

    /// The direction in which the accelerometer of a body at rest feels a push: the world's up.
    static func up(_ sample: IMUSample) -> SIMD3<Double> {
        sample.orientation.turned(sample.acceleration ?? .zero)
    }

    @Test("the data sheet's example is gravity: what is felt points up") func rvcGravity() throws {
        var decoder = UARTRVCDecoder(isAligned: true)
        decoder.append(IMUFrames.rvcDataSheet)
        let sample = try Self.first(&decoder)
        // 1045 thousandths of 9.80665 m/s2, level within the 0.5 thousandths of rounding.
        let length = Double(371 * 371 + 20 * 20 + 977 * 977).squareRoot() / 1000 * 9.80665
        #expect(isClose(Self.up(sample), [0, 0, length], 0.02))
        #expect(sample.angularRate == nil)
        #expect(!sample.isDifferentiated)
    }

    @Test("UART-RVC's yaw is a heading: a quarter turn clockwise makes forward point right")
    func rvcYaw() {
        let frame = UARTRVCFrame(index: 0, yaw: 9000, pitch: 0, roll: 0, acceleration: .zero)
        #expect(isClose(frame.orientation.turned([1, 0, 0]), [0, -1, 0], 1e-12))
    }

    @Test("UART-RVC's rates are differences of the orientation over the reports' own period")
    func rvcRates() throws {
        var decoder = UARTRVCDecoder()
        let frames: [(index: UInt8, yaw: Int16)] = [(254, 0), (255, 50), (1, 150), (7, 750)]
        for (index, yaw) in frames {
            decoder.append(
                UARTRVCFrame(
                    index: index,
                    yaw: yaw,
                    pitch: 0,
                    roll: 0,
                    acceleration: [0, 0, 1000]
                ).encoded()
            )
        }
        let samples = decoder.samples()
        #expect(samples.count == 4)
        #expect(samples[0].angularRate == nil)
        // Half a degree in 10 ms and one in 20, clockwise; the gap of six reports says nothing.
        let rate = -50 * Self.degree
        #expect(isClose(samples[1].angularRate, [0, 0, rate], 1e-9))
        #expect(isClose(samples[2].angularRate, [0, 0, rate], 1e-9))
        #expect(samples[1].isDifferentiated && samples[2].isDifferentiated)
        #expect(samples[3].angularRate == nil)
        #expect(!samples[3].isDifferentiated)
        // 0 is missing, then 2 to 6.
        #expect(decoder.counters.lost == 6)
    }

    // Of the printed lines only VNQMR is one moment of one device: VNYMR has the angles of one and
    // the acceleration of another (roll -2 degrees with an acceleration to the left).
    @Test("VectorNav's quaternion and accelerometer agree after the turn of axes")
    func vectorNavGravity() throws {
        var decoder = VectorNavDecoder()
        decoder.append(IMUFrames.line(IMUFrames.text[3].line))
        let up = Self.up(try Self.first(&decoder))
        #expect(up.z > 9.7 && abs(up.x) < 0.05 && abs(up.y) < 0.05, "\(up)")
    }

    // Forward-right-down and north-east-down, by hand: nose north and level is yaw 90 degrees from
    // east; 90 degrees more clockwise is east; right wing down is a positive roll in both; nose up
    // is positive for VectorNav, and negative about an axis that points left.
    @Test("VectorNav's axes, one by one") func vectorNavAxes() throws {
        func orientation(_ yaw: Double, _ pitch: Double, _ roll: Double) throws -> Quaternion {
            var measured = VectorNavMeasurement()
            measured.yawPitchRoll = [yaw, pitch, roll]
            return try #require(measured.sample(time: 0)).orientation
        }
        let north = try orientation(0, 0, 0)
        #expect(isClose(north.turned([1, 0, 0]), [0, 1, 0], 1e-12))
        #expect(isClose(north.turned([0, 0, 1]), [0, 0, 1], 1e-12))
        #expect(isClose(try orientation(90, 0, 0).turned([1, 0, 0]), [1, 0, 0], 1e-12))
        let cosine = 0.75.squareRoot()
        let nose = try orientation(90, 30, 0)
        #expect(isClose(nose.turned([1, 0, 0]), [cosine, 0, 0.5], 1e-12))
        #expect(abs(nose.pitch + 30 * Self.degree) < 1e-12)
        let wing = try orientation(90, 0, 30)
        // Left, which is north, goes up.
        #expect(isClose(wing.turned([0, 1, 0]), [0, cosine, 0.5], 1e-12))
        #expect(abs(wing.roll - 30 * Self.degree) < 1e-12)

        var measured = VectorNavMeasurement()
        measured.quaternion = [0, 0, 0, 1]
        measured.angularRate = [1, 2, 3]
        measured.acceleration = [4, 5, 6]
        let sample = try #require(measured.sample(time: 0))
        #expect(isClose(sample.angularRate, [1, -2, -3], 1e-12))
        #expect(isClose(sample.acceleration, [4, -5, -6], 1e-12))
    }

    @Test("VectorNav's binary example: quaternion and yaw are the same heading")
    func vectorNavBinary() throws {
        var decoder = VectorNavDecoder()
        decoder.append(IMUFrames.binary[1].bytes)
        let sample = try Self.first(&decoder)
        // 90 - 10.07 degrees from east; 2 asin 0.087665 = 10.06 degrees.
        #expect(abs(sample.orientation.yaw - (90 - 10.06) * Self.degree) < 2e-4)
        #expect(sample.deviceTime == 1_234_567_890)
    }

    @Test("a sample becomes VectorNav's and comes back", arguments: 1...20)
    func vectorNavRoundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func number() -> Double { Double.random(in: -3...3, using: &random) }
        let sample = IMUSample(
            orientation: Quaternion(rotationVector: [number(), number(), number()]),
            angularRate: [number(), number(), number()],
            acceleration: [number(), number(), number()],
            time: 7,
            deviceTime: 99
        )
        var measured = VectorNavMeasurement(sample)
        let back = try #require(measured.sample(time: 7))
        #expect(angle(back.orientation, sample.orientation) < 1e-7, "seed \(seed)")
        #expect(isClose(back.angularRate, sample.angularRate, 1e-12))
        #expect(isClose(back.acceleration, sample.acceleration, 1e-12))
        measured.quaternion = nil
        let byAngles = try #require(measured.sample(time: 7))
        #expect(angle(byAngles.orientation, sample.orientation) < 1e-6, "seed \(seed)")
    }

    @Test("WitMotion's burst is one sample, the quaternion before the angles")
    func witMotionSample() throws {
        var decoder = WitMotionDecoder(content: [.acceleration, .angularRate, .angle, .quaternion])
        for (bytes, _) in IMUFrames.witMotion { decoder.append(bytes) }
        let samples = decoder.samples()
        let sample = try #require(samples.first)
        #expect(samples.count == 1)
        #expect(isClose(sample.acceleration, [0, 0, 9.80665], 1e-3))
        // 164 of 32768 of 2000 degrees a second.
        let rate = 164.0 / 32_768 * 2000 * Self.degree
        #expect(isClose(sample.angularRate, [rate, -rate, 0], 1e-9))
        // 0.7071 and 0.7071: a quarter turn to the left.
        #expect(isClose(sample.orientation.turned([1, 0, 0]), [0, 1, 0], 1e-6))

        var angles = WitMotionDecoder(content: [.acceleration, .angularRate, .angle])
        for (bytes, _) in IMUFrames.witMotion.prefix(3) { angles.append(bytes) }
        let turned = try Self.first(&angles).orientation
        #expect(abs(turned.roll - 10 * Self.degree) < 1e-3)
        #expect(abs(turned.pitch + 20 * Self.degree) < 1e-3)
        #expect(abs(turned.yaw - 90 * Self.degree) < 1e-3)
    }

    @Test("a mounting turns orientation, rates and acceleration together") func mounting() {
        // The sensor's x points to the body's left, and the body's nose is up by 30 degrees.
        let mounting = Quaternion(roll: 0, pitch: 0, yaw: .pi / 2)
        let body = Quaternion(roll: 0, pitch: -30 * Self.degree, yaw: 0)
        let sample = IMUSample(
            orientation: body * mounting,
            angularRate: mounting.inverse.turned([1, 2, 3]),
            acceleration: (body * mounting).inverse.turned([0, 0, 9.81]),
            time: 0
        )
        let seen = sample.seen(through: mounting)
        #expect(angle(seen.orientation, body) < 1e-7)
        #expect(isClose(seen.angularRate, [1, 2, 3], 1e-12))
        #expect(isClose(Self.up(seen), [0, 0, 9.81], 1e-12))
    }
}
