import Testing

@testable import Learning

/// The same replay, plainly: whole transitions in a list, nothing shared, nothing dropped.
private struct PlainReplay {
    struct Transition {
        var observation: [Float]
        var action: [Float]
        var reward: Float
        var next: [Float]
        var terminated: Bool
    }

    let frame: Int
    let history: Int
    var all: [Transition] = []

    func goesOn(_ index: Int) -> Bool {
        index > 0 && !all[index - 1].terminated
            && bits(all[index - 1].next) == bits(all[index].observation)
    }

    /// Frames that the newest `count` transitions need if each is stored once.
    func frames(newest count: Int) -> Int {
        let first = all.count - count
        return (first..<all.count).map { index in
            let own = index > first && goesOn(index) ? 0 : history
            let (now, next) = (all[index].observation, all[index].next)
            let isShifted = bits(Array(next[frame...])) == bits(Array(now[..<(now.count - frame)]))
            return own + (isShifted ? 1 : history)
        }.reduce(0, +)
    }

    /// The row of transition `index` for a return over `steps`.
    func row(_ index: Int, steps: Int, discount: Double) -> Row {
        var last = index
        var (sum, power) = (0.0, 1.0)
        var between: [[UInt32]] = []
        var weights: [Float] = []
        while true {
            sum += power * Double(all[last].reward)
            power *= discount
            if last - index + 1 == steps || last + 1 == all.count || !goesOn(last + 1) { break }
            last += 1
            between.append(bits(all[last].observation))
            weights.append(Float(power))
        }
        let next = bits(all[last].next)
        while between.count < steps - 1 {
            between.append(next)
            weights.append(0)
        }
        return Row(
            inputs: bits(all[index].observation + all[index].action),
            reward: Float(sum),
            continues: all[last].terminated ? 0 : Float(power),
            next: next,
            between: between,
            weights: weights
        )
    }
}

private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

/// One row of a batch, its floats as bits but for sums and powers.
private struct Row: Equatable {
    var inputs: [UInt32]
    var reward: Float
    var continues: Float
    var next: [UInt32]
    var between: [[UInt32]]
    var weights: [Float]
}

/// Random experience of one shape: episodes of stacked frames, newest first, with all that can
/// go wrong.
private struct Experience {
    let frame: Int
    let history: Int
    let actions: Int
    /// Numbers a frame's entries come from; few make observations coincide.
    let variety: Int
    var random: RandomSource
    private var window: [Float] = []

    init(frame: Int, history: Int, actions: Int, variety: Int, random: RandomSource) {
        (self.frame, self.history, self.actions) = (frame, history, actions)
        (self.variety, self.random) = (variety, random)
    }

    private mutating func number() -> Float {
        let number = Float(random.index(below: variety))
        return random.uniform() < 0.1 ? -number : number
    }

    private mutating func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in number() } }

    /// The next transition and whether it is to be refused.
    mutating func next() -> (PlainReplay.Transition, isBad: Bool)? {
        if window.isEmpty || random.uniform() < 0.05 {
            let first = numbers(frame)
            window = (0..<history).flatMap { _ in first }
        }
        let before = window
        window = numbers(frame) + window.dropLast(frame)
        if random.uniform() < 0.03 { window = numbers(frame * history) }
        var transition = PlainReplay.Transition(
            observation: before,
            action: numbers(actions),
            reward: number(),
            next: window,
            terminated: random.uniform() < 0.05
        )
        // A lost transition: the next one's observation is of the middle of an episode.
        if random.uniform() < 0.03 { return nil }
        // After a true end the same observation may still come again.
        if transition.terminated && random.uniform() < 0.5 { window = [] }
        guard random.uniform() < 0.05 else { return (transition, false) }
        let bad: Float = random.uniform() < 0.5 ? .nan : -.infinity
        switch random.index(below: 4) {
        case 0: transition.observation[random.index(below: before.count)] = bad
        case 1: transition.action[random.index(below: actions)] = bad
        case 2: transition.reward = bad
        default: transition.next[random.index(below: before.count)] = bad
        }
        // Sometimes the refused row is all that was lost, and the next goes on before it.
        if random.uniform() < 0.5 { window = before }
        return (transition, true)
    }
}

extension ReplayBuffer {
    fileprivate func append(_ transition: PlainReplay.Transition) -> Bool {
        append(
            observation: transition.observation,
            action: transition.action,
            reward: transition.reward,
            nextObservation: transition.next,
            terminated: transition.terminated
        )
    }

    /// A batch of everything held, each transition once, in the order in which it was drawn.
    fileprivate func everything(steps: Int, discount: Float, seed: UInt64) -> [(Int, Row)] {
        let batch = ReplayBatch(
            observationCount: observationCount,
            actionCount: actionCount,
            size: count,
            steps: steps,
            withIntermediates: true
        )
        var random = RandomSource(seed: seed)
        sample(into: batch, rows: 0..<count, steps: steps, discount: discount, random: &random)
        func values(_ matrix: Matrix, _ row: Int, _ count: Int) -> [UInt32] {
            (0..<count).map { matrix[row, $0].bitPattern }
        }
        return (0..<count).map { row in
            let found = Row(
                inputs: values(batch.inputs, row, observationCount + actionCount),
                reward: batch.rewards[row],
                continues: batch.continues[row],
                next: values(batch.nextInputs, row, observationCount),
                between: batch.intermediates.map { values($0, row, observationCount) },
                weights: batch.intermediateWeights.map { $0[row] }
            )
            return (batch.rows[row], found)
        }
    }
}

