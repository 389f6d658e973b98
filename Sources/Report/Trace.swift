public import Evaluation

/// One episode over time, whatever recorded it: what the report draws as a timeline.
public struct Trace: Sendable, Codable, Hashable {
    /// One quantity over the trace's times.
    public struct Column: Sendable, Codable, Hashable {
        /// What it is: `error`, `position`, `goal`, `current`, `temperature`, `reward`, ...
        public var name: String
        /// Whose it is; `nil` if it belongs to the robot or the task.
        public var joint: String?
        /// `rad`, `A`, `degC`, `m/s`, or `1`.
        public var unit: String
        /// As many values as the trace has times; `nil` where it was not read.
        public var values: [Double?]

        /// A column.
        public init(_ name: String, joint: String? = nil, unit: String, _ values: [Double?]) {
            self.name = name
            self.joint = joint
            self.unit = unit
            self.values = values
        }

        /// Its name in tables: `elbow.position`, `error`.
        public var key: String { joint.map { "\($0).\(name)" } ?? name }
    }

    /// A stretch of time.
    public struct Stretch: Sendable, Codable, Hashable {
        /// Where it begins, seconds.
        public var from: Double
        /// Where it ends, seconds.
        public var to: Double
    }

    /// Who acted.
    public var policy: String
    /// The interference's name, `none`, or `training`.
    public var kind: String
    /// The episode's number.
    public var episode: Int
    /// Whether success was held to the end.
    public var succeeded: Bool
    /// An absolute error below this is success; `nil` if it is not known.
    public var successBelow: Double?
    /// Seconds since the first step began, rising.
    public var time: [Double]
    /// When an interference was active.
    public var interfered: [Stretch]
    /// When the supervisor changed an action.
    public var limitedAt: [Double]
    /// The quantities.
    public var columns: [Column]
    /// What the policy's camera saw; `nil` without a camera.
    public var seen: SeenPictures?

    /// The names of joints that have columns, in order.
    public var joints: [String] {
        var names: [String] = []
        for case let joint? in columns.map(\.joint) where !names.contains(joint) {
            names.append(joint)
        }
        return names
    }

    /// The column of this name, of the joint or of the task.
    public func column(_ name: String, joint: String? = nil) -> Column? {
        columns.first { $0.name == name && $0.joint == joint }
    }
}

extension Trace {
    /// A rollout of an evaluation.
    public init(_ rollout: Rollout, in document: EvaluationDocument) {
        let setting = document.setting
        let known = document.policies.indices.contains(rollout.policy)
        policy = known ? document.policies[rollout.policy].name : "policy \(rollout.policy)"
        kind = rollout.kind
        episode = rollout.episode
        succeeded = rollout.succeeded
        successBelow = setting.successBelow
        time = rollout.time
        interfered = Self.stretches(rollout.active, rollout.time)
        limitedAt = zip(rollout.time, rollout.limited).filter(\.1).map(\.0)
        columns = Self.taskColumns(rollout, setting) + Self.jointColumns(rollout, setting)
        seen = rollout.seen
    }

    private static func taskColumns(_ rollout: Rollout, _ setting: EvaluationSetting) -> [Column] {
        var columns = [Column("error", unit: setting.errorUnit, rollout.error)]
        if !rollout.objectAngle.isEmpty {
            columns.append(Column("object angle", unit: "rad", rollout.objectAngle))
            if rollout.goal.contains(where: { $0 != nil }) {
                columns.append(Column("target angle", unit: "rad", rollout.goal))
            }
        }
        columns.append(Column("peak current", unit: "A", rollout.peakCurrent))
        if !rollout.base.isEmpty {
            columns.append(Column("speed", unit: "m/s", rollout.base.map(\.speed)))
            columns.append(Column("wanted speed", unit: "m/s", rollout.goal))
            columns.append(Column("roll", unit: "rad", rollout.base.map(\.roll)))
            columns.append(Column("pitch", unit: "rad", rollout.base.map(\.pitch)))
            columns.append(Column("height", unit: "m", rollout.base.map(\.height)))
        }
        return columns
    }

    private static func jointColumns(_ rollout: Rollout, _ setting: EvaluationSetting) -> [Column] {
        var columns: [Column] = []
        for (index, joint) in setting.joints.enumerated() {
            func add(_ name: String, _ unit: String, _ values: [[Double?]]) {
                guard index < values.count, !values[index].isEmpty else { return }
                columns.append(Column(name, joint: joint, unit: unit, values[index]))
            }
            add("position", "rad", rollout.jointPositions)
            add("goal", "rad", rollout.jointGoals)
            add("current", "A", rollout.jointCurrents)
            add("temperature", "°C", rollout.jointTemperatures)
        }
        return columns
    }

    /// Where `active` is set, from the sample before: a sample speaks of the step that ends at it.
    static func stretches(_ active: [Bool], _ time: [Double]) -> [Stretch] {
        var stretches: [Stretch] = []
        for index in active.indices where active[index] && index < time.count {
            let from = time[max(0, index - 1)]
            if index > 0, active[index - 1], !stretches.isEmpty {
                stretches[stretches.count - 1].to = time[index]
            } else {
                stretches.append(Stretch(from: from, to: time[index]))
            }
        }
        return stretches
    }
}
