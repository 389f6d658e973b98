import Camera
import Control
import Learning
import Pictures
import Robot
import Safety
import Simulation

/// The camera a task's policy looks through, wherever the robot is.
///
/// Simulated robots have a simulated one; emulated and real robots have the robot file's pipeline.
enum CameraChoice {
    /// The task's camera, ready to give frames; `nil` for a task without one.
    static func open<Body: DrivenBody>(
        _ configuration: RobotConfiguration,
        _ task: TaskSettings,
        _ body: Body
    ) throws -> (any FrameSource)? {
        guard let camera = task.camera.map({ configuration.robot.cameras[$0] }) else { return nil }
        guard let simulated = body as? SimulatedBody else { return try GStreamerCamera(camera) }
        return try SimulatedCamera(
            body: simulated,
            camera: camera,
            looks: configuration.looks,
            library: configuration.rendering
        )
    }

    /// Ends a real camera's stream and says what went wrong with it.
    static func close(_ source: (any FrameSource)?) {
        guard let camera = source as? GStreamerCamera else { return }
        if let problem = camera.record.problem {
            Say.warning("camera \(camera.camera.name): \(problem)")
        }
        camera.close()
    }

    /// What the learner sees of the task's camera; `nil` for a task without one.
    static func image(
        _ configuration: RobotConfiguration,
        _ task: TaskSettings
    ) -> ImageLayout? {
        task.camera.map { index in
            let size = configuration.robot.cameras[index].size
            return ImageLayout(
                height: size.height,
                width: size.width,
                channels: 3,
                history: configuration.learner.imageHistory
            )
        }
    }
}
