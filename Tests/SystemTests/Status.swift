import Foundation
import Testing

/// What `sacbot status --json` says.
struct Status: Decodable {
    var phase: String
    var run: String
    var backend: String
    var episodes: Int
    var steps: Int
    var prompt: String?
    var fault: String?
    var isFaultLatched: Bool
    var safety: String
    var checks: [Check]
    var sequence: Int
    var mode: String
    var updates: Int
    var pause: String
    var joints: [Joint]

    struct Joint: Decodable {
        var name: String
        var hasTorque: Bool
        var limits: Limits

        struct Limits: Decodable {
            var stopCelsius: Double
        }
    }

    struct Check: Decodable {
        var name: String
        var outcome: String
        var joints: [String]
        var remedy: String
    }
}

extension Bench {
    /// Asks the running robot.
    func status(_ robot: String = "bench") throws -> Status {
        let end = try run("status", "--robot", robot, "--json")
        guard end.code == 0 else { throw ChildFailure(description: "no status: \(end)") }
        return try JSONDecoder().decode(Status.self, from: Data(end.output.utf8))
    }

    /// Asks the robot that `process` runs again and again until what it says fits.
    @discardableResult
    func waitForStatus(
        of process: ChildProcess,
        _ fits: (Status) -> Bool
    ) throws -> Status {
        let deadline = Date().addingTimeInterval(ChildProcess.patience)
        while true {
            try process.expectRunning()
            let status = Result { try self.status() }
            if case .success(let status) = status, fits(status) { return status }
            if Date() > deadline { throw ChildFailure(description: "waited in vain: \(status)") }
        }
    }

    /// The tensors of a run's policy without what the file says about itself.
    func weights(_ run: String) throws -> [UInt8] {
        let file = try bytes(run + "/policy.safetensors")
        // Safetensors: 8 bytes of the header's length, the header, the tensors.
        let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return Array(file.dropFirst(8 + header))
    }
}
