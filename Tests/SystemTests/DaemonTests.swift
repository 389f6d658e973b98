import Foundation
import Glibc
import Testing

extension Bench {
    /// Starts the service as systemd would, with a socket that takes its notifications.
    func startDaemon(
        port: String? = nil,
        watchdogMilliseconds: Int = 400,
        _ more: [String] = []
    ) throws -> (process: ChildProcess, notify: NotifySocket) {
        let path = self.path("notify-\(UUID().uuidString.prefix(4))")
        let notify = try NotifySocket(path)
        let backend = port.map { ["--backend", "hardware", "--port", $0] }
        let process = try start(
            arguments: ["daemon", "--robot", "bench"] + (backend ?? ["--backend", "simulation"])
                + more,
            before: [
                "env", "NOTIFY_SOCKET=\(path)", "WATCHDOG_USEC=\(watchdogMilliseconds * 1000)",
            ]
        )
        return (process, notify)
    }
}

extension WholeProgram {
    /// `sacbot daemon`, with this test in systemd's place.
    @Suite("The service")
    struct DaemonTests {
        private static var eager: BenchRobot {
            var robot = BenchRobot()
            robot.arm = "automatic"
            return robot
        }

        @Test("on servos: READY after the checks, fed watchdog, STOPPING, parked, resumed")
        func life() throws {
            let bench = try Bench(Self.eager)
            let (servos, port) = try bench.emulate()
            let (process, notify) = try bench.startDaemon(port: port)
            try notify.line("READY=1", from: process)
            let status = try bench.waitForStatus(of: process) {
                $0.episodes >= 1 && $0.safety == "running"
            }
            // Nothing moved before the service said that it was ready.
            #expect(
                notify.lines.first { $0 == "READY=1" || $0.hasPrefix("STATUS=running") }
                    == "READY=1"
            )
            try notify.line("STATUS=running", from: process)
            for _ in 0..<3 { try notify.line("WATCHDOG=1", from: process) }
            process.signal(SIGTERM)
            try notify.line("STOPPING=1", from: process)
            let end = try process.end()
            #expect(end.code == 0 && end.errors.contains("parked, torque off"), "\(end)")

            let (again, notifyAgain) = try bench.startDaemon(port: port)
            try notifyAgain.line("READY=1", from: again)
            let later = try bench.waitForStatus(of: again) { $0.episodes > status.episodes }
            #expect(later.run == status.run)
            #expect(try again.end(by: SIGTERM).code == 0)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        private static let python = ["python3", Bench.package + "/Tests/peers/stop_thread.py"]

        /// Whether this user may hold threads of its processes still; containers and Yama may not
        /// let it.
        private static let canStopThreads: Bool = {
            guard Privileges.isRoot,
                let sleeper = try? ChildProcess(["sleep", "60"], environment: [:], folder: "/"),
                let child = try? ChildProcess(
                    python + ["\(sleeper.pid)", "sleep"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    folder: "/"
                )
            else { return false }
            return (try? child.end().code) == 0
        }()

        @Test(
            "a control thread that stands still is not covered up by the others",
            .enabled(if: canStopThreads, "needs ptrace")
        )
        func standstill() throws {
            let bench = try Bench()
            let (process, notify) = try bench.startDaemon()
            try notify.line("READY=1", from: process)
            try bench.waitForStatus(of: process) { $0.episodes >= 1 }
            try notify.line("WATCHDOG=1", from: process)
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
            let debugger = try bench.start(
                program: Self.python + ["\(process.pid)", "sacbot-control"],
                input: ends[0]
            )
            close(ends[0])
            try debugger.line(with: "stopped", on: .output)
            // What was on its way; then nothing, though the state is looked at again and again.
            // One sign of life may be owed for the ticks before.
            let held = try bench.waitForStatus(of: process) { _ in true }.sequence
            let seen = try bench.waitForStatus(of: process) { $0.sequence >= held + 20 }.sequence
            _ = notify.takeCount(of: "WATCHDOG=1")
            try bench.waitForStatus(of: process) { $0.sequence >= seen + 30 }
            #expect(notify.takeCount(of: "WATCHDOG=1") == 0)
            close(ends[1])
            try debugger.line(with: "going on", on: .output)
            try notify.line("WATCHDOG=1", from: process)
            #expect(try process.end(by: SIGTERM).code == 0)
        }

        @Test("an e-stop leaves the service running; clear-fault goes on; a restart keeps a latch")
        func faults() throws {
            let bench = try Bench(Self.eager)
            let (servos, port) = try bench.emulate()
            let (process, notify) = try bench.startDaemon(port: port)
            try bench.waitForStatus(of: process) { $0.safety == "running" }
            #expect(try bench.run("estop", "--robot", "bench").code == 0)
            // The question and the supervisor's state come from two threads, one after the other.
            let stopped = try bench.waitForStatus(of: process) {
                $0.prompt != nil && $0.safety == "e-stop" && $0.isFaultLatched
            }
            try notify.line("STATUS=fault 60", from: process)
            #expect(try bench.run("clear-fault", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) {
                $0.safety == "running" && $0.episodes > stopped.episodes
            }
            #expect(try bench.run("estop", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) { $0.prompt != nil }
            let end = try process.end(by: SIGTERM)
            #expect(end.code == 0, "\(end)")

            // Started anew it is ready, and waits without torque whatever `arm:` says.
            let (again, notifyAgain) = try bench.startDaemon(port: port)
            try notifyAgain.line("STATUS=fault 60", from: again)
            try notifyAgain.line("READY=1", from: again)
            try bench.waitForStatus(of: again) {
                $0.prompt != nil && $0.safety == "e-stop" && $0.isFaultLatched
            }
            #expect(try bench.run("clear-fault", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: again) { $0.safety == "running" }
            #expect(try again.end(by: SIGTERM).code == 0)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("pause, resume, release and evaluate between two episodes")
        func errands() throws {
            let bench = try Bench()
            let (process, _) = try bench.startDaemon()
            try bench.waitForStatus(of: process) { $0.updates > 0 }
            let evaluated = try bench.run(
                "evaluate",
                "--robot",
                "bench",
                "--running",
                "--episodes",
                "3",
                "--json"
            )
            #expect(evaluated.code == 0, "\(evaluated)")
            #expect(evaluated.output.contains("\"done\" : 3"), "\(evaluated)")

            #expect(try bench.run("pause", "--robot", "bench").code == 0)
            let paused = try bench.waitForStatus(of: process) {
                $0.pause == "released" && $0.safety == "pausing"
            }
            let later = try bench.waitForStatus(of: process) {
                $0.sequence >= paused.sequence + 10
            }
            #expect(later.episodes == paused.episodes)
            let text = try bench.run("status", "--robot", "bench").output
            #expect(text.contains("sacbot resume"), "\(text)")
            #expect(try bench.run("resume", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) { $0.episodes > paused.episodes }
            #expect(try process.end(by: SIGTERM).code == 0)
        }

        @Test("`pause: hold` keeps torque under the supervisor's eyes; idle begins with a pause")
        func holding() throws {
            let bench = try Bench()
            try bench.edit("robots/bench.yaml", "stop: park", "stop: park\npause: hold")
            let (process, _) = try bench.startDaemon(["--mode", "idle"])
            let first = try bench.waitForStatus(of: process) {
                $0.pause == "released" && $0.safety == "pausing"
            }
            #expect(first.episodes == 0 && first.mode == "idle")
            #expect(try bench.run("resume", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) { $0.episodes >= 1 }
            #expect(try bench.run("pause", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) {
                $0.pause == "paused" && $0.safety == "armed"
                    && $0.joints.allSatisfy(\.hasTorque)
            }
            #expect(try bench.run("release", "--robot", "bench").code == 1, "no hardware here")
            #expect(try process.end(by: SIGTERM).code == 0)
        }

