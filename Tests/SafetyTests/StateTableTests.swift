import Robot
import Testing

@testable import Safety

/// The state machine, looked at through every state and event.
@Suite("The state machine, model-checked")
struct StateTableTests {
    /// Every state that can be reached from `start` by events that pass `allowed`.
    private func reachable(
        from start: SafetyState,
        _ allowed: (SafetyEvent) -> Bool = { _ in true }
    ) -> Set<SafetyState> {
        var seen: Set<SafetyState> = [start]
        var front = [start]
        while let state = front.popLast() {
            for event in SafetyEvent.allCases where allowed(event) {
                let next = StateTable.next(state, event)
                if seen.insert(next).inserted { front.append(next) }
            }
        }
        return seen
    }

    @Test("no event leads two ways from one state, and every row is looked up as it stands")
    func deterministic() {
        for state in SafetyState.allCases {
            for event in SafetyEvent.allCases {
                let rows = StateTable.rows.filter { $0.event == event && $0.from.contains(state) }
                #expect(rows.count <= 1, "\(state), \(event)")
                #expect(StateTable.next(state, event) == rows.first?.to ?? state)
            }
        }
    }

    @Test("from disarmed every state is reached, and from every state disarmed")
    func paths() {
        #expect(reachable(from: .disarmed) == Set(SafetyState.allCases))
        for state in SafetyState.allCases { #expect(reachable(from: state).contains(.disarmed)) }
    }

    @Test("without a person's clearance nothing leaves fault and e-stop but to each other")
    func onlyAPersonClears() {
        let others: (SafetyEvent) -> Bool = { !$0.isPersonsClearance }
        #expect(reachable(from: .fault, others) == [.fault, .emergencyStop])
        #expect(reachable(from: .emergencyStop, others) == [.emergencyStop])
    }

    @Test("a fault and an e-stop count in every state")
    func alwaysStops() {
        for state in SafetyState.allCases {
            let afterFault = StateTable.next(state, .faultSeen)
            #expect(afterFault == (state == .emergencyStop ? .emergencyStop : .fault))
            #expect(StateTable.next(state, .emergencyStopped) == .emergencyStop)
        }
    }

    @Test("no episode begins but from armed or a reset; torque comes by checks only")
    func towardsMotion() {
        for state in SafetyState.allCases {
            for event in SafetyEvent.allCases {
                let next = StateTable.next(state, event)
                if next == .running, state != .running {
                    #expect([.armed, .resetting].contains(state) && event == .episodeBegins)
                }
                if next == .armed, state != .armed {
                    let ways: [SafetyEvent] = [
                        .torqueVerified, .episodeEnds, .stopHolds, .clearedHolding,
                    ]
                    #expect(ways.contains(event), "\(state), \(event)")
                }
            }
        }
        #expect(StateTable.next(.disarmed, .torqueVerified) == .disarmed)
        // A stop can be asked for wherever something may move or is about to.
        for state in SafetyState.allCases where state != .fault && state != .emergencyStop {
            #expect(StateTable.next(state, .stopBegins) == .stopping)
        }
    }

    /// What a test can do to a supervisor; all of them in all orders.
    private enum Act: CaseIterable {
        case arm, disarm, judge, hot, crash, press, clear, reset, episode, episodeEnds, pause
        case pauseEnds, stop

        /// Does it; returns whether a goal or a permit for torque came out.
        func run(_ supervisor: inout Supervisor, _ state: inout BodyState) -> Bool {
            let both = JointSet(0..<2)
            let now = MonotonicTime(nanoseconds: 0)
            switch self {
            case .arm:
                guard case .success = supervisor.permitTorque(both, state: state, now: now)
                else { return false }
                supervisor.torqueEnabled(both, state: state)
                return true
            case .disarm: supervisor.torqueDisabled(both)
            case .judge:
                let verdict = supervisor.judge(
                    SupervisorTests.proposal(0.1, 0.1),
                    state: state,
                    now: now,
                    tick: 1
                )
                guard case .go(let goal) = consume verdict else { return false }
                let first = goal.positions[0]
                return first != nil
            case .hot: supervisor.stop(because: Fault(.overTemperature, joint: 1))
            case .crash: supervisor.stop(because: Fault(.overspeed, joint: 0))
            case .press: supervisor.stop(because: Fault(.emergencyStop))
            case .clear: supervisor.clearFault()
            case .reset: supervisor.note(.resetBegins)
            case .episode: supervisor.note(.episodeBegins)
            case .episodeEnds: supervisor.note(.episodeEnds)
            case .pause: supervisor.note(.pauseBegins)
            case .pauseEnds: supervisor.note(.pauseEnds)
            case .stop: supervisor.note(.stopBegins)
            }
            return false
        }
    }

    /// What is wrong after an act; `nil` if all agrees.
    private func problem(_ act: Act, _ isOut: Bool, _ before: Supervisor, _ after: Supervisor)
        -> String?
    {
        let isStopped = after.state == .fault || after.state == .emergencyStop
        if isStopped != (after.fault != nil) { return "state and fault disagree" }
        if after.isLatched, !isStopped { return "latched without a fault" }
        let holds = after.lastGoal(0) != nil
        switch after.state {
        case .disarmed, .pausing, .checking: if holds { return "torque is left" }
        case .running, .resetting, .armed: if !holds { return "nothing has torque" }
        case .stopping, .fault, .emergencyStop: break
        }
        if act == .arm, isOut, before.fault != nil { return "torque in spite of a fault" }
        // The first reason stays; only a person's word takes it away.
        guard let fault = before.fault, act != .clear else { return nil }
        if after.fault != fault { return "the first reason is lost" }
        return after.severity < before.severity ? "the response became milder" : nil
    }

    @Test("every order of five acts: the state and what the supervisor remembers agree")
    func everyOrder() {
        let acts = Act.allCases
        var orders = 0
        var problems: Set<String> = []
        func go(_ supervisor: Supervisor, _ state: BodyState, depth: Int) {
            for act in acts {
                var (next, seen) = (supervisor, state)
                let isOut = act.run(&next, &seen)
                orders += 1
                if let problem = problem(act, isOut, supervisor, next) {
                    problems.insert("\(act) in \(supervisor.state): \(problem)")
                }
                if depth > 1 { go(next, seen, depth: depth - 1) }
            }
        }
        var state = BodyState(jointCount: 2)
        for joint in 0..<2 { state.samples[joint] = SupervisorTests.sample(0, at: 0) }
        go(Supervisor(robot: SupervisorTests.robot()), state, depth: 5)
        #expect(problems.isEmpty, "\(problems.sorted())")
        // 13 + 13² + ... + 13⁵.
        #expect(orders == 402_233)
    }

    @Test("a stop in order that meets something worse ends as the emergency stop does")
    func strongestWins() throws {
        var (supervisor, _) = try SupervisorTests.armed()
        supervisor.stop(because: Fault(.overTemperature, joint: 0))
        #expect(supervisor.stopResponse == .park)
        supervisor.stop(because: Fault(.emergencyStop))
        #expect(supervisor.stopResponse == .release)
        #expect(supervisor.state == .emergencyStop)
        #expect(supervisor.fault == Fault(.overTemperature, joint: 0))
    }

    @Test("a hot servo is parked: the same heat does not end the motion, a stale joint does")
    func parkingWhenHot() throws {
        var (supervisor, state) = try SupervisorTests.armed()
        state.health[1] = SupervisorTests.health(temperature: 61, error: 0)
        let now = MonotonicTime(nanoseconds: 0)
        let home = SupervisorTests.proposal(-0.5, -0.5)
        let first = SupervisorTests.fault(
            supervisor.judge(home, state: state, now: now, tick: 1)
        )
        #expect(first == Fault(.overTemperature, joint: 1))
        let goals = SupervisorTests.goals(supervisor.judge(home, state: state, now: now, tick: 2))
        #expect(goals?[0] == -0.02)
        let late = MonotonicTime(nanoseconds: 60_000_000)
        let second = SupervisorTests.fault(
            supervisor.judge(home, state: state, now: late, tick: 3)
        )
        #expect(second == Fault(.staleReading, joint: 0))
        #expect(supervisor.fault == Fault(.overTemperature, joint: 1))
        #expect(supervisor.stopResponse == .release)
    }

    @Test("what broke something in motion is latched across restarts, a refused arming is not")
    func latching() throws {
        for code in FaultCode.allCases {
            var (moving, _) = try SupervisorTests.armed()
            moving.stop(because: Fault(code, joint: 0))
            #expect(moving.isLatched == (code.clears == .byPerson), "\(code)")
            var limp = Supervisor(robot: SupervisorTests.robot())
            limp.stop(because: Fault(code, joint: 0))
            #expect(limp.isLatched == (code == .emergencyStop), "\(code)")
            #expect(moving.clearFault() == (code.clears != .never))
        }
    }

    @Test("a latch from before a restart forbids torque until a person clears it")
    func restored() throws {
        var supervisor = Supervisor(robot: SupervisorTests.robot())
        supervisor.restore(latched: Fault(.overspeed, joint: 1))
        var state = BodyState(jointCount: 2)
        for joint in 0..<2 { state.samples[joint] = SupervisorTests.sample(0, at: 0) }
        let now = MonotonicTime(nanoseconds: 0)
        let refused = supervisor.permitTorque(JointSet([0]), state: state, now: now)
        guard case .failure(let refusal) = consume refused else {
            Issue.record("torque was permitted")
            return
        }
        #expect(refusal.fault == Fault(.overspeed, joint: 1))
        supervisor.clearFault()
        _ = try supervisor.permitTorque(JointSet([0]), state: state, now: now).get()
    }
}
