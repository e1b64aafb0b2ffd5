#!/usr/bin/env python3
"""Train the model, export it to ONNX, and write its golden examples.

Replace `load` and `fit` by your own; `export` writes the graph by hand, which
for most libraries a converter does (skl2onnx, torch.onnx, tf2onnx). The result
is the same each time: `mlo build` gives the same digest for the same bytes.

Needs scikit-learn and onnx (requirements.txt).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

HOME = Path(__file__).resolve().parent if "__file__" in globals() else Path.cwd()
SEED = 7
SPECIES = ["setosa", "versicolor", "virginica"]
GOLDEN = {"one": [0], "batch": [14, 62, 100]}  # rows of the data to ask for


def load():
    """Return features and classes for training, then for testing."""
    features, species = load_iris(return_X_y=True)
    x, x_test, y, y_test = train_test_split(
        features.astype(np.float32), species, test_size=0.3, random_state=SEED, stratify=species
    )
    return x, y, x_test, y_test


def fit(x, y):
    """Train; weights are rounded so that every machine finds the same ones."""
    model = LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=1000)
    model.fit(x.astype(np.float64), y)
    model.coef_ = np.round(model.coef_, 4)
    model.intercept_ = np.round(model.intercept_, 4)
    return model


def export(model, path=HOME / "model.onnx"):
    """Write probabilities = softmax(features x weights + bias), and the best label."""
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "weights", "bias"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["scores"], ["best"], axis=1, keepdims=0),
            helper.make_node("Gather", ["species", "best"], ["label"], axis=0),
        ],
        "iris",
        inputs=[helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", 4])],
        outputs=[
            helper.make_tensor_value_info("label", TensorProto.STRING, ["rows"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", 3]),
        ],
        initializer=[
            numpy_helper.from_array(
                np.ascontiguousarray(model.coef_.T, dtype=np.float32), "weights"
            ),
            numpy_helper.from_array(model.intercept_.astype(np.float32), "bias"),
            helper.make_tensor(
                "species", TensorProto.STRING, [3], [name.encode() for name in SPECIES]
            ),
        ],
    )
    network = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="train.py"
    )
    network.ir_version = 7
    onnx.checker.check_model(network, full_check=True)
    Path(path).write_bytes(network.SerializeToString(deterministic=True))


def golden(model, folder=HOME / "examples"):
    """Write requests, and the answers the model must give wherever it runs."""
    features = load_iris().data.astype(np.float32)
    for name, rows in GOLDEN.items():
        x = features[rows]
        labels = [SPECIES[i] for i in model.predict(x)]
        write(folder / f"{name}.json", {"inputs": [tensor("features", "FP32", x)]})
        write(
            folder / f"{name}.expected.json",
            {
                "outputs": [
                    tensor("label", "BYTES", np.array(labels, dtype=object)),
                    tensor("probabilities", "FP32", model.predict_proba(x)),
                ]
            },
        )


def tensor(name, datatype, values):
    """A tensor of the Open Inference Protocol."""
    data = [v if isinstance(v, str) else round(float(v), 6) for v in values.ravel()]
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": data}


def metrics(model, x, y, path=HOME / "metrics.json"):
    """Write how good the model is on data it has not seen; goes into the image."""
    write(path, {"accuracy": round(float(model.score(x, y)), 4)})


def write(path, document):
    """Write JSON with LF line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((json.dumps(document) + "\n").encode())


def main():
    x, y, x_test, y_test = load()
    model = fit(x, y)
    export(model)
    golden(model)
    metrics(model, x_test, y_test)


if __name__ == "__main__":
    main()
