import Learning

/// Replays full of noise: how fast a learner is does not depend on what it learns.
enum Experience {
    /// The shape of the standard comparison: HalfCheetah's.
    static let observationCount = 17
    /// Its actions.
    static let actionCount = 6
    /// Transitions in a filled replay, as many as the peers' scripts use.
    static let transitionCount = 100_000

    /// A replay with room for a million transitions, none in it.
    static func emptyReplay(observationCount: Int = observationCount) -> ReplayBuffer {
        ReplayBuffer(
            observationCount: observationCount,
            actionCount: actionCount,
            capacity: LearnerSettings().replayCapacity
        )
    }

    /// Appends random transitions, one in a hundred of them terminal.
    static func fill(_ replay: ReplayBuffer, count: Int = transitionCount) {
        var random = RandomSource(seed: 1, name: "experience")
        let inputs = replay.observationCount + replay.actionCount
        var record = [Float](repeating: 0, count: inputs + replay.observationCount)
        for _ in 0..<count {
            for index in record.indices { record[index] = Float(2 * random.uniform() - 1) }
            let floats = record.span
            replay.append(
                observation: floats.extracting(0..<replay.observationCount),
                action: floats.extracting(replay.observationCount..<inputs),
                reward: floats[0],
                nextObservation: floats.extracting(inputs..<record.count),
                terminated: random.uniform() < 0.01
            )
        }
    }

    /// A learner with two hidden layers of 256, otherwise as by default.
    static func learner(
        observationCount: Int = observationCount,
        batch: Int = 256
    ) -> Learner {
        var settings = LearnerSettings()
        settings.hiddenWidths = [256, 256]
        settings.batchSize = batch
        return Learner(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount,
            seed: 1
        )
    }
}
