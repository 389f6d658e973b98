import Foundation
import Testing

extension WholeProgram {
    /// The bridge to Gymnasium, judged by Gymnasium.
    @Suite("Gymnasium", .enabled(if: GymPeer.isThere, "needs gymnasium: make peers"))
    struct GymTests {
        @Test("an episode over the bridge earns what the environment itself gives")
        func sameRewards() throws {
            let bench = try Bench()
            let ours = try GymPeer.learn(bench, "rollout", "--env", "Pendulum-v1", "--seed", "7")
                .end()
            try #require(ours.code == 0, "\(ours)")
            try bench.write(ours.output, to: "actions.csv")
            let theirs = try GymPeer.ask("direct", "Pendulum-v1", "7", bench.path("actions.csv"))
            let (got, expected) = (GymPeer.rows(ours.output), GymPeer.rows(theirs.output))
            #expect(expected.count == 200, "\(theirs)")
            #expect(got.map { Array($0.prefix(3)) } == expected)
        }

        @Test("a curve has a row an evaluation, and updates as stable-baselines3 counts them")
        func curve() throws {
            let bench = try Bench()
            let end = try GymPeer.train(bench).end()
            try #require(end.code == 0, "\(end)")
            try expectWholeCurve(bench)
            let object = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
            let report = try #require(object as? [String: Any], "\(end)")
            #expect(report["lib"] as? String == "sacbot-sac")
            #expect(report["steps"] as? Int == 900)
            #expect(report["refused"] as? Int == 0)
            let left = try FileManager.default.contentsOfDirectory(atPath: bench.path("out"))
            #expect(left == ["curve.csv"])
        }

        @Test("a killed training goes on behind its last checkpoint")
        func resume() throws {
            let bench = try Bench()
            let first = try GymPeer.train(bench, "--steps", "1000000")
            try first.line(with: " 600 of ")
            _ = try first.end(by: SIGKILL)
            let reached = try #require(try steps(bench).last)
            let more = ["--steps", "\(reached + 600)", "--resume"]
            let second = try GymPeer.train(bench, more).end()
            try #require(second.code == 0, "\(second)")
            // A row is written just before its checkpoint.
            let lines = second.errors.split(separator: "\n")
            let line = try #require(lines.first { $0.contains("goes on") }, "\(second)")
            #expect([reached, reached - 300].contains { line.hasSuffix("step \($0)") }, "\(line)")
            let expected = Array(stride(from: 300, through: reached + 600, by: 300))
            #expect(try steps(bench) == expected)
            let other = try GymPeer.train(bench, more + ["--seed", "8"]).end()
            #expect(other.code == 1 && other.errors.contains("seed 3"), "\(other)")
        }

        @Test("an environment that dies: which one, by what, and what it said")
        func deadEnvironment() throws {
            let bench = try Bench()
            let training = try GymPeer.train(bench, "--steps", "1000000")
            let line = try training.line(with: "for evaluations process")
            let words = line.split(whereSeparator: { " ;,".contains($0) }).map(String.init)
            let place = try #require(words.firstIndex(of: "process"))
            let pid = try #require(Int32(words[place + 1]))
            try training.line(with: " 300 of ")
            kill(pid, SIGKILL)
            let end = try training.end()
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("Pendulum-v1 was ended by signal 9"), "\(end)")
        }

        @Test("an environment that does not exist: Gymnasium's own words")
        func unknownEnvironment() throws {
            let bench = try Bench()
            let end = try GymPeer.learn(bench, "rollout", "--env", "Pendulumm-v1").end()
            #expect(end.code == 1)
            #expect(end.errors.contains("NameNotFound"), "\(end)")
            #expect(end.errors.contains("standard error"), "\(end)")
        }

        @Test("Gymnasium's checker finds nothing wrong with the claw")
        func checkedByGymnasium() throws {
            let claw = Bench.package + "/robots/claw.yaml"
            let end = try GymPeer.ask("check", Bench.program, claw, "near")
            // 9 positions, 2 of the valve's direction, 9 goals, 1 error; nine servos.
            #expect(end.output.contains("21 9 True\n"), "\(end)")
            for key in ["error", "is_success", "limited", "success_held"] {
                #expect(end.output.contains("'\(key)'"), "\(end)")
            }
        }

        @Test("a policy earns in Python what `sacbot evaluate` says it earns")
        func sameEpisodes() throws {
            let bench = try Bench()
            try bench.train(steps: 200)
            let end = try bench.run(
                "evaluate",
                "--robot",
                "bench",
                "--episodes",
                "8",
                "--random-episodes",
                "0",
                "--seed",
                "5",
                "--csv",
                "ours.csv"
            )
            try #require(end.code == 0, "\(end)")
            let theirs = try GymPeer.ask(
                "play",
                Bench.program,
                bench.path("robots/bench.yaml"),
                bench.path(try bench.onlyRun().path + "/policy.safetensors"),
                "5",
                "8"
            )
            let csv = String(decoding: try bench.bytes("ours.csv"), as: UTF8.self)
            let ours = GymPeer.rows(csv).dropFirst()
            let played = GymPeer.rows(theirs.output)
            try #require(ours.count == 8 && played.count == 8, "\(csv)\n\(theirs)")
            for (our, their) in zip(ours, played) {
                let (got, expected) = (Double(our[3]) ?? .nan, Double(their[0]) ?? .nan)
                // Both work in floats, in another order of sums, and encoders have 0.0015 rad.
                #expect((got - expected).magnitude < 0.05, "\(our) \(their)")
                let errors = (Double(our[2]) ?? .nan) - (Double(their[1]) ?? .nan)
                #expect(errors.magnitude < 0.005, "\(our) \(their)")
                #expect(our[5].lowercased() == their[2].lowercased())
            }
        }

