public import Learning
public import Pictures
public import Robot
public import Safety

/// Runs episodes on a body: reset, steps, transitions out, record at the end.
public final class EpisodeRunner<Body: DrivenBody> {
    /// The tick it runs on.
    public let loop: ControlLoop<Body>
    /// The task.
    public let task: TaskSettings
    /// Numbers in one observation.
    public var observationCount: Int { observer.count }
    /// The observation's layout as text.
    public var observationLayout: String { observer.layout }
    /// Numbers in one action.
    public var actionCount: Int { mapping.count }
    /// The newest frame the policy saw, RGB rows from above; empty without a camera.
    public var picture: [UInt8] { eye.frame }
    /// The size of what the policy sees; `nil` without a camera.
    public var pictureSize: PictureSize? { eye.size }
    /// Called at the end of every policy step, on the control thread; lock-step learning hangs here.
    public var afterStep: (() -> Void)?
    /// Watches episodes and may interfere; `nil` for nobody.
    public var companion: (any EpisodeCompanion)?
    /// From what worlds are drawn, one an episode; `nil` for the same world always.
    public var randomisation: Randomisation?

    private let reset: ResetProcedure<Body>
    private let mapping: ActionMapping
    private let sink: any TransitionSink
    private var observer: Observer
    private var eye: PolicyEye
    private var scratch: PolicyScratch?
    private var proposed: [Float]
    /// The proposed action as the robot is asked for it, smoothed if the task says so.
    private var commanded: [Float]
    private var filter: ActionFilter?
    private var applied: [Float]
    /// Goals in force as shares of their ranges: now, before the step, and before the one before.
    private var places: [Float]
    private var before: [Float]
    private var beforeThat: [Float]
    private var starts: JointArray<Radians?>
    private var held: HeldTransition

    /// A runner of `task` on the loop's robot.
    public init(
        loop: ControlLoop<Body>,
        task: TaskSettings,
        reset: ResetSettings,
        operatorLink: any OperatorLink,
        sink: any TransitionSink,
        camera: (any FrameSource)? = nil
    ) {
        self.loop = loop
        self.task = task
        self.sink = sink
        var walk: WalkGoal?
        if case .walk(let goal) = task.goal { walk = goal }
        self.reset = ResetProcedure(
            loop: loop,
            settings: reset,
            operatorLink: operatorLink,
            walk: walk
        )
        mapping = ActionMapping(task: task, robot: loop.robot)
        observer = Observer(task: task, robot: loop.robot)
        let actions = mapping.count
        proposed = [Float](repeating: 0, count: actions)
        commanded = [Float](repeating: 0, count: actions)
        filter = task.actionCutoffHertz.map {
            ActionFilter(
                cutoffHertz: $0,
                stepSeconds: Double(task.ticksPerStep) * loop.robot.tickSeconds,
                count: actions
            )
        }
        applied = [Float](repeating: 0, count: actions)
        places = applied
        before = applied
        beforeThat = applied
        starts = loop.unchanged
        eye = PolicyEye(camera)
        held = HeldTransition(
            observationCount: observer.count,
            actionCount: actions,
            pictureBytes: eye.frame.count
        )
    }

    /// Draws an episode and brings the robot to its start.
    public func prepare(random: inout RandomSource) throws(ControlStop) -> PreparedEpisode {
        // From the same stream, which stays as it is: starts are the same with and without worlds.
        let world = randomisation?.world(of: random, robot: loop.robot)
        if let world { loop.vary(world.variation) }
        let episode = TaskEpisode(task: task, robot: loop.robot, random: &random)
        let outcome = try reset.run(
            objectStart: episode.objectStart,
            poseOffsets: world?.poseOffsets
        )
        return PreparedEpisode(episode: episode, reset: outcome, world: world)
    }

