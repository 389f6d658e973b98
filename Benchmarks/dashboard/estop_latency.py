#!/usr/bin/env python3
"""How long an e-stop tap in the page takes until torque-off is on the wire.

    estop_latency.py SACBOT FOLDER [TAPS]

FOLDER holds robots/bench.yaml and what it needs (Tests/SystemTests/BenchRobot.swift writes such a
one). Each tap has a training of its own: emulated servos, a wire tap, `train --backend hardware`,
Chromium at phone size. From the pointer event's time stamp to the packet that takes the torque away,
both by this machine's clock; the tap's own delay (a Python process) is in it. One line a tap,
milliseconds, then the median.
"""

import os
import pathlib
import statistics
import subprocess
import sys

PEERS = pathlib.Path(__file__).resolve().parents[2] / "Tests/peers"


def start(command, **more):
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)


def one(sacbot, folder):
    environment = dict(os.environ, XDG_RUNTIME_DIR=folder)
    emulator = start([sacbot, "emulate", "--robot", "bench"], cwd=folder, env=environment)
    port = emulator.stdout.readline().split()[-1]
    tap = start([sys.executable, PEERS / "wire_tap.py", port])
    train = start(
        [sacbot, "train", "--robot", "bench", "--backend", "hardware", "--port",
         tap.stdout.readline().strip(), "--arm", "--clear-fault", "--dashboard", "127.0.0.1:0"],
        cwd=folder, env=environment, stderr=subprocess.PIPE)
    try:
        for line in train.stderr:
            if "dashboard http" in line:
                url = line.split()[-1]
                break
        browser = subprocess.run(
            [sys.executable, PEERS / "dashboard_browser.py", "estop", url],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # On a busy machine the emulated robot may have stopped by itself before the tap.
        if browser.returncode != 0:
            return None
        seen = browser.stdout
        touched = int(seen.split()[-1])
        train.communicate(timeout=30)
        tap.stdin.close()
        tap.stdin = None
        packets = tap.communicate(timeout=30)[0].split("\n")
    finally:
        for process in (train, tap, emulator):
            process.terminate()
            process.wait()
    for packet in packets:
        words = packet.split(" ")
        if len(words) == 4 and int(words[0]) > touched and words[2] in ("03", "83") \
                and words[3].startswith("4000") and words[3].endswith("00"):
            return (int(words[0]) - touched) * 1e-6
    raise SystemExit("no torque-off was seen")


def main():
    sacbot, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    taps = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    found = []
    spoiled = 0
    while len(found) < taps and spoiled < taps:
        delay = one(sacbot, folder)
        if delay is None:
            spoiled += 1
            print("no robot to stop, again", flush=True)
        else:
            found.append(delay)
            print(f"{delay:.1f}", flush=True)
    found.sort()
    print(f"median {statistics.median(found):.1f} ms, least {found[0]:.1f}, most {found[-1]:.1f}, {len(found)} taps")


main()
