import Control
import Evaluation
import Foundation
import GymProtocol
import Learning
import Robot
import Safety
import Simulation
import Training

/// One `sacbot gym`: episodes of a simulated robot whose actions come over a pipe.
///
/// Loop, supervisor, reset, observation, action mapping and reward are those of training. Everything
/// happens on one thread; simulated time stands still while the pipe is waited for.
final class GymJob {
    private let configuration: RobotConfiguration
    private let task: TaskSettings
    private let pipe: GymPipe
    private let operatorLink = NobodyThere()
    private var runner: EpisodeRunner<SimulatedBody>?
    /// The seed of the episodes, and the number of the next one.
    private var seed: UInt64
    private var nextEpisode = 0

    init(configuration: RobotConfiguration, task: TaskSettings, seed: UInt64, pipe: GymPipe) {
        self.configuration = configuration
        self.task = task
        self.seed = seed
        self.pipe = pipe
    }

    /// Serves until the other side closes its end.
    func run() throws {
        try pipe.send(.hello(try GymHello.json(configuration, task)))
        var wanted = try nextReset()
        while let reset = wanted { wanted = try play(reset) }
    }

    /// The next reset; `nil` when the other side is gone.
    private func nextReset() throws -> GymReset? {
        while true {
            let request: GymRequest
            do throws(GymPipeError) { request = try pipe.nextRequest() } catch {
                guard case .closed = error else { throw error }
                return nil
            }
            if case .reset(let reset) = request { return reset }
            try pipe.send(.refusal("the episode is over; reset begins the next one"))
        }
    }

    /// Plays one episode; the reset that was asked for behind it or in the midst of it.
    private func play(_ reset: GymReset) throws -> GymReset? {
        let runner = try runner(for: reset)
        var random = stream(for: reset)
        let prepared: PreparedEpisode
        do throws(ControlStop) { prepared = try runner.prepare(random: &random) } catch {
            throw try refused(error, runner)
        }
        let policy = PipedPolicy(pipe: pipe)
        let (outcome, stop) = runner.run(
            prepared,
            index: nextEpisode,
            actions: .outside(policy),
            random: &random
        )
        switch (stop, policy.interruption) {
        case (nil, _):
            try pipe.send(.outcome(policy.lastOutcome(of: outcome)))
            return try nextReset()
        case (_, .reset(let next)): return next
        case (_, .gone): return nil
        case (_, .broken(let problem)): throw problem
        case (.some(let stop), nil): throw try refused(stop, runner)
        }
    }

    /// The runner to use: a new one on a new robot where the reset asks for that.
    private func runner(for reset: GymReset) throws -> EpisodeRunner<SimulatedBody> {
        let reseeds = reset.seed != nil && reset.stream == nil
        if let runner, !reset.isFresh, !reseeds { return runner }
        let robot = configuration.robot
        let body = try SimulatedBody(
            robot: robot,
            servoModel: configuration.servoModel,
            timestepSeconds: configuration.timestepSeconds
        )
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: configuration.safety,
            stopSwitch: StopSwitch(),
            posture: try configuration.postureGuard()
        )
        let made = EpisodeRunner(
            loop: loop,
            task: task,
            reset: configuration.simulatedReset,
            operatorLink: operatorLink,
            sink: NoTransitions()
        )
        runner = made
        return made
    }

    /// The random numbers of the episode: those that training with the same seed would use, or those
    /// of the stream the reset names.
    private func stream(for reset: GymReset) -> RandomSource {
        if let name = reset.stream { return RandomSource(seed: reset.seed ?? seed, name: name) }
        if let given = reset.seed { (seed, nextEpisode) = (given, 0) }
        defer { nextEpisode += 1 }
        return RandomSource(
            seed: TrainingSession<SimulatedBody>.seed(of: nextEpisode, run: seed)
        )
    }

    /// Tells the other side why the robot stopped; the same for our own exit.
    private func refused(
        _ stop: ControlStop,
        _ runner: EpisodeRunner<SimulatedBody>
    ) throws -> Failure {
        let failure: Failure
        switch stop {
        case .fault(let fault):
            let joint = fault.joint.map { " at \(configuration.robot.joints[$0].name)" } ?? ""
            let arming = runner.loop.armingProblem.map { " (\($0))" } ?? ""
            failure = Failure(
                "fault \(fault.code.rawValue)\(joint): \(fault.code.explanation)\(arming)"
            )
        case .ordered: failure = Failure(operatorLink.question ?? "the episode was stopped")
        }
        try pipe.send(.refusal(failure.description))
        return failure
    }
}

/// A person who is not there: whoever asks gets no help, and the question is kept.
private final class NobodyThere: OperatorLink {
    private(set) var question: String?

    func show(_ prompt: OperatorPrompt?) { question = prompt?.text ?? question }

    func takeAnswer() -> OperatorAnswer? { .giveUp }

    func note(_ text: String) { Say.note(text) }
}
