public import Foundation
public import Robot

extension InterferenceSchedule {
    /// What may stand in a file that `--schedule` takes.
    private struct Holder: Decodable {
        var format: String
        var version: Int
        var schedule: InterferenceSchedule?
    }

    /// Why a file is no schedule of ours.
    public struct FormatProblem: Error, CustomStringConvertible {
        /// In words.
        public var description: String
    }

    /// Reads a schedule, or that of an evaluation.
    public init(file: Data) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let holder = try decoder.decode(Holder.self, from: file)
        let known = [Self.formatName, EvaluationDocument.formatName]
        guard known.contains(holder.format) else {
            throw FormatProblem(
                description: "its format is `\(holder.format)`; known are "
                    + known.joined(separator: " and ")
            )
        }
        guard holder.version <= Self.currentVersion else {
            throw FormatProblem(
                description: "its version is \(holder.version); this program knows "
                    + "\(Self.currentVersion); use a newer sacbot"
            )
        }
        self = try holder.schedule ?? decoder.decode(Self.self, from: file)
    }

    /// The schedule as JSON, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self)
    }

    /// What of it cannot be done to a robot, in words with the remedy; `nil` if all can.
    public func problem(for robot: RobotDescription) -> String? {
        for plan in plans {
            let place = "\(plan.kind.rawValue), episode \(plan.episode)"
            for event in plan.events {
                if let problem = event.problem(plan.kind, robot) { return "\(place): \(problem)" }
            }
        }
        return nil
    }
}

extension InterferenceEvent {
    /// What is wrong with it, `nil` if nothing is.
    fileprivate func problem(_ kind: InterferenceKind, _ robot: RobotDescription) -> String? {
        let numbers = [start, end ?? 0, amount, secondAmount ?? 0]
        guard numbers.allSatisfy({ $0.isFinite && $0.magnitude < 1e9 * 1e3 }), start >= 0 else {
            return "a time or an amount is not usable; times count from 0 in seconds"
        }
        if let end, end <= start { return "it ends at \(end) s, before it begins at \(start) s" }
        if let joint, !robot.joints.contains(where: { $0.name == joint }) {
            return "\(robot.name) has no joint `\(joint)`; name one of its robot file"
        }
        guard let range = kind.amounts, !range.contains(amount) else { return nil }
        return "its amount \(amount) is outside \(range.lowerBound) to \(range.upperBound)"
    }
}

extension InterferenceKind {
    /// What an amount may be, so that a file cannot make a world that is none.
    fileprivate var amounts: ClosedRange<Double>? {
        switch self {
        case .jointWeakened, .motorWeakened: 0...1
        case .friction, .lowFriction: 0.01...10
        case .addedLatency: 0...0.3
        case .valveHeld: 0...100
        case .servoRebooted: 0.01...10
        case .payload: 0...20
        case .lightChanged: 0...10
        case .handInView: -1...1
        case .slopeUp, .slopeDown: 0...0.6
        case .stepDown, .blocks: 0...0.2
        case .valveKnocked, .fingerPushed, .load, .sensorDropout, .byHand: nil
        case .pushedFront, .pushedBack, .pushedLeft, .pushedRight: 0...2000
        }
    }
}
