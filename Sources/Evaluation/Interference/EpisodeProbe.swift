import Control
import Glibc
import Robot
import Safety

/// Measures one episode: what the metrics of docs/interference.md are made from.
///
/// Samples are taken at the ends of steps, currents in every tick.
struct EpisodeProbe {
    /// What an episode came to.
    struct Figures {
        var score = 0.0
        var recoverySeconds: Double?
        var worstDeviation: Double?
        var peakCurrent = 0.0
        var interventions = 0
    }

    private let task: TaskSettings
    private let actuated: [Int]
    private let stepSeconds: Double
    private let isWalk: Bool
    /// Whether success held at the end of each step.
    private var succeeded: [Bool] = []
    private var deviations: [Double?] = []
    private var limited: [Bool] = []
    private var active: [Bool] = []
    private var currents: [Double] = []
    /// Speeds along the track, for walks.
    private var speeds: [Double] = []
    private var tickCurrent = 0.0
    private var tickActive = false

    init(task: TaskSettings, robot: RobotDescription) {
        self.task = task
        actuated = robot.actuatedJoints
        stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
        if case .walk = task.goal { isWalk = true } else { isWalk = false }
        for keyPath in [\EpisodeProbe.succeeded, \.limited, \.active] {
            self[keyPath: keyPath].reserveCapacity(task.stepCount)
        }
        deviations.reserveCapacity(task.stepCount)
        currents.reserveCapacity(task.stepCount)
        speeds.reserveCapacity(task.stepCount)
    }

    /// Forgets the last episode.
    mutating func begin() {
        succeeded.removeAll(keepingCapacity: true)
        deviations.removeAll(keepingCapacity: true)
        limited.removeAll(keepingCapacity: true)
        active.removeAll(keepingCapacity: true)
        currents.removeAll(keepingCapacity: true)
        speeds.removeAll(keepingCapacity: true)
        (tickCurrent, tickActive) = (0, false)
    }

    mutating func tick(_ state: BodyState, isActive: Bool) {
        for joint in actuated {
            guard let sample = state.samples[joint] else { continue }
            tickCurrent = max(tickCurrent, sample.current.magnitude)
        }
        if isActive { tickActive = true }
    }

    /// The largest current and whether something was done in the step that just ended.
    var newest: (current: Double, isActive: Bool) { (currents.last ?? 0, active.last ?? false) }

    /// Mean speed along the track, m/s; `nil` for tasks that do not walk.
    var meanSpeed: Double? { isWalk && !speeds.isEmpty ? Bootstrap.mean(speeds) : nil }

    mutating func stepEnded(_ step: StepView, _ state: BodyState) {
        speeds.append(step.speed ?? 0)
        succeeded.append(isSuccess(step))
        deviations.append(isWalk ? state.base?.tilt : step.error)
        limited.append(step.limited)
        active.append(tickActive)
        currents.append(tickCurrent)
        (tickCurrent, tickActive) = (0, false)
    }

    /// An object or a pose is there; a walk is as fast as wanted over the newest second.
    private func isSuccess(_ step: StepView) -> Bool {
        guard case .walk(let goal) = task.goal else {
            return (step.error ?? .infinity) < task.successTolerance
        }
        let window = max(1, Int((1 / stepSeconds).rounded()))
        let newest = speeds.suffix(window)
        return newest.reduce(0, +) / Double(newest.count) >= goal.speed - task.successTolerance
    }

    /// What the episode came to; without interference everything counts from its beginning.
    ///
    /// - Parameter kind: what was done, `nil` for nothing.
    func figures(_ kind: InterferenceKind?) -> Figures {
        var figures = Figures()
        // An abort may come before the first step in which something was done has ended.
        let began = active.firstIndex(of: true) ?? (tickActive ? active.count : 0)
        let last = active.lastIndex(of: true)
        let lasts = kind.map(\.isWholeEpisode) ?? true
        let ended = lasts ? began : last.map { $0 + 1 } ?? began
        let after = began..<max(began, succeeded.count)
        let expected = task.stepCount - began
        figures.score =
            expected > 0 ? Double(after.count { succeeded[$0] }) / Double(expected) : 0
        figures.recoverySeconds = recovery(from: ended)
        figures.worstDeviation = after.compactMap { deviations[$0] }.max()
        figures.peakCurrent = after.map { currents[$0] }.max() ?? tickCurrent
        figures.interventions = after.count { limited[$0] }
        return figures
    }

    /// Seconds from a step until success begins to hold for as many steps as the task asks for.
    private func recovery(from step: Int) -> Double? {
        let held = max(1, task.heldSteps)
        var inARow = 0
        for index in min(step, succeeded.count)..<succeeded.count {
            inARow = succeeded[index] ? inARow + 1 : 0
            if inARow == held { return Double(index - held + 1 - step) * stepSeconds }
        }
        return nil
    }
}
