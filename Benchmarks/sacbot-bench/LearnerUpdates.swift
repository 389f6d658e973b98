import Learning

/// Updates a second on a filled replay, for several shapes, on one core and on two.
///
/// One update is both critics, the actor, the temperature and the targets, on a fresh batch. The
/// standard shape is also measured while another process computes on the second core: a learner of
/// two threads must not be slower there than one of one.
enum LearnerUpdates {
    static let name = "learner.sac.updates_per_second"

    private static let repetitions = 7
    private static let repetitionSeconds = 0.4

    static func measure() throws -> [Figure] {
        let company = try BusyCore()
        var replays: [Int: ReplayBuffer] = [:]
        var contestants: [Contestant] = []
        for (observations, batch) in [(17, 256), (17, 64), (17, 1024), (120, 256)] {
            let shape = LearnerShape(observations: observations, batch: batch)
            let replay = replays[observations] ?? filledReplay(shape)
            replays[observations] = replay
            for threads in 1...2 {
                var shape = shape
                shape.threads = threads
                contestants.append(Contestant(shape, replay: replay))
                guard contestants.count <= 3 else { continue }
                contestants.append(Contestant(shape, replay: replay, company: company))
            }
        }
        for index in contestants.indices { try contestants[index].warmUp(seconds: 0.2) }
        for _ in 0..<repetitions {
            for index in contestants.indices {
                try contestants[index].takeTurn(seconds: repetitionSeconds)
            }
        }
        return contestants.map(figure)
    }

    private static func filledReplay(_ shape: LearnerShape) -> ReplayBuffer {
        let replay = shape.emptyReplay()
        Experience.fill(replay)
        return replay
    }

    private static func figure(_ contestant: Contestant) -> Figure {
        Figure(
            name: name,
            value: contestant.rates.median,
            unit: "1/s",
            parameters: contestant.shape.fields.joined([
                "second_core": .text(contestant.company == nil ? "free" : "busy"),
                "cpu_ms": .number(contestant.milliseconds.median),
                "min": .number(contestant.rates.quantile(0)),
                "max": .number(contestant.rates.quantile(1)),
                "repetitions": .integer(repetitions),
            ])
        )
    }
}
