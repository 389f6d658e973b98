import Foundation
import Testing

extension WholeProgram {
    /// `sacbot solve`: small decision processes, solved exactly.
    @Suite("Solving a decision process")
    struct SolveTests {
        static func example(_ name: String) -> String {
            Bench.package + "/docs/soft-mdp/" + name
        }

        static let home = """
            discount: 0.9
            temperature: 0.5
            states:
              home:
                work: {reward: 1, to: {home: 0.8, out: 0.2}}
                play: {reward: 0, to: {out: 1}}
              out:
                back: {reward: -0.5, to: {home: 1}}

            """

        /// The JSON object a file is solved to.
        static func solve(_ arguments: String...) throws -> Solved {
            let bench = try Bench()
            let end = try bench.start(arguments: ["solve", "--json"] + arguments).end()
            try #require(end.code == 0, "\(end)")
            return try JSONDecoder().decode(Solved.self, from: Data(end.output.utf8))
        }

        @Test("the deck's worked example: 4.49 <= 4.61 in nats, 4.10 <= 4.28 in base 10")
        func workedExample() throws {
            let bench = try Bench()
            let end = try bench.run("solve", Self.example("worked-example.yaml"))
            #expect(end.code == 0 && end.errors.isEmpty, "\(end)")
            let lines = end.output.split(separator: "\n")
            let nats = try #require(lines.first { $0.contains(" nats ") && $0.contains("<=") })
            #expect(nats.contains("0.69 + 3.80") && nats.contains("0.58 + 4.03"), "\(nats)")
            #expect(nats.contains("4.49 <= 4.61"), "\(nats)")
            let base10 = try #require(lines.first { $0.contains("base 10 ") && $0.contains("<=") })
            // The slide's own line: 0.3 + 3.8 <= 0.25 + 4.03, 4.1 <= 4.28.
            #expect(base10.contains("0.30 + 3.80") && base10.contains("0.25 + 4.03"), "\(base10)")
            #expect(base10.contains("4.10 <= 4.28"), "\(base10)")
        }

        @Test("its values, old and improved, by their closed forms")
        func workedValues() throws {
            let solved = try Self.solve(Self.example("worked-example.yaml"))
            let top = try #require(solved.states.first { $0.name == "s0" })
            #expect(abs(top.start.value - (3.8 + log(2))) < 1e-12)
            let best = log(exp(4.3) + exp(3.3))
            #expect(abs(top.start.one_step - best) < 1e-12)
            // Leaves pay the same for both actions: the improvement is the optimum at once.
            #expect(abs(top.start.improved - best) < 1e-12)
            #expect(abs(top.soft.value - best) < 1e-12)
            #expect(abs(top.standard.value - (4.3 - log(2))) < 1e-12)
            let left = try #require(top.actions.first)
            #expect(abs(left.soft.probability - 1 / (1 + exp(-1))) < 1e-12)
            #expect(left.standard.probability == 1)
        }

        @Test("two ways: rewards alone take the ledge, entropy takes the meadow, cold goes back")
        func twoWays() throws {
            let file = Self.example("two-ways.yaml")
            for (temperature, prefersLedge) in [(1.0, false), (0.1, true)] {
                let solved = try Self.solve(file, "--temperature", "\(temperature)")
                let start = try #require(solved.states.first { $0.name == "start" })
                #expect(start.standard.value == 7)
                #expect(start.actions[0].standard.probability == 1)
                // Backwards by hand; all three ways are the same on the meadow.
                func soft(_ values: [Double]) -> Double {
                    temperature * log(values.reduce(0) { $0 + exp($1 / temperature) })
                }
                let ledge = soft([-1 + soft([9, -10, -10]), -10, -10])
                let more = temperature * log(3)
                let meadow = 9 - 1 - 1 + 3 * more
                let value = soft([ledge - 1, meadow - 1])
                #expect(abs(start.soft.value - value) < 1e-12)
                let chance = exp((ledge - 1 - value) / temperature)
                #expect(abs(start.actions[0].soft.probability - chance) < 1e-12)
                #expect((chance > 0.5) == prefersLedge)
            }
        }

        @Test("a minimum of entropy is kept at every step, at no more than its price")
        func entropyFloor() throws {
            let solved = try Self.solve(Self.example("entropy-floor.yaml"))
            let floor = try #require(solved.minimum_entropy)
            #expect(floor.minimum == 0.4 && floor.entropies.count == 4)
            for (entropy, temperature) in zip(floor.entropies, floor.temperatures) {
                #expect(entropy >= 0.4 - 1e-7 && temperature >= 0)
                #expect(temperature * (entropy - 0.4) < 1e-6)
            }
            #expect(abs(floor.bound - floor.reward) < 1e-6)
            // The price is not the same everywhere: that is what the constraint is for.
            let prices = floor.temperatures
            #expect((prices.max() ?? 0) > (prices.min() ?? 0) + 0.01, "\(prices)")
        }

