import Control
import Learning
import Robot
import Safety

extension EpisodeRunner {
    /// How often a start is tried.
    private static var startTries: Int { 3 }

    /// Brings the robot to an episode's start.
    ///
    /// A fault on the way is no episode's: it is tried again a few times, from the same draws.
    ///
    /// - Parameters:
    ///   - stream: from what the start is drawn.
    ///   - recover: brings the robot back after a fault; what it returns ends the tries.
    ///   - before: what else has to be made ready, at each try.
    /// - Returns: the start, and where the stream is then.
    func prepare(
        from stream: RandomSource,
        recover: (Fault) -> ControlStop?,
        before: () -> Void = {}
    ) throws(ControlStop) -> (episode: PreparedEpisode, random: RandomSource) {
        var tries = 0
        while true {
            var random = stream
            do throws(ControlStop) {
                try putBack()
                before()
                return (try prepare(random: &random), random)
            } catch {
                tries += 1
                guard case .fault(let fault) = error, tries < Self.startTries else { throw error }
                if let stop = recover(fault) { throw stop }
            }
        }
    }

    /// A simulated robot that walks begins every episode at the same place, put there limp.
    private func putBack() throws(ControlStop) {
        guard case .walk = task.goal, let world = loop.variableWorld else { return }
        try loop.disableTorque(JointSet(loop.robot.joints.indices))
        world.putBack()
    }
}
