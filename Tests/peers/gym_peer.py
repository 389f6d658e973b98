#!/usr/bin/env python3
"""Gymnasium as a judge of our bridge, both ways.

usage: gym_peer.py direct ENV SEED FILE      steps ENV itself with the actions in FILE (one line a
                                             step, as `sacbot-gym rollout` prints them) and prints
                                             what it earned, in the same form without the actions
       gym_peer.py check PROGRAM ROBOT [TASK]     Gymnasium's own checker on SacbotEnv
       gym_peer.py killed PROGRAM ROBOT           steps a robot whose process was killed
       gym_peer.py play PROGRAM ROBOT POLICY SEED EPISODES
                                             plays a policy file in numpy from the starts of
                                             `sacbot evaluate`; one line an episode
"""
import json
import os
import signal
import struct
import sys
import warnings

import gymnasium
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Benchmarks", "gymnasium"))


def direct(name, seed, path):
    env = gymnasium.make(name)
    env.reset(seed=int(seed))
    low, high = env.action_space.low, env.action_space.high
    with open(path) as lines:
        for line in lines:
            words = np.array([float(word) for word in line.split(",")[3:]])
            action = np.interp(words, [-1, 1], [low[0], high[0]]).astype(np.float32)
            _, reward, terminated, truncated, _ = env.step(action)
            print(f"{float(reward)!r},{int(terminated)},{int(truncated)}")


def check(program, robot, task=None):
    import sacbot_env
    from gymnasium.utils.env_checker import check_env

    assert sacbot_env.SacbotEnv
    # Every remark of the checker counts but this one: angles and velocities have no bounds here.
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message=".*A Box observation space .* is -?infinity.*")
    env = gymnasium.make("sacbot/Robot-v0", robot=robot, task=task, program=program)
    check_env(env.unwrapped, skip_render_check=True)
    # The episode's length is the task's, and its end is a time limit.
    hello = env.unwrapped.hello
    env.reset(seed=1)
    steps = 0
    over = False
    while not over:
        _, _, terminated, over, info = env.step(env.action_space.sample())
        steps += 1
        assert not terminated
    print(env.observation_space.shape[0], env.action_space.shape[0], steps == hello["episode_steps"])
    print(sorted(info))
    env.close()


def killed(program, robot):
    from sacbot_env import SacbotEnv, SacbotError

    env = SacbotEnv(robot, program=program)
    env.reset(seed=1)
    os.kill(env._process.pid, signal.SIGKILL)
    try:
        for _ in range(2):
            env.step(env.action_space.sample())
    except SacbotError as error:
        print(error)
    env.close()


def tensors(path):
    """A safetensors file's F32 and U64 tensors."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = file.read()
    kinds = {"F32": "<f4", "U64": "<u8"}
    found = {}
    for name, entry in header.items():
        if entry.get("dtype") in kinds:
            start, end = entry["data_offsets"]
            numbers = np.frombuffer(data[start:end], kinds[entry["dtype"]])
            found[name] = numbers.reshape(entry["shape"])
    return found


def play(program, robot, policy, seed, episodes):
    from sacbot_env import SacbotEnv

    layers = tensors(policy)
    count = len(layers["policy.shape"]) - 1
    env = SacbotEnv(robot, program=program)
    for episode in range(int(episodes)):
        options = {"stream": f"evaluation-{episode}", "stream_seed": int(seed)}
        seen, _ = env.reset(options=options)
        total, over = 0.0, False
        while not over:
            x = seen
            for layer in range(count):
                x = x @ layers[f"policy.{layer}.weight"] + layers[f"policy.{layer}.bias"]
                x = np.maximum(x, 0) if layer < count - 1 else x
            action = np.tanh(x[: env.action_space.shape[0]])
            seen, reward, _, over, info = env.step(action.astype(np.float32))
            total += reward
        print(f"{total!r},{info['error']!r},{info['success_held']},{info['success_final']}")
    env.close()


if __name__ == "__main__":
    commands = {"direct": direct, "check": check, "killed": killed, "play": play}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
