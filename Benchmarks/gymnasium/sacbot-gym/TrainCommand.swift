import ArgumentParser
import Learning

/// The command `sacbot-gym train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract:
            "Trains on an environment and writes a learning curve, as the peers' script does.",
        discussion: """
            Uniform random steps first, then for each step one action of the newest policy and the \
            updates it earned. Every so many steps the policy without exploration plays a few \
            episodes from fixed seeds in a second environment. One line a evaluation goes to the \
            CSV file; one JSON object is printed at the end.

            Examples:
              sacbot-gym train --env Pendulum-v1 --steps 20000 --lr 1e-3 --csv out/pendulum.csv
              sacbot-gym train --env HalfCheetah-v5 --steps 100000 --seed 1 --csv out/hc-1.csv
            """
    )

    @OptionGroup var environment: EnvironmentOptions
    @Option(help: "Steps of the environment.")
    var steps: Int
    @Option(help: "The learning curve's file.")
    var csv: String
    @Option(help: "The learner's profile.")
    var profile: String = "sac"
    @Option(help: "Adam's rate for networks and temperature; the profile's by default.")
    var lr: Double?
    @Option(help: "Uniform random steps before the first update.")
    var starts: Int = 100
    @Option(help: "Transitions an update.")
    var batch: Int?
    @Option(help: "Units of each hidden layer, as 256,256.")
    var hidden: String?
    @Option(help: "Updates for each step; may be a fraction.")
    var updatesPerStep: Double?
    @Option(help: "Weight of the next step's value.")
    var discount: Double?
    @Option(help: "Share of the critic its target takes over each update.")
    var targetSmoothing: Double?
    @Option(help: "The temperature before the first update.")
    var initialTemperature: Double?
    @Option(help: "The entropy to keep, in nats; minus the number of actions by default.")
    var targetEntropy: Double?
    @Option(help: "Factor between the environment's reward and what the critics learn.")
    var rewardScale: Double?
    @Option(help: "Threads an update runs on, 1 or 2.")
    var threads: Int?
    @Option(help: "Steps between two evaluations.")
    var evalEvery: Int = 5000
    @Option(help: "Episodes of an evaluation.")
    var evalEpisodes: Int = 5
    @Flag(help: "Go on where an earlier run with the same options was ended.")
    var resume = false

    func validate() throws {
        if evalEvery < 1 { throw ValidationError("--eval-every has to be at least 1") }
        if evalEpisodes < 1 { throw ValidationError("--eval-episodes has to be at least 1") }
        if steps < evalEvery {
            throw ValidationError("--steps \(steps): nothing is evaluated before \(evalEvery)")
        }
        if starts < 1 { throw ValidationError("--starts has to be at least 1") }
        if let batch, batch < 1 { throw ValidationError("--batch has to be at least 1") }
        if let threads, !(1...2).contains(threads) { throw ValidationError("--threads is 1 or 2") }
        _ = try widths()
    }

    func run() throws {
        let choice = LearnerChoice(
            profile: profile,
            learningRate: lr,
            batchSize: batch,
            hiddenWidths: try widths(),
            updatesPerStep: updatesPerStep,
            discount: discount,
            targetSmoothing: targetSmoothing,
            initialTemperature: initialTemperature,
            targetEntropy: targetEntropy,
            rewardScale: rewardScale,
            threads: threads
        )
        guard let settings = choice.settings else {
            let known = LearnerSettings.profileNames.joined(separator: ", ")
            throw ValidationError("there is no profile `\(profile)`; there are: \(known)")
        }
        if let problem = settings.problem { throw ValidationError(problem) }
        let started = RunClock.seconds()
        let plan = TrainingPlan(
            seed: environment.seed,
            steps: steps,
            starts: starts,
            evaluationInterval: evalEvery,
            evaluationEpisodes: evalEpisodes,
            isResumed: resume,
            started: started
        )
        let run = try TrainingRun(
            plan,
            training: try environment.environment(),
            evaluation: try environment.environment(),
            settings: settings,
            curve: try LearningCurve(path: csv)
        )
        try run.finish()
        Output.line(try run.report())
    }

    private func widths() throws -> [Int]? {
        guard let hidden else { return nil }
        let widths = hidden.split(separator: ",").map { Int($0) ?? 0 }
        guard !widths.isEmpty, widths.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--hidden \(hidden): give the units of each layer, as 256,256")
        }
        return widths
    }
}
