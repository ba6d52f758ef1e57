"""Writes rowlosses.json: the objective of whole examples in plain PyTorch, double precision, its lowest value by an optimizer
of SciPy, and the scores of an evaluation by scikit-learn.

    /usr/bin/python3 tests/reference/tables/rowlosses.py
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from scipy import optimize
from sklearn import metrics

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
N, K = 12, 4


def numbers(t):
    return [round(float(v), 9) for v in t.detach().flatten()]


z = torch.tensor(numbers(torch.randn(N, K) * 2)).view(N, K).requires_grad_()
y = torch.tensor([0, 1, 2, 3, 0, 0, 1, 2, 0, 0, 3, 1])
counts = [40, 30, 20, 10]
balanced = [100 / (4 * n) for n in counts]


def case(title, objective, weights=None, smoothing=0.0, softmax=False, normalized=True):
    passed = torch.softmax(z, 1) if softmax else z
    w = None if weights is None else torch.tensor(weights)
    if normalized:
        loss = F.cross_entropy(passed, y, weight=w, label_smoothing=smoothing)
    else:
        loss = F.cross_entropy(passed, y, weight=w, label_smoothing=smoothing, reduction="sum") / N
    gradient, = torch.autograd.grad(loss, z)
    return {"title": title, "objective": {"name": "classification", **objective}, "loss": float(loss),
            "gradient": gradient.flatten().tolist()}


cases = [
    case("plain", {}),
    case("softmax twice", {"loss-input": "softmax"}, softmax=True),
    case("smoothing", {"label-smoothing": 0.1}, smoothing=0.1),
    case("softmax twice and smoothing", {"loss-input": "softmax", "label-smoothing": 0.2}, smoothing=0.2, softmax=True),
    case("balanced", {"class-weights": "balanced"}, balanced),
    case("list", {"class-weights": "list", "weight-list": [1, 2, 0, 0.5]}, [1, 2, 0, 0.5]),
    case("weights by rows", {"class-weights": "list", "weight-list": [1, 2, 3, 0.5], "normalized": False}, [1, 2, 3, 0.5],
         normalized=False),
    case("balanced and smoothing", {"class-weights": "balanced", "label-smoothing": 0.1}, balanced, 0.1),
]


def floor(classes, smoothing, softmax):
    """The lowest loss of one row of class 0, over all that may be passed to it."""
    q = np.full(classes, smoothing / classes)
    q[0] += 1 - smoothing

    def loss(v):
        return float(-(q * (v - np.logaddexp.reduce(v))).sum())

    if softmax:
        found = optimize.minimize(loss, np.full(classes, 1 / classes), method="SLSQP", bounds=[(0, 1)] * classes,
                                  constraints=[{"type": "eq", "fun": lambda v: v.sum() - 1}],
                                  options={"ftol": 1e-14, "maxiter": 500})
    else:
        found = optimize.minimize(loss, np.zeros(classes), method="BFGS", options={"gtol": 1e-10})
    return [classes, smoothing, softmax, found.fun]


floors = [floor(k, e, s) for k in (2, 3, 10) for e in (0.0, 0.1, 0.6) for s in (True, False) if e > 0 or s]

rng = np.random.default_rng(8)
rows, classes = 23, 3
truth = rng.choice(classes, rows, p=[0.6, 0.3, 0.1])
logits = np.round(rng.standard_normal((rows, classes)) + 1.1 * np.eye(classes)[truth], 6)
p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
predicted = p.argmax(1)
evaluation = {"logits": logits.ravel().tolist(), "truth": truth.tolist(), "classes": classes,
              "loss": metrics.log_loss(truth, p, labels=list(range(classes))),
              "accuracy": metrics.accuracy_score(truth, predicted),
              "macro-f1": metrics.f1_score(truth, predicted, average="macro"),
              "balanced-accuracy": metrics.balanced_accuracy_score(truth, predicted)}

out = {"logits": numbers(z), "target": y.tolist(), "counts": counts, "cases": cases, "floors": floors, "evaluation": evaluation}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
