import Foundation
import Journal
import Learning

/// A policy on disk: a run's newest, or a file of its own.
struct PolicyFile {
    /// Where it lies.
    let path: String

    /// The policy a person means: a safetensors file, or a run by path, name or `latest`.
    static func find(_ name: String, runs: String, robot: String) throws -> PolicyFile {
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
    func policy(for facts: PolicyFacts) throws -> PolicySnapshot {
        let file = try read()
        let expected = [
            ("sacbot.observation", facts.observationLayout, "sees"),
            ("sacbot.action", facts.actionLayout, "moves"),
        ]
        for (key, wanted, verb) in expected {
            guard let found = file.metadata[key] else {
                throw Failure("\(path) is not a policy of sacbot: it has no `\(key)` note")
            }
            guard found == wanted else {
                throw Failure(
                    """
                    \(path) \(verb) something else than this robot and task:
                    the policy has  \(found.split(separator: "\n").joined(separator: ", "))
                    the task needs  \(wanted.split(separator: "\n").joined(separator: ", "))
                    choose the task it was trained for with --task
                    """
                )
            }
        }
        return try PolicySnapshot(tensors: file.tensors)
    }

    private func read() throws -> (tensors: [NamedTensor], metadata: [String: String]) {
        let bytes = try contents(of: path)
        do throws(LearningError) {
            return try Safetensors.decode(bytes)
        } catch {
            throw Failure("\(path): \(error)")
        }
    }
}
