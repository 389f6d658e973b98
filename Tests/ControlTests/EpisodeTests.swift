import Learning
import Robot
import Safety
import Synchronization
import Testing

@testable import Control

@Suite("Episodes, resets and stops")
struct EpisodeTests {
    @Test("an episode that runs out of time is truncated, and only its last step says so")
    func truncation() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let (outcome, stop) = runner.run(prepared, index: 3, actions: .random, random: &random)
        #expect(stop == nil && outcome.ending == .truncated && outcome.steps == 6)
        #expect(bench.sink.rows.map(\.header.step) == [0, 1, 2, 3, 4, 5])
        #expect(
            bench.sink.rows.map(\.header.truncated) == [false, false, false, false, false, true]
        )
        #expect(bench.sink.rows.allSatisfy { !$0.header.terminated && $0.header.episode == 3 })
        for (row, following) in zip(bench.sink.rows, bench.sink.rows.dropFirst()) {
            #expect(row.next == following.observation)
        }
    }

    @Test("replay gets the goal in force, not the wish, and says when they differ")
    func appliedAction() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        _ = runner.run(prepared, index: 0, actions: .random, random: &random)
        // Limits ±1 rad at 2 rad/s: a step of 0.1 s reaches 0.2 from the goal before.
        var before: [Float] = [0.5, -0.5]
        for row in bench.sink.rows {
            for joint in 0..<2 {
                let reachable = min(
                    max(row.proposed[joint], before[joint] - 0.2),
                    before[joint] + 0.2
                )
                #expect((row.applied[joint] - reachable).magnitude < 1e-5)
            }
            let differs = zip(row.applied, row.proposed).contains { ($0 - $1).magnitude > 0.02 }
            #expect(row.header.limited == differs)
            before = row.applied
        }
    }

    @Test("a fault drops the last transition and keeps the rest; torque goes off at once")
    func abort() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        // Silent in the middle of the fourth step; stale five ticks later.
        bench.body.silentFrom = bench.body.tick + 36
        let (outcome, stop) = runner.run(prepared, index: 0, actions: .random, random: &random)
        let fault = Fault(.staleReading, joint: 0)
        #expect(stop == .fault(fault) && outcome.ending == .aborted(fault))
        #expect(!outcome.successHeld && !outcome.successFinal)
        // Steps 0, 1, 2, 3 were finished; 3 was held back when the silence was noticed in step 4.
        #expect(bench.sink.rows.map(\.header.step) == [0, 1, 2])
        let stopping = bench.loop.stop()
        #expect(stopping.response == .release && bench.body.torque.isEmpty)
        #expect(bench.body.events.last == .off(JointSet(0..<3)))
    }

    @Test("an ordered stop keeps the last transition, parks within its time, then torque off")
    func orderedStop() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        var steps = 0
        let stopSwitch = bench.stopSwitch
        runner.afterStep = {
            steps += 1
            if steps == 3 { stopSwitch.ask(.ordered) }
        }
        let (outcome, stop) = runner.run(prepared, index: 0, actions: .random, random: &random)
        #expect(stop == .ordered && outcome.ending == .stopped)
        #expect(bench.sink.rows.map(\.header.truncated) == [false, false, true])
        let stopping = bench.loop.stop()
        #expect(stopping.response == .park && stopping.parked && stopping.unconfirmed.isEmpty)
        #expect(stopping.seconds <= SafetySettings().stopSeconds)
        #expect((bench.body.positions[0] - 0.5).magnitude < degrees(5))
        #expect(bench.body.torque.isEmpty)
        let offs = bench.body.events.count
        _ = bench.loop.stop()
        #expect(Array(bench.body.events.dropFirst(offs)) == [.off(JointSet(0..<3))])
    }

    @Test("an emergency stop sends no further goal")
    func emergencyStop() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let stopSwitch = bench.stopSwitch
        runner.afterStep = { stopSwitch.ask(.emergency) }
        let (_, stop) = runner.run(prepared, index: 0, actions: .random, random: &random)
        let sent = bench.body.events.count
        #expect(stop == .fault(Fault(.emergencyStop)))
        let stopping = bench.loop.stop()
        #expect(stopping.response == .release)
        #expect(Array(bench.body.events.dropFirst(sent)) == [.off(JointSet(0..<3))])
    }

    @Test("a policy outside sees what replay sees, and is told what each step earned")
    func outsidePolicy() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let policy = Scripted(actions: (0..<6).map { [0.1 * Float($0), -0.05 * Float($0)] })
        let (outcome, stop) = runner.run(
            prepared,
            index: 0,
            actions: .outside(policy),
            random: &random
        )
        #expect(stop == nil && outcome.steps == 6 && outcome.policyVersion == nil)
        let log = policy.log.withLock { $0 }
        #expect(bench.sink.rows.map(\.proposed) == policy.actions)
        #expect(bench.sink.rows.map(\.observation) == log.seen)
        #expect(bench.sink.rows.map(\.next) == log.after)
        #expect(bench.sink.rows.map(\.header.reward) == log.results.map { Float($0.reward) })
        #expect(bench.sink.rows.map(\.header.limited) == log.results.map(\.isLimited))
        #expect(log.results.last?.error == outcome.finalError)
        #expect(log.results.last?.isSuccess == outcome.successFinal)
    }

    @Test("a policy outside that has no action ends the episode in order")
    func outsidePolicyLeaves() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let (outcome, stop) = runner.run(
            prepared,
            index: 0,
            actions: .outside(Scripted(actions: [[0, 0], [0, 0]])),
            random: &random
        )
        #expect(stop == .ordered && outcome.ending == .stopped && outcome.steps == 2)
        #expect(bench.sink.rows.map(\.header.truncated) == [false, true])
        #expect(bench.loop.supervisor.fault == nil)
    }

    @Test("a park that cannot arrive ends in torque off all the same")
    func parkBlocked() throws {
        let bench = Bench()
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        _ = try runner.prepare(random: &random)
        bench.body.positions[0] = 0
        bench.body.stuck = JointSet([0])
        let stopping = bench.loop.stop()
        #expect(!stopping.parked && bench.body.torque.isEmpty)
        #expect(stopping.seconds <= SafetySettings().stopSeconds)
    }

    @Test("the reset limps first, brings every joint and the object to the start, frees the object")
    func reset() throws {
        let bench = Bench(positions: [-0.6, 0.7, 1])
        let runner = bench.runner()
        var random = RandomSource(seed: 11)
        let prepared = try runner.prepare(random: &random)
        #expect(prepared.reset.tries == 1 && prepared.reset.prompts == 0)
        let start = try #require(prepared.episode.objectStart)
        #expect((bench.body.positions[0] - 0.5).magnitude < 0.001)
        #expect((bench.body.positions[1] + 0.5).magnitude < 0.001)
        #expect(wrappedAngle(bench.body.positions[2] - start).magnitude < 0.001)
        #expect(bench.body.torque == JointSet([0, 1]))
        let switches = bench.body.events.filter {
            if case .goal = $0 { return false }
            return true
        }
        #expect(
            switches == [
                .on(JointSet([0])), .on(JointSet([2])), .on(JointSet([1])), .off(JointSet([2])),
            ]
        )
    }

    @Test("a stuck joint is untangled, then named to a person, and the robot is limp meanwhile")
    func stuckJoint() throws {
        let bench = Bench()
        let runner = bench.runner()
        bench.body.stuck = JointSet([1])
        bench.body.positions[1] = 0.4
        let body = bench.body
        let link = bench.link
        link.whenAsked = {
            #expect(body.torque.isEmpty)
            body.stuck = JointSet()
            link.answers = [.goOn]
        }
        var random = RandomSource(seed: 11)
        let prepared = try runner.prepare(random: &random)
        #expect(prepared.reset.tries == 3 && prepared.reset.prompts == 1)
        #expect(link.prompts.first?.reason == .stuckJoints([1]))
        #expect(link.prompts.first?.text.contains("b (ID 2)") == true)
    }

    @Test("a person who gives up ends in an ordered stop")
    func givingUp() throws {
        let bench = Bench()
        bench.body.stuck = JointSet([0])
        bench.body.positions[0] = -0.3
        bench.link.whenAsked = { bench.link.answers = [.giveUp] }
        var random = RandomSource(seed: 11)
        #expect(throws: ControlStop.ordered) {
            _ = try bench.runner().prepare(random: &random)
        }
    }

    @Test("a warm servo makes the robot wait limp until it is five degrees cooler")
    func coolDown() throws {
        let bench = Bench()
        let body = bench.body
        body.temperature = 55
        // Cools by a tenth of a degree a tick; 50 is the pause temperature, so 45 ends the wait.
        body.whenTicked = { body.temperature -= 0.1 }
        var random = RandomSource(seed: 11)
        let prepared = try bench.runner().prepare(random: &random)
        let firstTorque = try #require(body.temperatureAtFirstTorque)
        #expect(firstTorque <= 45 && firstTorque > 44.5)
        #expect(prepared.reset.tries == 1)
        #expect(bench.link.notes.contains { $0.contains("cooling: a is at") })
    }

    @Test("a joint that refuses torque is a fault with its reason")
    func refusedTorque() throws {
        let bench = Bench()
        bench.body.refuses = JointSet([0])
        var random = RandomSource(seed: 11)
        #expect(throws: ControlStop.fault(Fault(.armingFailed, joint: 0))) {
            _ = try bench.runner().prepare(random: &random)
        }
        #expect(bench.loop.armingProblem == "joint 0 refuses")
    }

    @Test("a ring without room aborts the episode instead of losing a step in silence")
    func fullRing() throws {
        let bench = Bench()
        bench.sink.room = 2
        let runner = bench.runner()
        var random = RandomSource(seed: 7)
        let prepared = try runner.prepare(random: &random)
        let (outcome, _) = runner.run(prepared, index: 0, actions: .random, random: &random)
        #expect(outcome.ending == .aborted(Fault(.dataLost)))
        #expect(bench.sink.rows.count == 2)
    }
}

/// Acts as it was told to before the episode, then leaves; keeps what it was shown.
private final class Scripted: OutsidePolicy {
    struct Log {
        var seen: [[Float]] = []
        var after: [[Float]] = []
        var results: [StepResult] = []
    }

    let actions: [[Float]]
    let log = Mutex(Log())

    init(actions: [[Float]]) { self.actions = actions }

    func act(_ observation: [Float], into action: inout [Float]) throws(ControlStop) {
        let step = log.withLock { $0.seen.count }
        guard step < actions.count else { throw .ordered }
        action = actions[step]
        log.withLock { $0.seen.append(observation) }
    }

    func stepped(_ result: StepResult, observation: [Float]) {
        log.withLock {
            $0.results.append(result)
            $0.after.append(observation)
        }
    }
}
