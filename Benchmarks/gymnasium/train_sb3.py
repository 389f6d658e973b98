#!/usr/bin/env python3
"""Trains stable-baselines3's SAC on a simulated sacbot robot, with the robot file's settings.

usage: train_sb3.py --robot robots/claw.yaml [--task near] --steps 20000 [--seed 0]
                    [--episodes 100] [--start-seed 20000] [--sacbot PATH] --csv OUT.csv

Rate, batch, widths, discount, reward scale, first temperature, updates a step, warm-up and entropy
target are the robot file's, as far as stable-baselines3 has them (it has no running mean of the
policy). Policies are tried out as often and from the same starts as `sacbot train` does; at the end
the last policy and the best of the trials play the episodes of `sacbot evaluate --seed START_SEED`.
Prints one JSON line; writes a CSV row a trial.
"""
import argparse
import csv
import io
import json
import os
import sys
import time

started = time.perf_counter()
parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("--robot", required=True)
parser.add_argument("--task")
parser.add_argument("--steps", type=int, required=True)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--episodes", type=int, default=100)
parser.add_argument("--start-seed", type=int, default=20_000)
parser.add_argument("--trial-every", type=int)
parser.add_argument("--trial-episodes", type=int)
parser.add_argument("--sacbot")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--csv", required=True)
a = parser.parse_args()
if a.threads == 1:
    os.environ["OMP_NUM_THREADS"] = "1"

import gymnasium
import numpy as np
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sacbot_env import SacbotEnv

torch.set_num_threads(a.threads)


def robot():
    return SacbotEnv(a.robot, task=a.task, seed=a.seed, program=a.sacbot)


def play(model, env, stream, seed, episodes):
    """Episodes without exploration from fixed starts, one robot for all of them."""
    results = []
    for k in range(episodes):
        options = {"stream": f"{stream}-{k}", "stream_seed": seed, "fresh": k == 0}
        seen, _ = env.reset(options=options)
        total, over = 0.0, False
        while not over:
            action, _ = model.predict(seen, deterministic=True)
            seen, reward, terminated, truncated, info = env.step(action)
            total += reward
            over = terminated or truncated
        results.append((total, info["success_final"], info["success_held"], info["error"]))
    returns, final, held, errors = np.array(results, dtype=float).T
    return {
        "return_mean": round(float(returns.mean()), 2),
        "success_final": float(final.mean()),
        "success_held": float(held.mean()),
        "final_error_mean": round(float(errors.mean()), 4),
    }


class Trials(BaseCallback):
    """Tries the policy out now and then and keeps the best, as `sacbot train` does."""

    def __init__(self, env, every, episodes, writer, file):
        super().__init__()
        self.env, self.every, self.episodes = env, every, episodes
        self.writer, self.file = writer, file
        self.best, self.kept = None, None
        self.spent = 0.0

    def _on_training_start(self):
        self.began = time.process_time()

    def _on_step(self):
        if self.num_timesteps % self.every != 0:
            return True
        before = time.process_time()
        found = play(self.model, self.env, "trial", a.seed, self.episodes)
        score = (found["success_held"], found["return_mean"])
        if self.best is None or score > self.best:
            self.best, self.kept = score, io.BytesIO()
            self.model.save(self.kept)
        trained = round(before - self.began - self.spent, 2)
        self.spent += time.process_time() - before
        self.writer.writerow([a.seed, self.num_timesteps, *found.values(), trained])
        self.file.flush()
        print(f"{self.num_timesteps} of {a.steps} steps: {found}", file=sys.stderr, flush=True)
        return True


env = robot()
tried = robot()
settings = env.hello["learner"]
if settings["profile"] != "sac":
    sys.exit(f"{a.robot} asks for the profile {settings['profile']}; this script has `sac` only")
scale = settings["rewardScale"]
entropy = settings.get("targetEntropy")
if entropy is None:
    entropy = settings["targetEntropyPerAction"] * env.hello["actions"]
widths = {"pi": settings["hiddenWidths"], "qf": settings.get("criticWidths")}
widths["qf"] = widths["qf"] or widths["pi"]
learner = {
    "learning_rate": settings["actorLearningRate"],
    "batch_size": settings["batchSize"],
    "gamma": settings["discount"],
    "tau": settings["targetSmoothing"],
    "learning_starts": settings["warmUpTransitions"],
    "gradient_steps": round(settings["updatesPerTransition"]),
    "ent_coef": f"auto_{settings['initialTemperature']}",
    "target_entropy": entropy,
    "n_steps": settings["returnSteps"],
    "policy_kwargs": {"net_arch": widths},
}
os.makedirs(os.path.dirname(os.path.abspath(a.csv)), exist_ok=True)
with open(a.csv, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(
        "seed step return_mean success_final success_held final_error_mean train_cpu_s".split()
    )
    trials = Trials(
        tried,
        a.trial_every or env.hello.get("trial_every") or 2000,
        a.trial_episodes or env.hello.get("trial_episodes") or 60,
        writer,
        file,
    )
    scaled = gymnasium.wrappers.TransformReward(env, lambda reward: scale * reward)
    model = SAC("MlpPolicy", Monitor(scaled), seed=a.seed, device="cpu", **learner)
    model.learn(total_timesteps=a.steps, callback=trials, log_interval=1_000_000)

last = play(model, tried, "evaluation", a.start_seed, a.episodes)
best = None
if trials.kept is not None:
    trials.kept.seek(0)
    kept = SAC.load(trials.kept, device="cpu")
    best = play(kept, tried, "evaluation", a.start_seed, a.episodes)
print(
    json.dumps(
        {
            "bench": "train_sb3",
            "robot": env.hello["robot"],
            "task": env.hello["task"],
            "seed": a.seed,
            "steps": a.steps,
            "episodes": a.episodes,
            "last": last,
            "best_of_trials": best,
            "train_cpu_s": round(time.process_time() - trials.began - trials.spent, 1),
            "total_wall_s": round(time.perf_counter() - started, 1),
            "learner": {**learner, "policy_kwargs": {"net_arch": widths}},
        }
    ),
    flush=True,
)
env.close()
tried.close()