    /// Runs a prepared episode to its end.
    ///
    /// - Returns: the record, and the stop that ended it early, if one did.
    public func run(
        _ prepared: PreparedEpisode,
        index: Int,
        actions: ActionSource,
        random: inout RandomSource
    ) -> (record: EpisodeOutcome, stop: ControlStop?) {
        if case .policy(let policy, _) = actions { scratch = PolicyScratch(for: policy) }
        eye.begin(actions.image, random: &random)
        var progress = EpisodeProgress(start: loop.now)
        var stop: ControlStop?
        loop.note(.episodeBegins)
        defer {
            loop.note(.episodeEnds)
            // What was drawn for this episode ends with it: the next begins in the plain world.
            if prepared.world != nil { loop.vary(nil) }
        }
        do {
            try steps(prepared.episode, index, actions, &random, &progress)
        } catch {
            stop = error
        }
        let end = finish(stop, episode: index, progress: &progress)
        return (record(prepared, index, actions, progress, end), stop)
    }

    // MARK: Steps

    private func steps(
        _ drawn: TaskEpisode,
        _ index: Int,
        _ actions: ActionSource,
        _ random: inout RandomSource,
        _ progress: inout EpisodeProgress
    ) throws(ControlStop) {
        var episode = drawn
        try loop.beginTick()
        progress.start = loop.now
        readGoals()
        filter?.settle(on: task.actionKind == .relative ? applied.map { _ in 0 } : places)
        for place in places.indices {
            (before[place], beforeThat[place]) = (places[place], places[place])
        }
        episode.begin(loop.state)
        try observe(episode, step: 0, isFirst: true)
        progress.startError =
            episode.objectError(loop.state, step: 0) ?? episode.error(loop.state, step: 0)
        companion?.episodeBegins(episode)
        for step in 0..<task.stepCount {
            held.begin(observation: observer.values, picture: eye.frame)
            try decide(actions, &random)
            command()
            swap(&beforeThat, &before)
            swap(&before, &places)
            try move(step)
            readGoals()
            let limited = isLimited()
            progress.steps = step + 1
            if limited { progress.limitedSteps += 1 }
            episode.stepEnded(loop.state)
            let reward = episode.reward(
                loop.state,
                step: step + 1,
                actions: actionDifferences()
            )
            guard let reward, reward.isFinite, let hasEnded = episode.hasEnded(loop.state) else {
                try loop.fail(Fault(whatIsMissing))
            }
            let cut = loop.supervisor.episodeCut
            let ended = hasEnded || cut == .fallen
            try observe(episode, step: step + 1, isFirst: false)
            let missed = episode.error(loop.state, step: step + 1)
            progress.note(missed, reward: reward, below: task.successTolerance)
            tellCompanion(episode, step: step + 1, limited: limited, progress)
            try keep(index, step: step, reward: reward, limited: limited, terminated: ended)
            tell(actions, reward: reward, limited: limited, progress)
            afterStep?()
            progress.hasTerminated = ended
            if ended || cut != nil { return }
        }
    }

    private func goal(_ joint: Int) -> Radians {
        loop.supervisor.lastGoal(joint) ?? loop.robot.joints[joint].resetPosition
    }

    private func observe(_ episode: TaskEpisode, step: Int, isFirst: Bool) throws(ControlStop) {
        let complete = observer.observe(
            loop.state,
            episode: episode,
            step: step,
            action: places,
            isFirst: isFirst
        )
        if !complete { try loop.fail(Fault(whatIsMissing)) }
        if let fault = eye.look(at: loop.now, isFirst: isFirst) { try loop.fail(Fault(fault)) }
    }

    private func decide(
        _ actions: ActionSource,
        _ random: inout RandomSource
    ) throws(ControlStop) {
        switch actions {
        case .random:
            for place in proposed.indices {
                proposed[place] = Float(random.uniform(in: -1...1))
            }
        case .policy(let policy, let explores):
            // `run` made the scratch memory for this policy.
            guard var memory = scratch.take() else { return }
            var output = proposed.mutableSpan
            let seen = observer.values
            if explores {
                eye.sample(policy, seen, random: &random, scratch: &memory, into: &output)
            } else {
                eye.mean(policy, seen, scratch: &memory, into: &output)
            }
            scratch = consume memory
        case .outside(let policy):
            try policy.act(observer.values, into: &proposed)
        }
    }

    /// Copies in place: sharing the array would cost an allocation in the next step.
    private func command() {
        for place in proposed.indices { commanded[place] = proposed[place] }
        filter?.apply(proposed, into: &commanded)
    }

