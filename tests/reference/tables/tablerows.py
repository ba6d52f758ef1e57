#!/usr/bin/env python3
"""Split, batches and scaled features of a made table, by numpy, scikit-learn and a second writing of the random numbers.

    python3 tests/reference/tables/tablerows.py

writes tablerows.json beside itself. The generators are xoshiro256** and splitmix64 of Blackman and Vigna (2018).
"""
import json
import os

import numpy as np
from sklearn.preprocessing import MinMaxScaler, StandardScaler

MASK = (1 << 64) - 1


def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


class Random:
    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed, word = splitmix(seed)
            self.s.append(word)

    @staticmethod
    def of(seed, stream):
        a = splitmix(seed & MASK)[1]
        return Random(splitmix(a ^ ((stream + 0x632BE59BD9B4E019) & MASK))[1])

    def next(self):
        rotl = lambda v, k: ((v << k) | (v >> (64 - k))) & MASK
        s = self.s
        result = (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def below(self, n):
        return (self.next() * n) >> 64

    def shuffled(self, rows):
        rows = list(rows)
        for i in range(len(rows), 1, -1):
            k = self.below(i)
            rows[i - 1], rows[k] = rows[k], rows[i - 1]
        return rows


SPLIT, INIT, BATCHING, DROPOUT = 1, 2, 3, 4


def stream(seed, which):
    return Random.of(seed, which).next()


rows, seed, split_seed, size = 43, 7, 42, 8
values = [[((17 * r + 5 * f * r) % 29) / 4 - f, ((r * r + 3) % 31) * 10.5, 3][f] for r in range(rows) for f in range(3)]
x = np.array(values).reshape(rows, 3)
classes = [("b", "a", "c")[(r * 7 // 5) % 3] for r in range(rows)]
text = "one,two,same,kind\n" + "".join(
    ",".join(repr(float(v)) for v in x[r]) + "," + classes[r] + "\n" for r in range(rows))

order = Random.of(split_seed, SPLIT).shuffled(range(rows))
part = rows // 10
split = {"validation": sorted(order[:part]), "test": sorted(order[part:2 * part]), "training": sorted(order[2 * part:])}
training = Random.of(stream(split_seed, SPLIT), 1).shuffled(split["training"])
n = len(training)
steps = -(-n // size)
batching, dropout = stream(seed, BATCHING), stream(seed, DROPOUT)
shuffled, bootstrap = [], []
for step in range(2 * steps):
    epoch = Random.of(batching, step // steps).shuffled(training)
    shuffled.append(epoch[step % steps * size:(step % steps + 1) * size])
    draw = Random.of(batching, step)
    bootstrap.append([training[draw.below(n)] for _ in range(size)])

result = {
    "csv": text,
    "seed": seed,
    "size": size,
    "split": split,
    "training-order": training,
    "shuffled": shuffled,
    "bootstrap": bootstrap,
    "dropout": [Random.of(dropout, step).next() >> 1 for step in range(4)],
    "standard": StandardScaler().fit(x[split["training"]]).transform(x).ravel().tolist(),
    "minmax": MinMaxScaler().fit(x[split["training"]]).transform(x).ravel().tolist(),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tablerows.json"), "w") as f:
    json.dump(result, f)
    f.write("\n")
