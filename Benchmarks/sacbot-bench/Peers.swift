import Glibc

/// What a user would pick instead, measured in the same run by scripts of their own language.
///
/// Asked for with `BENCH_PEERS=1`; the scripts lie in `peers` below `SACBOT_SHARED` (by default
/// `../shared`) and in Benchmarks/peers. They run in the Python that `BENCH_PYTHON` names, those
/// that need JAX in `BENCH_PYTHON_JAX`: the two stacks pin different versions of the same packages.
/// Their lines are passed on as they are. A peer that is not installed is named on standard error
/// and left out.
enum Peers {
    /// One script with its arguments.
    private struct Peer {
        /// Runs beside this benchmark of ours.
        let benchmark: String
        /// Python packages without which it cannot run.
        let packages: [String]
        let script: String
        let arguments: [String]

        var title: String { ([script] + arguments).joined(separator: " ") }
        var needsJAX: Bool { packages.contains("jax") }
    }

    /// Whether peers were asked for.
    static let areWanted = Environment["BENCH_PEERS"] == "1"

    private static let updates = ["--reps", "3", "--rep-s", "1"]
    private static let torch = ["torch", "psutil", "numpy"]
    private static let baselines = torch + ["stable_baselines3", "gymnasium"]
    private static let jax = ["jax", "psutil", "numpy"]
    /// The folder of the peers' scripts.
    static let shared = (Environment["SACBOT_SHARED"] ?? "../shared") + "/peers/"

    private static let all = [
        learner("sb3", baselines),
        learner("torch-fused", torch),
        learner("sbx-sac", jax + ["sbx", "gymnasium"]),
        learner("sbx-sac", jax + ["sbx", "gymnasium"], ["--gs", "64"]),
        learner("jax-scan64", jax + ["optax"]),
        policy("sb3", baselines),
        policy("torch-jit", torch),
        policy("onnxruntime", torch + ["onnxruntime", "onnx"]),
        policy("numpy", ["numpy"]),
        policy("jax", jax),
    ]

    private static let products = [
        Peer(
            benchmark: SgemmShare.name,
            packages: ["numpy"],
            script: "Benchmarks/peers/sgemm.py",
            arguments: ["numpy"]
        ),
        Peer(
            benchmark: SgemmShare.name,
            packages: ["torch"],
            script: "Benchmarks/peers/sgemm.py",
            arguments: ["torch"]
        ),
        Peer(
            benchmark: SgemmShare.name,
            packages: ["torch"],
            script: shared + "gemm_peak.py",
            arguments: []
        ),
    ]

    /// What a peer makes of updates from pictures.
    struct PixelRate {
        /// Updates a second, by the wall clock.
        let rate: Double
        /// Processor milliseconds of an update.
        let milliseconds: Double
    }

    /// PyTorch's updates from pictures by the encoder's name, each peer's line passed on.
    static func pixelRates() throws -> [String: PixelRate] {
        var rates: [String: PixelRate] = [:]
        for encoder in ["paper", "small"] {
            let peer = Peer(
                benchmark: PixelUpdates.name,
                packages: ["torch"],
                script: "Benchmarks/peers/pixel_updates.py",
                arguments: [encoder]
            )
            guard let command = command(peer) else { continue }
            let output = try ChildProcess.output(of: command)
            for line in output.split(separator: "\n") {
                Output.line(String(line))
                guard let rate = number("updates_per_s", in: line),
                    let milliseconds = number("cpu_ms", in: line)
                else { continue }
                rates[encoder] = PixelRate(rate: rate, milliseconds: milliseconds)
            }
        }
        return rates
    }

    /// GFLOP/s on one core over all products that the small encoder amounts to, of the library that
    /// is faster there; `nil` where none is installed.
    static func pictureProductRate() throws -> Double? {
        var best: Double?
        for library in ["numpy", "torch"] {
            let peer = Peer(
                benchmark: PixelUpdates.name,
                packages: [library, "numpy"],
                script: "Benchmarks/peers/sgemm.py",
                arguments: [library, "pictures"]
            )
            guard let command = command(peer) else { continue }
            var (operations, time) = (0.0, 0.0)
            for line in try ChildProcess.output(of: command).split(separator: "\n") {
                Output.line(String(line))
                guard let m = number("m", in: line), let n = number("n", in: line),
                    let k = number("k", in: line), let rate = number("gflops_median", in: line)
                else { continue }
                let times = number("times", in: line) ?? 1
                operations += times * m * n * k
                time += times * m * n * k / rate
            }
            if time > 0 { best = max(best ?? 0, operations / time) }
        }
        return best
    }

