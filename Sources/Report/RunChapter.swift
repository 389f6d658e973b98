public import Evaluation

/// A training run as the report shows it.
public struct RunChapter: Sendable, Codable, Hashable {
    /// What it is called in legends: short, and different from the others'.
    public var name: String
    /// Its folder.
    public var path: String
    /// Who it is and what it depends on, in the order of the table: what, value.
    public var provenance: [Fact]
    /// The robot file as it was when the run was last opened; empty if it is not there.
    public var robotFile: String
    /// Episodes with a record.
    public var episodes: Int
    /// Transitions that are kept.
    public var transitions: Int
    /// Updates of the learner at its newest checkpoint; `nil` without one.
    public var updates: Int?
    /// Episodes that a fault ended.
    public var aborted: Int
    /// Steps that the supervisor changed, of `steps`.
    public var limitedSteps: Int
    /// Steps of all episodes with a record.
    public var steps: Int
    /// Time between the first episode's beginning and the last one's end, seconds.
    public var seconds: Double
    /// Seconds of it that resets took.
    public var resetSeconds: Double
    /// The learning curve: a row a whole episode, over a window that ends there.
    public var learning: [LearningRow]
    /// How many rows there were before thinning.
    public var learningCount: Int
    /// How many episodes a row is about.
    public var window: Int
    /// What the learner and the trials reported.
    public var metrics: [MetricSeries]
    /// Warnings and errors of the run, the newest.
    public var events: [Happening]
    /// Why episodes were aborted, and how many.
    public var abortReasons: [Fact]

    /// What the provenance says under this name; empty if nothing.
    public func fact(_ what: String) -> String {
        provenance.first { $0.what == what }?.value ?? ""
    }

    /// A row of a table: what, and its value as text.
    public struct Fact: Sendable, Codable, Hashable {
        /// What it is.
        public var what: String
        /// Its value.
        public var value: String

        /// A fact.
        public init(_ what: String, _ value: String) {
            self.what = what
            self.value = value
        }
    }

    /// Something that happened, for a person.
    public struct Happening: Sendable, Codable, Hashable {
        /// When, ISO 8601 UTC.
        public var time: String
        /// `info`, `warning`, `error` or `change`.
        public var level: String
        /// What.
        public var text: String
    }
}

/// One point of a learning curve with its intervals.
public struct LearningRow: Sendable, Codable, Hashable {
    /// The last episode of the window.
    public var episode: Int
    /// Its last step.
    public var step: Int
    /// Mean return, with the 95 % interval of the mean after Student from five episodes on.
    public var meanReturn: Estimate
    /// Share of episodes that held success, with Wilson's 95 % interval.
    public var held: Estimate
    /// Share of episodes with success at the final step, with Wilson's 95 % interval.
    public var final: Estimate
    /// Share of the window's steps that the supervisor changed.
    public var limited: Double
    /// Mean seconds of the window's resets.
    public var resetSeconds: Double
}

/// A number that was recorded over a run.
public struct MetricSeries: Sendable, Codable, Hashable {
    /// Its name in the journal, such as `learner/critic_loss`.
    public var name: String
    /// The steps.
    public var steps: [Int]
    /// The values; `nil` where it was not a finite number.
    public var values: [Double?]
    /// How many there were before thinning.
    public var count: Int
}
