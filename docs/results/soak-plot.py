#!/usr/bin/env python3
"""Draws a soak's log: soak-plot.py soak.csv soak.svg (needs matplotlib)."""
import csv
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

PANELS = [
    ("resident_kb", "resident memory, MB", 1e-3),
    ("descriptors", "file descriptors", 1),
    ("run_bytes", "run on disk, MB", 1e-6),
    ("steps", "policy steps, thousands", 1e-3),
    ("overrun_ticks", "late ticks, sum", 1),
    ("faults", "faults so far", 1),
]

with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))
hours = [float(row["seconds"]) / 3600 for row in rows]
figure, axes = pyplot.subplots(3, 2, figsize=(9, 7), sharex=True, layout="constrained")
for axis, (column, title, scale) in zip(axes.flat, PANELS):
    axis.plot(hours, [float(row[column]) * scale for row in rows], linewidth=1.2)
    axis.set_title(title, fontsize=10, loc="left")
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
for axis in axes[-1]:
    axis.set_xlabel("hours of the robot's time")
pyplot.savefig(sys.argv[2], metadata={"Date": None})
