import Synchronization

/// Where the running robot and the people around it leave messages for each other.
///
/// Nobody waits here: each side puts something down or takes something away.
public final class OperatorDesk: Sendable {
    private struct Content {
        var state = OperatorState()
        var answer: OperatorRequest.Command?
    }

    private let content = Mutex(Content())
    private let onStop: @Sendable (OperatorRequest.Command) -> Void
    private let onMark: Mutex<(@Sendable (Bool) -> Void)?> = Mutex(nil)

    /// A desk; `onStop` is called with `stop` or `estop` when a person asks for one.
    public init(onStop: @escaping @Sendable (OperatorRequest.Command) -> Void) {
        self.onStop = onStop
    }

    /// Has `mark` called when a person says that an interference by hand begins or ends.
    public func takeMarks(_ mark: @escaping @Sendable (Bool) -> Void) {
        onMark.withLock { $0 = mark }
    }

    /// The state as it stands.
    public var state: OperatorState { content.withLock { $0.state } }

    /// Changes what people see.
    public func update(_ change: (inout OperatorState) -> Void) {
        content.withLock { change(&$0.state) }
    }

    /// Shows a question, or takes the present one away; an old answer goes with it.
    public func show(prompt: String?) {
        content.withLock {
            $0.state.prompt = prompt
            $0.answer = nil
        }
    }

    /// The answer to the prompt, once.
    public func takeAnswer() -> OperatorRequest.Command? {
        content.withLock { stored in
            defer { stored.answer = nil }
            return stored.answer
        }
    }

    /// Carries out what a person asked for, from whatever side it came.
    public func handle(_ request: OperatorRequest) -> OperatorReply {
        guard request.version == 1 else {
            return reply(false, "this program speaks version 1, not \(request.version)")
        }
        switch request.command {
        case .status: return reply(true, "state")
        case .stop:
            onStop(.stop)
            return reply(true, "stopping: park, checkpoint, leave")
        case .estop:
            onStop(.estop)
            return reply(true, "emergency stop")
        case .continue:
            let wasAsked = content.withLock { stored in
                guard stored.state.prompt != nil else { return false }
                stored.answer = .continue
                return true
            }
            return reply(wasAsked, wasAsked ? "going on" : "nobody asked a question")
        case .clearFault: return clearFault()
        case .markBegin: return mark(true)
        case .markEnd: return mark(false)
        }
    }

    private func mark(_ isOn: Bool) -> OperatorReply {
        guard let take = onMark.withLock({ $0 }) else {
            return reply(false, "nothing is interfered with; start `evaluate --interfere by-hand`")
        }
        take(isOn)
        return reply(true, isOn ? "interference begins" : "interference ends")
    }

    private func clearFault() -> OperatorReply {
        let (fault, isAwaited) = content.withLock { stored in
            let isAwaited = stored.state.fault != nil && stored.state.prompt != nil
            if isAwaited { stored.answer = .clearFault }
            return (stored.state.fault, isAwaited)
        }
        guard let fault else { return reply(false, "no fault is latched") }
        return isAwaited
            ? reply(true, "cleared: \(fault)")
            : reply(false, "the robot is stopping because of \(fault); clear it when it has")
    }

    private func reply(_ ok: Bool, _ message: String) -> OperatorReply {
        OperatorReply(ok: ok, message: message, state: state)
    }
}
