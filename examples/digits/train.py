#!/usr/bin/env python3
"""Train the digits example: a small network that reads handwritten digits.

An example with an input of more than two dimensions: images of 8 x 8 pixels go
in, the digit and the probability of each digit come out.

Needs Debian's ``python3-sklearn`` and ``python3-onnx``, nothing else:

    python3 train.py           writes the files
    python3 train.py --check   fails if the files are not what it would write
"""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ among the examples
sys.path.insert(0, str(HOME.parent))

import numpy as np
from common import SEED, Tensor, main, round_weights, save_model, verify, write_golden
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SIDE = 8
DIGITS = 10
INK = 16
"""Pixels are whole numbers from 0 (empty) to 16."""

EPOCHS = 60
"""Passes over the training images."""


def train(images: NDArray, digits: NDArray) -> MLPClassifier:
    """Train one hidden layer, on pixels between 0 and 1.

    Passes are counted out with partial_fit, one for each call, because fit would
    stop on "no more progress": a decision that hangs on the last bits of the
    loss, which differ between machines.
    """
    random = np.random.RandomState(SEED)
    model = MLPClassifier(hidden_layer_sizes=(32,), alpha=1e-2, batch_size=64, random_state=random)
    for _ in range(EPOCHS):
        model.partial_fit(flat(images) / INK, digits, classes=np.arange(DIGITS))
    return model


def flat(images: NDArray) -> NDArray:
    """Return each image as one row of pixels, in 64 bits as scikit-learn computes."""
    return images.reshape(len(images), -1).astype(np.float64)


def to_onnx(model: MLPClassifier, path: Path) -> ModelProto:
    """Write the network; clients send pixels from 0 to 16 as they are.

    Dividing the pixels by 16 is folded into the first weights. 16 is a power of
    two, so this changes no result.
    """
    nodes = [
        helper.make_node("Flatten", ["image"], ["pixels"], axis=1),
        helper.make_node("Gemm", ["pixels", "hidden_weights", "hidden_bias"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "output_weights", "output_bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["scores"], ["class"], axis=1, keepdims=0),
    ]
    weights = {
        "hidden_weights": model.coefs_[0] / INK,
        "hidden_bias": model.intercepts_[0],
        "output_weights": model.coefs_[1],
        "output_bias": model.intercepts_[1],
    }
    graph = helper.make_graph(
        nodes,
        "digits_perceptron",
        inputs=[helper.make_tensor_value_info("image", TensorProto.FLOAT, ["images", SIDE, SIDE])],
        outputs=[
            helper.make_tensor_value_info("class", TensorProto.INT64, ["images"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["images", DIGITS]),
        ],
        initializer=[
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in weights.items()
        ],
    )
    return save_model(graph, path)


def answers(model: MLPClassifier, images: NDArray) -> dict[str, NDArray]:
    """Return what scikit-learn answers, in the form of the graph's outputs."""
    probabilities = model.predict_proba(flat(images) / INK)
    return {"class": probabilities.argmax(axis=1), "probabilities": probabilities}


def build(root: Path) -> dict[str, float]:
    """Write all files below ``root``; return the accuracy for the manifest."""
    data = load_digits()  # part of scikit-learn; no download takes place
    images = data.images.astype(np.float32)
    train_rows, test_rows = train_test_split(
        np.arange(len(images)), test_size=0.25, random_state=SEED, stratify=data.target
    )
    model = train(images[train_rows], data.target[train_rows])
    model.coefs_ = [round_weights(weights) for weights in model.coefs_]
    model.intercepts_ = [round_weights(bias) for bias in model.intercepts_]

    graph = to_onnx(model, root / "model.onnx")
    worst = verify(graph, {"image": images}, answers(model, images))
    accuracy = accuracy_score(data.target[test_rows], answers(model, images[test_rows])["class"])
    print(f"accuracy {accuracy:.4f}, graph within {worst:.1e} of scikit-learn")

    # The first image of each digit among those the model has not seen.
    first = [
        next(row for row in test_rows if data.target[row] == digit) for digit in range(DIGITS)
    ]
    for name, rows in (("one", first[7:8]), ("batch", first)):
        expected = answers(model, images[rows])
        write_golden(
            root / "examples",
            name,
            [Tensor("image", "FP32", images[rows], decimals=0)],
            [
                Tensor("class", "INT64", expected["class"]),
                Tensor("probabilities", "FP32", expected["probabilities"], decimals=6),
            ],
        )
    return {"mlops.yaml": accuracy}


if __name__ == "__main__":
    main(HOME, build)
