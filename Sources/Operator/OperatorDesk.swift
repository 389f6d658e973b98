import Synchronization

/// What the program behind a desk does when a person asks for it; called on the asking thread, so
/// nothing here may wait.
public struct OperatorActions: Sendable {
    /// Carries out `stop` or `estop`.
    public var stop: @Sendable (OperatorRequest.Command) -> Void
    /// Carries out `pause`, `release` or `resume`; `nil` if the program cannot pause.
    public var pause: (@Sendable (OperatorRequest.Command) -> Void)?
    /// Takes an evaluation on; `nil` if the program cannot evaluate beside its work.
    public var evaluate: (@Sendable (OperatorEvaluation) -> Void)?

    /// A program that can be stopped.
    public init(stop: @escaping @Sendable (OperatorRequest.Command) -> Void) { self.stop = stop }

    /// The commands it can carry out.
    var commands: [OperatorRequest.Command] {
        OperatorRequest.Command.allCases.filter { command in
            switch command {
            case .status, .stop, .estop, .continue, .clearFault: true
            case .pause, .resume, .release: pause != nil
            case .evaluate: evaluate != nil
            case .mark: false
            }
        }
    }
}

/// Where the running robot and the people around it leave messages for each other.
///
/// Nobody waits here: each side puts something down or takes something away.
public final class OperatorDesk: Sendable {
    private struct Content {
        var state = OperatorState()
        var answer: OperatorRequest.Command?
        /// Whether the prompt is about a fault that has to be cleared deliberately.
        var asksForClearance = false
        var published: UInt64?
        var nextSubscriber = 0
        var subscribers: [Int: AsyncStream<OperatorState>.Continuation] = [:]
    }

    private let content = Mutex(Content())
    private let actions: OperatorActions
    private let onMark: Mutex<(@Sendable (Bool) -> Void)?> = Mutex(nil)

    /// A desk of a program that does what `actions` say.
    public init(_ actions: OperatorActions) {
        self.actions = actions
        update { $0.commands = actions.commands.map(\.rawValue) }
    }

    /// A desk; `onStop` is called with `stop` or `estop` when a person asks for one.
    public convenience init(onStop: @escaping @Sendable (OperatorRequest.Command) -> Void) {
        self.init(OperatorActions(stop: onStop))
    }

    /// Has `mark` called when a person says that an interference by hand begins or ends.
    public func takeMarks(_ mark: @escaping @Sendable (Bool) -> Void) {
        onMark.withLock { $0 = mark }
        update {
            $0.commands.append(OperatorRequest.Command.mark.rawValue)
            $0.marks = OperatorMark.allCases.map(\.rawValue)
        }
    }

    /// The state as it stands.
    public var state: OperatorState { content.withLock { $0.state } }

    /// Changes what people see.
    public func update(_ change: (inout OperatorState) -> Void) {
        content.withLock {
            change(&$0.state)
            $0.state.sequence += 1
        }
    }

