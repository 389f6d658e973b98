public import Evaluation

/// What `sacbot evaluate --json` prints without interference: one policy, a random one beside it.
///
/// Keys in files are the properties' names in snake case.
public struct PlainEvaluation: Sendable, Codable, Hashable {
    /// Episodes run to their end or to an abort.
    public var episodes: Int
    /// Mean of the episodes' sums of rewards.
    public var returnMean: Double
    /// Standard deviation of the sums.
    public var returnDeviation: Double
    /// Share of episodes with success at the final step.
    public var successFinal: Double
    /// Its 95 % Wilson interval, two numbers.
    public var successFinalInterval: [Double]
    /// Share of episodes with success in all of the last held steps.
    public var successHeld: Double
    /// Its 95 % Wilson interval, two numbers.
    public var successHeldInterval: [Double]
    /// Share of all steps that the supervisor changed.
    public var limitedFraction: Double
    /// Episodes that a fault ended.
    public var aborted: Int
    /// Mean of the final errors, not a number if none could be read.
    public var finalErrorMean: Double
    /// The policy's file; `nil` for the random policy.
    public var policy: String?
    /// The robot's name.
    public var robot: String?
    /// The task's name.
    public var task: String?
    /// The same of random actions from the same starts; at most one.
    public var random: [PlainEvaluation]?
    /// Why it ended early; `nil` if it did not.
    public var problem: String?

    /// Success held to the end as a figure with its interval.
    public var held: Estimate {
        Self.estimate(successHeld, successHeldInterval)
    }

    /// Success at the final step as a figure with its interval.
    public var final: Estimate {
        Self.estimate(successFinal, successFinalInterval)
    }

    private static func estimate(_ value: Double, _ interval: [Double]) -> Estimate {
        Estimate(value: value, low: interval.first ?? value, high: interval.last ?? value)
    }

    /// Its name in tables: the run or the file, without the folders that all share.
    public var name: String { Self.shortened(policy ?? "random actions") }

    /// Names for policies that are shown together: without the times of their runs if they are
    /// different without.
    static func names(_ paths: [String]) -> [String] {
        let whole = paths.map(shortened)
        let brief = whole.map { name in
            let parts = name.split(separator: "/")
            let isTime = parts.last?.allSatisfy { $0.isNumber || $0 == "-" } ?? false
            return isTime && parts.count > 1 ? String(parts[0]) : name
        }
        return Set(brief).count == brief.count ? brief : whole
    }

    /// The last parts of a path that say which policy it is.
    static func shortened(_ path: String) -> String {
        var parts = path.split(separator: "/")
        if parts.last == "policy.safetensors" { parts.removeLast() }
        return parts.suffix(2).joined(separator: "/")
    }
}
