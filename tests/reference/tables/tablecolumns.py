"""Histogram, mean and spread of a column of numbers by NumPy: writes tablecolumns.json beside this file.

    /usr/bin/python3 tests/reference/tables/tablecolumns.py

Values as they stand in a file, with three decimals. Bins: numpy.histogram with the rule of Freedman and Diaconis.
"""

import json
import math
import os

import numpy as np

cells = ["%.3f" % (50 + 20 * math.sin(0.37 * i) ** 3 + 0.004 * (i % 40) ** 2) for i in range(250)]
values = np.array([float(c) for c in cells])
counts, edges = np.histogram(values, bins="fd")
out = {
    "cells": cells,
    "counts": counts.tolist(),
    "edges": edges.tolist(),
    "low": values.min(),
    "high": values.max(),
    "mean": values.mean(),
    "sd": values.std(ddof=1),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tablecolumns.json"), "w") as f:
    json.dump(out, f)
    f.write("\n")