    /// Shows a question, or takes the present one away; an old answer goes with it.
    ///
    /// - Parameter asksForClearance: whether only `clear-fault` answers it.
    public func show(prompt: String?, asksForClearance: Bool = false) {
        content.withLock {
            $0.state.prompt = prompt
            $0.asksForClearance = asksForClearance
            $0.state.sequence += 1
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

    // MARK: Subscribers

    /// The state as it is now, and again each time `publish` finds it changed; a reader that is
    /// slow gets the newest only.
    ///
    /// Ends when whoever reads it stops, or with `finish`.
    public func states() -> AsyncStream<OperatorState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: OperatorState.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let (number, state) = content.withLock { stored in
            stored.nextSubscriber += 1
            stored.subscribers[stored.nextSubscriber] = continuation
            return (stored.nextSubscriber, stored.state)
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.content.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        continuation.yield(state)
        return stream
    }

    /// Hands a changed state to all subscribers.
    ///
    /// Called ten times a second by the thread that fills the desk, never by the control thread.
    public func publish() {
        let (state, subscribers) = content.withLock { stored in
            guard stored.published != stored.state.sequence else {
                return (stored.state, [AsyncStream<OperatorState>.Continuation]())
            }
            stored.published = stored.state.sequence
            return (stored.state, Array(stored.subscribers.values))
        }
        for subscriber in subscribers { subscriber.yield(state) }
    }

    /// Ends every subscription: the program leaves.
    public func finish() {
        let subscribers = content.withLock { stored in
            defer { stored.subscribers = [:] }
            return Array(stored.subscribers.values)
        }
        for subscriber in subscribers { subscriber.finish() }
    }

    // MARK: Requests

    /// Carries out what a person asked for, from whatever side it came.
    public func handle(_ request: OperatorRequest) -> OperatorReply {
        guard request.version == 1 else {
            return reply(false, "this program speaks version 1, not \(request.version)")
        }
        switch request.command {
        case .status: return reply(true, "state")
        case .stop:
            actions.stop(.stop)
            return reply(true, "stopping: park, checkpoint, leave")
        case .estop:
            actions.stop(.estop)
            return reply(true, "emergency stop")
        case .continue: return goOn()
        case .clearFault: return clearFault()
        case .pause, .release: return pause(request.command)
        case .resume: return resume()
        case .evaluate: return evaluate(request)
        case .mark: return mark(request)
        }
    }

    private func mark(_ request: OperatorRequest) -> OperatorReply {
        guard let take = onMark.withLock({ $0 }) else {
            return reply(false, "nothing is interfered with; start `evaluate --interfere by-hand`")
        }
        guard let edge = request.mark.flatMap(OperatorMark.init(rawValue:)) else {
            return reply(false, "mark: begin or end")
        }
        take(edge == .begin)
        return reply(true, edge == .begin ? "interference begins" : "interference ends")
    }

    private func goOn() -> OperatorReply {
        let (wasAsked, isEnough) = content.withLock { stored in
            guard stored.state.prompt != nil else { return (false, false) }
            if !stored.asksForClearance { stored.answer = .continue }
            return (true, !stored.asksForClearance)
        }
        guard wasAsked else { return reply(false, "nobody asked a question") }
        return isEnough
            ? reply(true, "going on")
            : reply(false, "a fault has to be cleared deliberately: run `sacbot clear-fault`")
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

    private func pause(_ command: OperatorRequest.Command) -> OperatorReply {
        guard let pause = actions.pause else { return cannot(command) }
        let before = content.withLock { stored in
            defer {
                if stored.state.pause == .no {
                    stored.state.pause = .asked
                    stored.state.sequence += 1
                }
            }
            return stored.state.pause
        }
        pause(command)
        switch (before, command) {
        case (.no, .release), (.asked, .release):
            return reply(true, "torque goes off after the running episode; now: `sacbot estop`")
        case (_, .release): return reply(true, "torque goes off")
        case (.no, _), (.asked, _): return reply(true, "pausing after the running episode")
        default: return reply(true, "it pauses already")
        }
    }

    private func resume() -> OperatorReply {
        guard let pause = actions.pause else { return cannot(.resume) }
        let wasPaused = content.withLock { stored in
            guard stored.state.pause != .no else { return false }
            stored.state.pause = .no
            stored.state.sequence += 1
            return true
        }
        guard wasPaused else { return reply(false, "the robot does not pause") }
        pause(.resume)
        return reply(true, "going on")
    }

    private func evaluate(_ request: OperatorRequest) -> OperatorReply {
        guard let evaluate = actions.evaluate else { return cannot(.evaluate) }
        let episodes = request.episodes ?? OperatorEvaluation.usualEpisodes
        guard (1...OperatorEvaluation.mostEpisodes).contains(episodes) else {
            return reply(false, "episodes: 1 to \(OperatorEvaluation.mostEpisodes)")
        }
        let accepted: OperatorEvaluation? = content.withLock { stored in
            let last = stored.state.evaluation
            if let last, last.isUnderWay { return nil }
            let next = OperatorEvaluation(
                number: (last?.number ?? 0) + 1,
                episodes: episodes,
                seed: request.seed ?? 20_000
            )
            stored.state.evaluation = next
            stored.state.sequence += 1
            return next
        }
        guard let accepted else { return reply(false, "another evaluation is under way") }
        evaluate(accepted)
        return reply(
            true,
            "evaluation \(accepted.number), \(episodes) episodes, begins after the running episode"
        )
    }

    private func cannot(_ command: OperatorRequest.Command) -> OperatorReply {
        reply(false, "what runs here cannot \(command.rawValue); `sacbot stop` ends it")
    }

    private func reply(_ ok: Bool, _ message: String) -> OperatorReply {
        OperatorReply(ok: ok, message: message, state: state)
    }
}