@Suite("Replay against a plain list")
struct ReplayPropertyTests {
    /// One random replay and what went into it.
    private struct Trial {
        let replay: ReplayBuffer
        var plain: PlainReplay
        let makeAnother: () -> ReplayBuffer

        init(seed: UInt64, bytes: ClosedRange<Int>? = nil) {
            var random = RandomSource(seed: seed, name: "trial")
            let (frame, history) = (1 + random.index(below: 4), 1 + random.index(below: 6))
            let actions = 1 + random.index(below: 3)
            var capacity = 1 + random.index(below: 80)
            var byteCapacity: Int?
            if let bytes {
                capacity = 2000
                byteCapacity = bytes.lowerBound + random.index(below: bytes.count)
            }
            let makeAnother = {
                ReplayBuffer(
                    observationCount: frame * history,
                    actionCount: actions,
                    capacity: capacity,
                    historyFrames: history,
                    byteCapacity: byteCapacity
                )
            }
            replay = makeAnother()
            self.makeAnother = makeAnother
            plain = PlainReplay(frame: frame, history: history)
            var experience = Experience(
                frame: frame,
                history: history,
                actions: actions,
                variety: random.uniform() < 0.3 ? 1 + random.index(below: 2) : 1000,
                random: random
            )
            var refused = 0
            // Some go round the rings, whose slots fill whole pages, several times.
            let longest = bytes != nil ? 6000 : random.uniform() < 0.3 ? 3000 : 300
            for _ in 0..<(1 + random.index(below: longest)) {
                guard let (transition, isBad) = experience.next() else { continue }
                let wasTaken = replay.append(transition)
                #expect(wasTaken == !isBad, "seed \(seed)")
                if isBad { refused += 1 } else { plain.all.append(transition) }
            }
            #expect(replay.refusedCount == refused && replay.appendedCount == plain.all.count)
        }

        /// Compares everything held with the list.
        func check(seed: UInt64) {
            guard replay.count > 0 else { return }
            let first = plain.all.count - replay.count
            for steps in 1...5 {
                let found = replay.everything(steps: steps, discount: 0.875, seed: seed)
                #expect(Set(found.map(\.0)).count == replay.count)
                for (index, row) in found {
                    let expected = plain.row(first + index, steps: steps, discount: 0.875)
                    // Sums of a few whole numbers times powers of 7/8 are exact but for the last
                    // places.
                    let isClose = abs(row.reward - expected.reward) <= 1e-3
                    var row = row
                    if isClose { row.reward = expected.reward }
                    #expect(row == expected, "seed \(seed), \(steps) steps, transition \(index)")
                }
            }
            #expect(replay.frameCount == plain.frames(newest: replay.count), "seed \(seed)")
        }

        /// Compares with a replay that gets only what this one can hold at most.
        func checkReload(seed: UInt64) {
            guard replay.count > 0 else { return }
            let reloaded = makeAnother()
            for transition in plain.all.suffix(replay.capacity) { _ = reloaded.append(transition) }
            #expect(reloaded.count == replay.count, "seed \(seed)")
            guard reloaded.count == replay.count else { return }
            for steps in [1, 4] {
                let (one, two) = (
                    replay.everything(steps: steps, discount: 0.9, seed: seed),
                    reloaded.everything(steps: steps, discount: 0.9, seed: seed)
                )
                let same = zip(one, two).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
                #expect(same, "seed \(seed), \(steps) steps")
            }
        }
    }

    @Test("Every window, return and mask is that of whole transitions, whatever came in")
    func againstPlain() {
        for seed in UInt64(1)...250 {
            let trial = Trial(seed: seed)
            #expect(trial.replay.count == min(trial.plain.all.count, trial.replay.capacity))
            trial.check(seed: seed)
            trial.checkReload(seed: seed)
        }
    }

    @Test("A byte capacity keeps as many of the newest as fit, and a reload keeps the same")
    func bytes() {
        // Two rings' rounding and 2 to 30 kB of transitions.
        let rounding = 2 * PageRing.slackBytes
        for seed in UInt64(1)...12 {
            let trial = Trial(seed: seed, bytes: (rounding + 2000)...(rounding + 30_000))
            let (replay, plain) = (trial.replay, trial.plain)
            trial.check(seed: seed)
            trial.checkReload(seed: seed)
            func bytes(_ count: Int) -> Int {
                let transition = (3 + replay.actionCount) * 4
                return count * transition + plain.frames(newest: count) * plain.frame * 4
            }
            let room = replay.byteCapacity.map { $0 - rounding } ?? 0
            #expect(bytes(replay.count) <= room, "seed \(seed)")
            let isAll = replay.count == min(plain.all.count, replay.capacity)
            #expect(isAll || bytes(replay.count + 1) > room, "seed \(seed)")
        }
    }
}
