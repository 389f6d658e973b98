/// Where a robot stands.
///
/// What leads from one to the other is `StateTable.rows`; docs/safety.md draws the same rows.
@frozen public enum SafetyState: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// No joint has torque and nothing is under way.
    case disarmed
    /// The robot is read and judged before it gets torque.
    case checking
    /// Torque may be on; goals are judged.
    case armed
    /// The robot is brought to an episode's start.
    case resetting
    /// An episode runs.
    case running
    /// Without torque between episodes: a servo cools, or a person helps.
    case pausing
    /// An ordered stop is under way.
    case stopping
    /// Stopped by itself.
    case fault
    /// Stopped by a person's emergency stop.
    case emergencyStop

    /// The state in words, as the documentation and `sacbot status` call it.
    public var words: String {
        switch self {
        case .disarmed, .checking, .armed, .resetting, .running, .pausing, .stopping, .fault:
            "\(self)"
        case .emergencyStop: "e-stop"
        }
    }

    /// Whether a joint may be given torque: the checks are made anew each time.
    public var permitsTorque: Bool {
        switch self {
        case .disarmed, .checking, .armed, .resetting: true
        case .running, .pausing, .stopping, .fault, .emergencyStop: false
        }
    }
}

/// What can happen to a robot, as far as its state goes.
@frozen public enum SafetyEvent: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Somebody wants torque.
    case checksBegin
    /// A joint must not get torque now.
    case checksFailed
    /// Torque is on and was read back.
    case torqueVerified
    /// The way to an episode's start begins.
    case resetBegins
    /// An episode begins.
    case episodeBegins
    /// An episode is over.
    case episodeEnds
    /// The robot waits without torque.
    case pauseBegins
    /// What was waited for has come.
    case pauseEnds
    /// A person, a signal or the program's end asks for a stop.
    case stopBegins
    /// The stop ended as `stop: hold` says.
    case stopHolds
    /// The last joint with torque has lost it, confirmed.
    case torqueGone
    /// A rule that stops was broken.
    case faultSeen
    /// A person asked for the emergency stop.
    case emergencyStopped
    /// A person clears it, and no joint has torque.
    case clearedLimp
    /// A person clears it while the robot holds its place.
    case clearedHolding

    /// The event in words, as the documentation has it.
    public var words: String {
        switch self {
        case .checksBegin: "torque is asked for"
        case .checksFailed: "a check fails"
        case .torqueVerified: "torque is on, read back"
        case .resetBegins: "a reset begins"
        case .episodeBegins: "an episode begins"
        case .episodeEnds: "the episode ends"
        case .pauseBegins: "a servo is hot, or a person has to help"
        case .pauseEnds: "it has cooled, or the person is done"
        case .stopBegins: "a stop is asked for"
        case .stopHolds: "stopped, holding"
        case .torqueGone: "the last torque is off"
        case .faultSeen: "a rule that stops is broken"
        case .emergencyStopped: "a person asks for the e-stop"
        case .clearedLimp: "a person clears it, no torque is left"
        case .clearedHolding: "a person clears it, the robot holds"
        }
    }

    /// Whether only a person can cause it by a deliberate word.
    public var isPersonsClearance: Bool {
        switch self {
        case .clearedLimp, .clearedHolding: true
        default: false
        }
    }
}

/// The supervisor's state machine: every transition there is.
///
/// An event that has no row for a state leaves the state as it is.
public enum StateTable {
    /// One event and what it does.
    public struct Row: Sendable, Hashable {
        /// The states in which the event counts.
        public var from: [SafetyState]
        /// What happens.
        public var event: SafetyEvent
        /// Where it leads.
        public var to: SafetyState

        init(_ from: [SafetyState], _ event: SafetyEvent, _ to: SafetyState) {
            (self.from, self.event, self.to) = (from, event, to)
        }
    }

    /// All transitions.
    public static let rows: [Row] = [
        Row([.disarmed], .checksBegin, .checking),
        Row([.checking], .checksFailed, .disarmed),
        Row([.checking], .torqueVerified, .armed),
        Row([.armed, .running], .resetBegins, .resetting),
        Row([.armed, .resetting], .episodeBegins, .running),
        Row([.running], .episodeEnds, .armed),
        Row([.disarmed, .checking], .pauseBegins, .pausing),
        Row([.pausing], .pauseEnds, .checking),
        Row(
            [.disarmed, .checking, .armed, .resetting, .running, .pausing],
            .stopBegins,
            .stopping
        ),
        Row([.stopping], .stopHolds, .armed),
        Row([.armed, .resetting, .running, .stopping], .torqueGone, .disarmed),
        Row(
            [.disarmed, .checking, .armed, .resetting, .running, .pausing, .stopping],
            .faultSeen,
            .fault
        ),
        Row(
            SafetyState.allCases.filter { $0 != .emergencyStop },
            .emergencyStopped,
            .emergencyStop
        ),
        Row([.fault, .emergencyStop], .clearedLimp, .disarmed),
        Row([.fault, .emergencyStop], .clearedHolding, .armed),
    ]

    /// Where an event leads; the state itself if the event does not count there.
    public static func next(_ state: SafetyState, _ event: SafetyEvent) -> SafetyState {
        let place = Int(state.rawValue) * SafetyEvent.allCases.count + Int(event.rawValue)
        return SafetyState(rawValue: targets[place]) ?? .fault
    }

    /// The rows as one number for each state and event, so that looking one up is one load.
    private static let targets: [UInt8] = {
        var targets: [UInt8] = []
        for state in SafetyState.allCases {
            for event in SafetyEvent.allCases {
                let row = rows.first { $0.event == event && $0.from.contains(state) }
                targets.append((row?.to ?? state).rawValue)
            }
        }
        return targets
    }()
}
