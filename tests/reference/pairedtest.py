"""Writes pairedtest.json: incomplete beta function, Student's t, paired t tests and Holm's correction by SciPy.

    /usr/bin/python3 tests/reference/pairedtest.py
"""
import json
import os

import numpy as np
from scipy import special, stats

rng = np.random.default_rng(3)
beta = [[a, b, x, float(special.betainc(a, b, x))]
        for a in (0.5, 1, 1.5, 3, 20, 400) for b in (0.5, 1, 2.5, 50) for x in (1e-6, 0.01, 0.3, 0.5, 0.83, 0.999)]
student = [[t, f, float(2 * stats.t.sf(t, f)), float(stats.t.isf(0.025, f))]
           for t in (0, 0.1, 1, 2.776, 12.7, 400) for f in (1, 2, 3.5, 4, 9, 100)]
pairs = []
for n, shift, spread in ((2, 0.1, 0.05), (3, 0.02, 0.01), (5, -1, 0.4), (10, 0, 2), (30, 0.3, 1)):
    a = np.round(rng.normal(1, spread, n), 6)
    b = np.round(a - shift + rng.normal(0, spread, n), 6)
    t, p = stats.ttest_rel(a, b)
    d = a - b
    low, high = stats.t.interval(0.95, n - 1, loc=d.mean(), scale=stats.sem(d))
    pairs.append({"a": a.tolist(), "b": b.tolist(), "difference": float(d.mean()), "sd": float(d.std(ddof=1)),
                  "t": float(t), "p": float(p), "low": float(low), "high": float(high)})
with open(os.path.splitext(__file__)[0] + ".json", "w") as f:
    json.dump({"beta": beta, "student": student, "pairs": pairs}, f)
    f.write("\n")
