import ArgumentParser
import Foundation
import Operator
import Realtime

/// Has a running robot evaluate its policy, and waits for what comes of it.
struct EvaluationWatch {
    let robot: String
    /// `nil` for the usual number.
    let episodes: Int?
    let seed: UInt64

    /// Asks, waits, prints; the wait ends with the evaluation or with the program that does it.
    func run(json: Bool) throws {
        let request = OperatorRequest(.evaluate, episodes: episodes, seed: seed)
        let reply = try ControlClient.ask(request, robot: robot)
        guard reply.ok, let asked = reply.state.evaluation else {
            throw Failure(reply.message)
        }
        if !json { Say.note(reply.message) }
        let end = try awaited(asked.number)
        print(json ? try JSONOutput.text(end) : Self.line(end))
        if let problem = end.problem { throw Failure(problem) }
    }

    private func awaited(_ number: Int) throws -> OperatorEvaluation {
        while true {
            MonotonicClock.sleep(until: MonotonicClock.now() + 500_000_000)
            let state = try ControlClient.ask(OperatorRequest(.status), robot: robot).state
            guard let evaluation = state.evaluation, evaluation.number == number else {
                throw Failure("the program that ran the robot was started anew meanwhile")
            }
            if !evaluation.isUnderWay { return evaluation }
        }
    }

    /// An evaluation in one line.
    static func line(_ evaluation: OperatorEvaluation) -> String {
        let head = "evaluation \(evaluation.number): "
        switch evaluation.phase {
        case .queued: return head + "begins after the running episode"
        case .failed: return head + (evaluation.problem ?? "ended early")
        case .running, .done:
            let mean = evaluation.meanReturn.map { ", return \(Int($0.rounded()))" } ?? ""
            return head + "\(evaluation.done) of \(evaluation.episodes) episodes, "
                + "held \(evaluation.held), final \(evaluation.final)\(mean)"
        }
    }
}
