"""Writes reconstruction.json: structural similarity by scikit-image, and losses with their gradients by PyTorch's
automatic differentiation of the formula, double precision.

    /usr/bin/python3 tests/reference/reconstruction.py
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity

rng = np.random.default_rng(5)


def pictures(n, c, h, w, spread=1.0):
    y, x = np.mgrid[0:h, 0:w]
    a = 0.5 + 0.3 * np.sin(y / 3.0)[None, None] * np.cos(x / 4.0)[None, None] + 0.1 * rng.standard_normal((n, c, h, w))
    b = 0.9 * a + 0.05 + 0.08 * rng.standard_normal((n, c, h, w))
    return np.round(spread * a, 6), np.round(spread * b, 6)


def grown(a):
    up, across = max(0, 11 - a.shape[0]), max(0, 11 - a.shape[1])
    return np.pad(a, ((up // 2, up - up // 2), (across // 2, across - across // 2)), mode="reflect")


def similarity(a, b, spread):
    """Wang et al. 2004 as scikit-image has it; mean over places where the window lies inside."""
    return [float(np.mean([structural_similarity(grown(a[i, c]), grown(b[i, c]), gaussian_weights=True, sigma=1.5,
                                                 use_sample_covariance=False, data_range=spread)
                           for c in range(a.shape[1])])) for i in range(a.shape[0])]


def gradients(a, b, spread, structure):
    """d loss / d a of structure (1 - SSIM) + (1 - structure) mean |a - b|."""
    p = torch.tensor(a, requires_grad=True)
    q = torch.tensor(b)
    k = torch.exp(-torch.arange(-5, 6, dtype=torch.float64) ** 2 / 4.5)
    k = torch.outer(k, k) / k.sum() ** 2
    def mean(t):
        n, c, h, w = t.shape
        return F.conv2d(t.reshape(n * c, 1, h, w), k[None, None]).reshape(n, c, h - 10, w - 10)
    mp, mq = mean(p), mean(q)
    pp, qq, pq = mean(p * p) - mp ** 2, mean(q * q) - mq ** 2, mean(p * q) - mp * mq
    c1, c2 = (0.01 * spread) ** 2, (0.03 * spread) ** 2
    s = ((2 * mp * mq + c1) * (2 * pq + c2) / ((mp ** 2 + mq ** 2 + c1) * (pp + qq + c2))).mean()
    loss = structure * (1 - s) + (1 - structure) * (p - q).abs().mean()
    loss.backward()
    return float(loss), p.grad.flatten().tolist()


cases = []
for n, c, h, w, spread in ((2, 1, 16, 19, 1.0), (1, 3, 12, 13, 1.0), (1, 1, 14, 15, 40.0), (1, 1, 7, 20, 1.0), (1, 1, 6, 9, 1.0)):
    a, b = pictures(n, c, h, w, spread)
    case = {"shape": [n, c, h, w], "range": spread, "a": a.flatten().tolist(), "b": b.flatten().tolist(),
            "similarity": similarity(a, b, spread), "mse": float(np.mean((a - b) ** 2)), "l1": float(np.mean(np.abs(a - b))),
            "psnr": float(10 * np.log10(spread ** 2 / np.mean((a - b) ** 2)))}
    if h >= 11:
        case["structure"] = 0.7
        case["loss"], case["gradient"] = gradients(a, b, spread, 0.7)
        case["gradient"] = [float("%.12g" % g) for g in case["gradient"]]
    cases.append(case)
with open(os.path.splitext(__file__)[0] + ".json", "w") as f:
    json.dump({"cases": cases}, f)
    f.write("\n")
