import Control
import Operator
import Synchronization

/// Shows the control thread's questions and takes answers from the control socket and the terminal.
final class TerminalOperator: OperatorLink {
    private let desk: OperatorDesk

    init(desk: OperatorDesk) { self.desk = desk }

    func show(_ prompt: OperatorPrompt?) {
        desk.show(prompt: prompt?.text, asksForClearance: prompt?.reason == .latchedFault)
        guard let prompt else { return }
        let answer =
            prompt.reason == .latchedFault
            ? "run `sacbot clear-fault`" : "type c and Enter, or run `sacbot continue`"
        Say.note("\u{07}? \(prompt.text)\n  \(answer); Ctrl-C or `sacbot stop` to stop")
    }

    func takeAnswer() -> OperatorAnswer? {
        switch desk.takeAnswer() {
        case .continue: .goOn
        case .stop, .estop: .giveUp
        case .clearFault: .clearFault
        case .status, .pause, .resume, .release, .evaluate, .mark, nil: nil
        }
    }

    func note(_ text: String) { Say.note(text) }
}
