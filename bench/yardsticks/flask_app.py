"""The same weights behind Flask and scikit-learn: MODEL=small.pickle gunicorn flask_app:app"""
import os
import pickle

import numpy
from flask import Flask, jsonify, request

with open(os.environ["MODEL"], "rb") as file:
    model = pickle.load(file)

app = Flask(__name__)


@app.post("/v2/models/small/infer")
def infer():
    given = request.get_json()["inputs"][0]
    rows = numpy.array(given["data"], dtype=numpy.float32).reshape(given["shape"])
    scores = model.predict_proba(rows)
    return jsonify(
        model_name="small",
        outputs=[{
            "name": "scores",
            "datatype": "FP32",
            "shape": scores.shape,
            "data": scores.reshape(-1).tolist(),
        }])
