#!/usr/bin/env python3
"""Train the model, export it to PMML, and write its golden examples.

Replace `load` and `fit` by your own; `export` writes the document by hand,
which for most libraries a converter does (sklearn2pmml, nyoka, r2pmml). The
result is the same each time: `mlo build` gives the same digest for the same
bytes.

Needs scikit-learn (requirements.txt).
"""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

HOME = Path(__file__).resolve().parent if "__file__" in globals() else Path.cwd()
SEED = 7
FIELDS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
SPECIES = ["setosa", "versicolor", "virginica"]
GOLDEN = {"one": [0], "batch": [14, 62, 100]}  # rows of the data to ask for


def load():
    """Return features and classes for training, then for testing."""
    features, species = load_iris(return_X_y=True)
    x, x_test, y, y_test = train_test_split(
        features, species, test_size=0.3, random_state=SEED, stratify=species
    )
    return x, y, x_test, y_test


def fit(x, y):
    """Train; weights are rounded so that every machine finds the same ones."""
    model = LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=1000)
    model.fit(x, y)
    model.coef_ = np.round(model.coef_, 4)
    model.intercept_ = np.round(model.intercept_, 4)
    return model


def export(model, path=HOME / "model.pmml"):
    """Write one regression a species; softmax makes probabilities of them."""
    root = ElementTree.Element("PMML", version="4.4", xmlns="http://www.dmg.org/PMML-4_4")
    ElementTree.SubElement(root, "Header", description="Iris species from four measurements")
    dictionary = ElementTree.SubElement(root, "DataDictionary")
    for name in FIELDS:
        field(dictionary, "DataField", name, "continuous", "double")
    target = field(dictionary, "DataField", "species", "categorical", "string")
    for name in SPECIES:
        ElementTree.SubElement(target, "Value", value=name)

    regression = ElementTree.SubElement(
        root, "RegressionModel", functionName="classification", normalizationMethod="softmax"
    )
    schema = ElementTree.SubElement(regression, "MiningSchema")
    for name in FIELDS:
        ElementTree.SubElement(schema, "MiningField", name=name)
    ElementTree.SubElement(schema, "MiningField", name="species", usageType="target")
    output = ElementTree.SubElement(regression, "Output")
    field(output, "OutputField", "label", "categorical", "string", feature="predictedValue")
    for name in SPECIES:
        label = f"probability_{name}"
        field(
            output, "OutputField", label, "continuous", "double", feature="probability", value=name
        )
    for name, weights, bias in zip(SPECIES, model.coef_, model.intercept_):
        table = ElementTree.SubElement(
            regression, "RegressionTable", targetCategory=name, intercept=f"{bias:.4f}"
        )
        for column, weight in zip(FIELDS, weights):
            ElementTree.SubElement(
                table, "NumericPredictor", name=column, coefficient=f"{weight:.4f}"
            )
    ElementTree.indent(root)
    Path(path).write_bytes(
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root) + b"\n"
    )


def field(parent, element, name, optype, datatype, **more):
    """A field of the data dictionary, or of the output."""
    return ElementTree.SubElement(
        parent, element, name=name, optype=optype, dataType=datatype, **more
    )


def golden(model, folder=HOME / "examples"):
    """Write requests, and the answers the model must give wherever it runs."""
    features = load_iris().data
    for name, rows in GOLDEN.items():
        x = features[rows]
        columns = zip(FIELDS, x.T)
        write(
            folder / f"{name}.json",
            {"inputs": [tensor(field, "FP64", values) for field, values in columns]},
        )
        labels = [SPECIES[i] for i in model.predict(x)]
        probabilities = zip(SPECIES, model.predict_proba(x).T)
        write(
            folder / f"{name}.expected.json",
            {
                "outputs": [tensor("label", "BYTES", labels)]
                + [tensor(f"probability_{label}", "FP64", p) for label, p in probabilities]
            },
        )


def tensor(name, datatype, values):
    """A column of the table, as a tensor of the Open Inference Protocol."""
    data = [v if isinstance(v, str) else round(float(v), 9) for v in values]
    return {"name": name, "datatype": datatype, "shape": [len(data)], "data": data}


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
