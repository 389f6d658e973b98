import Glibc

/// What a user would pick instead, measured in the same run by scripts of their own language.
///
/// Asked for with `BENCH_PEERS=1`; the scripts lie in `peers` below `SACBOT_SHARED` (by default
/// `../shared`) and run in the Python that `BENCH_PYTHON` names. Their lines are passed on as they
/// are. A peer that is not installed is named on standard error and left out.
enum Peers {
    /// One script with its arguments.
    private struct Peer {
        /// Runs beside this benchmark of ours.
        let benchmark: String
        /// Python packages without which it cannot run.
        let packages: [String]
        let script: String
        let arguments: [String]
    }

    private static let updates = ["--reps", "3", "--rep-s", "1"]
    private static var all: [Peer] {
        let torch = ["torch", "psutil", "numpy"]
        let baselines = torch + ["stable_baselines3", "gymnasium"]
        let jax = ["jax", "psutil", "numpy"]
        return [
            learner("sb3", baselines),
            learner("torch-fused", torch),
            learner("sbx-sac", jax + ["sbx", "gymnasium"]),
            learner("jax-scan64", jax + ["optax"]),
            policy("sb3", baselines),
            policy("torch-jit", torch),
            policy("onnxruntime", torch + ["onnxruntime", "onnx"]),
            policy("numpy", ["numpy"]),
        ]
    }

    private static func learner(_ library: String, _ packages: [String]) -> Peer {
        Peer(
            benchmark: LearnerUpdates.name,
            packages: packages,
            script: "updates.py",
            arguments: ["--lib", library] + updates
        )
    }

    private static func policy(_ mode: String, _ packages: [String]) -> Peer {
        Peer(
            benchmark: PolicyInference.name,
            packages: packages,
            script: "infer.py",
            arguments: [mode]
        )
    }

    /// Runs the peers of the benchmarks in `names`, if the environment asks for peers.
    static func runIfAsked(besides names: Set<String>) {
        guard variable("BENCH_PEERS") == "1" else { return }
        let folder = (variable("SACBOT_SHARED") ?? "../shared") + "/peers"
        let python = variable("BENCH_PYTHON") ?? "python3"
        // Both make OpenBLAS choose kernels for another machine.
        for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] { unsafe unsetenv(name) }
        for peer in all where names.contains(peer.benchmark) {
            let script = "\(folder)/\(peer.script)"
            guard unsafe access(script, R_OK) == 0 else {
                Output.note("peers: there is no \(script); set SACBOT_SHARED to its folder")
                return
            }
            let title = ([peer.script] + peer.arguments).joined(separator: " ")
            guard has(peer.packages, python: python) else {
                Output.note("peers: \(title) left out; \(remedy(peer.packages, python: python))")
                continue
            }
            if !ChildProcess.run([python, script] + peer.arguments) {
                Output.note("peers: \(title) failed")
            }
        }
    }

    /// Whether the Python knows all of these packages; looks without loading them.
    private static func has(_ packages: [String], python: String) -> Bool {
        let question = """
            import sys, importlib.util as u
            sys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))
            """
        return ChildProcess.run([python, "-c", question] + packages)
    }

    private static func remedy(_ packages: [String], python: String) -> String {
        let names = packages.map { $0 == "stable_baselines3" ? "stable-baselines3" : $0 }
            .map { $0 == "sbx" ? "sbx-rl" : $0 }
        return "\(python) lacks some of \(packages.joined(separator: ", ")). Set it up with "
            + "`python3 -m venv peers && peers/bin/pip install \(names.joined(separator: " "))` "
            + "and BENCH_PYTHON=peers/bin/python3"
    }

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
