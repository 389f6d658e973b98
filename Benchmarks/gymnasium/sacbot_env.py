"""A simulated sacbot robot as a Gymnasium environment: episodes are those `sacbot train` learns from.

    from sacbot_env import SacbotEnv
    env = SacbotEnv("robots/claw.yaml", task="near")

or, with this folder on PYTHONPATH, `gymnasium.make("sacbot_env:sacbot/Robot-v0", robot=...)`.
README.md lists the options of `reset` and the keys of `info`.
"""
import json
import math
import os
import shutil
import signal
import struct
import subprocess
import tempfile

import gymnasium
import numpy as np

# The keys of info that are yes or no; `error` stays a number.
TRUTHS = {"success", "limited", "success_final", "success_held"}


class SacbotError(RuntimeError):
    """The robot cannot go on, or its process is gone; the text says why."""


def find_program():
    """The sacbot binary: $SACBOT, this repository's release build, or the one in PATH."""
    here = os.path.dirname(os.path.abspath(__file__))
    built = os.path.join(here, "..", "..", ".build", "release", "sacbot")
    for program in (os.environ.get("SACBOT"), built, shutil.which("sacbot")):
        if program and os.access(program, os.X_OK):
            return os.path.abspath(program)
    raise SacbotError("there is no sacbot binary; build it, or set SACBOT to its path")


class SacbotEnv(gymnasium.Env):
    """One robot, one task, one `sacbot gym` process."""

    metadata = {"render_modes": []}

    def __init__(self, robot, task=None, seed=1, program=None, folder=None, render_mode=None):
        """
        robot, task  as on sacbot's command line; the first task by default
        seed         seed of the episodes until `reset` brings another
        program      the sacbot binary, see find_program
        folder       where the process runs: relative robot files are looked for there
        """
        self.render_mode = render_mode
        command = [program or find_program(), "gym", "--robot", robot, "--seed", str(seed)]
        if task is not None:
            command += ["--task", task]
        self._errors = tempfile.TemporaryFile()
        try:
            # A session of its own: Ctrl-C is for the learner, which then closes the environment.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise SacbotError(f"cannot start {command[0]}: {error}") from None
        kind, body = self._receive()
        if kind != b"H":
            self._end("did not say what it is")
        #: What the robot says about itself: task, layouts, the robot file's learner settings.
        self.hello = json.loads(body)
        self._seen = self.hello["observations"]
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (self._seen,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1, 1, (self.hello["actions"],), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        options = options or {}
        stream = options.get("stream")
        if stream is not None:
            seed = options.get("stream_seed")
        flags = (seed is not None) | bool(options.get("fresh")) << 1 | (stream is not None) << 2
        self._send(b"R", struct.pack("<BQ", flags, seed or 0) + (stream or "").encode())
        observation, _, _, _, info = self._outcome()
        return observation, info

    def step(self, action):
        numbers = np.asarray(action, dtype="<f4")
        if numbers.shape != self.action_space.shape:
            raise ValueError(f"an action of shape {numbers.shape}, not {self.action_space.shape}")
        self._send(b"S", numbers.tobytes())
        return self._outcome()

    def close(self):
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _send(self, kind, body):
        try:
            self._process.stdin.write(struct.pack("<I", len(body) + 1) + kind + body)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            self._end("is gone")

    def _receive(self):
        frame = self._process.stdout.read(4)
        if len(frame) < 4:
            self._end("is gone")
        content = self._process.stdout.read(struct.unpack("<I", frame)[0])
        return content[:1], content[1:]

    def _outcome(self):
        kind, body = self._receive()
        if kind == b"E":
            raise SacbotError(body.decode())
        if kind != b"O":
            self._end("answered something else than was asked")
        reward, flags, count = struct.unpack_from("<dBI", body)
        at = struct.calcsize("<dBI")
        observation = np.frombuffer(body, "<f4", count, at).astype(np.float32)
        numbers = np.frombuffer(body, "<f8", offset=at + 4 * count)
        info = {
            name: bool(number) if name in TRUTHS else float(number)
            for name, number in zip(self.hello["info"], numbers)
            if not math.isnan(number)
        }
        if "success_held" in info:
            # What stable-baselines3 looks for at an episode's end.
            info["is_success"] = info["success_held"]
        return observation, reward, bool(flags & 1), bool(flags & 2), info

    def _end(self, what):
        """Says why there is no process to talk to any more."""
        if self._process.stdin.closed:
            raise SacbotError("this environment was closed")
        try:
            code = self._process.wait(timeout=5)
            how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        except subprocess.TimeoutExpired:
            how = "still running"
        self._errors.seek(0)
        said = self._errors.read()[-4000:].decode(errors="replace").strip()
        raise SacbotError(
            f"the sacbot process {self._process.pid} {what} ({how}); "
            + (f"its standard error:\n{said}" if said else "it wrote nothing to standard error")
        )


gymnasium.register("sacbot/Robot-v0", entry_point="sacbot_env:SacbotEnv")
