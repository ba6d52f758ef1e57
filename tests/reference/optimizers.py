#!/usr/bin/env python3
"""Makes tests/reference/optimizers.json: a linear fit by each optimizer of PyTorch over 200 steps, for OptimizerRulesTest.

    /usr/bin/python3 tests/reference/optimizers.py

Made with python3-torch 1.13.1 of Debian 12. "options" are those of a recipe's train.optimizer; "arguments" are PyTorch's.
"""

import json
import pathlib
import random

import torch

torch.set_num_threads(1)
chance = random.Random(7)
STEPS, KEPT = 200, [1, 10, 50, 200]


def numbers(rows, columns):
    return [[round(chance.gauss(0, 1), 4) for _ in range(columns)] for _ in range(rows)]


problem = {"a": numbers(3, 5), "b": numbers(1, 3)[0], "x": numbers(16, 5), "y": numbers(16, 3)}
x, y = torch.tensor(problem["x"]), torch.tensor(problem["y"])

CASES = [
    ("Adam", {"name": "adam"}, torch.optim.Adam, 0.02, 0, {}),
    ("Adam, decay", {"name": "adam"}, torch.optim.Adam, 0.02, 0.01, {}),
    ("Adam, betas and epsilon", {"name": "adam", "betas": [0.5, 0.9], "epsilon": 0.001}, torch.optim.Adam, 0.02, 0,
     {"betas": (0.5, 0.9), "eps": 0.001}),
    ("AMSGrad", {"name": "adam", "amsgrad": True}, torch.optim.Adam, 0.02, 0.01, {"amsgrad": True}),
    ("AdamW", {"name": "adamw"}, torch.optim.AdamW, 0.02, 0.05, {}),
    ("AdamW, AMSGrad", {"name": "adamw", "amsgrad": True}, torch.optim.AdamW, 0.02, 0.05, {"amsgrad": True}),
    ("SGD without momentum", {"name": "sgd", "momentum": 0, "nesterov": False}, torch.optim.SGD, 0.05, 0.01, {}),
    ("SGD, momentum", {"name": "sgd", "momentum": 0.9, "nesterov": False}, torch.optim.SGD, 0.02, 0.01, {"momentum": 0.9}),
    ("SGD, Nesterov", {"name": "sgd", "momentum": 0.9}, torch.optim.SGD, 0.02, 0.01, {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"name": "rmsprop"}, torch.optim.RMSprop, 0.01, 0, {}),
    ("RMSprop, alpha, decay", {"name": "rmsprop", "alpha": 0.9, "epsilon": 1e-5}, torch.optim.RMSprop, 0.01, 0.01,
     {"alpha": 0.9, "eps": 1e-5}),
    ("RMSprop, momentum", {"name": "rmsprop", "momentum": 0.9}, torch.optim.RMSprop, 0.002, 0, {"momentum": 0.9}),
    ("RMSprop, centered", {"name": "rmsprop", "centered": True, "epsilon": 1e-3}, torch.optim.RMSprop, 0.005, 0.01,
     {"centered": True, "eps": 1e-3}),
    ("RMSprop, centered, momentum", {"name": "rmsprop", "centered": True, "momentum": 0.8, "epsilon": 1e-3},
     torch.optim.RMSprop, 0.002, 0, {"centered": True, "momentum": 0.8, "eps": 1e-3}),
    ("Adadelta", {"name": "adadelta"}, torch.optim.Adadelta, 1, 0, {}),
    ("Adadelta, rho, decay", {"name": "adadelta", "rho": 0.95, "epsilon": 1e-4}, torch.optim.Adadelta, 0.7, 1e-2,
     {"rho": 0.95, "eps": 1e-4}),
]

cases = []
for title, options, make, rate, decay, arguments in CASES:
    a = torch.tensor(problem["a"], requires_grad=True)
    b = torch.tensor(problem["b"], requires_grad=True)
    optimizer = make([a, b], lr=rate, weight_decay=decay, **arguments)
    weights = []
    for i in range(STEPS):
        optimizer.zero_grad()
        (torch.matmul(x + 0.1 * (i % 5), a.t()) + b - y).pow(2).mean().backward()
        optimizer.step()
        if i + 1 in KEPT:
            weights.append([round(v, 7) for v in torch.cat([a.reshape(-1), b]).tolist()])
    states = sum(v.numel() == a.numel() and v.dim() > 0 for v in optimizer.state[a].values() if torch.is_tensor(v))
    cases.append({"title": title, "options": options, "rate": rate, "decay": decay, "states": states, "weights": weights})

out = pathlib.Path(__file__).with_name("optimizers.json")
out.write_text(json.dumps({"problem": problem, "kept": KEPT, "cases": cases}, separators=(",", ":")) + "\n")
