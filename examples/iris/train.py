#!/usr/bin/env python3
"""Train the iris example: two models of different kinds, one signature.

Version 1.0.0 is a logistic regression, version 2.0.0 gradient boosted trees. A
client cannot tell them apart by their inputs and outputs, so one can replace
the other while serving. The folder ``wrong`` holds a model that has the same
signature too but mixes up the labels; it is shipped with the golden examples of
2.0.0 in order to show that a self test stops such a model.

Needs Debian's ``python3-sklearn`` and ``python3-onnx``, nothing else:

    python3 train.py           writes the files
    python3 train.py --check   fails if the files are not what it would write
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ among the examples
sys.path.insert(0, str(HOME.parent))

import numpy as np
from common import (
    SEED,
    Tensor,
    main,
    plain,
    round_weights,
    run_graph,
    save_model,
    verify,
    write_golden,
    write_text,
)
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

COLUMNS = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"]
SPECIES = ["setosa", "versicolor", "virginica"]

Model = LogisticRegression | GradientBoostingClassifier

ONE = [0]
"""The row of the data that golden example ``one`` asks for."""

BATCH = [14, 22, 40, 52, 62, 70, 115, 119, 133]
"""The rows of ``batch``: three of each species, easy ones and doubtful ones."""


@dataclass(frozen=True)
class Iris:
    """The data and its split; the test part is never trained on."""

    features: NDArray  # float32, as the models receive it
    species: NDArray  # index into SPECIES
    train: NDArray  # row numbers
    test: NDArray


def load() -> Iris:
    """Load the data that comes with scikit-learn; no download takes place."""
    features, species = load_iris(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(species)), test_size=0.3, random_state=SEED, stratify=species
    )
    return Iris(features.astype(np.float32), species, train, test)


def csv(data: Iris) -> str:
    """Render the data as CSV, in the order of scikit-learn."""
    lines = [",".join([*COLUMNS, "species"])]
    for row, species in zip(data.features, data.species):
        lines.append(",".join([*(f"{value:.1f}" for value in row), SPECIES[species]]))
    return "\n".join(lines) + "\n"


# --- training -------------------------------------------------------------------


def train_logistic(data: Iris) -> LogisticRegression:
    """Fit to a tight tolerance, then round: see round_weights for the reason.

    Newton's method gets there; the default solver stops several digits earlier,
    at weights that depend on the machine.
    """
    model = LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=1000)
    model.fit(data.features[data.train].astype(np.float64), data.species[data.train])
    model.coef_ = round_weights(model.coef_)
    model.intercept_ = round_weights(model.intercept_)
    return model


def train_boosting(data: Iris) -> GradientBoostingClassifier:
    """Fit a few shallow trees: enough for this data, and a small file.

    The values of the leaves are rounded as other weights are.
    """
    model = GradientBoostingClassifier(
        n_estimators=25, learning_rate=0.15, max_depth=2, random_state=SEED
    )
    model.fit(data.features[data.train], data.species[data.train])
    for estimator in model.estimators_.flat:
        estimator.tree_.value[:] = round_weights(estimator.tree_.value)
    return model


# --- ONNX -----------------------------------------------------------------------


def make_model(
    name: str,
    scores: NodeProto,
    weights: Sequence[TensorProto],
    path: Path,
    *,
    ml_opset: int | None = None,
) -> ModelProto:
    """Complete a node that turns ``features`` into ``scores`` to a classifier.

    Both kinds of model end alike: Softmax gives the probabilities, and looking
    up the best class in a table of names gives the label. This keeps the label
    a plain tensor of strings, where the classifier operators of ai.onnx.ml would
    each have their own way of naming classes.
    """
    nodes = [
        scores,
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["scores"], ["best"], axis=1, keepdims=0),
        helper.make_node("Gather", ["species", "best"], ["label"], axis=0),
    ]
    species = helper.make_tensor(
        "species", TensorProto.STRING, [len(SPECIES)], [name.encode() for name in SPECIES]
    )
    graph = helper.make_graph(
        nodes,
        name,
        inputs=[
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", len(COLUMNS)])
        ],
        outputs=[
            helper.make_tensor_value_info("label", TensorProto.STRING, ["rows"]),
            helper.make_tensor_value_info(
                "probabilities", TensorProto.FLOAT, ["rows", len(SPECIES)]
            ),
        ],
        initializer=[*weights, species],
        # ONNX cannot infer what comes out of a tree ensemble, so it is stated.
        value_info=[
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", len(SPECIES)])
        ],
    )
    return save_model(graph, path, ml_opset=ml_opset)


def logistic_to_onnx(model: LogisticRegression, path: Path) -> ModelProto:
    """Write scores = features x weights + bias."""
    columns = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
    weights = numpy_helper.from_array(columns, "weights")
    bias = numpy_helper.from_array(model.intercept_.astype(np.float32), "bias")
    scores = helper.make_node("Gemm", ["features", "weights", "bias"], ["scores"])
    return make_model("iris_logistic_regression", scores, [weights, bias], path)


def boosting_to_onnx(model: GradientBoostingClassifier, path: Path) -> ModelProto:
    """Write the trees as a regressor with one target for each species.

    A score is the logarithm of how frequent the species is plus, for each tree,
    the value of the leaf reached times the learning rate.
    """
    nodes: dict[str, list] = {
        key: []
        for key in (
            "treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids"
        )
    }
    targets: dict[str, list] = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
    for tree_id, (target, estimator) in enumerate(
        (target, estimator) for stage in model.estimators_ for target, estimator in enumerate(stage)
    ):
        tree = estimator.tree_
        for node in range(tree.node_count):
            leaf = tree.children_left[node] == tree.children_right[node]
            nodes["treeids"].append(tree_id)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if leaf else int(tree.feature[node]))
            nodes["values"].append(0.0 if leaf else float32_below(tree.threshold[node]))
            nodes["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if leaf else int(tree.children_left[node]))
            nodes["falsenodeids"].append(0 if leaf else int(tree.children_right[node]))
            if leaf:
                targets["treeids"].append(tree_id)
                targets["nodeids"].append(node)
                targets["ids"].append(target)
                targets["weights"].append(float(model.learning_rate * tree.value[node, 0, 0]))
    scores = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["scores"],
        domain="ai.onnx.ml",
        n_targets=len(SPECIES),
        base_values=[float(value) for value in np.log(model.init_.class_prior_)],
        **{f"nodes_{key}": value for key, value in nodes.items()},
        **{f"target_{key}": value for key, value in targets.items()},
    )
    return make_model("iris_gradient_boosting", scores, [], path, ml_opset=1)


def float32_below(threshold: float) -> float:
    """Return the largest 32 bit float that is not above ``threshold``.

    scikit-learn compares with 64 bit thresholds, ONNX with 32 bit ones. Rounded
    this way, and not to the nearest, ``x <= threshold`` has the same result for
    every 32 bit x.
    """
    nearest = np.float32(threshold)
    return float(np.nextafter(nearest, np.float32(-np.inf)) if nearest > threshold else nearest)


# --- files ----------------------------------------------------------------------


def write_examples(folder: Path, data: Iris, model: Model) -> None:
    """Write the golden examples as scikit-learn, not the graph, answers them."""
    for name, rows in (("one", ONE), ("batch", BATCH)):
        expected = answers(model, data.features[rows])
        write_golden(
            folder / "examples",
            name,
            [Tensor("features", "FP32", data.features[rows], decimals=1)],
            [
                Tensor("label", "BYTES", expected["label"]),
                Tensor("probabilities", "FP32", expected["probabilities"], decimals=6),
            ],
        )


def answers(model: Model, features: NDArray) -> dict[str, NDArray]:
    """Return what scikit-learn answers, in the form of the graph's outputs."""
    probabilities = model.predict_proba(features.astype(np.float64))
    label = np.array(SPECIES, dtype=object)[probabilities.argmax(axis=1)]
    return {"label": label, "probabilities": probabilities}