    private func tell(
        _ actions: ActionSource,
        reward: Double,
        limited: Bool,
        _ progress: EpisodeProgress
    ) {
        guard case .outside(let policy) = actions else { return }
        let result = StepResult(
            reward: reward,
            error: progress.finalError,
            isSuccess: progress.successesInARow > 0,
            isLimited: limited
        )
        policy.stepped(result, observation: observer.values)
    }

    private func tellCompanion(
        _ episode: TaskEpisode,
        step: Int,
        limited: Bool,
        _ progress: EpisodeProgress
    ) {
        guard let companion else { return }
        let view = StepView(
            steps: step,
            error: progress.finalError,
            goal: episode.goal(step: step),
            speed: episode.stepSpeed,
            limited: limited
        )
        companion.stepEnded(view)
    }

    /// Ramps from the goals in force to the commanded ones over the step's ticks.
    private func move(_ step: Int) throws(ControlStop) {
        for joint in mapping.joints { starts[joint] = goal(joint) }
        var ends = loop.unchanged
        mapping.positions(commanded, from: starts, into: &ends)
        for tick in 1...task.ticksPerStep {
            let share = Double(tick) / Double(task.ticksPerStep)
            var wanted = loop.unchanged
            for joint in mapping.joints {
                guard let from = starts[joint], let to = ends[joint] else { continue }
                wanted[joint] = from + (to - from) * share
            }
            try companion?.tick(step * task.ticksPerStep + tick - 1, wanted: &wanted)
            try loop.endTick(wanted)
            try loop.beginTick()
        }
    }

    /// What became of the step's action: the goals now in force.
    private func readGoals() {
        var goals = loop.unchanged
        for joint in mapping.joints {
            goals[joint] = goal(joint)
            if starts[joint] == nil { starts[joint] = goals[joint] }
        }
        mapping.actions(goals, from: starts, into: &applied)
        mapping.places(goals, into: &places)
    }

    /// 1 % of the range of [-1, 1] is 0.02.
    private func isLimited() -> Bool {
        for place in commanded.indices where (commanded[place] - applied[place]).magnitude > 0.02 {
            return true
        }
        return false
    }

    private func actionDifferences() -> ActionDifferences {
        ActionDifferences(places, before: before, beforeThat: beforeThat)
    }

    // MARK: Transitions

    /// Sends the step before this one and holds this one back, so that a fault can drop it.
    private func keep(
        _ index: Int,
        step: Int,
        reward: Double,
        limited: Bool,
        terminated: Bool
    ) throws(ControlStop) {
        try release(truncated: false)
        held.complete(
            header: TransitionHeader(
                episode: index,
                step: step,
                reward: Float(reward),
                terminated: terminated,
                truncated: !terminated && step + 1 == task.stepCount,
                limited: limited,
                time: loop.now
            ),
            applied: applied,
            proposed: proposed,
            next: observer.values,
            nextPicture: eye.frame
        )
    }

    private func release(truncated: Bool) throws(ControlStop) {
        if !held.release(to: sink, truncated: truncated) { try loop.fail(Fault(.dataLost)) }
    }

    private func finish(
        _ stop: ControlStop?,
        episode: Int,
        progress: inout EpisodeProgress
    ) -> EpisodeEnding {
        if case .fault(let fault) = stop {
            held.drop()
            return .aborted(fault)
        }
        do {
            try release(truncated: !progress.hasTerminated)
        } catch {
            return .aborted(Fault(.dataLost))
        }
        if progress.hasTerminated { return .terminated }
        return stop == nil ? .truncated : .stopped
    }

    private func record(
        _ prepared: PreparedEpisode,
        _ index: Int,
        _ actions: ActionSource,
        _ progress: EpisodeProgress,
        _ end: EpisodeEnding
    ) -> EpisodeOutcome {
        let ranToEnd = end == .truncated && progress.steps == task.stepCount
        return EpisodeOutcome(
            index: index,
            steps: progress.steps,
            totalReward: progress.totalReward,
            startError: progress.startError,
            finalError: progress.finalError,
            successFinal: ranToEnd && progress.successesInARow > 0,
            successHeld: ranToEnd && progress.successesInARow >= task.heldSteps,
            limitedSteps: progress.limitedSteps,
            ending: end,
            policyVersion: actions.version,
            reset: prepared.reset,
            start: progress.start,
            finish: loop.now,
            world: prepared.world?.figures ?? [:]
        )
    }
}
