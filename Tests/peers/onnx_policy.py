"""Runs an exported policy with onnxruntime and compares it with what sacbot computes.

Usage: onnx_policy.py MODEL OBSERVATIONS [NAME=EXPECTED]...

OBSERVATIONS and every EXPECTED are rows of little-endian 32-bit floats. The file has to pass ONNX's
own checker with its shapes inferred. Prints one JSON object: inputs and outputs with their shapes,
operators, versions, metadata, and for each NAME the largest difference from EXPECTED.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime


def values(model_values):
    """Name, shape (numbers or names) and documentation of a graph's inputs or outputs."""
    found = {}
    for value in model_values:
        kind = value.type.tensor_type
        if kind.elem_type != onnx.TensorProto.FLOAT:
            sys.exit(f"{value.name} is not made of 32-bit floats")
        shape = [d.dim_param or d.dim_value for d in kind.shape.dim]
        found[value.name] = {"shape": shape, "doc": value.doc_string}
    return found


def without_unknown_fields(model):
    """Whether every field in the file is one that the official schema has."""
    known = onnx.ModelProto()
    known.CopyFrom(model)
    known.DiscardUnknownFields()
    return known.ByteSize() == model.ByteSize()


def main():
    path, observations, *expected = sys.argv[1:]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (feed,) = session.get_inputs()
    rows = np.fromfile(observations, "<f4").reshape(-1, feed.shape[1])
    names = [output.name for output in session.get_outputs()]
    together = dict(zip(names, session.run(None, {feed.name: rows})))
    alone = dict(zip(names, session.run(None, {feed.name: rows[:1]})))
    difference = {}
    for pair in expected:
        name, file = pair.split("=", 1)
        wanted = np.fromfile(file, "<f4").reshape(together[name].shape)
        worst = np.abs(together[name].astype(float) - wanted).max()
        one = np.abs(alone[name].astype(float) - wanted[:1]).max()
        difference[name] = float(max(worst, one))
    print(json.dumps({
        "rows": len(rows),
        "inputs": values(model.graph.input),
        "outputs": values(model.graph.output),
        "operators": [node.op_type for node in model.graph.node],
        "constants": {c.name: list(c.dims) for c in model.graph.initializer},
        "ir_version": model.ir_version,
        "opset": {entry.domain: entry.version for entry in model.opset_import},
        "producer": [model.producer_name, model.producer_version],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "only_known_fields": without_unknown_fields(model),
        "difference": difference,
    }))


main()
