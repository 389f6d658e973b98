import Synchronization
import Testing

@testable import Operator

@Suite("The operator's desk")
struct DeskTests {
    /// What a desk asked of the program behind it, in order.
    private final class Asked: Sendable {
        let words = Mutex<[String]>([])
        func note(_ word: String) { words.withLock { $0.append(word) } }
        var list: [String] { words.withLock { $0 } }
    }

    private func desk() -> (OperatorDesk, Asked) {
        let asked = Asked()
        var actions = OperatorActions { asked.note($0.rawValue) }
        actions.pause = { asked.note($0.rawValue) }
        actions.evaluate = { asked.note("evaluate \($0.episodes)") }
        return (OperatorDesk(actions), asked)
    }

    @Test("a pause is asked for, begins, and ends with resume; resume alone is refused")
    func pause() {
        let (desk, asked) = desk()
        #expect(!desk.handle(OperatorRequest(.resume)).ok)
        let reply = desk.handle(OperatorRequest(.pause))
        #expect(reply.ok && reply.state.pause == .asked)
        desk.update { $0.pause = .paused }
        #expect(desk.handle(OperatorRequest(.pause)).message == "it pauses already")
        #expect(desk.state.pause == .paused)
        #expect(desk.handle(OperatorRequest(.resume)).state.pause == .no)
        #expect(asked.list == ["pause", "pause", "resume"])
    }

    @Test("a fault is cleared by that word alone; going on is refused with the word to say")
    func clearance() {
        let (desk, _) = desk()
        desk.update { $0.fault = "fault 14 at elbow" }
        desk.show(prompt: "it was stopped by fault 14", asksForClearance: true)
        let reply = desk.handle(OperatorRequest(.continue))
        #expect(!reply.ok && reply.message.contains("clear-fault"))
        #expect(desk.takeAnswer() == nil)
        #expect(desk.handle(OperatorRequest(.clearFault)).ok)
        #expect(desk.takeAnswer() == .clearFault)
        desk.show(prompt: "put the cable back")
        #expect(desk.handle(OperatorRequest(.continue)).ok && desk.takeAnswer() == .continue)
    }

    @Test("release of a robot at work says that it is not at once")
    func release() {
        let (desk, asked) = desk()
        let reply = desk.handle(OperatorRequest(.release))
        #expect(reply.ok && reply.message.contains("estop") && reply.state.pause == .asked)
        desk.update { $0.pause = .paused }
        #expect(desk.handle(OperatorRequest(.release)).message == "torque goes off")
        #expect(asked.list == ["release", "release"])
    }

    @Test("one evaluation at a time, of a bounded number of episodes, with a number of its own")
    func evaluate() {
        let (desk, asked) = desk()
        #expect(!desk.handle(OperatorRequest(.evaluate, episodes: 0)).ok)
        #expect(!desk.handle(OperatorRequest(.evaluate, episodes: 1001)).ok)
        #expect(desk.handle(OperatorRequest(.evaluate, episodes: 5)).ok)
        #expect(desk.state.evaluation?.phase == .queued)
        #expect(!desk.handle(OperatorRequest(.evaluate)).ok)
        desk.update { $0.evaluation?.phase = .failed }
        #expect(desk.handle(OperatorRequest(.evaluate)).ok)
        #expect(desk.state.evaluation?.number == 2)
        #expect(asked.list == ["evaluate 5", "evaluate 20"])
    }

    @Test(
        "a program that can only be stopped says so",
        arguments: ["pause", "release", "evaluate"]
    )
    func only(stop: String) throws {
        let desk = OperatorDesk { _ in }
        let command = try #require(OperatorRequest.Command(rawValue: stop))
        let reply = desk.handle(OperatorRequest(command))
        #expect(!reply.ok && reply.message.contains("cannot \(stop)"))
        #expect(desk.state.pause == .no && desk.state.evaluation == nil)
    }

    @Test("a request of another version is refused")
    func version() {
        let (desk, asked) = desk()
        var request = OperatorRequest(.estop)
        request.version = 2
        #expect(!desk.handle(request).ok && asked.list.isEmpty)
    }

    @Test("a subscriber gets the state at once, then changes only, the newest if it is slow")
    func subscribers() async {
        let (desk, _) = desk()
        desk.update { $0.steps = 1 }
        var states = desk.states().makeAsyncIterator()
        #expect(await states.next()?.steps == 1)
        desk.publish()
        desk.publish()
        for step in 2...5 {
            desk.update { $0.steps = step }
            desk.publish()
        }
        desk.publish()
        #expect(await states.next()?.steps == 5)
        desk.finish()
        #expect(await states.next() == nil)
    }

    @Test("every change has a number of its own")
    func sequence() {
        let (desk, _) = desk()
        let before = desk.state.sequence
        desk.update { $0.steps = 1 }
        desk.show(prompt: "?")
        _ = desk.handle(OperatorRequest(.pause))
        _ = desk.handle(OperatorRequest(.status))
        #expect(desk.state.sequence == before + 3)
    }
}
