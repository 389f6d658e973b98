import Evaluation
import Foundation

/// An evaluation file as `sacbot evaluate --interfere --json` writes it, with made-up figures.
struct SampleEvaluation {
    var policies = ["near-sac", "near-droq <randomised> & \"more\""]
    var kinds = ["none", "valve-held", "finger-pushed", "servo-rebooted"]
    var episodes = 10
    var samples = 41
    var joints = ["finger1_top", "finger1_middle"]

    /// The file's text.
    func json() throws -> Data {
        try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    }

    /// The file as sacbot reads it.
    func document() throws -> EvaluationDocument { try EvaluationDocument(json: json()) }

    private var object: [String: Any] {
        [
            "format": "sacbot.evaluation", "version": 1, "setting": setting,
            "policies": policies.map {
                ["name": $0, "path": "runs/\($0)", "notes": ["sacbot.seed": "1"]] as [String: Any]
            },
            "results": pairs.map { result($0, $1) },
            "overall": policies.indices.map { policy in
                [
                    "policy": policy, "success": estimate(0.6, 0.05),
                    "score_mean": estimate(0.5, 0.04),
                    "score_interquartile_mean": estimate(0.55, 0.06),
                ] as [String: Any]
            },
            "episodes": pairs.flatMap { policy, kind in
                (0..<episodes).map { episode(policy, kind, $0) }
            },
            "rollouts": pairs.flatMap { policy, kind in (0..<2).map { rollout(policy, kind, $0) } },
            "schedule": [
                "format": "sacbot.interference-schedule", "version": 1, "robot": "claw",
                "task": "near", "seed": 20_000, "plans": [Any](),
            ] as [String: Any],
        ]
    }

    private var pairs: [(Int, String)] {
        policies.indices.flatMap { policy in kinds.map { (policy, $0) } }
    }

    private var setting: [String: Any] {
        [
            "robot": "claw", "task": "near", "backend": "simulation", "robot_hash": "9f3a",
            "calibration_hash": "none", "program_version": "0.1.0",
            "started": "2026-01-31T18:05:09Z", "seed": 20_000, "episodes_per_kind": episodes,
            "step_seconds": 0.1, "step_count": 40, "success_below": 0.1, "error_unit": "rad",
            "goal": "object_angle", "deviation": "error", "held_steps": 5, "joints": joints,
            "terrain": "flat", "is_randomised": false, "bootstrap_samples": 2000,
        ]
    }

    private func estimate(_ value: Double, _ half: Double) -> [String: Double] {
        ["value": value, "low": max(0, value - half), "high": value + half]
    }

    /// Figures that differ for every policy and kind, so that none can stand for another.
    private func share(_ policy: Int, _ kind: String) -> Double {
        let place = Double(kinds.firstIndex(of: kind) ?? 0)
        return 0.95 - 0.13 * place - 0.07 * Double(policy)
    }

    private func result(_ policy: Int, _ kind: String) -> [String: Any] {
        let share = share(policy, kind)
        var result: [String: Any] = [
            "policy": policy, "kind": kind, "episodes": episodes,
            "success": estimate(share, 0.04), "success_without": estimate(0.95, 0.02),
            "score": estimate(share - 0.1, 0.05), "recovered": 7 - policy,
            "interventions": estimate(3 + share, 1), "aborted": policy, "fallen": 0,
            "peak_current": estimate(1.25 + share / 10, 0.1),
            "worst_deviation": estimate(0.4 - share / 10, 0.05),
        ]
        if kind != "none" {
            result["retention"] = estimate(share / 0.95, 0.06)
            result["recovery_seconds"] = estimate(0.8 + share, 0.2)
        }
        return result
    }

    private func episode(_ policy: Int, _ kind: String, _ index: Int) -> [String: Any] {
        let push: [String: Any] = ["start": 1.0, "end": 1.5, "amount": 0.3]
        let events: [Any] = kind == "none" ? [] : [push]
        var episode: [String: Any] = [
            "policy": policy, "kind": kind, "episode": index, "journal_episode": index,
            "events": events,
            "steps": 40, "start_error": 0.5, "final_error": 0.01 * Double(index),
            "total_reward": 100.5 - Double(index), "succeeded": index > 1, "end": "truncated",
            "score": 0.7, "worst_deviation": 0.2, "peak_current": 1.1, "interventions": index,
            "world": [String: Double](),
        ]
        if index == 0, policy == 1 {
            episode["end"] = "aborted"
            episode["fault"] = 13
        }
        return episode
    }

    private func rollout(_ policy: Int, _ kind: String, _ index: Int) -> [String: Any] {
        let time = (0..<samples).map { Double($0) * 0.1 }
        let error = time.map { 0.5 * exp(-$0) * cos(3 * $0 + Double(index)) }
        return [
            "policy": policy, "kind": kind, "episode": index, "succeeded": index == 0,
            "time": time, "active": time.map { kind != "none" && $0 > 1.05 && $0 < 1.55 },
            "goal": time.map { _ in 0.0 }, "error": error, "object_angle": error,
            "object_velocity": error, "peak_current": time.map { 1 + 0.2 * sin($0) },
            "joint_positions": joints.map { _ in time.map { sin($0) } },
            "joint_goals": joints.map { _ in time.map { sin($0 + 0.1) } },
            "joint_currents": joints.map { _ in time.map { cos($0) } },
            "joint_temperatures": joints.map { _ in time.map { 30 + $0 } },
            "limited": time.map { $0 > 2 && $0 < 2.3 }, "base": [Any](),
        ]
    }
}
