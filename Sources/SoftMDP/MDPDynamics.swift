/// A state as a person writes it: a name and what can be done there.
public struct StateDescription: Sendable, Equatable {
    /// The state's name, its own.
    public var name: String
    /// What can be done; empty for a terminal state.
    public var actions: [ActionDescription]

    /// A state with its actions; without any it is terminal.
    public init(_ name: String, _ actions: [ActionDescription] = []) {
        self.name = name
        self.actions = actions
    }
}

/// An action as a person writes it: its reward and where it leads.
public struct ActionDescription: Sendable, Equatable {
    /// The action's name, its own among the state's actions.
    public var name: String
    /// The expected reward r(s, a).
    public var reward: Double
    /// The probability p(s'|s, a) of every next state that has one.
    public var next: [String: Double]

    /// An action with its reward and next states.
    public init(_ name: String, reward: Double, next: [String: Double]) {
        self.name = name
        self.reward = reward
        self.next = next
    }
}

/// States, actions, transition probabilities and rewards, checked.
///
/// States may have different actions; one without actions is terminal and worth nothing. What is
/// still missing for a problem is the discount or the horizon: `FiniteMDP`, `FiniteHorizonMDP`.
public struct MDPDynamics: Sendable, Equatable {
    /// A next state and its probability.
    public struct Outcome: Sendable, Equatable {
        /// Index of the next state.
        public let state: Int
        /// p(s'|s, a), above 0.
        public let probability: Double
    }

    /// One action of a state.
    public struct Action: Sendable, Equatable {
        /// The action's name.
        public let name: String
        /// r(s, a), finite.
        public let reward: Double
        /// Next states in rising order; the probabilities sum to 1.
        public let outcomes: [Outcome]
    }

    /// One state.
    public struct State: Sendable, Equatable {
        /// The state's name.
        public let name: String
        /// What can be done there.
        public let actions: [Action]
        /// Whether nothing can be done: its value is 0.
        public var isTerminal: Bool { actions.isEmpty }
    }

    /// How far the probabilities of an action may be from 1 in sum.
    public static let sumTolerance = 1e-9

    /// All states, in the order they were given.
    public let states: [State]

    /// Checks and indexes a description.
    ///
    /// Throws `nothingToDecide`, `duplicateState`, `duplicateAction`, `unknownState`,
    /// `badProbability`, `badSum` or `badReward`. Probabilities that sum to 1 within 1e-9 are
    /// scaled to do so exactly.
    public init(_ descriptions: [StateDescription]) throws(MDPError) {
        var indices: [String: Int] = [:]
        for (index, description) in descriptions.enumerated() {
            guard indices[description.name] == nil else {
                throw .duplicateState(description.name)
            }
            indices[description.name] = index
        }
        var states: [State] = []
        for description in descriptions {
            states.append(try Self.state(description, indices))
        }
        guard states.contains(where: { !$0.isTerminal }) else { throw .nothingToDecide }
        self.states = states
    }

    private static func state(
        _ description: StateDescription,
        _ indices: [String: Int]
    ) throws(MDPError) -> State {
        var actions: [Action] = []
        for action in description.actions {
            guard !actions.contains(where: { $0.name == action.name }) else {
                throw .duplicateAction(state: description.name, action: action.name)
            }
            guard action.reward.isFinite else {
                throw .badReward(action.reward, state: description.name, action: action.name)
            }
            actions.append(
                Action(
                    name: action.name,
                    reward: action.reward,
                    outcomes: try outcomes(action, of: description.name, indices)
                )
            )
        }
        return State(name: description.name, actions: actions)
    }

    private static func outcomes(
        _ action: ActionDescription,
        of state: String,
        _ indices: [String: Int]
    ) throws(MDPError) -> [Outcome] {
        var outcomes: [Outcome] = []
        // By name, so that of two mistakes the same one is always reported.
        for (name, probability) in action.next.sorted(by: { $0.key < $1.key }) {
            guard let index = indices[name] else {
                throw .unknownState(name, state: state, action: action.name)
            }
            guard (0...1).contains(probability) else {
                throw .badProbability(probability, of: name, state: state, action: action.name)
            }
            guard probability > 0 else { continue }
            outcomes.append(Outcome(state: index, probability: probability))
        }
        outcomes.sort { $0.state < $1.state }
        let sum = outcomes.reduce(0) { $0 + $1.probability }
        guard abs(sum - 1) <= sumTolerance else {
            throw .badSum(sum, state: state, action: action.name)
        }
        return outcomes.map { Outcome(state: $0.state, probability: $0.probability / sum) }
    }

    /// The states in which some policy can stay for ever.
    ///
    /// Empty exactly if every policy reaches a terminal state with probability 1: the states of a
    /// recurrent class of any policy each have an action that cannot leave the class.
    public var trap: [Int] {
        var isInside = states.map { !$0.isTerminal }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for (index, state) in states.enumerated() where isInside[index] {
                let canStay = state.actions.contains { action in
                    action.outcomes.allSatisfy { isInside[$0.state] }
                }
                if !canStay {
                    isInside[index] = false
                    hasChanged = true
                }
            }
        }
        return isInside.indices.filter { isInside[$0] }
    }
}
