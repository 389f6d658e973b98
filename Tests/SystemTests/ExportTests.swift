import Foundation
import Learning
import Testing

/// Python with onnxruntime and safetensors, which judge what leaves our program.
private enum TensorPeer {
    static let isThere: Bool = {
        (try? run(["-c", "import onnx, onnxruntime, safetensors"], folder: "/").code) == 0
    }()

    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? Bench.package + "/.venv/bin/python3"

    static func run(_ arguments: [String], folder: String) throws -> ChildEnd {
        try ChildProcess(
            [interpreter] + arguments,
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder
        ).end()
    }

    /// What Tests/peers/onnx_policy.py says about a model: an object of JSON.
    static func check(_ arguments: String..., in bench: Bench) throws -> [String: Any] {
        let script = Bench.package + "/Tests/peers/onnx_policy.py"
        let end = try run([script] + arguments, folder: bench.folder)
        try #require(end.code == 0, "\(end)")
        let object = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
        return try #require(object as? [String: Any])
    }

    /// The notes of a policy file as the safetensors package reads them.
    static func notes(_ path: String, in bench: Bench) throws -> [String: String] {
        let program = """
            import json, sys, safetensors
            with safetensors.safe_open(sys.argv[1], "numpy") as file:
                json.dump(file.metadata(), sys.stdout)
            """
        let end = try run(["-c", program, path], folder: bench.folder)
        try #require(end.code == 0, "\(end)")
        return try JSONDecoder().decode([String: String].self, from: Data(end.output.utf8))
    }
}

extension WholeProgram {
    /// `sacbot export`, and what other programs make of our policies.
    @Suite(
        "Exporting policies",
        .enabled(if: TensorPeer.isThere, "needs onnxruntime and safetensors: make peers")
    )
    struct ExportTests {
        /// A robot file with some of its text replaced.
        private func change(_ bench: Bench, _ changes: [String: String]) throws {
            var text = BenchRobot().yaml
            for (old, new) in changes {
                try #require(text.contains(old))
                text = text.replacingOccurrences(of: old, with: new)
            }
            try bench.write(text, to: "robots/bench.yaml")
        }

        private func policyPath(_ bench: Bench) throws -> String {
            try bench.onlyRun().path + "/policy.safetensors"
        }

        /// The policy's mean actions as our own program computes them, row after row.
        private func nativeActions(_ path: String, _ bench: Bench, _ seen: [Float]) throws
            -> [Float]
        {
            let file = try Safetensors.decode(try bench.bytes(path))
            let policy = try PolicySnapshot(tensors: file.tensors)
            var scratch = PolicyScratch(for: policy)
            var action = [Float](repeating: 0, count: policy.actionCount)
            return stride(from: 0, to: seen.count, by: policy.observationCount).flatMap { start in
                let row = Array(seen[start..<start + policy.observationCount])
                var target = action.mutableSpan
                policy.mean(row.span, scratch: &scratch, into: &target)
                return action
            }
        }

        private func write(_ values: [Float], to name: String, in bench: Bench) throws {
            let data = values.withUnsafeBytes { Data($0) }
            try data.write(to: URL(fileURLWithPath: bench.path(name)))
        }

        @Test("a policy trained for a moment acts the same in onnxruntime on 1,000 observations")
        func agrees() throws {
            let bench = try Bench()
            try change(bench, ["position: [-90 deg, 90 deg]": "position: [-60 deg, 90 deg]"])
            try bench.train(steps: 100)
            let end = try bench.run("export", "--policy", "latest", "--onnx", "out.onnx")
            #expect(end.code == 0, "\(end)")
            var random = RandomSource(seed: 91)
            let seen = (0..<3000).map { _ in Float(random.normal()) }
            let actions = try nativeActions(try policyPath(bench), bench, seen)
            // The middle of -60 to 90 degrees, and half of it.
            let positions = actions.map { Float((15 + 75 * Double($0)) * .pi / 180) }
            try write(seen, to: "seen", in: bench)
            try write(actions, to: "actions", in: bench)
            try write(positions, to: "positions", in: bench)
            let answer = try TensorPeer.check(
                "out.onnx",
                "seen",
                "action=actions",
                "joint_position=positions",
                in: bench
            )
            #expect(answer["rows"] as? Int == 1000)
            let difference = try #require(answer["difference"] as? [String: Double])
            #expect(try #require(difference["action"]) <= 1e-5)
            #expect(try #require(difference["joint_position"]) <= 1e-5)
            // A policy that always does the same would agree too easily.
            #expect((actions.max() ?? 0) - (actions.min() ?? 0) > 0.1)
            let notes = try #require(answer["metadata"] as? [String: String])
            #expect(try notes == TensorPeer.notes(try policyPath(bench), in: bench))
        }

