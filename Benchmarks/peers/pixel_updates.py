#!/usr/bin/env python3
"""Updates per second of SAC from pictures with PyTorch on one core, one JSON line.

usage: pixel_updates.py paper|small [--reps 5 --rep-s 2]

The networks and the work of an update are those of sacbot's `sac` with an encoder: 32 x 32 x 3 bytes,
three frames, nine joint positions, nine actions, batch 256, random shifts, two critics and an actor
of 256 x 256. The observation's pictures go through the encoder once, with a gradient from both
critics; the next observation's once through the encoder and once through its slow copy; the actor
sees detached features. Frames are stored once as bytes; a batch gathers three of each end.

Each network runs in the memory format that is faster here (--format measures one of them only).
With BENCH_FIFO=1 (root) each burst runs before every ordinary process and is followed by a pause.
"""

import argparse
import json
import os
import statistics
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import torch
from torch import nn
from torch.nn import functional

JOINTS, ACTIONS, BATCH, HISTORY, SIZE, CHANNELS = 9, 9, 256, 3, 32, 3
STORED = 20_000
DISCOUNT, SMOOTHING, PAD = 0.99, 0.005, 4


def paper():
    """Two convolutions of four filters, each pooled; 256 numbers come out."""
    depth = HISTORY * CHANNELS
    return nn.Sequential(
        nn.Conv2d(depth, 4, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(),
    ), 256


def small():
    """Four convolutions of 32 filters, then 50 numbers, normalised and squashed."""
    layers, depth = [], HISTORY * CHANNELS
    for stride in (2, 2, 1, 1):
        layers += [nn.Conv2d(depth, 32, 3, stride=stride), nn.ReLU()]
        depth = 32
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(288, 50), nn.LayerNorm(50), nn.Tanh()
    ), 50


def perceptron(inputs, outputs):
    return nn.Sequential(
        nn.Linear(inputs, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, outputs)
    )


