/// A robot's state as Prometheus metrics; docs/metrics.md lists them.
public enum RobotMetrics {
    /// What a server says of the text it sends.
    public static var contentType: String { PrometheusText.contentType }

    /// All metrics of a state; what is not known yet has no sample.
    public static func text(_ state: OperatorState) -> String {
        var page = PrometheusText(common: [("robot", state.robot)])
        program(state, &page)
        safety(state, &page)
        ticks(state, &page)
        progress(state, &page)
        learner(state, &page)
        evaluation(state, &page)
        joints(state, &page)
        return page.text
    }

    /// The supervisor's states by the words of `OperatorState.safety`.
    static let states = [
        "disarmed", "checking", "armed", "resetting", "running", "pausing", "stopping", "fault",
        "e-stop",
    ]

    private static func program(_ state: OperatorState, _ page: inout PrometheusText) {
        let name = "sacbot_info"
        page.family(name, .gauge, "What runs, in labels; always 1.")
        page.sample(
            name,
            1,
            [
                ("version", state.program), ("task", state.task), ("backend", state.backend),
                ("mode", state.mode), ("run", state.run),
            ]
        )
        page.one(
            "sacbot_start_time_seconds",
            .gauge,
            "When the program began, Unix time.",
            state.started
        )
    }

    private static func safety(_ state: OperatorState, _ page: inout PrometheusText) {
        page.family("sacbot_state", .gauge, "1 for the supervisor's present state, else 0.")
        for name in states {
            page.sample("sacbot_state", name == state.safety ? 1 : 0, [("state", name)])
        }
        let fault = state.faultDetail
        page.one(
            "sacbot_fault_code",
            .gauge,
            "Number of the fault in force, 0 without one (docs/faults).",
            Double(fault?.code ?? 0)
        )
        page.one(
            "sacbot_fault_latched",
            .gauge,
            "1 while a fault waits for a person's clear-fault.",
            state.isFaultLatched ? 1 : 0
        )
        page.family("sacbot_checks", .gauge, "How many checks came out so.")
        for outcome in ["pass", "warn", "fail"] {
            let count = state.checks.filter { $0.outcome == outcome }.count
            page.sample("sacbot_checks", Double(count), [("outcome", outcome)])
        }
        page.one(
            "sacbot_prompt_open",
            .gauge,
            "1 while a question waits for a person.",
            state.prompt == nil ? 0 : 1
        )
        page.one(
            "sacbot_paused",
            .gauge,
            "1 while the robot pauses because somebody asked for it.",
            state.pause == .paused || state.pause == .released ? 1 : 0
        )
    }

    private static func ticks(_ state: OperatorState, _ page: inout PrometheusText) {
        page.one(
            "sacbot_ticks_total",
            .counter,
            "Ticks of the control thread.",
            Double(state.tickCount)
        )
        page.one(
            "sacbot_tick_period_seconds",
            .gauge,
            "Time between two ticks as the robot file has it.",
            state.tickSeconds > 0 ? state.tickSeconds : nil
        )
        guard let ticks = state.ticks else { return }
        page.one(
            "sacbot_ticks_skipped_total",
            .counter,
            "Ticks left out because the one before was late.",
            Double(ticks.skipped)
        )
        page.one(
            "sacbot_ticks_overrun_total",
            .counter,
            "Ticks whose work took longer than a tick.",
            Double(ticks.overruns)
        )
        let jitter = "sacbot_tick_jitter_seconds"
        page.family(jitter, .histogram, "How long after its time a tick began.")
        stages(ticks, of: ["lateness"]) { add(jitter, $0, [], &page) }
        let work = "sacbot_tick_work_seconds"
        page.family(work, .histogram, "A tick's work from its begin to the last goal.")
        stages(ticks, of: ["work"]) { add(work, $0, [], &page) }
        let stage = "sacbot_tick_stage_seconds"
        page.family(stage, .histogram, "A tick's work by stage.")
        stages(ticks, of: ["read", "decide", "judge", "write"]) {
            add(stage, $0, [("stage", $0.name)], &page)
        }
    }

    private static func stages(
        _ ticks: TickState,
        of names: [String],
        _ body: (TickState.Stage) -> Void
    ) {
        for stage in ticks.stages where names.contains(stage.name) { body(stage) }
    }

    private static func add(
        _ name: String,
        _ stage: TickState.Stage,
        _ labels: [(String, String)],
        _ page: inout PrometheusText
    ) {
        let buckets = zip(TickState.bounds, stage.buckets).map { bound, count in
            (bound: Double(bound) / 1e6, count: count)
        }
        page.histogram(
            name,
            buckets: buckets,
            count: stage.count,
            sum: stage.sum / 1e6,
            labels: labels
        )
    }