    private static func learner(
        _ library: String,
        _ packages: [String],
        _ more: [String] = []
    ) -> Peer {
        Peer(
            benchmark: LearnerUpdates.name,
            packages: packages,
            script: shared + "updates.py",
            arguments: ["--lib", library] + updates + more
        )
    }

    private static func policy(_ mode: String, _ packages: [String]) -> Peer {
        Peer(
            benchmark: PolicyInference.name,
            packages: packages,
            script: shared + "infer.py",
            arguments: [mode]
        )
    }

    /// Runs the peers of the benchmarks in `names`, if the environment asks for peers.
    static func runIfAsked(besides names: Set<String>) {
        guard areWanted else { return }
        for peer in all where names.contains(peer.benchmark) {
            guard let command = command(peer) else { continue }
            if !ChildProcess.run(command) { Output.note("peers: \(peer.title) failed") }
        }
    }

    /// GFLOP/s on one core of every product that a peer measured, each peer's lines passed on.
    static func productRates() throws -> [Double] {
        var rates: [Double] = []
        for peer in products {
            guard let command = command(peer) else { continue }
            let output = try ChildProcess.output(of: command)
            for line in output.split(separator: "\n") {
                Output.line(String(line))
                guard number("threads", in: line) == 1 else { continue }
                // The learner's shapes only: a large product has more to reuse.
                guard number("m", in: line) ?? .infinity <= 256 else { continue }
                if let rate = number("gflops_median", in: line) { rates.append(rate) }
            }
        }
        return rates
    }

    /// How to run a peer; `nil`, said on standard error, where it is not installed.
    private static func command(_ peer: Peer) -> [String]? {
        // Both make OpenBLAS choose kernels for another machine.
        for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] { unsafe unsetenv(name) }
        let torch = Environment["BENCH_PYTHON"] ?? "python3"
        let python = peer.needsJAX ? Environment["BENCH_PYTHON_JAX"] ?? torch : torch
        guard unsafe access(peer.script, R_OK) == 0 else {
            Output.note(
                "peers: there is no \(peer.script); run from the package's folder and set "
                    + "SACBOT_SHARED to where the peers' scripts lie"
            )
            return nil
        }
        guard has(peer.packages, python: python) else {
            Output.note("peers: \(peer.title) left out; \(remedy(peer, python: python))")
            return nil
        }
        return [python, peer.script] + peer.arguments
    }

    /// The number behind `"key": ` in a line of JSON.
    static func number(_ key: String, in line: Substring) -> Double? {
        let mark = Array("\"\(key)\": ".utf8)
        let bytes = Array(line.utf8)
        for start in bytes.indices where bytes[start...].starts(with: mark) {
            let rest = bytes[(start + mark.count)...]
            let digits = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }
            return Double(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }

    /// Whether the Python knows all of these packages; looks without loading them.
    private static func has(_ packages: [String], python: String) -> Bool {
        let question = """
            import sys, importlib.util as u
            sys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))
            """
        return ChildProcess.run([python, "-c", question] + packages)
    }

    private static func remedy(_ peer: Peer, python: String) -> String {
        let names = peer.packages.map { $0 == "stable_baselines3" ? "stable-baselines3" : $0 }
            .map { $0 == "sbx" ? "sbx-rl" : $0 }
        let variable = peer.needsJAX ? "BENCH_PYTHON_JAX" : "BENCH_PYTHON"
        return "\(python) lacks some of \(peer.packages.joined(separator: ", ")). Set it up with "
            + "`python3 -m venv peers && peers/bin/pip install \(names.joined(separator: " "))` "
            + "and \(variable)=peers/bin/python3"
    }
}