        @Test("every example in docs/soft-mdp passes all its checks")
        func examples() throws {
            let folder = Bench.package + "/docs/soft-mdp"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".yaml") }
            #expect(files.count >= 3)
            for file in files {
                let solved = try Self.solve(Self.example(file))
                #expect(solved.checks.count >= 9)
                for check in solved.checks {
                    #expect(check.passed && check.number <= check.limit, "\(file): \(check.claim)")
                }
                for claim in ["Theorem 1", "Theorem 2", "contraction", "same fixed point", "α → 0"]
                {
                    #expect(solved.checks.contains { $0.claim.contains(claim) }, "\(claim)")
                }
            }
        }

        @Test("with a horizon a state has a value at every step")
        func horizon() throws {
            let bench = try Bench()
            let loop = """
                discount: 1
                temperature: 2
                horizon: 3
                states:
                  s:
                    a: {reward: 1, to: {s: 1}}
                    b: {reward: 1, to: {s: 1}}
                """
            try bench.write(loop, to: "loop.yaml")
            let solved = try Self.solve(bench.path("loop.yaml"))
            for (step, state) in solved.states.enumerated() {
                let left = Double(3 - step)
                #expect(state.name.contains("step \(step)"))
                #expect(abs(state.standard.value - left) < 1e-12)
                #expect(abs(state.soft.value - left * (1 + 2 * log(2))) < 1e-12)
                #expect(abs(state.soft_rewards - left) < 1e-12)
            }
            #expect(solved.states.count == 3)
        }

        @Test(
            "a mistake is named with its place, its value and what is right",
            arguments: [
                ("discount:", "discont:", "discont", "did you mean `discount`"),
                ("discount: 0.9", "discount: 1", "1", "staying in|for ever"),
                ("discount: 0.9", "discount: 1.5", "1.5", "0 to 1"),
                ("temperature: 0.5", "temperature: 0", "0", "at least|to 1"),
                ("home: 0.8", "hoem: 0.8", "hoem", "did you mean `home`"),
                ("home: 0.8", "home: 0.7", "{home", "sum to 0.9"),
                ("reward: 1,", "rewrad: 1,", "rewrad", "did you mean `reward`"),
            ]
        )
        func mistakes(right: String, wrong: String, place: String, remedy: String) throws {
            let bench = try Bench()
            let file = Self.home.replacingOccurrences(of: right, with: wrong)
            try bench.write(file, to: "home.yaml")
            let end = try bench.run("solve", "home.yaml")
            #expect(end.code == 1 && end.output.isEmpty, "\(end)")
            let line = RobotFileMistakeTests.place(of: wrong, in: file).split(separator: ":")[0]
            #expect(end.errors.contains("home.yaml:\(line):"), "\(end)")
            let remedies = remedy.split(separator: "|")
            #expect(remedies.contains { end.errors.contains($0) }, "\(end)")
        }

        @Test("a start policy and a minimum of entropy are checked as well")
        func moreMistakes() throws {
            let bench = try Bench()
            let mistakes = [
                ("start_policy: {home: {work: 0.5}}", "sum to 0.5"),
                ("start_policy: {home: {wrok: 1}}", "did you mean `work`"),
                ("start_policy: {hom: {work: 1}}", "did you mean `home`"),
                ("minimum_entropy: 0.3", "needs a `horizon`"),
                ("base_10_at: nowhere", "states with actions are home, out"),
                ("horizon: 0", "from 1 to 1000"),
                ("horizon: 900", "at most 500"),
                ("horizon: 3\nminimum_entropy: 0.69", "at most"),
            ]
            for (text, remedy) in mistakes {
                try bench.write(Self.home + text + "\n", to: "home.yaml")
                let end = try bench.run("solve", "home.yaml")
                #expect(end.code == 1 && end.output.isEmpty, "\(end)")
                #expect(end.errors.contains("home.yaml"), "\(end)")
                #expect(end.errors.contains(remedy), "\(text): \(end)")
            }
        }

        @Test("misuse is exit code 2, and help has an example")
        func misuse() throws {
            let bench = try Bench()
            try bench.write(Self.home, to: "home.yaml")
            for arguments in [
                ["solve"], ["solve", "home.yaml", "--temperature", "0"],
                ["solve", "home.yaml", "--temperature=-1"],
                ["solve", "home.yaml", "--temperature", "nan"], ["solve", "home.yaml", "--jsn"],
            ] {
                let end = try bench.start(arguments: arguments).end()
                #expect(end.code == 2 && end.output.isEmpty && !end.errors.isEmpty, "\(end)")
            }
            let help = try bench.run("solve", "--help")
            #expect(help.code == 0)
            #expect(help.output.contains("sacbot solve docs/soft-mdp/worked-example.yaml"))
            let absent = try bench.run("solve", "absent.yaml")
            #expect(absent.code == 1 && absent.errors.contains("absent.yaml"), "\(absent)")
            // The file in the help is a whole one.
            let own = help.output.components(separatedBy: "A whole file:")
            let lines = try #require(own.last).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            .dropFirst().prefix { !$0.isEmpty }.map { $0.dropFirst(2) }
            try bench.write(lines.joined(separator: "\n") + "\n", to: "help.yaml")
            #expect(try bench.run("solve", "help.yaml").code == 0)
        }
    }
}

extension WholeProgram.SolveTests {
    /// What the tests read of `--json`.
    struct Solved: Decodable {
        var states: [State]
        var checks: [Check]
        var minimum_entropy: Floor?
    }

    struct State: Decodable {
        var name: String
        var standard: Values
        var soft: Values
        var soft_rewards: Double
        var start: Start
        var actions: [Action]
    }

    struct Values: Decodable {
        var value: Double
        var entropy: Double
    }

    struct Start: Decodable {
        var value: Double
        var one_step: Double
        var improved: Double
    }

    struct Action: Decodable {
        var name: String
        var standard: Choice
        var soft: Choice
    }

    struct Choice: Decodable {
        var q: Double
        var probability: Double
    }

    struct Check: Decodable {
        var claim: String
        var number: Double
        var limit: Double
        var passed: Bool
    }

    struct Floor: Decodable {
        var minimum: Double
        var reward: Double
        var bound: Double
        var temperatures: [Double]
        var entropies: [Double]
    }
}
