#!/usr/bin/env python3
"""Makes tests/reference/tables/mlp.json for MlpTest: a small multilayer perceptron with fixed weights, written out by hand.

    /usr/bin/python3 tests/reference/tables/mlp.py

Made with python3-torch 1.13.1 of Debian 12. Losses are those of a training in float32 with PyTorch's Adam; everything else
is in float64. Where softmax is fed as logits, the probabilities go through the softmax of the loss a second time.
"""

import json
import math
import pathlib
import random

import torch

torch.set_num_threads(1)
chance = random.Random(11)
FEATURES, WIDTH, CLASSES, STEPS, RATE = 3, 5, 3, 200, 1e-3
SIZES = [(WIDTH, FEATURES), (WIDTH, WIDTH), (CLASSES, WIDTH)]
LAYERS = ["hidden0", "hidden1", "out"]


def numbers(*shape, sd=1.0):
    if len(shape) == 1:
        return [round(chance.gauss(0, sd), 3) for _ in range(shape[0])]
    return [numbers(*shape[1:], sd=sd) for _ in range(shape[0])]


weights = {f"{name}.weight": numbers(*size, sd=0.6) for name, size in zip(LAYERS, SIZES)}
biases = {"vector": {f"{name}.bias": numbers(size[0], sd=0.2) for name, size in zip(LAYERS, SIZES)},
          "scalar": {f"{name}.bias": numbers(1, sd=0.2) for name in LAYERS}}
gains = {f"hidden{i}.gain": numbers(WIDTH) for i in range(2)}
shifts = {f"hidden{i}.shift": numbers(WIDTH) for i in range(2)}
batches = [{"features": numbers(rows, FEATURES), "target": [chance.randrange(CLASSES) for _ in range(rows)]}
           for rows in (8, 8, 8, 5)]

ACTIVATIONS = {
    "relu": lambda x: torch.where(x > 0, x, torch.zeros_like(x)),
    "leaky-relu": lambda x: torch.where(x > 0, x, 0.01 * x),
    "elu": lambda x: torch.where(x > 0, x, torch.exp(x) - 1),
    "gelu": lambda x: x * 0.5 * (1 + torch.erf(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + torch.exp(-x)),
    "softplus": lambda x: torch.log(1 + torch.exp(x)),
    "tanh": lambda x: (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "none": lambda x: x,
}


def tensors(values, dtype):
    return {name: torch.tensor(v, dtype=dtype, requires_grad=True) for name, v in values.items()}


def forward(p, x, activation="relu", normalize=None):
    for i in range(2):
        x = x @ p[f"hidden{i}.weight"].T + p[f"hidden{i}.bias"]
        if normalize:
            x = normalize(i, x) * p[f"hidden{i}.gain"] + p[f"hidden{i}.shift"]
        x = ACTIVATIONS[activation](x)
    return x @ p["out.weight"].T + p["out.bias"]


def cross_entropy(z, y):
    return (torch.logsumexp(z, 1) - z[torch.arange(len(y)), y]).mean()


def train(bias, loss_input, dtype):
    p = tensors({**weights, **biases[bias]}, dtype)
    optimizer = torch.optim.Adam(list(p.values()), lr=RATE)
    losses = []
    for step in range(STEPS):
        batch = batches[step % len(batches)]
        z = forward(p, torch.tensor(batch["features"], dtype=dtype))
        loss = cross_entropy(torch.softmax(z, 1) if loss_input == "softmax" else z, torch.tensor(batch["target"]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


trainings = []
for bias in ("vector", "scalar"):
    for loss_input in ("logits", "softmax"):
        single, double = train(bias, loss_input, torch.float32), train(bias, loss_input, torch.float64)
        worst = max(abs(a - b) / b for a, b in zip(single, double))
        print(f"{bias}, {loss_input}: {single[0]:.4f} to {single[-1]:.4f}, float64 differs by {worst:.1e}")
        trainings.append({"bias": bias, "loss-input": loss_input, "losses": [float(f"{v:.8g}") for v in single]})

x = torch.tensor(batches[0]["features"], dtype=torch.float64)
p = tensors({**weights, **biases["vector"], **gains, **shifts}, torch.float64)


def rounded(t):
    return [float(f"{v:.12g}") for v in t.detach().flatten()]


def gradients(p, output):
    """Of the sum of squares of the output."""
    for t in p.values():
        t.grad = None
    output.square().sum().backward()
    return {name: rounded(t.grad) for name, t in p.items() if t.grad is not None}


activations = {}
for name in ACTIVATIONS:
    y = forward(p, x, name)
    activations[name] = {"output": rounded(y), "gradient": gradients(p, y)}

running = {i: [torch.zeros(WIDTH, dtype=torch.float64), torch.ones(WIDTH, dtype=torch.float64)] for i in range(2)}


def by_batch(i, z):
    mean, variance = z.mean(0), z.var(0, unbiased=False)
    running[i][0] = 0.9 * running[i][0] + 0.1 * mean.detach()
    running[i][1] = 0.9 * running[i][1] + 0.1 * z.var(0, unbiased=True).detach()
    return (z - mean) / torch.sqrt(variance + 1e-5)


def by_statistics(i, z):
    return (z - running[i][0]) / torch.sqrt(running[i][1] + 1e-5)


def by_row(i, z):
    return (z - z.mean(1, keepdim=True)) / torch.sqrt(z.var(1, unbiased=False, keepdim=True) + 1e-5)


y = forward(p, x, "tanh", by_batch)
batch_norm = {"output": rounded(y), "gradient": gradients(p, y), "evaluated": rounded(forward(p, x, "tanh", by_statistics))}
for i in range(2):
    batch_norm[f"hidden{i}.running_mean"] = rounded(running[i][0])
    batch_norm[f"hidden{i}.running_var"] = rounded(running[i][1])
y = forward(p, x, "tanh", by_row)
layer_norm = {"output": rounded(y), "gradient": gradients(p, y)}

result = {"weights": weights, "biases": biases, "gains": gains, "shifts": shifts, "batches": batches, "rate": RATE,
          "trainings": trainings, "activations": activations, "norms": {"batch": batch_norm, "layer": layer_norm}}
place = pathlib.Path(__file__).with_suffix(".json")
place.write_text(json.dumps(result) + "\n")
print(f"{place.stat().st_size} bytes")
