/// Why a decision process, a policy or a problem about them cannot be used.
public enum MDPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no state with an action.
    case nothingToDecide
    /// Two states have this name.
    case duplicateState(String)
    /// Two actions of a state have this name.
    case duplicateAction(state: String, action: String)
    /// An action leads to a state that is not there.
    case unknownState(String, state: String, action: String)
    /// A probability is not in 0...1.
    case badProbability(Double, of: String, state: String, action: String)
    /// The probabilities of an action's next states do not sum to 1 within 1e-9.
    case badSum(Double, state: String, action: String)
    /// A reward is not finite.
    case badReward(Double, state: String, action: String)
    /// The discount is not in 0...1.
    case badDiscount(Double)
    /// With discount 1, these states have a policy that never ends.
    case neverEnds(states: [String])
    /// A horizon below one step.
    case badHorizon(Int)
    /// A state's row of a policy has the wrong length, a number outside 0...1 or a wrong sum.
    case badPolicy(state: String, row: [Double])
    /// The policy has rows for another number of states.
    case badPolicySize(states: Int, rows: Int)
    /// An iteration was stopped at its bound; the values may be off by this much.
    case notConverged(rounds: Int, errorBound: Double)
    /// Robbins-Monro steps need an offset of at least 1 and an exponent above 1/2, at most 1.
    case badSteps(offset: Double, exponent: Double)
    /// With discount 0 only the first step counts, so that later steps cannot be priced.
    case vanishingDiscount
    /// No policy has as much entropy as is asked for at this step; this much is possible there.
    case entropyOutOfReach(step: Int, wanted: Double, possible: Double)

    /// For a person: what, which value, and what would be right.
    public var description: String {
        switch self {
        case .nothingToDecide:
            "no state has an action; at least one is needed"
        case .duplicateState(let name):
            "two states are called `\(name)`; give every state a name of its own"
        case .duplicateAction(let state, let action):
            "state `\(state)` has two actions called `\(action)`; rename one"
        case .unknownState(let name, let state, let action):
            "`\(action)` in `\(state)` leads to `\(name)`, which is not a state; add it or correct it"
        case .badProbability(let value, let name, let state, let action):
            "`\(action)` in `\(state)` leads to `\(name)` with probability \(value); 0 to 1 is allowed"
        case .badSum(let sum, let state, let action):
            "the probabilities of `\(action)` in `\(state)` sum to \(sum); they have to sum to 1"
        case .badReward(let value, let state, let action):
            "the reward of `\(action)` in `\(state)` is \(value); a finite number is needed"
        case .badDiscount(let value):
            "the discount is \(value); 0 to 1 is allowed"
        case .neverEnds(let states):
            "with discount 1 every policy has to end, but one can stay in "
                + states.joined(separator: ", ")
                + " for ever; take a discount below 1, add a way out or give a horizon"
        default: laterDescription
        }
    }

    /// The errors of what is done with a process, apart from those of the process itself.
    private var laterDescription: String {
        switch self {
        case .badHorizon(let steps):
            "the horizon is \(steps) steps; at least 1 is needed"
        case .badPolicy(let state, let row):
            "the policy in `\(state)` is \(row); one probability an action is needed, with sum 1"
        case .badPolicySize(let states, let rows):
            "the policy has \(rows) rows; \(states) are needed, one a state"
        case .notConverged(let rounds, let errorBound):
            "stopped after \(rounds) rounds with values known to \(errorBound); "
                + "episodes are too long for that, take a smaller discount"
        case .badSteps(let offset, let exponent):
            "steps (\(offset) / (\(offset) + n))^\(exponent) do not converge; the offset has to "
                + "be at least 1, the exponent above 0.5 and at most 1"
        case .vanishingDiscount:
            "with discount 0 only the first step counts; a minimum of entropy at later steps "
                + "needs a discount above 0"
        case .entropyOutOfReach(let step, let wanted, let possible):
            "no policy has an entropy of \(wanted) nats at step \(step); "
                + "at most \(possible) is possible there"
        default: ""
        }
    }
}
