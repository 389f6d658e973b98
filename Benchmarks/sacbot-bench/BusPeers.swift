import Glibc

/// The bare C client and Robotis' SDK on the same cycle as ours, against one C emulator.
///
/// The sources lie in `peers` below `SACBOT_SHARED`; they are compiled into a folder of their own.
final class BusPeers {
    /// Microseconds a cycle, and cycles a second.
    struct Result {
        var middle: Double
        var processor: Double
        var rate: Double
    }

    /// The C emulator's pseudo-terminal.
    let port: String
    private let folder: String
    private let emulator: pid_t
    private let python: String?

    /// Compiles and starts; `nil`, said on standard error, where sources or compiler are missing.
    init?() throws {
        var template = Array("/tmp/sacbot-peers-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw BenchFailure("no folder in /tmp: errno \(errno)")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let sources = Peers.shared
        for name in ["dxl_emu", "dxl_client"] {
            let source = sources + name + ".c"
            let command = ["cc", "-O2", "-o", "\(folder)/\(name)", source, "-lutil"]
            guard unsafe access(source, R_OK) == 0, ChildProcess.run(command) else {
                Output.note("peers: the bare C client is left out; it needs \(source) and cc")
                return nil
            }
        }
        // The script looks for the emulator beside itself.
        let script = "dxl_sdk_cycle.py"
        _ = unsafe symlink(absolute(sources) + script, "\(folder)/\(script)")
        let interpreter = Environment["BENCH_PYTHON"] ?? "python3"
        let hasKit = ChildProcess.run([interpreter, "-c", "import dynamixel_sdk"])
        if !hasKit {
            Output.note("peers: Robotis' SDK is left out; BENCH_PYTHON needs dynamixel-sdk")
        }
        python = hasKit ? interpreter : nil
        let ids = BusExchange.ids.map { " \($0)" }.joined()
        emulator = try ChildProcess.start([
            "sh", "-c", "exec taskset -c 1 \(folder)/dxl_emu 1020\(ids) > \(folder)/port",
        ])
        port = try Self.line(of: folder + "/port")
    }

    /// The bare C client.
    func bareClient(cycles: Int) throws -> Result {
        let ids = BusExchange.ids.map { "\($0)" }
        let output = try ChildProcess.output(
            of: ["taskset", "-c", "0", folder + "/dxl_client", port, "\(cycles)"] + ids
        )
        return result(of: output, processor: "client_cpu_us_per_cycle")
    }

    /// Robotis' SDK, against an emulator of its own; `nil` if it is not installed.
    func kit(cycles: Int) throws -> Result? {
        guard let python else { return nil }
        let output = try ChildProcess.output(
            of: [python, folder + "/dxl_sdk_cycle.py", "sdk", "--cycles", "\(cycles)"]
                + ["--reps", "1"]
        )
        return result(of: output, processor: "client_cpu_us")
    }

    /// Keeps this thread on some cores, as the peers are kept.
    func pin(toCore cores: String) {
        _ = try? ChildProcess.output(of: ["taskset", "-cp", cores, "\(getpid())"])
    }

    /// Ends the emulator.
    func stop() {
        kill(emulator, SIGTERM)
        ChildProcess.reap(emulator)
        _ = ChildProcess.run(["rm", "-r", folder])
    }

    private func result(of line: String, processor: String) -> Result {
        Result(
            middle: number("p50_us", line),
            processor: number(processor, line),
            rate: number("cycles_per_s", line)
        )
    }

    private func number(_ key: String, _ line: String) -> Double {
        // The C program writes no blank behind its colons, the script does.
        let even = line.replacing("\": ", with: "\":").replacing("\":", with: "\": ")
        return Peers.number(key, in: even[...]) ?? .nan
    }

    /// The first line of a file that another process writes.
    private static func line(of path: String) throws -> String {
        for _ in 0..<500 {
            let text =
                (try? ChildProcess.output(of: ["sh", "-c", "cat \(path) 2>/dev/null"])) ?? ""
            if let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
            usleep(10_000)
        }
        throw BenchFailure("dxl_emu does not say its port")
    }
}

private func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(here) }
    return unsafe String(cString: here) + "/" + path
}
