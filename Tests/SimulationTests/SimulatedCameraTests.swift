import Foundation
import Physics
import Pictures
import Robot
import Simulation
import Testing

@Suite("The simulated camera", .serialized)
struct SimulatedCameraTests {
    private static let model = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "robots/claw.xml").path

    private static let palm = CameraDescription(name: "palm", pipeline: nil, modelCamera: "palm")

    /// The claw's mechanics with a servo on the valve only.
    private static func plant() throws -> Plant {
        let servo = ServoSpecification.xm430w210
        let calibration = JointCalibration(zeroPulse: 2048, direction: 1)
        return try Plant(
            modelPath: model,
            joints: [PlantJoint(name: "valve", servo: servo, calibration: calibration)]
        )
    }

    private static func frame(_ camera: SimulatedCamera) throws -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: camera.camera.size.byteCount)
        var span = frame.mutableSpan
        let now = MonotonicTime(nanoseconds: 7)
        let reading = camera.newest(at: now, into: &span)
        #expect(reading == .frame(now))
        return frame
    }

    /// The middle of the red pixels, as an angle about the picture's middle, counter-clockwise from
    /// its right, in degrees.
    private static func redAngle(_ frame: [UInt8]) -> Double {
        var (x, y, count) = (0.0, 0.0, 0.0)
        for pixel in 0..<(32 * 32)
        where frame[pixel * 3] > 120 && frame[pixel * 3 + 1] < 70 && frame[pixel * 3 + 2] < 70 {
            x += Double(pixel % 32) - 15.5
            y += 15.5 - Double(pixel / 32)
            count += 1
        }
        return count > 0 ? atan2(y, x) * 180 / .pi : .nan
    }

    @Test("the peg is seen where the valve's angle says, all the way round")
    func peg() throws {
        let plant = try Self.plant()
        let camera = try SimulatedCamera(plant: plant, camera: Self.palm)
        for degrees in stride(from: -170.0, through: 170, by: 20) {
            plant.setAngle(servo: 0, degrees * .pi / 180)
            // The peg stands at 60 degrees when the valve is at zero (robots/claw.xml).
            let seen = Self.redAngle(try Self.frame(camera))
            let off = (seen - 60 - degrees).remainder(dividingBy: 360)
            #expect(off.magnitude < 5, "at \(degrees) degrees the peg is seen at \(seen)")
        }
    }

    @Test("the same world gives the same bytes, and drawing does not change the world")
    func deterministic() throws {
        let (first, second) = (try Self.plant(), try Self.plant())
        let (one, two) = (
            try SimulatedCamera(plant: first, camera: Self.palm),
            try SimulatedCamera(plant: second, camera: Self.palm)
        )
        first.setVelocity(servo: 0, 2)
        second.setVelocity(servo: 0, 2)
        for step in 0..<20 {
            first.advance(nanoseconds: 10_000_000)
            second.advance(nanoseconds: 10_000_000)
            // One is looked at in every step, the other in the last.
            let seen = try Self.frame(one)
            if step == 19 {
                let also = try Self.frame(two)
                #expect(seen == also)
            }
        }
        #expect(first.angle(servo: 0) == second.angle(servo: 0))
        #expect(first.velocity(servo: 0) == second.velocity(servo: 0))
    }

    @Test("an episode's looks follow its seed, stay in their range, and are off by default")
    func looks() throws {
        var looks = SimulatedLooks()
        (looks.light, looks.lamps, looks.colour) = (0.3, 0.2, 0.15)
        (looks.cameraPosition, looks.cameraAngle, looks.texture) = (0.004, 0.05, 1)
        for seed in UInt64(0)..<500 {
            let look = looks.look(seed: seed)
            #expect(look == looks.look(seed: seed))
            #expect((0.7...1.3).contains(look.light), "seed \(seed)")
            #expect((0.5...2).contains(look.textureScale), "seed \(seed)")
            for axis in 0..<3 {
                #expect(look.cameraShift[axis].magnitude <= 0.004)
                #expect(look.cameraTurn[axis].magnitude <= 0.05)
            }
        }
        let plant = try Self.plant()
        let plain = try SimulatedCamera(plant: plant, camera: Self.palm)
        let varied = try SimulatedCamera(plant: plant, camera: Self.palm, looks: looks)
        let before = try Self.frame(plain)
        plain.episodeBegins(seed: 5)
        #expect(try Self.frame(plain) == before)
        varied.episodeBegins(seed: 5)
        let five = try Self.frame(varied)
        varied.episodeBegins(seed: 6)
        let six = try Self.frame(varied)
        varied.episodeBegins(seed: 5)
        #expect(try Self.frame(varied) == five)
        #expect(five != six && five != before)
    }

    @Test("a hand hides what is behind it, and less light is less light")
    func interference() throws {
        let plant = try Self.plant()
        let camera = try SimulatedCamera(plant: plant, camera: Self.palm)
        let before = try Self.frame(camera)
        camera.occlude(Occluder())
        let covered = try Self.frame(camera)
        // The default hand is on the left, where two fingers' servos are nearer to the lens than it;
        // the right third of the picture stays as it was.
        var (left, right) = (0, 0)
        for pixel in 0..<(32 * 32) {
            let same = (0..<3).allSatisfy { before[pixel * 3 + $0] == covered[pixel * 3 + $0] }
            if pixel % 32 < 12, !same { left += 1 }
            if pixel % 32 >= 22, !same { right += 1 }
        }
        #expect(left > 200 && right == 0)
        camera.occlude(nil)
        let uncovered = try Self.frame(camera)
        #expect(uncovered == before)
        camera.setLight(0.4)
        let darker = try Self.frame(camera)
        let dim = FrameJudge.brightness(darker.span)
        let bright = FrameJudge.brightness(before.span)
        #expect(dim < 0.6 * bright && dim > 0.05)
    }

    @Test("EGL draws the same picture as OSMesa, up to rounding")
    func egl() throws {
        let plant = try Self.plant()
        let camera = try SimulatedCamera(plant: plant, camera: Self.palm)
        let other = try SimulatedCamera(plant: plant, camera: Self.palm, library: .egl)
        let (one, two) = (try Self.frame(camera), try Self.frame(other))
        for index in one.indices { #expect(abs(Int(one[index]) - Int(two[index])) <= 8) }
    }

    @Test("a camera that the model does not have is refused by name")
    func missing() throws {
        var camera = Self.palm
        camera.modelCamera = "nose"
        #expect { _ = try SimulatedCamera(plant: try Self.plant(), camera: camera) } throws: {
            "\($0)".contains("nose") && "\($0)".contains("palm")
        }
    }
}
