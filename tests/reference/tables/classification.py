#!/usr/bin/env python3
"""Scores of classifications by scikit-learn, and exact binomial intervals by SciPy: classification.json."""
import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics


def number(v):
    return None if v is None or np.isnan(v) else float(v)


def case(rng, name, rows, classes, digits, weights=None):
    """`digits` after the point: few of them make ties."""
    truth = rng.choice(classes, rows, p=weights)
    logits = rng.standard_normal((rows, classes)) + 1.3 * np.eye(classes)[truth]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = np.round(p, digits)
    p[:, -1] = np.round(1 - p[:, :-1].sum(1), digits)
    p = np.clip(p, 0, 1)
    predicted = p.argmax(1)
    labels = list(range(classes))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    curves = []
    for c in range(1 if classes == 2 else 0, classes):
        positive = truth == c
        fpr, tpr, thresholds = metrics.roc_curve(positive, p[:, c], drop_intermediate=False)
        pr, rc, _ = metrics.precision_recall_curve(positive, p[:, c])
        curves.append({"fpr": fpr.tolist(), "tpr": tpr.tolist(), "precision": pr[::-1].tolist(), "recall": rc[::-1].tolist(),
                       "auc": number(metrics.roc_auc_score(positive, p[:, c])),
                       "ap": number(metrics.average_precision_score(positive, p[:, c]))})
    onehot = np.eye(classes)[truth]
    return {"name": name, "classes": classes, "truth": truth.tolist(), "p": p.ravel().tolist(),
            "matrix": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
            "accuracy": metrics.accuracy_score(truth, predicted), "balanced": metrics.balanced_accuracy_score(truth, predicted),
            "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
            "macroF1": metrics.f1_score(truth, predicted, average="macro"),
            "logLoss": metrics.log_loss(truth, np.clip(p, np.finfo(float).eps, 1), labels=labels, eps=np.finfo(float).eps)
            if classes != 2 else float(-np.mean(np.log(np.clip(p[np.arange(rows), truth], np.finfo(float).eps, 1)))),
            "brier": float(((p - onehot) ** 2).sum(1).mean()),
            "brierOfTwo": metrics.brier_score_loss(truth, p[:, 1]) if classes == 2 else None,
            "macroAuc": float(np.mean([c["auc"] for c in curves])), "macroAp": float(np.mean([c["ap"] for c in curves])),
            "curves": curves}


def main():
    rng = np.random.default_rng(5)
    out = {"cases": [case(rng, "three classes", 60, 3, 6), case(rng, "ties", 80, 3, 1), case(rng, "two classes", 50, 2, 2),
                     case(rng, "unbalanced", 90, 4, 2, [0.7, 0.2, 0.06, 0.04])],
           "intervals": []}
    for hits, n in [(0, 1), (1, 1), (0, 15), (15, 15), (14, 15), (1, 30), (17, 36), (173, 179), (1400, 1439)]:
        test = stats.binomtest(hits, n)
        wilson, exact = test.proportion_ci(0.95, "wilson"), test.proportion_ci(0.95, "exact")
        out["intervals"].append([hits, n, wilson.low, wilson.high, exact.low, exact.high])
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