        @Test("the notes of a policy file say everything about its numbers")
        func notes() throws {
            let bench = try Bench()
            try change(bench, ["policy_rate: 10 Hz": "policy_rate: 5 Hz\n    history: 2"])
            try bench.train(steps: 100, "--seed", "7")
            let notes = try TensorPeer.notes(try policyPath(bench), in: bench)
            let names = ["joint_positions.joint", "last_action.joint", "target_error.joint"]
            let expected = [
                "sacbot.robot": "bench", "sacbot.task": "reach", "sacbot.backend": "simulation",
                "sacbot.profile": "sac", "sacbot.seed": "7", "sacbot.normaliser": "none",
                "sacbot.observation_count": "6", "sacbot.history_frames": "2",
                "sacbot.observation_names": (names + names.map { $0 + "[-1]" })
                    .joined(separator: "\n"),
                "sacbot.observation_units": "rad\n1\nrad\nrad\n1\nrad",
                "sacbot.policy_rate_hz": "5.0", "sacbot.action_kind": "absolute",
                "sacbot.action_joints": "joint", "sacbot.transitions": "100",
                "sacbot.updates_before": "0",
            ]
            for (key, value) in expected { #expect(notes[key] == value, "\(key)") }
            #expect(notes["sacbot.action_offset"].flatMap { Double($0) } == 0)
            #expect(notes["sacbot.action_scale"].flatMap { Double($0) } == .pi / 2)
            #expect(notes["sacbot.updates"].flatMap { Int($0) } ?? 0 > 0)
            #expect(notes["sacbot.started_from"] == nil)
            #expect(notes["sacbot.action_low_pass_hz"] == nil)
            for key in ["sacbot.robot_hash", "sacbot.calibration_hash"] {
                #expect(notes[key]?.count == 16, "\(key)")
            }
        }

        @Test("a run that began with another's networks says so, also after it was resumed")
        func startedFrom() throws {
            let bench = try Bench()
            try bench.train(steps: 80)
            let first = try bench.onlyRun().path
            try bench.train(steps: 80, "--from", first)
            try bench.train(steps: 120)
            let runs = try bench.listRuns().map(\.path)
            let second = try #require(runs.first { $0 != first })
            let notes = try TensorPeer.notes(second + "/policy.safetensors", in: bench)
            #expect(notes["sacbot.started_from"] == first)
            #expect(notes["sacbot.transitions"] == "120")
        }

        @Test("relative actions are exported as changes, in rad")
        func relative() throws {
            let bench = try Bench()
            try change(bench, ["    duration: 1 s": "    duration: 1 s\n    action: relative"])
            try bench.train(steps: 80)
            let end = try bench.run("export", "--onnx", "out.onnx", "--robot", "bench")
            #expect(end.code == 0, "\(end)")
            let seen: [Float] = [0.3, -0.2, 0.6]
            let actions = try nativeActions(try policyPath(bench), bench, seen)
            try write(seen, to: "seen", in: bench)
            // A tenth of a second at 180 deg/s.
            try write(actions.map { $0 * 0.1 * .pi }, to: "changes", in: bench)
            let answer = try TensorPeer.check("out.onnx", "seen", "joint_change=changes", in: bench)
            let difference = try #require(answer["difference"] as? [String: Double])
            #expect(try #require(difference["joint_change"]) <= 1e-5)
        }

        @Test("the Python of docs/policy-files.md runs, and both ways give the same positions")
        func documentation() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            _ = try bench.run("export", "--onnx", "policy.onnx", "--robot", "bench")
            try Data(try bench.bytes(try policyPath(bench)))
                .write(to: URL(fileURLWithPath: bench.path("policy.safetensors")))
            let page = try String(
                contentsOfFile: Bench.package + "/docs/policy-files.md",
                encoding: .utf8
            )
            let blocks = page.components(separatedBy: "```python\n").dropFirst()
            var printed: [[Double]] = []
            for block in blocks {
                let program = try #require(block.components(separatedBy: "```").first)
                let end = try TensorPeer.run(["-c", program], folder: bench.folder)
                #expect(end.code == 0, "\(end)")
                printed.append(
                    end.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
                )
            }
            try #require(printed.count == 2 && printed.allSatisfy { $0.count == 1 }, "\(printed)")
            // joint_positions 0, last_action 0.5, target_error 0, as on the page.
            let action = try nativeActions(try policyPath(bench), bench, [0, 0.5, 0])
            for position in printed.joined() {
                #expect(abs(position - Double(action[0]) * .pi / 2) < 1e-5)
            }
        }

