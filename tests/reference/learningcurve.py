"""Writes learningcurve.json: power laws with a floor, a + b t^-c, fitted to the errors of trainings by SciPy, and intervals of
predictions by a bootstrap of its own.

    /usr/bin/python3 tests/reference/learningcurve.py

The fit is scipy.optimize.least_squares (trust region reflective, with bounds) from many starting points; nothing of it is
shared with the program, which searches along c alone. The intervals are those of a parametric bootstrap with 20000 sets of
scores, drawn by NumPy and fitted again by bounded least squares of a and b on a fine grid of c (scipy.optimize.nnls has the
same minimum: checked here on some of them).
"""
import json
import os

import numpy as np
from scipy import optimize

FLATTEST, STEEPEST, LEVEL = 0.05, 3.0, 0.9
SETS = 20000


def fit(t, e):
    best = None
    scale = np.exp(np.log(t).mean())
    x = t / scale
    for c in (0.06, 0.15, 0.4, 0.8, 1.3, 2.0, 2.9):
        for floor in (0.0, 0.5, 0.95):
            a = floor * max(e.min(), 1e-3)
            b = max((e - a).mean(), 1e-3)
            r = optimize.least_squares(lambda p: p[0] + p[1] * x ** -p[2] - e, (a, b, c),
                                       bounds=((0, 0, FLATTEST), (np.inf, np.inf, STEEPEST)), xtol=1e-15, ftol=1e-15,
                                       gtol=1e-15, max_nfev=5000)
            if best is None or r.cost < best.cost:
                best = r
    a, b, c = best.x
    return a, b * scale ** c, c, 2 * best.cost


def fit_many(t, errors):
    """Least squares with bounds of many sets at once: a and b in closed form for each c of a grid."""
    scale = np.exp(np.log(t).mean())
    n = len(t)
    best = np.full(len(errors), np.inf)
    found = np.zeros((len(errors), 3))
    for c in np.geomspace(FLATTEST, STEEPEST, 200):
        x = (t / scale) ** -c
        mean = errors.mean(1)
        b = (errors * (x - x.mean())).sum(1) / ((x - x.mean()) ** 2).sum()
        a = mean - b * x.mean()
        candidates = [(a, b, (a >= 0) & (b >= 0)),
                      (np.maximum(mean, 0), np.zeros_like(a), np.ones(len(a), bool)),
                      (np.zeros_like(a), np.maximum((errors * x).sum(1) / (x * x).sum(), 0), np.ones(len(a), bool))]
        for a, b, allowed in candidates:
            squares = ((errors - a[:, None] - b[:, None] * x) ** 2).sum(1)
            better = allowed & (squares < best)
            best[better] = squares[better]
            found[better] = np.stack([a, b * scale ** c, np.full(len(a), c)], 1)[better]
    for k in range(0, 20):  # the same minimum by another way
        c = found[k, 2]
        _, norm = optimize.nnls(np.stack([np.ones(n), (t / scale) ** -c], 1), errors[k])
        assert abs(norm ** 2 - best[k]) < 1e-9 * max(1e-6, best[k]) + 1e-15, (norm ** 2, best[k])
    return found


def interval(rng, t, e, p, squares, times):
    freedom = len(t) - 3
    if freedom < 1:
        return [[None, None] for _ in times]
    sd = np.sqrt(squares / rng.chisquare(freedom, SETS))
    drawn = p[0] + p[1] * t ** -p[2] + sd[:, None] * rng.normal(size=(SETS, len(t)))
    found = fit_many(t, drawn)
    noise = sd * rng.normal(size=SETS)
    out = []
    for time in times:
        at = np.clip(found[:, 0] + found[:, 1] * time ** -found[:, 2] + noise, 0, 1)
        out.append([1 - float(v) for v in np.quantile(at, [(1 + LEVEL) / 2, (1 - LEVEL) / 2])])
    return out


def main():
    rng = np.random.default_rng(5)
    cases = []
    designs = [("four times, one seed", [5, 10, 15, 30], (0.06, 0.12, 0.6), 0.004),
               ("five times, one seed", [5, 10, 15, 30, 60], (0.06, 0.12, 0.6), 0.004),
               ("three times, three seeds", [5, 10, 15] * 3, (0.05, 0.5, 1.5), 0.006),
               ("four times, three seeds", [5, 10, 15, 30] * 3, (0.03, 0.2, 0.4), 0.003),
               ("no floor", [5, 10, 15, 30, 60], (0, 0.15, 0.25), 0.001),
               ("level", [5, 5, 10, 15, 30], (0.08, 0, 1), 0.002),
               ("exact", [5, 10, 20, 40, 80], (0.04, 0.3, 0.9), 0),
               ("three runs", [5, 15, 60], (0.05, 0.2, 0.8), 0.002),
               ("hours", [60, 300, 1440, 4320], (0.02, 1.1, 0.5), 0.001)]
    for name, times, (a, b, c), sd in designs:
        t = np.array(times, float)
        e = np.round(a + b * t ** -c + rng.normal(0, sd, len(t)) if sd else a + b * t ** -c, 6 if sd else 15)
        p = fit(t, e)
        ahead = [float(t.max()), float(2 * t.max()), float(t.min())]
        cases.append({"name": name, "minutes": t.tolist(), "score": (1 - e).tolist(), "squares": float(p[3]),
                      "a": float(p[0]), "b": float(p[1]), "c": float(p[2]), "times": ahead,
                      "predicted": [float(1 - p[0] - p[1] * time ** -p[2]) for time in ahead],
                      "interval": interval(rng, t, e, p, p[3], ahead) if sd else None})
    with open(os.path.splitext(__file__)[0] + ".json", "w") as f:
        json.dump({"cases": cases}, f, indent=1)
        f.write("\n")


main()
