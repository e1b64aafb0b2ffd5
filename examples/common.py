"""What the training scripts of the examples share.

Each example trains with scikit-learn, writes its network by hand as an ONNX
graph and records golden examples (requests and expected answers in the JSON
of the Open Inference Protocol V2). Three things are needed for that and are
kept here, so that a training script holds only what is specific to its model:

* writing graphs and JSON in a form that is the same, byte for byte, each time;
* a tiny evaluator of ONNX graphs, so that a script can prove that the graph
  computes what scikit-learn computes without needing an inference runtime;
* the command line, with ``--check`` for continuous integration.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

SEED = 20240229
"""Seed of every random choice in the examples."""

TOLERANCE = 1e-5
"""Largest accepted difference between scikit-learn and the ONNX graph.

Ten times stricter than the tolerance in the manifests (0.0001), which leaves
room for runtimes that add up in another order than numpy does.
"""

Arrays = Mapping[str, NDArray]


# --- ONNX ---------------------------------------------------------------------


def save_model(
    graph: onnx.GraphProto, path: Path, *, ml_opset: int | None = None
) -> onnx.ModelProto:
    """Wrap ``graph`` in a model, have ONNX check it and write it to ``path``.

    The versions are older than the newest on purpose: they are the oldest that
    have what the graphs need, so that every current runtime can read the files.
    """
    opsets = [helper.make_opsetid("", 13)]
    if ml_opset is not None:
        opsets.append(helper.make_opsetid("ai.onnx.ml", ml_opset))
    model = helper.make_model(graph, opset_imports=opsets, producer_name="mlo-examples")
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return model


def round_weights(weights: NDArray) -> NDArray:
    """Round weights to four decimals and to what a 32 bit float can hold.

    Another processor or another linear algebra library changes the last bits of
    a training run. Rounding removes that noise, so that a retrained model is the
    same file elsewhere too; and since scikit-learn is given the rounded weights
    back, its answers and those of the graph stem from identical numbers.
    """
    return np.round(weights, 4).astype(np.float32).astype(np.float64)


def run_graph(model: onnx.ModelProto, feeds: Arrays) -> dict[str, NDArray]:
    """Evaluate ``model`` with numpy; supports just the operators used here."""
    values: dict[str, NDArray] = dict(feeds)
    for tensor in model.graph.initializer:
        values[tensor.name] = onnx.numpy_helper.to_array(tensor)
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        arguments = [values[name] for name in node.input]
        values[node.output[0]] = _OPERATORS[node.op_type](attributes, *arguments)
    return {output.name: values[output.name] for output in model.graph.output}


def _softmax(attributes: Mapping, x: NDArray) -> NDArray:
    axis = attributes["axis"]
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _tree_ensemble_regressor(attributes: Mapping, x: NDArray) -> NDArray:
    """Sum the leaves that each row reaches, on top of the base values.

    ONNX stores a forest as parallel arrays: entry i describes one node, which
    the pair (tree id, node id) names.
    """
    tree_ids, node_ids = attributes["nodes_treeids"], attributes["nodes_nodeids"]
    position = {key: i for i, key in enumerate(zip(tree_ids, node_ids))}
    leaves = {
        (tree, node): (target, np.float32(weight))
        for tree, node, target, weight in zip(
            attributes["target_treeids"],
            attributes["target_nodeids"],
            attributes["target_ids"],
            attributes["target_weights"],
        )
    }
    result = np.tile(np.array(attributes["base_values"], dtype=np.float32), (len(x), 1))
    for row, features in enumerate(x):
        for tree in sorted(set(tree_ids)):
            node = 0
            while (tree, node) not in leaves:
                i = position[tree, node]
                threshold = np.float32(attributes["nodes_values"][i])
                below = features[attributes["nodes_featureids"][i]] <= threshold
                node = attributes["nodes_truenodeids" if below else "nodes_falsenodeids"][i]
            target, weight = leaves[tree, node]
            result[row, target] += weight
    return result


_OPERATORS: dict[str, Callable[..., NDArray]] = {
    "ArgMax": lambda attributes, x: x.argmax(axis=attributes["axis"]),
    "Flatten": lambda attributes, x: x.reshape(len(x), -1),
    "Gather": lambda attributes, table, index: table[index],
    "Gemm": lambda attributes, a, b, c: a @ b + c,
    "Relu": lambda attributes, x: np.maximum(x, np.float32(0)),
    "Softmax": _softmax,
    "TreeEnsembleRegressor": _tree_ensemble_regressor,
}


def verify(model: onnx.ModelProto, feeds: Arrays, expected: Arrays) -> float:
    """Fail unless ``model`` answers ``feeds`` with ``expected``.

    Numbers with a fraction may differ by TOLERANCE, everything else must be
    equal. Returns the largest difference.
    """
    worst = 0.0
    for name, actual in run_graph(model, feeds).items():
        wanted = expected[name]
        if actual.shape != wanted.shape:
            raise SystemExit(f"{name}: the graph gives shape {actual.shape}, not {wanted.shape}")
        if wanted.dtype.kind == "f":
            worst = max(worst, float(np.abs(actual - wanted).max()))
            if worst > TOLERANCE:
                raise SystemExit(f"{name}: the graph is off by {worst:.2e}")
        elif plain(actual) != plain(wanted):
            raise SystemExit(f"{name}: the graph gives other values than scikit-learn")
    return worst


# --- golden examples ------------------------------------------------------------


@dataclass(frozen=True)
class Tensor:
    """A tensor as the Open Inference Protocol writes it.

    ``decimals`` fixes how numbers are printed; None prints the shortest form.
    """

    name: str
    datatype: str
    values: NDArray
    decimals: int | None = None

    def json(self) -> str:
        """Render as JSON, one line for each innermost row.

        Values are flat in the protocol; the line breaks keep them readable for
        people, and show a change of one row as a change of one line.
        """
        shape = list(self.values.shape)
        rows = self.values.reshape(-1, shape[-1]) if len(shape) > 1 else [self.values]
        lines = ",\n".join("        " + ", ".join(map(self._scalar, plain(row))) for row in rows)
        return (
            f'    {{\n      "name": {json.dumps(self.name)},\n'
            f'      "datatype": {json.dumps(self.datatype)},\n'
            f'      "shape": {json.dumps(shape)},\n'
            f'      "data": [\n{lines}\n      ]\n    }}'
        )

    def _scalar(self, value: object) -> str:
        return json.dumps(value) if self.decimals is None else f"{value:.{self.decimals}f}"


def plain(values: NDArray) -> list:
    """Return ``values`` as Python objects, with text as ``str``, never ``bytes``."""
    return [v.decode() if isinstance(v, bytes) else v for v in np.ravel(values).tolist()]


def write_golden(
    folder: Path, name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> None:
    """Write the request ``<name>.json`` and its answer ``<name>.expected.json``."""
    _write_message(folder / f"{name}.json", "inputs", inputs)
    _write_message(folder / f"{name}.expected.json", "outputs", outputs)


def _write_message(path: Path, key: str, tensors: Sequence[Tensor]) -> None:
    text = ",\n".join(tensor.json() for tensor in tensors)
    message = f'{{\n  "{key}": [\n{text}\n  ]\n}}\n'
    json.loads(message)  # the layout is made by hand: be sure that it is JSON
    write_text(path, message)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` with LF line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


# --- command line ---------------------------------------------------------------


def main(home: Path, build: Callable[[Path], Mapping[str, float]]) -> None:
    """Run a training script whose files belong in ``home``.

    ``build`` writes its files below the folder it is given and returns the
    accuracy that each manifest has to state.
    """
    parser = argparse.ArgumentParser(description=f"Train the example '{home.name}'.")
    parser.add_argument(
        "--check",
        action="store_true",
        help="train into a temporary folder and fail if the files here differ",
    )
    if parser.parse_args().check:
        with tempfile.TemporaryDirectory() as temporary:
            accuracies = build(Path(temporary))
            complaints = _differences(Path(temporary), home)
    else:
        accuracies = build(home)
        complaints = []
    complaints += _wrong_metrics(home, accuracies)
    if complaints:
        sys.exit("\n".join(complaints))
    print("ok")


def _differences(fresh: Path, committed: Path) -> list[str]:
    complaints = []
    for path in sorted(p for p in fresh.rglob("*") if p.is_file()):
        relative = path.relative_to(fresh)
        other = committed / relative
        if not other.is_file():
            complaints.append(f"{relative}: missing")
        elif other.read_bytes() != path.read_bytes():
            complaints.append(f"{relative}: differs from what the script makes")
    return complaints


def _wrong_metrics(home: Path, accuracies: Mapping[str, float]) -> list[str]:
    """Compare the accuracy in each manifest with the one just measured.

    Manifests are written by people, so nothing but this check keeps the number
    in them true.
    """
    complaints = []
    for manifest, accuracy in accuracies.items():
        stated = re.search(r"accuracy: ([0-9.]+)", (home / manifest).read_text(encoding="utf-8"))
        if stated is None or stated[1] != f"{accuracy:.4f}":
            complaints.append(f"{manifest}: must state 'accuracy: {accuracy:.4f}'")
    return complaints
