import Foundation
import Physics
import Pictures
import Report
import Robot

/// Draws episodes from the joint positions that were recorded of them, in the robot's own model.
///
/// For robots that stand fixed: what walks has joints without motors and a place in the world, and
/// neither is recorded.
struct FilmMaker {
    private let plant: Plant
    private let renderer: SceneRenderer
    private let robot: RobotDescription

    private static let size = PictureSize(width: 224, height: 168)
    private static let frameCount = 8
    /// Cameras that show the whole robot, the first that the model has.
    private static let cameras = ["front", "side", "above"]

    /// A drawer for a robot; `nil` if its pictures cannot be made, which is said.
    init?(_ configuration: RobotConfiguration) {
        let robot = configuration.robot
        guard let model = robot.modelPath else { return nil }
        do {
            let plant = try Plant(
                modelPath: model,
                joints: zip(robot.joints, robot.calibration).map { joint, calibration in
                    PlantJoint(name: joint.name, servo: joint.servo, calibration: calibration)
                },
                timestepSeconds: configuration.timestepSeconds,
                servoModel: configuration.servoModel
            )
            guard plant.basePose == nil else { return nil }
            let renderer = try Self.renderer(plant, configuration.rendering)
            (self.plant, self.renderer, self.robot) = (plant, renderer, robot)
        } catch {
            Say.note("no pictures of \(robot.name): \(error)")
            return nil
        }
    }

    private static func renderer(
        _ plant: Plant,
        _ library: RenderingLibrary
    ) throws(PhysicsError) -> SceneRenderer {
        for camera in cameras.dropLast() {
            if let found = try? SceneRenderer(
                plant: plant,
                camera: camera,
                size: size,
                library: library
            ) {
                return found
            }
        }
        return try SceneRenderer(
            plant: plant,
            camera: cameras[cameras.count - 1],
            size: size,
            library: library
        )
    }

    /// Pictures of an episode at equal times, its first and last sample among them; `nil` if it was
    /// not recorded where the joints were.
    func film(_ trace: Trace) -> Filmstrip? {
        let count = trace.time.count
        guard count > 1, trace.column("position", joint: robot.joints[0].name) != nil else {
            return nil
        }
        var frames: [Filmstrip.Frame] = []
        for place in 0..<Self.frameCount {
            let index = place * (count - 1) / (Self.frameCount - 1)
            guard let png = picture(trace, index) else { return nil }
            frames.append(Filmstrip.Frame(time: trace.time[index], png: png))
        }
        return Filmstrip(frames: frames, width: Self.size.width, height: Self.size.height)
    }

    private func picture(_ trace: Trace, _ index: Int) -> Data? {
        for (servo, joint) in robot.joints.enumerated() {
            let column =
                joint.role == .object
                ? trace.column("object angle") : trace.column("position", joint: joint.name)
            if let angle = column?.values[index] { plant.setAngle(servo: servo, angle) }
        }
        var pixels = [UInt8](repeating: 0, count: Self.size.byteCount)
        let isDrawn = renderer.draw { picture in
            for place in picture.indices { pixels[place] = picture[place] }
        }
        guard isDrawn else { return nil }
        return (try? PNGFile.bytes(pixels, size: Self.size)).map { Data($0) }
    }
}
