"""Runs an exported policy that looks at pictures with onnxruntime; compares its actions with ours.

Usage: onnx_pictures.py MODEL OBSERVATIONS FRAMES EXPECTED

OBSERVATIONS and EXPECTED are rows of little-endian 32-bit floats, FRAMES rows of bytes. The file has
to pass ONNX's own checker with its shapes inferred. Prints one JSON object.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime


def main():
    path, observations, frames, expected = sys.argv[1:]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {feed.name: feed for feed in session.get_inputs()}
    numbers = np.fromfile(observations, "<f4").reshape(-1, feeds["observation"].shape[1])
    shape = feeds["frames"].shape[1:]
    pictures = np.fromfile(frames, np.uint8).reshape(-1, *shape)
    wanted = np.fromfile(expected, "<f4").reshape(len(numbers), -1)
    (action,) = session.run(None, {"observation": numbers, "frames": pictures})
    (alone,) = session.run(None, {"observation": numbers[:1], "frames": pictures[:1]})
    known = onnx.ModelProto()
    known.CopyFrom(model)
    known.DiscardUnknownFields()
    print(json.dumps({
        "rows": len(numbers),
        "frames": [feeds["frames"].type] + [str(size) for size in shape],
        "operators": [node.op_type for node in model.graph.node],
        "only_known_fields": known.ByteSize() == model.ByteSize(),
        "difference": float(max(np.abs(action - wanted).max(), np.abs(alone - wanted[:1]).max())),
        "spread": float(np.ptp(wanted)),
    }))


main()
