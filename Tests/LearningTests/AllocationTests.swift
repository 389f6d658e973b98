import CAllocationCount
import Testing

@testable import Learning

/// A replay of random transitions.
private func replay(observations: Int, actions: Int) -> ReplayBuffer {
    let replay = ReplayBuffer(observationCount: observations, actionCount: actions, capacity: 500)
    var random = RandomSource(seed: 61)
    for _ in 0..<500 {
        replay.append(
            observation: (0..<observations).map { _ in Float(random.normal()) },
            action: (0..<actions).map { _ in Float(random.uniform(in: -1...1)) },
            reward: Float(random.normal()),
            nextObservation: (0..<observations).map { _ in Float(random.normal()) },
            terminated: random.uniform() < 0.1
        )
    }
    return replay
}

/// How often the work asked the heap for memory on this thread.
private func allocations(_ work: () -> Void) -> Int {
    let before = allocation_count()
    work()
    return Int(allocation_count() - before)
}

@Suite("What must not allocate")
struct AllocationTests {
    @Test("The counter sees an array, an object and a raw buffer")
    func counterCounts() {
        var sum: Float = 0
        let arrays = allocations {
            for size in 1...100 { sum += [Float](repeating: 1, count: size * 10)[size] }
        }
        #expect(sum == 100)
        #expect(arrays >= 100)
        let objects = allocations { for _ in 0..<10 { sum += FloatBuffer(count: 16)[0] } }
        // What each owns; the object itself may be kept on the stack.
        #expect(objects >= 10)
        let nothing = allocations { for index in 0..<100 { sum += Float(index) } }
        #expect(nothing == 0)
    }

    // With two threads the owner does both halves, so that all of it is counted.
    @Test("100 updates of every profile allocate nothing", arguments: Self.profiles, [1, 2])
    func updates(profile: String, threads: Int) throws {
        var settings = try #require(LearnerSettings.profile(profile))
        (settings.hiddenWidths, settings.batchSize) = ([32, 48], 40)
        settings.criticWidths = settings.criticWidths.map { _ in [48, 32] }
        settings.threads = threads
        let replay = replay(observations: 7, actions: 3)
        let learner = Learner(
            settings: settings,
            observationCount: 7,
            actionCount: 3,
            seed: 62,
            kernels: Kernels(),
            startsThread: false
        )
        // The first update may size what it draws batches with.
        _ = learner.update(from: replay)
        var finite = 0
        let found = allocations {
            for _ in 0..<100 where learner.update(from: replay).isFinite { finite += 1 }
        }
        #expect(finite == 100)
        #expect(found == 0, "\(found) allocations in 100 updates of \(profile)")
    }

    static let profiles = ["sac", "sac-v1", "soft-q", "droq", "redq", "crossq", "rlpd"]

    @Test("The good state is kept and brought back without allocating")
    func goodState() {
        var settings = LearnerSettings()
        (settings.hiddenWidths, settings.batchSize) = ([32], 32)
        let learner = Learner(settings: settings, observationCount: 4, actionCount: 2, seed: 63)
        let found = allocations {
            learner.keepGoodState()
            learner.returnToGoodState()
        }
        #expect(found == 0)
    }

    @Test("1000 actions of a policy allocate nothing")
    func policy() {
        let learner = Learner(
            settings: LearnerSettings(),
            observationCount: 17,
            actionCount: 6,
            seed: 64
        )
        let policy = learner.snapshot()
        var scratch = PolicyScratch(for: policy)
        var random = RandomSource(seed: 65)
        let observation = (0..<17).map { _ in Float(random.normal()) }
        var action = [Float](repeating: 0, count: 6)
        func thousand() {
            for call in 0..<1000 {
                var output = action.mutableSpan
                if call % 2 == 0 {
                    policy.mean(observation.span, scratch: &scratch, into: &output)
                } else {
                    policy.sample(
                        observation.span,
                        random: &random,
                        scratch: &scratch,
                        into: &output
                    )
                }
            }
        }
        let found = allocations(thousand)
        #expect(found == 0, "\(found) allocations in 1000 calls")
        #expect(action.allSatisfy { abs($0) <= 1 })
    }
}
