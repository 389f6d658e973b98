import Foundation
import Testing

extension WholeProgram {
    @Suite(
        "A disk that fills up under a training",
        .enabled(if: Privileges.mayMount, "needs the right to mount a tmpfs (root)")
    )
    struct FullDiskTests {
        @Test("the robot is parked, the run is whole, and goes on when there is room")
        func fullDisk() throws {
            let bench = try Bench()
            // In a mount namespace of its own: nobody else sees the small disk, and it goes with it.
            let script = """
                mkdir runs && mount -t tmpfs -o size=800k none runs || exit 9
                "$0" train --robot bench; echo "train $?"
                df --output=avail runs | tail -1 | sed 's/^ */free kB /'
                "$0" runs verify latest; echo "verify $?"
                mount -o remount,size=50m runs || exit 9
                "$0" train --robot bench --episodes 3; echo "again $?"
                "$0" runs verify latest; echo "verified $?"
                """
            let end = try bench.start(
                arguments: [],
                before: ["unshare", "--mount", "sh", "-c", script]
            ).end()
            #expect(end.output.contains("train 1"), "\(end)")
            #expect(end.errors.contains("is full; free some space"), "\(end)")
            #expect(end.errors.contains("stopped: parked, torque off"), "\(end)")
            #expect(end.output.contains("verify 0"), "\(end)")
            #expect(end.errors.contains("resumed"), "\(end)")
            #expect(end.output.contains("again 0"), "\(end)")
            #expect(end.output.contains("verified 0"), "\(end)")
        }
    }

    @Suite("A run's quota")
    struct QuotaTests {
        @Test("reached while it trains: parked and saved; reached at the start: nothing moves")
        func quota() throws {
            let bench = try Bench()
            let robot = BenchRobot()
            try bench.write(robot.yaml + "runs: {quota: 1 MB}\n", to: "robots/bench.yaml")
            let end = try bench.run("train", "--robot", "bench")
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("of the 1.0 MB that `runs: {quota: ...}` allows"), "\(end)")
            #expect(end.errors.contains("stopped: parked, torque off"), "\(end)")
            let verified = try bench.run("runs", "verify", "latest")
            #expect(verified.code == 0, "\(verified)")
            let steps = try bench.onlyRun().steps
            #expect(steps > 0)

            // Closing the run folded its log, so there is some room again; now there is none.
            let filler = try bench.onlyRun().path + "/filler"
            try Data(count: 1_000_000).write(to: URL(fileURLWithPath: bench.path(filler)))
            let again = try bench.run("train", "--robot", "bench")
            #expect(again.code == 1, "\(again)")
            #expect(again.errors.contains("raise the quota"), "\(again)")
            #expect(!again.errors.contains("stopped:"), "nothing had begun: \(again)")

            try bench.write(robot.yaml + "runs: {quota: 1 GB}\n", to: "robots/bench.yaml")
            let raised = try bench.train(steps: steps + 20)
            #expect(raised.errors.contains("resumed"), "\(raised)")
            #expect(try bench.onlyRun().steps >= steps + 20)
        }
    }
}

extension Privileges {
    /// Whether file systems can be mounted, in a namespace of their own.
    static let mayMount: Bool = {
        let script = "mount -t tmpfs -o size=1m none /mnt"
        let child = try? ChildProcess(
            ["unshare", "--mount", "sh", "-c", script],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            folder: "/"
        )
        return (try? child?.end().code) == 0
    }()
}