    private static func progress(_ state: OperatorState, _ page: inout PrometheusText) {
        page.one(
            "sacbot_episodes_total",
            .counter,
            "Episodes the run has finished, those of earlier starts too.",
            Double(state.episodes)
        )
        page.one(
            "sacbot_steps_total",
            .counter,
            "Policy steps the run has recorded.",
            Double(state.steps)
        )
        page.one(
            "sacbot_episode_return",
            .gauge,
            "Sum of rewards of the newest episode.",
            state.recentEpisodes.last?.totalReward
        )
        page.one(
            "sacbot_recent_return",
            .gauge,
            "Mean sum of rewards of the newest 20 episodes.",
            state.recentReturn
        )
        page.one(
            "sacbot_recent_success_ratio",
            .gauge,
            "Share of the newest 20 episodes that held success to their end.",
            state.recentSuccess
        )
    }

    private static func learner(_ state: OperatorState, _ page: inout PrometheusText) {
        page.one(
            "sacbot_updates_total",
            .counter,
            "Gradient updates the run has done.",
            Double(state.updates)
        )
        guard let learner = state.learner else { return }
        page.one(
            "sacbot_updates_rolled_back_total",
            .counter,
            "Updates taken back because a number was not finite, since the program began.",
            Double(learner.rolledBackUpdates)
        )
        let gauges: [(String, String, Double?)] = [
            ("sacbot_updates_per_step", "Updates done a step.", learner.updatesPerStep),
            (
                "sacbot_updates_per_step_wanted", "Updates wanted a step.",
                learner.wantedUpdatesPerStep
            ),
            ("sacbot_updates_lag", "Updates due and not done yet.", Double(learner.lag)),
            ("sacbot_policy_temperature", "SAC's alpha.", learner.temperature),
            ("sacbot_policy_entropy_nats", "The policy's entropy.", learner.entropy),
            ("sacbot_critic_loss", "Loss of the critics.", learner.criticLoss),
            ("sacbot_actor_loss", "Loss of the actor.", learner.actorLoss),
            ("sacbot_critic_mean", "Mean of the critics at drawn actions.", learner.meanQ),
        ]
        for (name, help, value) in gauges { page.one(name, .gauge, help, value) }
    }

    private static func evaluation(_ state: OperatorState, _ page: inout PrometheusText) {
        guard let evaluation = state.evaluation, evaluation.phase == .done else { return }
        page.one(
            "sacbot_evaluation_success_ratio",
            .gauge,
            "Share of the newest evaluation's episodes that held success.",
            Double(evaluation.held) / Double(max(1, evaluation.done))
        )
        page.one(
            "sacbot_evaluation_return",
            .gauge,
            "Mean sum of rewards of the newest evaluation.",
            evaluation.meanReturn
        )
    }

    private static func joints(_ state: OperatorState, _ page: inout PrometheusText) {
        let gauges: [(String, String, (OperatorJoint) -> Double?)] = [
            ("position_radians", "Where the joint stands.", \.position),
            ("velocity_radians_per_second", "How fast it turns.", \.velocity),
            ("goal_radians", "The goal in force.", \.goal),
            ("current_amperes", "Motor current, signed.", \.currentAmperes),
            ("temperature_celsius", "Temperature inside the servo.", \.temperatureCelsius),
            ("voltage_volts", "Supply voltage at the servo.", \.voltageVolts),
            ("torque_enabled", "1 while the servo has torque.", { $0.hasTorque ? 1 : 0 }),
            (
                "hardware_error", "Hardware error bits, 0 is healthy.",
                { $0.hardwareError.map(Double.init) }
            ),
            ("sample_age_seconds", "Age of the newest sample.", \.ageSeconds),
            ("current_limit_amperes", "Above it, if it lasts, it stops.", \.limits.currentAmperes),
            ("temperature_pause_celsius", "Above it the robot pauses.", \.limits.pauseCelsius),
            ("temperature_stop_celsius", "Above it the robot stops.", \.limits.stopCelsius),
        ]
        for (name, help, value) in gauges {
            let known = state.joints.compactMap { joint in value(joint).map { (joint.name, $0) } }
            guard !known.isEmpty else { continue }
            page.family("sacbot_joint_" + name, .gauge, help)
            for (joint, value) in known {
                page.sample("sacbot_joint_" + name, value, [("joint", joint)])
            }
        }
    }
}
