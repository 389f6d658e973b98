import Glibc

@testable import Learning

/// Gymnasium's Pendulum-v1 in double precision: swing up a pendulum with a motor that is too weak.
struct Pendulum {
    var angle: Double
    var speed: Double

    static let episodeSteps = 200
    /// Fixed starts all round: angle and speed.
    static let starts: [(Double, Double)] = [
        (.pi, 0), (3, 1), (-2, -1), (1.5, 0.5), (-1, 0), (0.3, -0.7), (2.4, -0.3), (-2.7, 0.9),
    ]

    var observation: [Float] { [Float(cos(angle)), Float(sin(angle)), Float(speed)] }

    /// One step of 50 ms; `action` is in [-1, 1].
    mutating func step(_ action: Double) -> Double {
        let torque = 2 * min(max(action, -1), 1)
        let upright = atan2(sin(angle), cos(angle))
        let reward = -(upright * upright + 0.1 * speed * speed + 0.001 * torque * torque)
        speed += (15 * sin(angle) + 3 * torque) * 0.05
        speed = min(max(speed, -8), 8)
        angle += speed * 0.05
        return reward
    }
}

/// A learner on the pendulum, an update rate and a way to look at what it sees.
struct PendulumRun {
    let learner: Learner
    let replay: ReplayBuffer
    var prior: ReplayBuffer?
    /// What the learner is shown of an observation.
    var shown: ([Float]) -> [Float] = { $0 }
    private var random: RandomSource
    private var steps = 0

    init(settings: LearnerSettings, seed: UInt64) {
        learner = Learner(settings: settings, observationCount: 3, actionCount: 1, seed: seed)
        replay = ReplayBuffer(observationCount: 3, actionCount: 1, capacity: 20_000)
        random = RandomSource(seed: seed, name: "pendulum")
    }

    /// Trains until the mean return from the fixed starts is at least `wanted`, at most for so many
    /// episodes; returns the last mean.
    mutating func train(episodes: Int, until wanted: Double) -> Double {
        var mean = -Double.infinity
        for episode in 0..<episodes {
            runEpisode()
            guard episode >= 9, episode % 3 == 0 else { continue }
            mean = evaluate()
            if mean >= wanted { return mean }
        }
        return mean
    }

    mutating func runEpisode() {
        var state = Pendulum(
            angle: random.uniform(in: -Double.pi...Double.pi),
            speed: random.uniform(in: -1...1)
        )
        for _ in 0..<Pendulum.episodeSteps {
            let seen = shown(state.observation)
            let action = act(seen)
            let reward = state.step(Double(action[0])) * learner.settings.rewardScale
            let next = shown(state.observation)
            learner.note(seen.span)
            replay.append(
                observation: seen,
                action: action,
                reward: Float(reward),
                nextObservation: next,
                terminated: false
            )
            steps += 1
            guard steps > 500 else { continue }
            for _ in 0..<Int(learner.settings.updatesPerTransition) {
                _ = learner.update(from: replay, prior: prior)
            }
        }
    }

    private mutating func act(_ seen: [Float]) -> [Float] {
        guard steps > 500 else { return [Float(random.uniform(in: -1...1))] }
        let policy = learner.snapshot()
        var scratch = PolicyScratch(for: policy)
        var action: [Float] = [0]
        var span = action.mutableSpan
        policy.sample(seen.span, random: &random, scratch: &scratch, into: &span)
        return action
    }

    /// The mean return of the mean action from the fixed starts.
    func evaluate() -> Double {
        let policy = learner.snapshot()
        return Self.evaluate { seen in
            var scratch = PolicyScratch(for: policy)
            var action: [Float] = [0]
            var span = action.mutableSpan
            policy.mean(shown(seen).span, scratch: &scratch, into: &span)
            return Double(action[0])
        }
    }

    /// The mean return of any way to act from the fixed starts.
    static func evaluate(_ act: ([Float]) -> Double) -> Double {
        var sum = 0.0
        for (angle, speed) in Pendulum.starts {
            var state = Pendulum(angle: angle, speed: speed)
            for _ in 0..<Pendulum.episodeSteps { sum += state.step(act(state.observation)) }
        }
        return sum / Double(Pendulum.starts.count)
    }
}
