public import Control
import Robot

/// The transitions of one episode, each with whether something was done to the robot in it.
public struct LabelledTransitions: Sendable {
    /// One transition.
    public struct Step: Sendable {
        /// Its numbers and flags.
        public var header: TransitionHeader
        /// Where its floats begin: observation, applied, proposed, next, one after the other.
        var first: Int
        /// Whether something was done to the robot in it.
        public internal(set) var isInterfered = false
    }

    /// In the order they happened.
    public private(set) var steps: [Step] = []
    private var numbers: [Float] = []
    private let observationCount: Int
    private let actionCount: Int

    init(observationCount: Int, actionCount: Int) {
        self.observationCount = observationCount
        self.actionCount = actionCount
    }

    /// What the policy saw in a step.
    public func observation(_ step: Step) -> ArraySlice<Float> {
        numbers[step.first..<step.first + observationCount]
    }

    /// The goals in force at its end as an action.
    public func applied(_ step: Step) -> ArraySlice<Float> {
        let first = step.first + observationCount
        return numbers[first..<first + actionCount]
    }

    /// What the policy asked for.
    public func proposed(_ step: Step) -> ArraySlice<Float> {
        let first = step.first + observationCount + actionCount
        return numbers[first..<first + actionCount]
    }

    /// What it saw one step later.
    public func next(_ step: Step) -> ArraySlice<Float> {
        let first = step.first + observationCount + 2 * actionCount
        return numbers[first..<first + observationCount]
    }

    /// Takes an episode's transitions on the control thread, without allocating in a step.
    public final class Collector: TransitionSink {
        private var content: LabelledTransitions
        private var labels: [Bool] = []
        private let stepCount: Int

        /// A collector for episodes of up to `stepCount` steps.
        public init(observationCount: Int, actionCount: Int, stepCount: Int) {
            self.stepCount = stepCount
            content = LabelledTransitions(
                observationCount: observationCount,
                actionCount: actionCount
            )
        }

        /// Makes room for an episode.
        func begin(episode: Int) {
            content = LabelledTransitions(
                observationCount: content.observationCount,
                actionCount: content.actionCount
            )
            let width = 2 * (content.observationCount + content.actionCount)
            content.steps.reserveCapacity(stepCount)
            content.numbers.reserveCapacity(stepCount * width)
            labels.removeAll(keepingCapacity: true)
            labels.reserveCapacity(stepCount)
        }

        /// Says of the newest step whether something was done to the robot in it; a step's
        /// transition may come later, or not at all.
        func label(_ isInterfered: Bool) { labels.append(isInterfered) }

        /// The episode so far.
        func taken() -> LabelledTransitions {
            var taken = content
            for place in taken.steps.indices where place < labels.count {
                taken.steps[place].isInterfered = labels[place]
            }
            return taken
        }

        /// Takes one step; its pictures are not kept.
        public func offer(
            _ header: TransitionHeader,
            observation: Span<Float>,
            picture: Span<UInt8>,
            applied: Span<Float>,
            proposed: Span<Float>,
            next: Span<Float>,
            nextPicture: Span<UInt8>
        ) -> Bool {
            content.steps.append(Step(header: header, first: content.numbers.count))
            append(observation)
            append(applied)
            append(proposed)
            append(next)
            return true
        }

        private func append(_ span: Span<Float>) {
            for index in span.indices { content.numbers.append(span[index]) }
        }
    }
}
