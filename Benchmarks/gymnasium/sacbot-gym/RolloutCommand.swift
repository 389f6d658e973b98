import ArgumentParser
import GymProtocol
import Learning

/// The command `sacbot-gym rollout`.
struct RolloutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Plays one episode of random actions and prints what was done and earned.",
        discussion: """
            One line a step: reward, terminated, truncated, then the action in [-1, 1]. Whoever \
            steps the environment directly with these actions has to earn the same.

            Example:
              sacbot-gym rollout --env Pendulum-v1 --seed 7
            """
    )

    @OptionGroup var environment: EnvironmentOptions

    func run() throws {
        let environment = try environment.environment()
        var random = RandomSource(seed: self.environment.seed, name: "rollout")
        Output.note("\(environment.name) is process \(environment.pid)")
        try environment.reset(seed: self.environment.seed)
        while !environment.isOver {
            let action = (0..<environment.actionCount).map { _ in
                Float(random.uniform(in: -1...1))
            }
            try environment.step(action)
            let outcome = environment.outcome
            let ends = [outcome.isTerminated, outcome.isTruncated].map { $0 ? "1" : "0" }
            let words = ["\(outcome.reward)"] + ends + action.map { "\($0)" }
            Output.line(words.joined(separator: ","))
        }
    }
}
