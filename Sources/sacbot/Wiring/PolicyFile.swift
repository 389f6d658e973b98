import Foundation
import Journal
import Learning
import Training

/// A policy on disk: a run's newest, or a file of its own.
struct PolicyFile {
    /// A policy with its notes, which fit each other.
    struct Content {
        var policy: PolicySnapshot
        var notes: [String: String]
    }

    /// Where it lies.
    let path: String

    /// The policy a person means: a safetensors file, or a run by path, name or `latest`.
    static func find(_ name: String, runs: String, robot: String?) throws -> PolicyFile {
        if name.hasSuffix(".safetensors") { return PolicyFile(path: name) }
        let run = try RunFolder.find(root: runs, name: name, robot: robot)
        guard FileManager.default.fileExists(atPath: run.policyPath) else {
            throw Failure(
                "the run \(run.path) has no policy yet; go on with it (`sacbot train`), it is "
                    + "written every minute and when training ends"
            )
        }
        return PolicyFile(path: run.policyPath)
    }

    /// Reads it and refuses one that sees or does something else than this robot and task.
    func policy(for facts: PolicyFacts) throws -> PolicySnapshot { try content(for: facts).policy }

    /// The same, with its notes.
    func content(for facts: PolicyFacts) throws -> Content {
        let content = try content()
        try compare("sacbot.observation", "sees", facts.observationLayout, content, facts)
        try compare("sacbot.action", "moves", facts.actionLayout, content, facts)
        guard content.policy.observationCount == facts.layout.observationCount,
            content.policy.actionCount == facts.layout.actionCount,
            content.policy.image?.frameBytes == facts.layout.image?.frameBytes
        else { throw doesNotFitItsNotes(content) }
        warnOfOtherTiming(content, facts)
        return content
    }

    /// Reads it.
    func content() throws -> Content {
        let content = try decoded()
        let noted = content.notes["sacbot.observation_count"]
        guard noted == nil || noted == String(content.policy.observationCount) else {
            throw doesNotFitItsNotes(content)
        }
        return content
    }

    private func decoded() throws -> Content {
        let bytes = try contents(of: path)
        do throws(LearningError) {
            let file = try Safetensors.decode(bytes)
            return Content(policy: try PolicySnapshot(tensors: file.tensors), notes: file.metadata)
        } catch {
            throw Failure("\(path): \(error)")
        }
    }

    /// Throws unless a note says what the task needs; the message has what differs, of both.
    private func compare(
        _ key: String,
        _ verb: String,
        _ wanted: String,
        _ content: Content,
        _ facts: PolicyFacts
    ) throws {
        guard let found = content.notes[key] else {
            throw Failure("\(path) is not a policy of sacbot: it has no `\(key)` note")
        }
        guard found != wanted else { return }
        throw Failure(
            """
            \(path) \(verb) something else than \(facts.place):
            the policy has  \(Self.lines(of: found, notIn: wanted))
            the task needs  \(Self.lines(of: wanted, notIn: found))
            choose the task it was trained for with --task, or another policy
            """
        )
    }

    /// What stands in one list only; all of it if the two differ in their order.
    private static func lines(of one: String, notIn other: String) -> String {
        let (one, other) = (one.split(separator: "\n"), other.split(separator: "\n"))
        if Set(one) == Set(other) { return one.joined(separator: ", ") }
        let own = one.filter { !other.contains($0) }
        return own.isEmpty ? "nothing of the kind" : own.joined(separator: ", ")
    }

    private func doesNotFitItsNotes(_ content: Content) -> Failure {
        Failure(
            "\(path) contradicts itself: its network takes \(content.policy.observationCount) "
                + "numbers and gives \(content.policy.actionCount) actions, its notes say "
                + "otherwise; take the policy of a run again"
        )
    }

    /// A policy works at another rate or with another low-pass than its own, but hardly as well.
    private func warnOfOtherTiming(_ content: Content, _ facts: PolicyFacts) {
        let rate = content.notes["sacbot.policy_rate_hz"].flatMap { Double($0) }
        if let rate, abs(rate / facts.observation.ratePerSecond - 1) > 1e-6 {
            Say.warning(
                "\(path) was trained at \(rate) Hz, \(facts.place) asks it at "
                    + "\(facts.observation.ratePerSecond) Hz"
            )
        }
        guard let action = ActionNotes(metadata: content.notes),
            action.lowPassHertz != facts.action.lowPassHertz
        else { return }
        Say.warning(
            "\(path) was trained with \(Self.words(action.lowPassHertz)), \(facts.place) has "
                + Self.words(facts.action.lowPassHertz)
        )
    }

    private static func words(_ lowPassHertz: Double?) -> String {
        lowPassHertz.map { "a low-pass of \($0) Hz" } ?? "no low-pass"
    }
}
