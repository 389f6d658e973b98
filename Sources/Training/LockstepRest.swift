import Learning
import Robot

/// What a checkpoint of a lock-step run holds beside the learner's tensors.
struct LockstepRest {
    /// The world between two episodes.
    var world: WorldState
    /// The best policy that was tried out, if any was.
    var best: PolicySnapshot?
    /// The number of the episode that follows.
    var nextEpisode: Int
    /// The transitions there were.
    var transitions: Int

    private static let worldPrefix = "world."
    private static let bestPrefix = "best."
    private static let nextEpisodeKey = "sacbot.next_episode"

    /// The rest of a checkpoint, `nil` if it was not taken in lock step.
    ///
    /// - Throws: `LearningError` if the best policy's tensors are not a policy's.
    init?(_ tensors: [NamedTensor], _ notes: [String: String]) throws(LearningError) {
        guard let next = notes[Self.nextEpisodeKey].flatMap({ Int($0) }),
            let count = notes[PolicyProvenance.transitionsKey].flatMap({ Int($0) })
        else { return nil }
        nextEpisode = next
        transitions = count
        world = WorldState()
        var policy: [NamedTensor] = []
        for tensor in tensors {
            if tensor.name.hasPrefix(Self.bestPrefix) {
                let name = String(tensor.name.dropFirst(Self.bestPrefix.count))
                policy.append(
                    NamedTensor(name: name, shape: tensor.shape, storage: tensor.storage)
                )
            } else if tensor.name.hasPrefix(Self.worldPrefix), case .u64(let words) = tensor.storage
            {
                world.parts[String(tensor.name.dropFirst(Self.worldPrefix.count))] = words
            }
        }
        best = policy.isEmpty ? nil : try PolicySnapshot(tensors: policy)
    }

    init(world: WorldState, best: PolicySnapshot?, nextEpisode: Int, transitions: Int) {
        self.world = world
        self.best = best
        self.nextEpisode = nextEpisode
        self.transitions = transitions
    }

    /// The tensors, in an order that depends on nothing but their names.
    var tensors: [NamedTensor] {
        let parts = world.parts.sorted { $0.key < $1.key }.map { name, words in
            NamedTensor(
                name: Self.worldPrefix + name,
                shape: [words.count],
                storage: .u64(words)
            )
        }
        let policy = (best?.tensors() ?? []).map { tensor in
            NamedTensor(
                name: Self.bestPrefix + tensor.name,
                shape: tensor.shape,
                storage: tensor.storage
            )
        }
        return parts + policy
    }

    /// What the file says of it in words.
    var notes: [String: String] {
        [
            Self.nextEpisodeKey: String(nextEpisode),
            PolicyProvenance.transitionsKey: String(transitions),
        ]
    }
}
