#!/usr/bin/env python3
"""Calibration of the cases of classification.json by NumPy: calibration.json.

    /usr/bin/python3 tests/reference/tables/calibration.py
"""
import json
import pathlib

import numpy as np

here = pathlib.Path(__file__)
out = []
for case in json.loads((here.parent / "classification.json").read_text())["cases"]:
    p = np.array(case["p"]).reshape(-1, case["classes"])
    truth = np.array(case["truth"])
    sure, right = p.max(1), p.argmax(1) == truth
    edges = np.linspace(0, 1, 11)
    bins, error = [], 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (np.round(sure, 9) > np.round(low, 9)) & (np.round(sure, 9) <= np.round(high, 9))
        n = int(inside.sum())
        bins.append([n, float(sure[inside].mean()), float(right[inside].mean())] if n else [0, None, None])
        error += n * abs(sure[inside].mean() - right[inside].mean()) if n else 0
    out.append({"name": case["name"], "bins": bins, "error": error / len(truth)})
here.with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
