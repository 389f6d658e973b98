import Foundation
import Realtime
import Robot
import ServoEmulator
import ServoProtocol
import Testing

/// Parsers that are not ours read what the emulated units send.
@Suite("Emulated IMUs serve programs that are not ours", .serialized, .timeLimit(.minutes(2)))
struct IMUPeerTests {
    static let degree = Double.pi / 180

    struct Sample: Decodable {
        var angles: [Double]
        var acceleration: [Double]
        var rates: [Double]?
        var quaternion: [Double]?
    }

    /// What the peer makes of a unit that always says the same.
    static func read(_ format: String, _ core: IMUCore) throws -> [Sample] {
        let line = try EmulatedLine(device: core)
        line.start()
        defer { line.stop() }
        let script = PythonPeer.packageRoot + "/Tests/peers/imu_peer.py"
        let (status, output) = PythonPeer.run([script, line.path, format, "5"])
        #expect(status == 0, "\(output)")
        return try output.split(separator: "\n").map {
            try JSONDecoder().decode(Sample.self, from: Data($0.utf8))
        }
    }

    @Test(
        "Adafruit's parser reads the BNO085",
        .enabled(
            if: PythonPeer.hasModule("adafruit_bno08x_rvc"),
            "adafruit-circuitpython-bno08x-rvc is missing: Tests/peers/requirements.txt"
        )
    )
    func adafruit() throws {
        // Yaw 30 degrees clockwise, pitch -10 about x, roll 20 about y, as the chip counts them.
        let turn =
            Quaternion(angle: -30 * Self.degree, axis: [0, 0, 1])
            * Quaternion(angle: -10 * Self.degree, axis: [1, 0, 0])
            * Quaternion(angle: 20 * Self.degree, axis: [0, 1, 0])
        let motion = IMUMotion { time in
            IMUSample(
                orientation: turn,
                acceleration: turn.inverse.turned([0, 0, 9.80665]),
                time: time
            )
        }
        let core = IMUCore(.bno08xRVC, motion: motion, now: MonotonicClock.now())
        let samples = try Self.read("rvc", core)
        #expect(samples.count == 5)
        for sample in samples {
            for (found, expected) in zip(sample.angles, [30.0, -10, 20]) {
                #expect(abs(found - expected) < 0.006)
            }
            // Gravity by hand: -cos(p) sin(r), sin(p), cos(p) cos(r), in steps of 0.0098.
            let (p, r) = (-10 * Self.degree, 20 * Self.degree)
            let felt = [-cos(p) * sin(r), sin(p), cos(p) * cos(r)].map { $0 * 9.80665 }
            for (found, expected) in zip(sample.acceleration, felt) {
                #expect(abs(found - expected) < 0.006)
            }
        }
    }

    @Test(
        "the witmotion package reads the WitMotion unit",
        .enabled(
            if: PythonPeer.hasModule("witmotion"),
            "witmotion is missing: Tests/peers/requirements.txt"
        )
    )
    func witMotion() throws {
        let turn = Quaternion(
            roll: 10 * Self.degree,
            pitch: -20 * Self.degree,
            yaw: 90 * Self.degree
        )
        let motion = IMUMotion { time in
            IMUSample(
                orientation: turn,
                angularRate: Self.degree * SIMD3(10, -20, 30),
                acceleration: turn.inverse.turned([0, 0, 9.80665]),
                time: time
            )
        }
        var core = IMUCore(
            .witMotion,
            baudRate: 115_200,
            motion: motion,
            now: MonotonicClock.now()
        )
        let content: WitMotionContent = [.acceleration, .angularRate, .angle, .quaternion]
        for command in [WitMotionCommand.unlock, .content(content), .rate(code: 8)] {
            _ = core.receive(command.encoded(), rate: nil, now: MonotonicClock.now())
        }
        let samples = try Self.read("wit", core)
        #expect(samples.count == 5)
        let up = turn.inverse.turned([0, 0, 1])
        for sample in samples {
            func expect(_ found: [Double]?, _ expected: [Double], _ step: Double) throws {
                let found = try #require(found)
                for (a, b) in zip(found, expected) { #expect(abs(a - b) <= step) }
            }
            // Half a step of each: 180, 2000 and 16 in 32768 parts.
            try expect(sample.angles, [10, -20, 90], 90.0 / 32_768 + 1e-9)
            try expect(sample.rates, [10, -20, 30], 1000.0 / 32_768 + 1e-9)
            try expect(sample.acceleration, [up.x, up.y, up.z], 8.0 / 32_768 + 1e-9)
            try expect(sample.quaternion, [turn.w, turn.x, turn.y, turn.z], 0.5 / 32_768 + 1e-9)
        }
    }
}

extension PythonPeer {
    /// Whether the interpreter has a module, without running it.
    static func hasModule(_ name: String) -> Bool {
        run(["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('\(name)') is None)"])
            .status == 0
    }
}