class Learner:
    def __init__(self, make, memory_format):
        self.format = memory_format
        self.encoder, features = make()
        self.slow_encoder, _ = make()
        read = features + JOINTS
        self.actor = perceptron(read, 2 * ACTIONS)
        self.critics = nn.ModuleList(perceptron(read + ACTIONS, 1) for _ in range(2))
        self.slow_critics = nn.ModuleList(perceptron(read + ACTIONS, 1) for _ in range(2))
        self.slow_encoder.load_state_dict(self.encoder.state_dict())
        self.slow_critics.load_state_dict(self.critics.state_dict())
        for network in (self.encoder, self.slow_encoder):
            network.to(memory_format=memory_format)
        self.log_alpha = torch.zeros((), requires_grad=True)
        critical = [*self.encoder.parameters(), *self.critics.parameters()]
        self.critic_steps = torch.optim.Adam(critical, 3e-4, fused=True)
        self.actor_steps = torch.optim.Adam(self.actor.parameters(), 3e-4, fused=True)
        self.alpha_steps = torch.optim.Adam([self.log_alpha], 3e-4, fused=True)
        self.fast = critical
        self.slow = [*self.slow_encoder.parameters(), *self.slow_critics.parameters()]
        generator = torch.Generator().manual_seed(0)
        self.frames = torch.randint(
            0, 256, (STORED, CHANNELS, SIZE, SIZE), dtype=torch.uint8, generator=generator
        )
        self.joints = torch.randn(STORED, JOINTS, generator=generator)
        self.actions = torch.rand(STORED, ACTIONS, generator=generator) * 2 - 1
        self.rewards = torch.randn(STORED, generator=generator)
        self.goes_on = (torch.rand(STORED, generator=generator) > 0.01).float()

    def pictures(self, newest):
        """Three frames of each row as channels, shifted at random, from -0.5 to 0.5."""
        stack = torch.cat([self.frames[newest - age] for age in range(HISTORY)], 1)
        padded = functional.pad(stack.float(), [PAD] * 4, mode="replicate")
        rows = torch.arange(SIZE) + torch.randint(0, 2 * PAD + 1, (BATCH, 1))
        columns = torch.arange(SIZE) + torch.randint(0, 2 * PAD + 1, (BATCH, 1))
        index = torch.arange(BATCH)[:, None, None]
        moved = padded.permute(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None, :]]
        moved = moved.permute(0, 3, 1, 2).contiguous(memory_format=self.format)
        return moved.div_(255).sub_(0.5)

    def draw(self, observation):
        mean, log_sigma = self.actor(observation).chunk(2, -1)
        log_sigma = log_sigma.clamp(-20, 2)
        noise = torch.randn_like(mean)
        raw = mean + log_sigma.exp() * noise
        density = -0.5 * noise * noise - log_sigma - 0.9189385
        density = density - 2 * (0.6931472 - raw - functional.softplus(-2 * raw))
        return raw.tanh(), density.sum(-1)

    def values(self, critics, observation, action):
        together = torch.cat([observation, action], -1)
        return [critic(together).squeeze(-1) for critic in critics]

    def update(self):
        row = torch.randint(HISTORY - 1, STORED - 1, (BATCH,))
        now, then = self.pictures(row), self.pictures(row + 1)
        alpha = self.log_alpha.detach().exp()
        with torch.no_grad():
            next_joints = self.joints[row + 1]
            action, density = self.draw(torch.cat([self.encoder(then), next_joints], -1))
            slow = torch.cat([self.slow_encoder(then), next_joints], -1)
            lower = torch.minimum(*self.values(self.slow_critics, slow, action))
            target = self.rewards[row] + DISCOUNT * self.goes_on[row] * (lower - alpha * density)
        observation = torch.cat([self.encoder(now), self.joints[row]], -1)
        values = self.values(self.critics, observation, self.actions[row])
        loss = sum(0.5 * (value - target).square().mean() for value in values)
        self.critic_steps.zero_grad(set_to_none=True)
        loss.backward()
        self.critic_steps.step()

        observation = observation.detach()
        action, density = self.draw(observation)
        for parameter in self.critics.parameters():
            parameter.requires_grad_(False)
        lower = torch.minimum(*self.values(self.critics, observation, action))
        self.actor_steps.zero_grad(set_to_none=True)
        (alpha * density - lower).mean().backward()
        self.actor_steps.step()
        for parameter in self.critics.parameters():
            parameter.requires_grad_(True)

        self.alpha_steps.zero_grad(set_to_none=True)
        (-self.log_alpha * (density.detach() - ACTIONS).mean()).backward()
        self.alpha_steps.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.slow, self.fast, SMOOTHING)


def burst(learner, seconds):
    """Updates a second, by the wall clock and by processor time."""
    wanted = os.environ.get("BENCH_FIFO") == "1"
    begun = time.perf_counter()
    if wanted:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    try:
        start, spent, count = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - start < seconds:
            learner.update()
            count += 1
        wall, spent = time.perf_counter() - start, time.process_time() - spent
        return count / wall, 1e3 * spent / count
    finally:
        if wanted:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            time.sleep(time.perf_counter() - begun)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("encoder", choices=["paper", "small"])
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--rep-s", type=float, default=2)
    parser.add_argument("--format", choices=["contiguous", "channels_last"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    make = {"paper": paper, "small": small}[arguments.encoder]
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    names = [arguments.format] if arguments.format else list(formats)
    learners = {name: Learner(make, formats[name]) for name in names}
    results = {name: [] for name in names}
    for learner in learners.values():
        burst(learner, min(1, arguments.rep_s))
    for _ in range(arguments.reps):
        for name in names:
            results[name].append(burst(learners[name], arguments.rep_s))
    cost = {name: statistics.median(ms for _, ms in found) for name, found in results.items()}
    best = min(cost, key=cost.get)
    print(json.dumps(dict(
        bench="pixel_updates",
        lib="torch",
        encoder=arguments.encoder,
        batch=BATCH,
        threads=1,
        updates_per_s=round(statistics.median(rate for rate, _ in results[best]), 2),
        cpu_ms=round(cost[best], 3),
        format=best,
        version=torch.__version__,
    )), flush=True)


main()
