import Control
import Physics
import Simulation

/// The person beside a simulated robot that walks: puts it back on its feet when it lies there or
/// its legs are caught, at once, and passes every other question on.
final class SimulatedAttendant: OperatorLink {
    private let body: SimulatedBody
    private let others: any OperatorLink
    private var hasPutBack = false

    init(body: SimulatedBody, others: any OperatorLink) {
        self.body = body
        self.others = others
    }

    func show(_ prompt: OperatorPrompt?) {
        guard let prompt, isForMe(prompt.reason) else { return others.show(prompt) }
        body.putBack()
        hasPutBack = true
    }

    private func isForMe(_ reason: OperatorPrompt.Reason) -> Bool {
        switch reason {
        case .putBack: true
        case .stuckJoints: body.plant.basePose != nil
        case .confirmArming, .confirmRecovery, .latchedFault: false
        }
    }

    func takeAnswer() -> OperatorAnswer? {
        guard hasPutBack else { return others.takeAnswer() }
        hasPutBack = false
        return .goOn
    }

    func note(_ text: String) { others.note(text) }
}