def build(root: Path) -> dict[str, float]:
    """Write all files below ``root``; return the accuracy for each manifest."""
    data = load()
    test_rows = sorted(data.test.tolist())
    if not set(ONE + BATCH) <= set(test_rows):
        raise SystemExit(f"golden examples must be test rows, one of {test_rows}")
    write_text(root / "data/iris.csv", csv(data))

    accuracies = {}
    logistic = train_logistic(data)
    boosting = train_boosting(data)
    for version, model, to_onnx in (
        ("1.0.0", logistic, logistic_to_onnx),
        ("2.0.0", boosting, boosting_to_onnx),
    ):
        folder = root / version
        test = data.features[data.test]
        graph = to_onnx(model, folder / "model.onnx")
        worst = verify(graph, {"features": data.features}, answers(model, data.features))
        accuracy = accuracy_score(data.species[data.test], model.predict(test))
        print(f"{version}: accuracy {accuracy:.4f}, graph within {worst:.1e} of scikit-learn")
        write_examples(folder, data, model)
        # Once more: a manifest cannot name files outside its folder.
        write_text(folder / "data/iris.csv", csv(data))
        accuracies[f"{version}/mlops.yaml"] = accuracy

    build_wrong(root / "wrong", data, boosting)
    return accuracies


def build_wrong(folder: Path, data: Iris, right: GradientBoostingClassifier) -> None:
    """Write the wrong model next to the golden examples of the right one.

    The species are shifted by one: a believable mistake that no look at the
    signature, the file or the training score can find. Each tree speaks for one
    species and all species are equally frequent, so handing the trees on to the
    next species is the same as training on shifted labels.
    """
    wrong = copy.copy(right)
    wrong.estimators_ = np.roll(right.estimators_, 1, axis=1)
    graph = boosting_to_onnx(wrong, folder / "model.onnx")
    verify(graph, {"features": data.features}, answers(wrong, data.features))
    write_examples(folder, data, right)
    for rows in (ONE, BATCH):
        features = data.features[rows]
        actual = plain(run_graph(graph, {"features": features})["label"])
        if any(a == b for a, b in zip(actual, plain(answers(right, features)["label"]))):
            raise SystemExit("wrong: the model gives a right answer, the self test could pass")
    print("wrong: fails its golden examples, as it should")


if __name__ == "__main__":
    main(HOME, build)
