"""Writes objectives.json: losses and their gradients in plain PyTorch, double precision.

    /usr/bin/python3 tests/reference/objectives.py
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


def numbers(t):
    return [round(float(v), 9) for v in t.detach().flatten()]


zb = torch.tensor(numbers(torch.randn(2, 1, 5, 6) * 2)).view(2, 1, 5, 6).requires_grad_()
yb = (torch.rand(2, 5, 6) > 0.6).long()
yb[0, 0, :3] = 255
zc = torch.tensor(numbers(torch.randn(2, 4, 5, 6) * 2)).view(2, 4, 5, 6).requires_grad_()
yc = torch.randint(0, 4, (2, 5, 6))
yc[1, 2, :4] = 255
border = torch.tensor(numbers(torch.rand(2, 5, 6) * 3)).view(2, 5, 6)


def weighted_mean(losses, y, class_weights, normalized=True, extra=None):
    seen = y != 255
    w = torch.tensor(class_weights)[torch.where(seen, y, torch.zeros_like(y))]
    if extra is not None:
        w = w + extra
    w = w * seen
    return (losses * w).sum() / (w.sum() if normalized else seen.sum())


def bce(weights=(1.0, 1.0), v=1.0, **kw):
    y = (yb == 1).double()
    losses = F.binary_cross_entropy_with_logits(zb[:, 0], y, reduction="none", pos_weight=torch.tensor(v))
    return weighted_mean(losses, yb, weights, **kw)


def dice_of(p, y, smooth, per_image):
    if per_image:
        return torch.stack([dice_of(a, b, smooth, False) for a, b in zip(p, y)]).mean()
    return 1 - (2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth)


def dice(smooth=1e-5, per_image=False):
    return dice_of(torch.sigmoid(zb[:, 0]) * (yb != 255), (yb == 1).double(), smooth, per_image)


def ce(weights=(1.0, 1.0, 1.0, 1.0), **kw):
    y = torch.where(yc == 255, torch.zeros_like(yc), yc)
    return weighted_mean(F.cross_entropy(zc, y, reduction="none"), yc, weights, **kw)


def ce_dice(background, smooth=1e-5, per_image=False):
    seen = (yc != 255).double()
    p = torch.softmax(zc, 1)
    return torch.stack([dice_of(p[:, c] * seen, (yc == c).double(), smooth, per_image)
                        for c in range(0 if background else 1, 4)]).mean()


counts = [700, 300]
balanced = [1000 / (2 * n) for n in counts]
counts4 = [100, 200, 300, 400]
balanced4 = [1000 / (4 * n) for n in counts4]
cases = []


def add(title, section, loss, z, border_map=False, class_counts=()):
    z.grad = None
    loss.backward()
    cases.append({"title": title, "objective": section, "binary": z is zb, "border": border_map,
                  "counts": list(class_counts), "loss": float(loss), "gradient": [float(v) for v in z.grad.flatten()]})


add("BCE", {"name": "bce"}, bce(), zb)
add("BCE, positive weight", {"name": "bce", "positive-weight": 3}, bce(v=3.0), zb)
add("BCE, balanced", {"name": "bce", "class-weights": "balanced"}, bce(balanced), zb, class_counts=counts)
add("BCE, list by N", {"name": "bce", "class-weights": "list", "weight-list": [0.5, 2], "normalised": False},
    bce((0.5, 2.0), normalized=False), zb)
add("BCE, border map", {"name": "bce", "border-map": True}, bce(extra=border), zb, True)
add("Dice", {"name": "dice"}, dice(), zb)
add("Dice per image", {"name": "dice", "dice-over": "image", "smooth": 1}, dice(1.0, True), zb)
add("both", {"name": "bce-dice", "bce": 0.5, "dice": 2, "positive-weight": 2}, 0.5 * bce(v=2.0) + 2 * dice(), zb)
add("cross-entropy", {"name": "cross-entropy"}, ce(), zc)
add("cross-entropy, balanced", {"name": "cross-entropy", "class-weights": "balanced"}, ce(balanced4), zc,
    class_counts=counts4)
add("cross-entropy, border map by N", {"name": "cross-entropy", "border-map": True, "normalised": False},
    ce(extra=border, normalized=False), zc, True)
add("cross-entropy and Dice", {"name": "cross-entropy", "dice": 1}, ce() + ce_dice(False), zc)
add("cross-entropy and Dice with background per image",
    {"name": "cross-entropy", "cross-entropy": 0.25, "dice": 1, "dice-background": True, "dice-over": "image"},
    0.25 * ce() + ce_dice(True, per_image=True), zc)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "objectives.json")
with open(path, "w") as f:
    json.dump({"binary": {"logits": numbers(zb), "target": yb.flatten().tolist()},
               "classes": {"logits": numbers(zc), "target": yc.flatten().tolist()},
               "size": [2, 5, 6], "border": numbers(border), "cases": cases}, f, separators=(",", ":"))
    f.write("\n")