        @Test("mode run acts by the newest policy and learns nothing")
        func acting() throws {
            let bench = try Bench()
            try bench.train(steps: 80)
            let run = try bench.onlyRun()
            try bench.edit("robots/bench.yaml", "stop: park", "stop: park\ndaemon: {mode: run}")
            let (process, notify) = try bench.startDaemon()
            try notify.line("READY=1", from: process)
            let status = try bench.waitForStatus(of: process) { $0.episodes >= 3 }
            #expect(status.mode == "run" && status.updates == 0)
            #expect(try process.end(by: SIGTERM).code == 0)
            #expect(try bench.onlyRun().steps == run.steps)
        }

        @Test("SIGHUP takes over what is harmless and refuses the rest by name")
        func reload() throws {
            let bench = try Bench()
            let (process, notify) = try bench.startDaemon()
            try notify.line("READY=1", from: process)
            try bench.edit("robots/bench.yaml", "stop_temperature: 60", "stop_temperature: 58")
            process.signal(SIGHUP)
            try notify.line("RELOADING=1", from: process)
            #expect(try notify.line("MONOTONIC_USEC=", from: process).count > 16)
            try notify.line("READY=1", from: process)
            let taken = try notify.line("STATUS=", from: process)
            #expect(taken.contains("reloaded: joint_defaults.stop_temperature"), "\(taken)")
            try bench.waitForStatus(of: process) { $0.joints.first?.limits.stopCelsius == 58 }

            try bench.edit("robots/bench.yaml", "stop_temperature: 58", "stop_temperature: 60")
            try bench.edit("robots/bench.yaml", "goal_velocity: 180", "goal_velocity: 90")
            process.signal(SIGHUP)
            try notify.line("RELOADING=1", from: process)
            let refused = try notify.line("STATUS=reload", from: process)
            #expect(refused.contains("joint_defaults.goal_velocity"), "\(refused)")
            try process.line(with: "`joint_defaults.goal_velocity` changes only with a restart")
            try process.line(with: "stop_temperature may only fall")

            try bench.write("what: is this\n", to: "robots/bench.yaml")
            process.signal(SIGHUP)
            try notify.line("STATUS=reload refused: the file has mistakes", from: process)
            #expect(try process.end(by: SIGTERM).code == 0)
        }

        @Test("a file that no restart puts right ends with 2, a port that is not there with 1")
        func exitCodes() throws {
            let bench = try Bench()
            let wrong = try bench.run("daemon", "--robot", "nowhere")
            #expect(wrong.code == 2 && wrong.errors.contains("no robot file"), "\(wrong)")
            let gone = try bench.run("daemon", "--robot", "bench", "--port", "/dev/nope")
            #expect(gone.code == 1 && gone.errors.contains("/dev/nope"), "\(gone)")
        }
    }
}
