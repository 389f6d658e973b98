import Control
import Foundation
import Learning
import Robot
import Training

/// What `sacbot gym` says about its robot before anything else.
///
/// Settings of the learner and of its trials are in it so that another learner can be given the
/// same.
struct GymHello: Encodable {
    var name: String
    var robot: String
    var task: String
    var observations: Int
    var actions: Int
    var info: [String]
    var episode_steps: Int
    var step_seconds: Double
    var held_steps: Int
    var observation_layout: [String]
    var action_layout: [String]
    var learner: LearnerSettings
    var trial_every: Int?
    var trial_episodes: Int?
    var version: String

    /// The hello as JSON.
    static func json(_ configuration: RobotConfiguration, _ task: TaskSettings) throws -> [UInt8] {
        let robot = configuration.robot
        let facts = PolicyFacts(configuration: configuration, task: task, backend: .simulation)
        let hello = GymHello(
            name: "\(robot.name) \(task.name)",
            robot: robot.name,
            task: task.name,
            observations: facts.layout.observationCount,
            actions: facts.layout.actionCount,
            info: PipedPolicy.infoNames,
            episode_steps: task.stepCount,
            step_seconds: Double(task.ticksPerStep) * robot.tickSeconds,
            held_steps: task.heldSteps,
            observation_layout: facts.observationLayout.split(separator: "\n").map(String.init),
            action_layout: facts.actionLayout.split(separator: "\n").map(String.init),
            learner: configuration.learner,
            trial_every: configuration.trials?.everySteps,
            trial_episodes: configuration.trials?.episodes,
            version: programVersion
        )
        return [UInt8](try JSONEncoder().encode(hello))
    }
}
