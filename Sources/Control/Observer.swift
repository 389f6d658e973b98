import Glibc
public import Robot

/// Turns what was read into what the policy sees.
///
/// Frames are stacked newest first. At an episode's start the history is filled with its first
/// frame.
public struct Observer: Sendable {
    /// Numbers in one observation, all frames together.
    public let count: Int
    /// The layout as text, for hashing and for policy files: one term a line with its size.
    public let layout: String

    let frameSize: Int
    private let needsBase: Bool
    private(set) var values: [Float]

    /// The observer of `task` on `robot`.
    public init(task: TaskSettings, robot: RobotDescription) {
        let joints = robot.actuatedJoints.count
        let actions = ActionMapping(task: task, robot: robot).count
        var frameSize = 0
        var lines: [String] = []
        for term in task.observation {
            let size = term.size(joints: joints, actions: actions, goal: task.goal)
            frameSize += size
            lines.append("\(term.rawValue):\(size)")
        }
        self.frameSize = frameSize
        needsBase = task.observation.contains { $0 == .baseTilt || $0 == .baseRates }
        count = frameSize * task.historyFrames
        lines.append("frames:\(task.historyFrames)")
        if let camera = task.camera.map({ robot.cameras[$0] }) {
            lines.append("camera \(camera.name):\(camera.size.width)x\(camera.size.height)x3")
        }
        layout = lines.joined(separator: "\n")
        values = [Float](repeating: 0, count: count)
    }

    /// Adds a frame; `false` if a joint was never read, and then nothing changes.
    ///
    /// - Parameters:
    ///   - action: the action in force, as the task's mapping numbers it.
    ///   - isFirst: whether this is the episode's first frame.
    public mutating func observe(
        _ state: BodyState,
        episode: TaskEpisode,
        step: Int,
        action: [Float],
        isFirst: Bool
    ) -> Bool {
        for joint in state.samples.indices where state.samples[joint] == nil { return false }
        if needsBase, state.base == nil { return false }
        shiftHistory()
        var at = 0
        for term in episode.task.observation {
            write(term, state, episode, step: step, action: action, at: &at)
        }
        if isFirst { repeatFirstFrame() }
        return true
    }

    private mutating func shiftHistory() {
        var index = count - 1
        while index >= frameSize {
            values[index] = values[index - frameSize]
            index -= 1
        }
    }

    private mutating func repeatFirstFrame() {
        for index in frameSize..<max(frameSize, count) { values[index] = values[index - frameSize] }
    }

    private mutating func write(
        _ term: ObservationTerm,
        _ state: BodyState,
        _ episode: TaskEpisode,
        step: Int,
        action: [Float],
        at: inout Int
    ) {
        switch term {
        case .jointPositions:
            for joint in episode.actuated { put(state.samples[joint]?.position, &at) }
        case .jointVelocities:
            for joint in episode.actuated { put(state.samples[joint]?.velocity, &at) }
        case .objectDirection:
            let angle = episode.object.flatMap { state.samples[$0]?.position }
            put(angle.map { cos($0) }, &at)
            put(angle.map { sin($0) }, &at)
        case .objectVelocity:
            put(episode.object.flatMap { state.samples[$0]?.velocity }, &at)
        case .lastAction:
            for value in action { put(Double(value), &at) }
        case .targetError:
            if case .pose = episode.task.goal {
                for (index, joint) in episode.actuated.enumerated() {
                    let position = state.samples[joint]?.position
                    put(position.map { episode.targetPose[index] - $0 }, &at)
                }
            } else {
                put(episode.objectError(state, step: step), &at)
            }
        case .targetDirection:
            put(cos(episode.target(step: step)), &at)
            put(sin(episode.target(step: step)), &at)
        case .baseTilt:
            put(state.base?.roll, &at)
            put(state.base?.pitch, &at)
        case .baseRates:
            put(state.base?.rollRate, &at)
            put(state.base?.pitchRate, &at)
        }
    }

    /// Every sample was checked to be there, so a `nil` here is a term that the task cannot have;
    /// it becomes NaN, which replay and supervisor refuse.
    private mutating func put(_ value: Double?, _ at: inout Int) {
        values[at] = value.map { Float($0) } ?? .nan
        at += 1
    }
}

extension ObservationTerm {
    /// How many numbers the term adds.
    func size(joints: Int, actions: Int, goal: TaskGoal) -> Int {
        switch self {
        case .jointPositions, .jointVelocities: return joints
        case .lastAction: return actions
        case .objectDirection, .targetDirection, .baseTilt, .baseRates: return 2
        case .objectVelocity: return 1
        case .targetError:
            if case .pose = goal { return joints }
            return 1
        }
    }
}