        @Test("a policy is refused when history or actions differ, and both sides are named")
        func refused() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let policy = try policyPath(bench)
            let cases: [(changes: [String: String], texts: [String])] = [
                (
                    ["    duration: 1 s": "    duration: 1 s\n    history: 3"],
                    ["frames:1", "frames:3"]
                ),
                (
                    ["    duration: 1 s": "    duration: 1 s\n    action: relative"],
                    ["joint:-1.57", "0.31415"]
                ),
                (
                    ["position: [-90 deg, 90 deg]": "position: [-45 deg, 90 deg]"],
                    ["joint:-1.57", "joint:-0.78"]
                ),
            ]
            for (changes, texts) in cases {
                try change(bench, changes)
                for command in [["evaluate"], ["export", "--onnx", "out.onnx"]] {
                    let end = try bench.start(
                        arguments: command + ["--robot", "bench", "--policy", policy]
                    ).end()
                    #expect(end.code == 1)
                    for text in texts + [policy, "bench.yaml", "task reach"] {
                        #expect(end.errors.contains(text), "\(text)\n\(end)")
                    }
                }
            }
            #expect(!FileManager.default.fileExists(atPath: bench.path("out.onnx")))
        }

        @Test("another policy rate and another low-pass are warnings")
        func otherTiming() throws {
            let bench = try Bench()
            try change(
                bench,
                ["policy_rate: 10 Hz": "policy_rate: 10 Hz\n    action_low_pass: 2.5 Hz"]
            )
            try bench.train(steps: 60)
            let notes = try TensorPeer.notes(try policyPath(bench), in: bench)
            #expect(notes["sacbot.action_low_pass_hz"] == "2.5")
            try change(bench, ["policy_rate: 10 Hz": "policy_rate: 5 Hz"])
            let end = try bench.run(
                "evaluate",
                "--robot",
                "bench",
                "--policy",
                try policyPath(bench),
                "--episodes",
                "1",
                "--random-episodes",
                "0"
            )
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("10.0 Hz") && end.errors.contains(" 5.0 Hz"), "\(end)")
            #expect(end.errors.contains("a low-pass of 2.5 Hz"), "\(end)")
            #expect(end.errors.contains("no low-pass"), "\(end)")
        }

        @Test("a policy whose network is not what its notes say is refused, not run")
        func contradiction() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let file = try Safetensors.decode(try bench.bytes(try policyPath(bench)))
            var wide = BenchRobot()
            wide.name = "wide"
            wide.observation = "[joint_positions, joint_velocities, last_action, target_error]"
            let other = try Bench(wide)
            let trained = try other.run("train", "--robot", "wide", "--steps", "60")
            #expect(trained.code == 0, "\(trained)")
            let wider = try Safetensors.decode(try other.bytes(try policyPath(other)))
            for notes in [
                file.metadata, file.metadata.filter { $0.key != "sacbot.observation_count" },
            ] {
                let mixed = Safetensors.encode(wider.tensors, metadata: notes)
                try Data(mixed).write(to: URL(fileURLWithPath: bench.path("mixed.safetensors")))
                let end = try bench.run(
                    "evaluate",
                    "--robot",
                    "bench",
                    "--policy",
                    "mixed.safetensors"
                )
                #expect(end.code == 1)
                #expect(end.errors.contains("mixed.safetensors contradicts itself"), "\(end)")
            }
        }

        @Test("a policy without notes on its actions is exported with a robot file only")
        func withoutNotes() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let file = try Safetensors.decode(try bench.bytes(try policyPath(bench)))
            let notes = file.metadata.filter { !$0.key.hasPrefix("sacbot.action_") }
            try Data(Safetensors.encode(file.tensors, metadata: notes))
                .write(to: URL(fileURLWithPath: bench.path("old.safetensors")))
            let export = ["export", "--policy", "old.safetensors", "--onnx", "old.onnx"]
            let alone = try bench.start(arguments: export).end()
            #expect(alone.code == 1 && alone.errors.contains("--robot"), "\(alone)")
            #expect(!FileManager.default.fileExists(atPath: bench.path("old.onnx")))
            let end = try bench.start(arguments: export + ["--robot", "bench"]).end()
            #expect(end.code == 0, "\(end)")
            _ = try bench.run("export", "--onnx", "new.onnx")
            #expect(try bench.bytes("old.onnx") == bench.bytes("new.onnx"))
        }

        @Test("a place that cannot be written is named")
        func unwritable() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let end = try bench.run("export", "--onnx", "nosuch/out.onnx")
            #expect(end.code == 1 && end.errors.contains("nosuch/out.onnx"), "\(end)")
            #expect(try bench.run("export").code == 2)
        }
    }
}
