#!/usr/bin/env python3
"""Single-precision products of the learner's shapes on one core, one JSON line each.

usage: sgemm.py numpy|torch [pictures]

With `pictures`, the products that an update's passes through the small encoder amount to, batch 256,
each with how many `times` an update needs it.

With BENCH_FIFO=1 (root) each burst runs before every ordinary process and is followed by a pause.
"""

import json
import os
import statistics
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import numpy

# Rows, columns and summed terms; NN is A B, TN is A^T B, NT is A B^T.
SHAPES = [
    (256, 256, 256, "NN"),
    (256, 256, 23, "NN"),
    (256, 12, 256, "NN"),
    (256, 256, 256, "TN"),
    (23, 256, 256, "TN"),
    (256, 256, 256, "NT"),
    (256, 256, 12, "NT"),
]

# Windows of all pictures x weights of a window x filters, for each of the four convolutions and the
# linear layer: forward three times, the weights' gradient, and the slopes at what a layer read.
LAYERS = [(57600, 81, 32), (12544, 288, 32), (6400, 288, 32), (2304, 288, 32), (256, 288, 50)]
PICTURES = (
    [(windows, filters, taps, "NN", 3) for windows, taps, filters in LAYERS]
    + [(taps, filters, windows, "TN", 1) for windows, taps, filters in LAYERS]
    + [(windows, taps, filters, "NT", 1) for windows, taps, filters in LAYERS[1:]]
)
REPETITIONS = 15
BURST_OPERATIONS = 2e9


def operands(rows, columns, inner, form):
    """A, B and room for C; factors that are turned lie in memory the other way round."""
    random = numpy.random.default_rng(0)
    a = random.standard_normal((inner, rows) if form[0] == "T" else (rows, inner))
    b = random.standard_normal((columns, inner) if form[1] == "T" else (inner, columns))
    a, b = a.astype(numpy.float32), b.astype(numpy.float32)
    c = numpy.empty((rows, columns), numpy.float32)
    return a.T if form[0] == "T" else a, b.T if form[1] == "T" else b, c


def with_numpy(a, b, c):
    return lambda: numpy.matmul(a, b, out=c)


def with_torch(a, b, c):
    import torch

    torch.set_num_threads(1)
    # from_numpy keeps the strides, so that a turned factor stays one.
    a, b, c = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(c)
    return lambda: torch.mm(a, b, out=c)


def burst(multiply, count):
    """Operations are timed by processor time: what others take does not count."""
    wanted = os.environ.get("BENCH_FIFO") == "1"
    begun = time.perf_counter()
    if wanted:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    try:
        start = time.thread_time()
        for _ in range(count):
            multiply()
        return time.thread_time() - start
    finally:
        if wanted:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            time.sleep(time.perf_counter() - begun)


def main():
    library = sys.argv[1]
    prepare = {"numpy": with_numpy, "torch": with_torch}[library]
    is_pictures = sys.argv[2:] == ["pictures"]
    shapes = PICTURES if is_pictures else [(*shape, 1) for shape in SHAPES]
    repetitions = 5 if is_pictures else REPETITIONS
    rates = [[] for _ in shapes]
    products = [prepare(*operands(*shape[:4])) for shape in shapes]
    for multiply in products:
        for _ in range(3 if is_pictures else 20):
            multiply()
    for _ in range(repetitions):
        for (m, n, k, _, _), multiply, own in zip(shapes, products, rates):
            count = max(1, int(BURST_OPERATIONS / (2 * m * n * k)))
            own.append(2 * m * n * k * count / burst(multiply, count) / 1e9)
    for (m, n, k, form, times), own in zip(shapes, rates):
        line = dict(
            bench="sgemm",
            lib=library,
            m=m,
            n=n,
            k=k,
            form=form,
            times=times,
            threads=1,
            gflops_median=round(statistics.median(own), 1),
            gflops_max=round(max(own), 1),
        )
        print(json.dumps(line), flush=True)


main()
