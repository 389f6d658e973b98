import Learning
import Pictures
import Robot
import Safety
import Testing

@testable import Control

/// A camera whose pictures are numbered: the n-th is grey of value n.
private final class NumberedCamera: FrameSource {
    let camera: CameraDescription
    /// What it says instead of its n-th picture.
    var faults: [Int: FaultCode] = [:]
    private(set) var asked: [MonotonicTime] = []
    private(set) var seeds: [UInt64] = []

    init() {
        var camera = CameraDescription(name: "eye", pipeline: nil, modelCamera: "eye")
        camera.size = PictureSize(width: 8, height: 8)
        self.camera = camera
    }

    func episodeBegins(seed: UInt64) { seeds.append(seed) }

    func newest(at now: MonotonicTime, into frame: inout MutableSpan<UInt8>) -> FrameReading {
        asked.append(now)
        if let fault = faults[asked.count - 1] { return .fault(fault) }
        for index in frame.indices { frame[index] = UInt8(asked.count - 1) }
        return .frame(now)
    }
}

@Suite("Episodes of a policy that looks through a camera")
struct CameraEpisodeTests {
    @Test("each step's frame is the one its action was decided by, taken once a step")
    func chain() throws {
        let bench = Bench()
        let camera = NumberedCamera()
        let runner = bench.runner(camera: camera)
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        #expect(camera.asked.isEmpty, "a reset needs no pictures")
        let begin = bench.body.now()
        let (outcome, stop) = runner.run(prepared, index: 0, actions: .random, random: &random)
        #expect(stop == nil && outcome.steps == 6)
        #expect(bench.sink.rows.map { $0.picture } == (0..<6).map { Self.grey($0) })
        #expect(bench.sink.rows.map { $0.nextPicture } == (1..<7).map { Self.grey($0) })
        // One at the start and one at the end of each step of ten ticks, one tick after the start.
        let tick = Fixture.robot.tickNanoseconds
        let moments = camera.asked.map { ($0.nanoseconds - begin.nanoseconds) / tick }
        #expect(moments == (0...6).map { Int64(1 + 10 * $0) })
        #expect(camera.seeds.count == 1)
        #expect(runner.picture == Self.grey(6))
    }

    private static func grey(_ value: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(value), count: 192)
    }

    @Test(
        "a camera that fails ends the episode, parked; no step with an old picture is recorded",
        arguments: [FaultCode.cameraLate, .cameraFrozen, .cameraDark, .cameraLost]
    )
    func fails(code: FaultCode) throws {
        let bench = Bench()
        let camera = NumberedCamera()
        camera.faults[4] = code
        let runner = bench.runner(camera: camera)
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let (outcome, stop) = runner.run(prepared, index: 0, actions: .random, random: &random)
        #expect(stop == .fault(Fault(code)) && outcome.ending == .aborted(Fault(code)))
        // Picture 4 ends step 3, which is not finished; step 2 was held back and is dropped.
        #expect(bench.sink.rows.map(\.header.step) == [0, 1])
        #expect(bench.sink.rows.map { $0.nextPicture } == [Self.grey(1), Self.grey(2)])
        let stopping = bench.loop.stop()
        #expect(stopping.response == .park && bench.body.torque.isEmpty)
    }

    @Test("a policy gets as many frames as it was made for, newest first, the first one repeated")
    func history() throws {
        var eye = PolicyEye(NumberedCamera())
        var random = RandomSource(seed: 1)
        let image = ImageLayout(height: 8, width: 8, channels: 3, history: 3)
        eye.begin(image, random: &random)
        let now = MonotonicTime(nanoseconds: 0)
        let first = eye.look(at: now, isFirst: true)
        #expect(first == nil && eye.frames == Self.grey(0) + Self.grey(0) + Self.grey(0))
        _ = eye.look(at: now, isFirst: false)
        _ = eye.look(at: now, isFirst: false)
        #expect(eye.frames == Self.grey(2) + Self.grey(1) + Self.grey(0))
        eye.begin(nil, random: &random)
        #expect(eye.frames.isEmpty)
        var blind = PolicyEye(nil)
        blind.begin(nil, random: &random)
        let found = blind.look(at: now, isFirst: true)
        #expect(found == nil && blind.frame.isEmpty)
    }

    @Test("what such a task's policy is told does not change with the object's angle")
    func notTold() throws {
        var task = Fixture.turn(steps: 6)
        task.observation = [.jointPositions, .lastAction]
        var observer = Observer(task: task, robot: Fixture.robot)
        var random = RandomSource(seed: 3)
        let episode = TaskEpisode(task: task, robot: Fixture.robot, random: &random)
        let object = try #require(Fixture.robot.objectJoint)
        var state = BodyState(jointCount: Fixture.robot.joints.count)
        var seen: [[Float]] = []
        for angle in [-2.0, 0, 1.5] {
            for joint in state.samples.indices {
                state.samples[joint] = JointSample(
                    position: joint == object ? angle : 0.1,
                    velocity: joint == object ? angle : 0,
                    current: 0,
                    time: MonotonicTime(nanoseconds: 0)
                )
            }
            let action = [Float](repeating: 0.5, count: Fixture.robot.actuatedJoints.count)
            let complete = observer.observe(
                state,
                episode: episode,
                step: 0,
                action: action,
                isFirst: true
            )
            #expect(complete)
            seen.append(observer.values)
        }
        #expect(seen[0] == seen[1] && seen[1] == seen[2])
    }
}
