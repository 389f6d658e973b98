import Glibc
import Synchronization
import Testing

@testable import Learning

/// A replay of random transitions.
private func replay(observations: Int, actions: Int, seed: UInt64) -> ReplayBuffer {
    let replay = ReplayBuffer(observationCount: observations, actionCount: actions, capacity: 500)
    var random = RandomSource(seed: seed)
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

/// How many of this process's threads have the name.
private func threads(named name: String) throws -> Int {
    let folder = try #require(opendir("/proc/self/task"))
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
        let task = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let file = fopen("/proc/self/task/\(task)/comm", "r") else { continue }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, 32, file) != nil else { continue }
        if line.prefix(while: { $0 != 0 && $0 != 10 }).elementsEqual(name.utf8.map(CChar.init)) {
            count += 1
        }
    }
    return count
}

/// Lets every other thread of the process have the processor for a moment.
private func giveWay() {
    for _ in 0..<50 { sched_yield() }
}

@Suite("Two threads", .serialized, .timeLimit(.minutes(10)))
struct SecondThreadTests {
    @Test(
        "Two threads compute what one computes, bit for bit, whoever does the second half",
        arguments: Kernels.available.flatMap { [($0, true), ($0, false)] },
        [([256, 256], 256), ([24, 70], 50), ([33], 16), ([8, 40, 100], 37), ([5], 1)]
    )
    func sameBits(variant: (level: Int32, starts: Bool), shape: (hidden: [Int], batch: Int)) throws
    {
        let replay = replay(observations: 21, actions: 9, seed: 31)
        let isBig = shape.hidden[0] == 256
        let learners = [1, 2].map { threads in
            var settings = LearnerSettings()
            (settings.hiddenWidths, settings.batchSize) = (shape.hidden, shape.batch)
            settings.threads = threads
            return Learner(
                settings: settings,
                observationCount: 21,
                actionCount: 9,
                seed: 32,
                kernels: Kernels(level: variant.level),
                startsThread: variant.starts
            )
        }
        // The big shape takes milliseconds an update, the plain kernels tens of them.
        let isBest = variant.starts && variant.level == Kernels.available.last
        let updates = isBig && !isBest ? 5 : 200
        for update in 1...updates {
            let metrics = learners.map { $0.update(from: replay) }
            try #require(metrics[0] == metrics[1], "update \(update)")
            if update % 50 == 0 || update == updates {
                let files = learners.map { Safetensors.encode($0.checkpoint()) }
                try #require(files[0] == files[1], "update \(update)")
            }
        }
        if !variant.starts { #expect(learners[1].secondThread?.shared == 0) }
    }

    @Test("Two threads of crossq compute what one computes", arguments: [true, false])
    func sameBitsOfCrossQ(starts: Bool) throws {
        let replay = replay(observations: 21, actions: 9, seed: 37)
        let learners = try [1, 2].map { threads in
            var settings = try #require(LearnerSettings.profile("crossq"))
            (settings.hiddenWidths, settings.batchSize) = ([24, 70], 50)
            settings.criticWidths = [70, 33]
            settings.threads = threads
            return Learner(
                settings: settings,
                observationCount: 21,
                actionCount: 9,
                seed: 38,
                kernels: Kernels(),
                startsThread: starts
            )
        }
        for update in 1...100 {
            let metrics = learners.map { $0.update(from: replay) }
            try #require(metrics[0] == metrics[1], "update \(update)")
        }
        let files = learners.map { Safetensors.encode($0.checkpoint()) }
        #expect(files[0] == files[1])
    }

    @Test("A loss that is not finite in either critic is taken back alike")
    func sameRollback() {
        let replay = replay(observations: 4, actions: 2, seed: 33)
        for broken in 0..<2 {
            let files = [1, 2].map { threads in
                var settings = LearnerSettings()
                (settings.hiddenWidths, settings.batchSize) = ([32, 32], 64)
                settings.threads = threads
                let learner = Learner(
                    settings: settings,
                    observationCount: 4,
                    actionCount: 2,
                    seed: 34
                )
                for _ in 0..<10 { _ = learner.update(from: replay) }
                learner.keepGoodState()
                learner.networks.critics[broken].parameters[3] = .nan
                #expect(!learner.update(from: replay).isFinite)
                for _ in 0..<10 { #expect(learner.update(from: replay).isFinite) }
                return Safetensors.encode(learner.checkpoint())
            }
            #expect(files[0] == files[1])
        }
    }

    @Test("A checkpoint of one thread goes on with two, and the other way round")
    func checkpointsCross() throws {
        let replay = replay(observations: 4, actions: 2, seed: 35)
        var files: [[UInt8]] = []
        for order in [[1, 2], [2, 1], [1, 1]] {
            var file: [UInt8]?
            for threads in order {
                var settings = LearnerSettings()
                (settings.hiddenWidths, settings.batchSize) = ([32, 32], 64)
                settings.threads = threads
                let learner = Learner(
                    settings: settings,
                    observationCount: 4,
                    actionCount: 2,
                    seed: 36
                )
                if let file { try learner.restore(Safetensors.decode(file).tensors) }
                for _ in 0..<20 { _ = learner.update(from: replay) }
                file = Safetensors.encode(learner.checkpoint())
            }
            files.append(try #require(file))
        }
        #expect(files[0] == files[2] && files[1] == files[2])
    }

    @Test("Learners' threads end with them, whether they worked, slept or never began")
    func noThreadIsLeft() throws {
        let replay = replay(observations: 4, actions: 2, seed: 37)
        var settings = LearnerSettings()
        (settings.hiddenWidths, settings.batchSize, settings.threads) = ([16], 32, 2)
        for round in 0..<50 {
            let learner = Learner(
                settings: settings,
                observationCount: 4,
                actionCount: 2,
                seed: 38
            )
            for _ in 0..<(round % 3) { _ = learner.update(from: replay) }
            if round % 10 == 9 { giveWay() }
            #expect(learner.updateCount == round % 3)
        }
        #expect(try threads(named: "sacbot-learner2") == 0)
    }

    @Test("Every half is done exactly once and seen by the owner, however the thread is held up")
    func everyHalfOnce() {
        let pieces = 5_000
        var counts = [[Int](repeating: 0, count: pieces), [Int](repeating: 0, count: pieces)]
        counts.withUnsafeMutableBufferPointer { counts in
            nonisolated(unsafe) let halves = counts
            let pair = SecondThread(name: "test pair", rests: false) { piece, half in
                halves[half][piece] += 1
                // Halves of different lengths, so that each side has to wait, spinning and blocked.
                let yields = (piece * 7 + half * 3) % (piece % 64 == 0 ? 200 : 4)
                for _ in 0..<yields { sched_yield() }
            }
            for piece in 0..<pieces {
                pair.run(piece)
                if halves[0][piece] != 1 || halves[1][piece] != 1 {
                    Issue.record("piece \(piece): \(halves[0][piece]), \(halves[1][piece])")
                }
                if piece % 1000 == 0 { giveWay() }
            }
        }
    }

    @Test("An owner that is done before the thread blocks and is woken")
    func ownerBlocks() {
        let started = Atomic<Bool>(false)
        let finished = Atomic<Int>(0)
        let pair = SecondThread(name: "test pair", rests: false) { _, half in
            if half == 0 {
                while !started.load(ordering: .acquiring) { sched_yield() }
            } else {
                started.store(true, ordering: .releasing)
                // Long enough for the owner to give up spinning.
                for _ in 0..<2000 { sched_yield() }
                finished.add(1, ordering: .releasing)
            }
        }
        for piece in 0..<20 {
            started.store(false, ordering: .releasing)
            pair.run(piece)
            #expect(finished.load(ordering: .acquiring) == piece + 1)
        }
        #expect(pair.shared == 20)
    }

    @Test("After a preemption the owner works alone, each time longer, then shares again")
    func truce() {
        var truce = Truce()
        func piecesAlone() -> Int {
            var count = 0
            while truce.isAlone() { count += 1 }
            return count
        }
        #expect(piecesAlone() == 0)
        for expected in [5, 10, 20, 40, 80, 160, 320, 320, 320] {
            truce.note(preempted: true)
            #expect(piecesAlone() == expected)
        }
        for _ in 0..<(2 * Truce.goodRun) { truce.note(preempted: false) }
        #expect(piecesAlone() == 0)
        truce.note(preempted: true)
        #expect(piecesAlone() == 80)
        for _ in 0..<(20 * Truce.goodRun) { truce.note(preempted: false) }
        truce.note(preempted: true)
        #expect(piecesAlone() == 5)
    }

    @Test("A thread that never claims its half leaves it to the owner")
    func starved() {
        var done: [Int] = []
        let pair = SecondThread(name: "test pair", starts: false) { piece, half in
            done.append(2 * piece + half)
        }
        for piece in 0..<100 { pair.run(piece) }
        #expect(done == Array(0..<200))
        #expect(pair.shared == 0)
    }
}
