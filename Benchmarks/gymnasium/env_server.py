#!/usr/bin/env python3
"""Serves one Gymnasium environment over standard input and output, for `sacbot-gym`.

usage: env_server.py ENV [KEY=VALUE ...]     further words go to gymnasium.make, values as JSON

The messages are listed in README.md. Actions come in [-1, 1] and are scaled to the environment's
own box here; observations leave as float32. Ends when standard input does.
"""
import json
import math
import os
import struct
import sys
import time
import traceback


def take_streams():
    """The pipe's two ends; whatever else prints goes to standard error from here on."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return requests, replies


def send(replies, kind, body):
    replies.write(struct.pack("<I", len(body) + 1) + kind + body)
    replies.flush()


def receive(requests):
    """The next message's kind and body; None when the other side has closed."""
    frame = requests.read(4)
    if len(frame) < 4:
        return None
    content = requests.read(struct.unpack("<I", frame)[0])
    return content[:1], content[1:]


class Served:
    """An environment with a box of actions and a box of observations."""

    def __init__(self, name, arguments):
        import gymnasium
        import numpy

        self.np = numpy
        self.env = gymnasium.make(name, **arguments)
        box = self.env.action_space
        seen = self.env.observation_space
        if not isinstance(box, gymnasium.spaces.Box) or box.dtype.kind != "f":
            raise ValueError(f"{name} has the actions {box}; only a box of floats can be driven")
        if not isinstance(seen, gymnasium.spaces.Box):
            raise ValueError(f"{name} shows {seen}; only a box can be seen, flatten it first")
        if not box.is_bounded():
            raise ValueError(f"{name} has unbounded actions {box}; they cannot be scaled")
        self.box = box
        self.low = box.low.astype(numpy.float64)
        self.range = box.high.astype(numpy.float64) - self.low
        self.hello = {
            "name": name,
            "observations": math.prod(seen.shape),
            "actions": math.prod(box.shape),
            "info": ["cpu_seconds"],
            "gymnasium": gymnasium.__version__,
        }

    def reset(self, body):
        flags, seed = struct.unpack_from("<BQ", body)
        observation, _ = self.env.reset(seed=seed if flags & 1 else None)
        return self.outcome(observation, 0.0, False, False)

    def step(self, body):
        action = self.np.frombuffer(body, "<f4").astype(self.np.float64)
        action = self.np.clip(action, -1, 1).reshape(self.box.shape)
        scaled = self.low + (action + 1) / 2 * self.range
        return self.outcome(*self.env.step(scaled.astype(self.box.dtype))[:4])

    def outcome(self, observation, reward, terminated, truncated):
        numbers = self.np.asarray(observation, dtype="<f4").ravel()
        flags = bool(terminated) | bool(truncated) << 1
        return (
            struct.pack("<dBI", float(reward), flags, numbers.size)
            + numbers.tobytes()
            + struct.pack("<d", time.process_time())
        )


def serve(requests, replies, words):
    pairs = (word.split("=", 1) for word in words[1:])
    served = Served(words[0], {key: json.loads(value) for key, value in pairs})
    send(replies, b"H", json.dumps(served.hello).encode())
    while (message := receive(requests)) is not None:
        kind, body = message
        act = {b"R": served.reset, b"S": served.step}[kind]
        send(replies, b"O", act(body))


def main():
    requests, replies = take_streams()
    try:
        serve(requests, replies, sys.argv[1:])
    except BrokenPipeError:
        pass
    except Exception as error:
        traceback.print_exc()
        send(replies, b"E", f"{type(error).__name__}: {error}".encode())
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
