import Learning

/// What is measured: the one place here that names the learner's type.
/// The sizes that decide what an update costs; by default those of the standard comparison.
struct LearnerShape {
    /// Numbers in an observation; HalfCheetah's.
    var observations = 17
    /// Numbers in an action; HalfCheetah's.
    var actions = 6
    /// Units of each of the two hidden layers.
    var width = 256
    /// Transitions an update.
    var batch = 256
    /// Critics.
    var critics = 2
    /// Threads of the learner.
    var threads = 1

    /// A learner of this shape, otherwise as by default.
    func learner() -> Learner {
        var settings = LearnerSettings()
        settings.hiddenWidths = [width, width]
        settings.batchSize = batch
        settings.criticCount = critics
        settings.threads = threads
        return Learner(
            settings: settings,
            observationCount: observations,
            actionCount: actions,
            seed: 1
        )
    }

    /// A replay for it with room for a million transitions, none in it.
    func emptyReplay() -> ReplayBuffer {
        ReplayBuffer(
            observationCount: observations,
            actionCount: actions,
            capacity: LearnerSettings().replayCapacity
        )
    }

    /// The fields of a figure's line that say what was measured.
    var fields: KeyValuePairs<String, Figure.Value> {
        [
            "obs": .integer(observations), "act": .integer(actions), "batch": .integer(batch),
            "hidden": .text("\(width)x\(width)"), "critics": .integer(critics),
            "cores": .integer(threads),
        ]
    }
}

/// Replays full of noise: how fast a learner is does not depend on what it learns.
enum Experience {
    /// Transitions in a filled replay, as many as the peers' scripts use.
    static let transitionCount = 100_000

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
}
