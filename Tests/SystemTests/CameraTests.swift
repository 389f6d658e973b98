import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// Policies that look through a camera: a film in the emulator, drawn pictures in simulation.
    @Suite("Cameras")
    struct CameraTests {
        /// Six seconds of the claw at 30 pictures a second, drawn by MuJoCo, as motion JPEG.
        private static let film = Bench.package + "/Tests/SystemTests/Films/claw.avi"

        private static func bench(film: Bool) throws -> Bench {
            var robot = BenchRobot()
            let pipeline = "filesrc location=\(Self.film) ! avidemux ! jpegdec"
            // Machines that stall for half a second must not look like a camera that does.
            robot.camera = (film ? "pipeline: \(pipeline), " : "") + "latest_age: 2 s"
            return try Bench(robot)
        }

        @Test(
            "a film into the policy; when it ends in an episode: fault 34, parked, a run that goes on"
        )
        func lost() throws {
            let bench = try Self.bench(film: true)
            let train = ["train", "--robot", "bench", "--backend", "emulator", "--arm"]
            for attempt in 0..<2 {
                let end = try bench.start(arguments: train).end()
                #expect(end.code == 1, "\(end)")
                #expect(end.errors.contains("fault 34"), "\(end)")
                #expect(end.errors.contains("the stream has come to its end"), "\(end)")
                #expect(end.errors.contains("parked, torque off"), "\(end)")
                #expect(end.errors.contains("resumed") == (attempt == 1), "\(end)")
            }
            #expect(try bench.onlyRun().steps > 5)
            #expect(try bench.run("runs", "verify", "latest").code == 0)
        }

        @Test(
            "a check says rate and age and writes both previews; a camera that is not there fails"
        )
        func check() throws {
            let bench = try Self.bench(film: false)
            let end = try bench.run("check", "--robot", "bench")
            #expect(end.code == 0 && end.output.contains("[pass] camera eye:"), "\(end)")
            #expect(end.output.contains("age 0 ms"), "\(end)")
            for name in ["bench-eye.png", "bench-eye-policy.png"] {
                #expect(try bench.bytes(name).prefix(4) == [0x89, 0x50, 0x4E, 0x47])
            }
            let live = "is-live=true ! video/x-raw,width=64,height=48,framerate=20/1"
            var robot = BenchRobot()
            robot.camera = "pipeline: 'videotestsrc pattern=snow \(live)', rate: 20 Hz"
            try bench.add(robot)
            let lit = try bench.run("check", "--robot", "bench", "--backend", "emulator")
            #expect(lit.output.contains("[pass] camera eye: "), "\(lit)")
            #expect(lit.output.contains("(64x48)"), "\(lit)")
            robot.camera = "pipeline: v4l2src device=/dev/video-not-there"
            try bench.add(robot)
            let gone = try bench.run("check", "--robot", "bench", "--backend", "emulator")
            #expect(gone.code == 1 && gone.output.contains("[fail] camera eye:"), "\(gone)")
            #expect(gone.output.contains("video-not-there"), "\(gone)")
        }

        @Test("learning from drawn pictures is the same to the last bit, interrupted or not")
        func lockstep() throws {
            let bench = try Self.bench(film: false)
            try bench.train(steps: 90, "--lockstep", "--runs", "a")
            for steps in [40, 90] { try bench.train(steps: steps, "--lockstep", "--runs", "b") }
            let kept = try ["a", "b"].map { try KeptRun(bench, runs: $0) }
            let same = kept[0] == kept[1]
            #expect(same)
            let evaluated = try bench.run(
                "evaluate",
                "--robot",
                "bench",
                "--policy",
                "latest",
                "--episodes",
                "2",
                "--runs",
                "a"
            )
            #expect(evaluated.code == 0, "\(evaluated)")
        }

        @Test("a task that shows its policy the object's angle beside the camera is refused")
        func told() throws {
            let bench = try Bench()
            var text = try String(
                contentsOfFile: Bench.package + "/robots/claw-vision.yaml",
                encoding: .utf8
            )
            try bench.write(
                try String(contentsOfFile: Bench.package + "/robots/claw.xml", encoding: .utf8),
                to: "robots/claw.xml"
            )
            for term in ["object_direction", "target_error", "object_velocity"] {
                text = try String(
                    contentsOfFile: Bench.package + "/robots/claw-vision.yaml",
                    encoding: .utf8
                )
                let usual = "observation: [joint_positions, last_action]"
                try #require(text.contains(usual))
                text = text.replacing(usual, with: "observation: [joint_positions, \(term)]")
                try bench.write(text, to: "robots/seeing.yaml")
                let end = try bench.run("train", "--robot", "seeing", "--steps", "1")
                #expect(end.code != 0, "\(end)")
                #expect(end.errors.contains("`\(term)` tells the object's angle"), "\(end)")
            }
        }
    }
}
