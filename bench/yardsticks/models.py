#!/usr/bin/env python3
"""Writes the models that bench/serve asks: models.py DIRECTORY

small/model.onnx   a logistic regression, 4 numbers to 3 scores
cnn/model.onnx     three convolutions over 3 x 32 x 32, any number of images
large/model.onnx   the mean of 150,528 numbers (600 KB of FP32), any number of rows
small/model.pickle the same weights for scikit-learn
"""
import os
import pickle
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression

random = numpy.random.RandomState(7)


def write(directory, nodes, inputs, outputs, weights):
    os.makedirs(directory, exist_ok=True)
    graph = helper.make_graph(
        nodes, "g", inputs, outputs, [numpy_helper.from_array(w, n) for n, w in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(directory, "model.onnx"))


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def small(root):
    rows = random.rand(300, 4).astype(numpy.float32)
    labels = (rows[:, 0] * 3).astype(int) % 3
    fitted = LogisticRegression(max_iter=500).fit(rows, labels)
    with open(os.path.join(root, "small.pickle"), "wb") as out:
        pickle.dump(fitted, out)
    write(
        os.path.join(root, "small"),
        [helper.make_node("Gemm", ["x", "w", "b"], ["z"]),
         helper.make_node("Softmax", ["z"], ["scores"], axis=1)],
        [value("x", [None, 4])],
        [value("scores", [None, 3])],
        {"w": fitted.coef_.T.astype(numpy.float32), "b": fitted.intercept_.astype(numpy.float32)})


def cnn(root):
    def weights(*shape):
        return (random.rand(*shape).astype(numpy.float32) - 0.5) / 10

    write(
        os.path.join(root, "cnn"),
        [helper.make_node("Conv", ["x", "w1"], ["c1"], pads=[1, 1, 1, 1]),
         helper.make_node("Relu", ["c1"], ["r1"]),
         helper.make_node("Conv", ["r1", "w2"], ["c2"], pads=[1, 1, 1, 1], strides=[2, 2]),
         helper.make_node("Relu", ["c2"], ["r2"]),
         helper.make_node("Conv", ["r2", "w3"], ["c3"], pads=[1, 1, 1, 1], strides=[2, 2]),
         helper.make_node("Relu", ["c3"], ["r3"]),
         helper.make_node("GlobalAveragePool", ["r3"], ["p"]),
         helper.make_node("Flatten", ["p"], ["f"]),
         helper.make_node("Gemm", ["f", "w4"], ["scores"])],
        [value("x", [None, 3, 32, 32])],
        [value("scores", [None, 10])],
        {"w1": weights(32, 3, 3, 3), "w2": weights(64, 32, 3, 3), "w3": weights(128, 64, 3, 3),
         "w4": weights(128, 10)})


def large(root):
    write(
        os.path.join(root, "large"),
        [helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=1)],
        [value("x", [None, 150528])],
        [value("mean", [None, 1])],
        {})


if __name__ == "__main__":
    small(sys.argv[1])
    cnn(sys.argv[1])
    large(sys.argv[1])
