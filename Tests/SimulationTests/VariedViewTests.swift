import Pictures
import Robot
import Simulation
import Testing

@Suite("What a simulated camera sees of a varied world", .serialized)
struct VariedViewTests {
    @Test("less light and a hand before the lens are seen, and the plain world looks as before")
    func variation() throws {
        let robot = Driven.claw()
        let body = try SimulatedBody(robot: robot)
        let palm = CameraDescription(name: "palm", pipeline: nil, modelCamera: "palm")
        let camera = try SimulatedCamera(body: body, camera: palm)
        func frame() -> [UInt8] {
            var frame = [UInt8](repeating: 0, count: palm.size.byteCount)
            var span = frame.mutableSpan
            let reading = camera.newest(at: body.now(), into: &span)
            #expect(reading == .frame(body.now()))
            return frame
        }
        let plain = frame()
        var world = WorldVariation(jointCount: robot.joints.count)
        world.light = 0.4
        body.vary(world)
        let dim = frame()
        let (before, after) = (
            FrameJudge.brightness(plain.span), FrameJudge.brightness(dim.span)
        )
        #expect(after < 0.6 * before && after > 0.05)
        world.light = 1
        world.handBeside = 0.04
        body.vary(world)
        let covered = frame()
        // The hand is on the right: the left quarter of the picture stays as it was.
        var changed = (left: 0, right: 0)
        for pixel in 0..<(32 * 32) {
            let same = (0..<3).allSatisfy { plain[pixel * 3 + $0] == covered[pixel * 3 + $0] }
            if pixel % 32 < 8, !same { changed.left += 1 }
            if pixel % 32 >= 20, !same { changed.right += 1 }
        }
        #expect(changed.left == 0 && changed.right > 100)
        body.vary(WorldVariation(jointCount: robot.joints.count))
        let again = frame()
        #expect(again == plain)
    }
}
