import Foundation
import GymProtocol

/// A Gymnasium environment in a Python process of its own, stepped in lock step.
final class Environment {
    /// Its name in Gymnasium's registry.
    let name: String
    /// Numbers in an observation.
    let observationCount: Int
    /// Numbers in an action, each in [-1, 1]: the server scales them to the environment's box.
    let actionCount: Int
    /// What the newest reset or step led to.
    private(set) var outcome = GymOutcome(observation: [], info: [])
    private let process: EnvironmentProcess
    private let pipe: GymPipe

    /// What is used of the server's hello.
    private struct Hello: Decodable {
        var observations: Int
        var actions: Int
    }

    /// Starts the server and makes the environment.
    ///
    /// - Parameters:
    ///   - name: as in `gymnasium.make`, followed by `KEY=JSON` words for its arguments.
    ///   - python: the Python to run.
    ///   - server: the path of `env_server.py`.
    init(_ name: [String], python: String, server: String) throws(EnvironmentError) {
        self.name = name.joined(separator: " ")
        process = try EnvironmentProcess([python, server] + name)
        pipe = GymPipe(reading: process.output, writing: process.input)
        let reply = try Self.answer(of: process, pipe, name: self.name)
        guard case .hello(let json) = reply,
            let hello = try? JSONDecoder().decode(Hello.self, from: Data(json)),
            hello.observations > 0, hello.actions > 0
        else { throw .notUnderstood(name: self.name, reason: "it did not say what it is") }
        (observationCount, actionCount) = (hello.observations, hello.actions)
    }

    /// Its process.
    var pid: Int32 { process.pid }
    /// Whether the episode is over, in one way or the other.
    var isOver: Bool { outcome.isTerminated || outcome.isTruncated }
    /// Processor time its process had used when it last answered, in seconds.
    var processorSeconds: Double { outcome.info.first ?? 0 }

    /// Begins an episode; without a seed the environment goes on with its own random numbers.
    func reset(seed: UInt64? = nil) throws(EnvironmentError) {
        try ask(.reset(GymReset(seed: seed)))
    }

    /// Acts for one step.
    func step(_ action: [Float]) throws(EnvironmentError) { try ask(.step(action)) }

    private func ask(_ request: GymRequest) throws(EnvironmentError) {
        do throws(GymPipeError) { try pipe.send(request) } catch {
            throw Self.described(error, process, name: name)
        }
        guard case .outcome(let outcome) = try Self.answer(of: process, pipe, name: name),
            outcome.observation.count == observationCount
        else { throw .notUnderstood(name: name, reason: "its answer has another size") }
        self.outcome = outcome
    }

    private static func answer(
        of process: EnvironmentProcess,
        _ pipe: GymPipe,
        name: String
    ) throws(EnvironmentError) -> GymReply {
        let reply: GymReply
        do throws(GymPipeError) { reply = try pipe.nextReply() } catch {
            throw described(error, process, name: name)
        }
        guard case .refusal(let reason) = reply else { return reply }
        _ = process.end()
        throw .refused(name: name, reason: reason, errors: process.lastErrors())
    }

    private static func described(
        _ error: GymPipeError,
        _ process: EnvironmentProcess,
        name: String
    ) -> EnvironmentError {
        guard case .closed = error else {
            return .notUnderstood(name: name, reason: error.description)
        }
        return .ended(name: name, how: process.end(), errors: process.lastErrors())
    }
}
