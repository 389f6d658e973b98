import GymProtocol
import Learning

/// What a training run is to do.
struct TrainingPlan {
    var seed: UInt64
    var steps: Int
    /// Uniform random steps before the first update.
    var starts: Int
    var evaluationInterval: Int
    var evaluationEpisodes: Int
    var isResumed: Bool
    /// When the program began, on `RunClock`.
    var started: Double

    /// The step of the last evaluation.
    var lastEvaluation: Int { steps / evaluationInterval * evaluationInterval }
}

/// One training, step by step as stable-baselines3 does it, so that curves can be compared.
///
/// The environment is seeded once and goes on with its own random numbers; step n is random while
/// n <= starts; an evaluation happens between a step and the updates that step has earned.
final class TrainingRun {
    let plan: TrainingPlan
    let curve: LearningCurve
    let training: Environment
    let learner: BenchmarkLearner
    private let evaluation: Environment
    private let files: ResumeFiles
    private let progress: Progress
    private var step = 0
    /// What a run that is gone on with had used already.
    private var used = (processor: 0.0, seconds: 0.0, total: 0.0)
    private var begun = (processor: 0.0, seconds: 0.0)
    private var evaluated = (processor: 0.0, seconds: 0.0)

    init(
        _ plan: TrainingPlan,
        training: Environment,
        evaluation: Environment,
        settings: LearnerSettings,
        curve: LearningCurve
    ) throws {
        self.plan = plan
        self.curve = curve
        self.training = training
        self.evaluation = evaluation
        let (observations, actions) = (training.observationCount, training.actionCount)
        learner = BenchmarkLearner(
            settings: settings,
            observationCount: observations,
            actionCount: actions,
            seed: plan.seed,
            capacity: min(plan.steps, settings.replayCapacity)
        )
        files = ResumeFiles(
            curve: curve.path,
            recordCount: 2 * observations + actions + 2,
            identity: [
                "env": training.name, "seed": "\(plan.seed)", "starts": "\(plan.starts)",
                "settings": try learner.settingsText(),
            ]
        )
        progress = Progress(env: training.name, steps: plan.steps)
        Output.note(
            "\(training.name): \(observations) observations, \(actions) actions; "
                + "process \(training.pid), for evaluations process \(evaluation.pid)"
        )
        try begin()
    }

    /// Runs the steps that are left.
    func finish() throws {
        while step < plan.steps {
            try act()
            let isDue = step % plan.evaluationInterval == 0
            if isDue { try evaluate() }
            if step > plan.starts { learner.learn() }
            if isDue { try files.save(step: step, learner.checkpoint()) }
            if training.isOver { try training.reset() }
            progress.show(step: step, updates: learner.updates)
        }
        files.remove()
    }

    private func begin() throws {
        let found = plan.isResumed ? try files.find() : nil
        let name = [lib, training.name, "\(plan.seed)"]
        if plan.isResumed, found == nil,
            try curve.isComplete(steps: plan.lastEvaluation, of: name)
        {
            step = plan.steps
            Output.note("\(curve.path) is complete")
            return
        }
        try files.open(after: found?.step ?? 0) { learner.keep(record: $0) }
        if let found {
            try learner.restore(found.tensors)
            try curve.resume(upTo: found.step)
            step = found.step
            if let last = curve.points.last {
                used = (
                    last.trainingProcessorSeconds, last.trainingSeconds, last.totalSeconds
                )
            }
            Output.note("goes on at step \(step)")
        } else {
            try curve.begin()
        }
        // Another seed after a resume: the same one would play the run's first episodes again.
        try training.reset(seed: plan.seed &+ UInt64(step))
        begun = (processorSeconds, RunClock.seconds())
    }

    private func act() throws {
        let observation = training.outcome.observation
        let action =
            step < plan.starts ? learner.randomAction() : learner.explore(observation)
        try training.step(action)
        step += 1
        let outcome = training.outcome
        let record = learner.keep(
            observation,
            action,
            reward: outcome.reward,
            next: outcome.observation,
            terminated: outcome.isTerminated
        )
        files.note(record)
    }

    private var lib: String { "sacbot-\(learner.settings.profile)" }

    // MARK: Evaluation

    private func evaluate() throws {
        let before = (RunClock.processorSeconds(), RunClock.seconds())
        let processor = processorSeconds - begun.processor - evaluated.processor
        let seconds = before.1 - begun.seconds - evaluated.seconds
        var returns: [Double] = []
        var lengths: [Double] = []
        let policy = learner.evaluated()
        for episode in 0..<plan.evaluationEpisodes {
            let (sum, length) = try play(policy, seed: 10_000 + UInt64(episode))
            returns.append(sum)
            lengths.append(Double(length))
        }
        evaluated.processor += RunClock.processorSeconds() - before.0
        evaluated.seconds += RunClock.seconds() - before.1
        let point = CurvePoint(
            lib: lib,
            env: training.name,
            seed: plan.seed,
            step: step,
            meanReturn: returns.mean,
            returnDeviation: returns.deviation,
            episodeLength: lengths.mean,
            trainingProcessorSeconds: used.processor + processor,
            trainingSeconds: used.seconds + seconds,
            totalSeconds: used.total + RunClock.seconds() - plan.started,
            updates: learner.updates
        )
        try curve.add(point)
        progress.note(point)
    }

    private func play(
        _ policy: ([Float]) -> [Float],
        seed: UInt64
    ) throws -> (sum: Double, length: Int) {
        var sum = 0.0
        var length = 0
        try evaluation.reset(seed: seed)
        while !evaluation.isOver {
            try evaluation.step(policy(evaluation.outcome.observation))
            sum += evaluation.outcome.reward
            length += 1
        }
        return (sum, length)
    }

    /// Of this process and of the training environment's; peers have both in one.
    private var processorSeconds: Double {
        RunClock.processorSeconds() + training.processorSeconds
    }
}

extension [Double] {
    /// The mean; NaN of nothing.
    var mean: Double { reduce(0, +) / Double(count) }

    /// The standard deviation with n, as numpy's.
    var deviation: Double {
        let centre = mean
        return map { ($0 - centre) * ($0 - centre) }.mean.squareRoot()
    }
}
