import ArgumentParser
import SoftMDP

/// The command `sacbot solve`.
struct SolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solve",
        abstract:
            "Solves a small decision process, standard and soft, and checks the theory on it.",
        discussion: """
            The file lists states, their actions, rewards and where each action leads;
            docs/soft-mdp.md has all keys. Values are in units of reward, entropies in
            nats. The exit code is 1 if a check fails or the file cannot be used.

            Examples:
              sacbot solve docs/soft-mdp/worked-example.yaml
              sacbot solve docs/soft-mdp/two-ways.yaml --temperature 0.1
              sacbot solve docs/soft-mdp/two-ways.yaml --json

            A whole file:
              discount: 0.9
              temperature: 0.5
              states:
                home:
                  work: {reward: 1, to: {home: 0.8, out: 0.2}}
                  play: {reward: 0, to: {out: 1}}
                out:
                  back: {reward: -0.5, to: {home: 1}}
            """
    )

    @Argument(help: "The file of the decision process.")
    var file: String
    @Option(help: "Temperature in units of reward, instead of the file's.")
    var temperature: Double?
    @Flag(help: "Print one JSON object instead of the tables.")
    var json = false

    func validate() throws {
        if let temperature, !(1e-9...1e9).contains(temperature) {
            throw ValidationError("--temperature has to be from 1e-9 to 1e9")
        }
    }

    func run() throws {
        var problem = try MDPFile.load(file)
        if let temperature { problem.temperature = temperature }
        let solved = try solve(problem)
        print(json ? try SolveReport.json(solved) : SolveReport.text(solved))
        let failed = solved.checks.filter { !$0.isPassed }
        if !failed.isEmpty {
            throw Failure(
                "\(failed.count) of \(solved.checks.count) checks failed: "
                    + failed.map(\.claim).joined(separator: "; ")
            )
        }
    }

    private func solve(_ problem: MDPProblem) throws -> SolvedMDP {
        do {
            return try SolvedMDP(problem)
        } catch let error as MDPError {
            throw Failure("\(problem.path): \(error)")
        }
    }
}

/// A process solved both ways, with everything that is shown of it.
struct SolvedMDP {
    /// Random policies and random pairs of values that the checks try.
    static let trials = 100
    /// Seed of what the checks draw; the same file always gives the same numbers.
    static let seed: UInt64 = 1

    let problem: MDPProblem
    let standard: Solution
    let soft: Solution
    /// What the soft policy earns, entropy apart.
    let softRewards: [Double]
    /// The start policy's soft values.
    let old: PolicyValues
    /// Its soft improvement.
    let improved: TabularPolicy
    /// One step of the improved policy, then the old one: H(π_new) + E_new Q_old.
    let oneStep: [Double]
    /// The improved policy's soft values.
    let new: PolicyValues
    /// The most reward with a minimum of entropy, if the file asks for it.
    let constrained: EntropyConstrainedSolution?
    let checks: [TheoremCheck]

    init(_ problem: MDPProblem) throws {
        self.problem = problem
        let process = problem.process
        let objective = Objective.soft(temperature: problem.temperature)
        standard = try process.policyIteration(.rewards)
        soft = try process.policyIteration(objective)
        softRewards = process.evaluate(soft.policy, .rewards).states
        old = process.evaluate(problem.start, objective)
        improved = process.improvement(on: old.actions, objective)
        oneStep = process.values(of: old.actions, under: improved, objective)
        new = process.evaluate(improved, objective)
        constrained = try problem.floor.flatMap { floor in
            try problem.horizon?.maximizeRewards(
                minimumEntropy: floor.minimum,
                start: floor.start
            )
        }
        var checks = try Self.checks(problem, standard: standard, soft: soft)
        if let constrained, let floor = problem.floor {
            checks += constrained.checks(minimumEntropy: floor.minimum)
        }
        self.checks = checks
    }

    private static func checks(
        _ problem: MDPProblem,
        standard: Solution,
        soft: Solution
    ) throws -> [TheoremCheck] {
        let process = problem.process
        let temperature = problem.temperature
        let objective = Objective.soft(temperature: temperature)
        var generator = SeededGenerator(seed: seed)
        let policies = (0..<trials).map { _ in
            TabularPolicy.random(for: process.dynamics, using: &generator)
        }
        return [
            process.contractionCheck("standard", .rewards, pairs: trials, using: &generator),
            process.contractionCheck("soft", objective, pairs: trials, using: &generator),
            process.sameFixedPointCheck(
                "standard",
                standard,
                try process.valueIteration(.rewards)
            ),
            process.sameFixedPointCheck("soft", soft, try process.valueIteration(objective)),
            process.theorem1EquationCheck(soft, temperature: temperature),
            process.theorem1OptimalityCheck(soft, temperature: temperature, policies),
            process.theorem2Check([problem.start] + policies, temperature: temperature),
            process.oneBackupLimitCheck(soft, temperature: temperature),
            try process.fixedPointLimitCheck(temperature: temperature),
        ]
    }
}