        @Test("a robot whose process was killed: which one and by what")
        func deadRobot() throws {
            let bench = try Bench()
            let end = try GymPeer.ask("killed", Bench.program, bench.path("robots/bench.yaml"))
            #expect(end.output.contains("the sacbot process"), "\(end)")
            #expect(end.output.contains("SIGKILL"), "\(end)")
        }

        @Test("a robot file with a mistake: the mistake, in Python")
        func brokenRobot() throws {
            let bench = try Bench()
            try bench.write("robot: bench\n", to: "robots/bench.yaml")
            let program = Bench.program
            let end = try GymPeer.run("killed", program, bench.path("robots/bench.yaml"))
            #expect(end.code == 1)
            #expect(end.errors.contains("exit code 1"), "\(end)")
            #expect(end.errors.contains("joints"), "\(end)")
        }

        @Test("`sacbot gym` says what it is and ends in order when nobody talks to it")
        func nobody() throws {
            let bench = try Bench()
            let end = try bench.run("gym", "--robot", "bench")
            #expect(end.code == 0, "\(end)")
            // One actuated joint: its position, its goal, its distance from the target.
            #expect(end.output.contains("\"observations\":3"), "\(end)")
            #expect(try bench.run("--help").output.contains("gym") == false)
        }

        private func steps(_ bench: Bench) throws -> [Int] {
            let text = String(decoding: try bench.bytes("out/curve.csv"), as: UTF8.self)
            return GymPeer.rows(text).dropFirst().compactMap { Int($0[3]) }
        }

        private func expectWholeCurve(_ bench: Bench) throws {
            let text = String(decoding: try bench.bytes("out/curve.csv"), as: UTF8.self)
            let rows = GymPeer.rows(text)
            let header =
                "lib,env,seed,step,mean_return,std_return,ep_len,train_cpu_s,train_wall_s,"
                + "total_wall_s,updates"
            try #require(rows.count == 4 && text.hasPrefix(header + "\n"), "\(text)")
            for (row, step) in zip(rows.dropFirst(), [300, 600, 900]) {
                #expect(Array(row[0..<4]) == ["sacbot-sac", "Pendulum-v1", "3", "\(step)"])
                // A pendulum never earns more than 0 or less than -16.3 a step, for 200 steps.
                let mean = Double(row[4]) ?? .nan
                #expect((-3260...0).contains(mean), "\(row)")
                #expect(row[6] == "200.0")
                // The first update follows step 101; an evaluation comes before its step's update.
                #expect(row[10] == "\(step - 101)", "\(row)")
            }
        }
    }
}

/// Gymnasium in Python, and `sacbot-gym` with that Python.
private enum GymPeer {
    static let isThere: Bool = {
        let child = try? ChildProcess(
            [interpreter, "-c", "import gymnasium"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/"
        )
        return (try? child?.end().code) == 0
    }()

    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? Bench.package + "/.venv/bin/python3"

    /// Starts `sacbot-gym`, which lies beside the program.
    static func learn(_ bench: Bench, _ arguments: String...) throws -> ChildProcess {
        try learn(bench, arguments)
    }

    /// A training with three evaluations of one episode each.
    static func train(_ bench: Bench, _ more: String...) throws -> ChildProcess {
        try train(bench, more)
    }

    static func train(_ bench: Bench, _ more: [String]) throws -> ChildProcess {
        let basic = ["--env", "Pendulum-v1", "--csv", "out/curve.csv", "--eval-every", "300"]
        let small = ["--hidden", "16", "--batch", "16", "--eval-episodes", "1"]
        let steps = more.contains("--steps") ? [] : ["--steps", "900"]
        let seed = more.contains("--seed") ? [] : ["--seed", "3"]
        return try learn(bench, ["train"] + basic + small + steps + seed + more)
    }

    private static func learn(_ bench: Bench, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            [Bench.program + "-gym"] + arguments + ["--python", interpreter],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: bench.folder,
            owner: bench
        )
    }

    /// Runs a command of Tests/peers/gym_peer.py.
    static func run(_ arguments: String...) throws -> ChildEnd { try run(arguments) }

    /// Runs a command that has to end well.
    static func ask(_ arguments: String...) throws -> ChildEnd {
        let end = try run(arguments)
        try #require(end.code == 0, "\(end)")
        return end
    }

    private static func run(_ arguments: [String]) throws -> ChildEnd {
        try ChildProcess(
            [interpreter, Bench.package + "/Tests/peers/gym_peer.py"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/"
        ).end()
    }

    /// The words of each line.
    static func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
