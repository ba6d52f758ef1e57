"""A plain PyTorch script that segments a stack, as a user would write it: the peer of resources/recipes/segment-stack.json.

    /usr/bin/python3 segment.py IMAGES LABELS OUTPUT --test 0-7 [--minutes 15 | --steps 3000] [--seed 1] [--float32]

A U-Net of 488,417 weights (widths 16 to 128, two convolutions a level, batch normalization), AdamW whose rate falls from
1.5e-3 along a cosine, crops of 256 px in batches of 4, flips, quarter turns, brightness and contrast, binary cross entropy,
bfloat16. Trains on all slices but those of --test and writes their probabilities (slices, height, width) as a float TIFF; the
last weights are used, there is no validation. Prints steps and time a step.
"""
import argparse
import math
import os
import time

import numpy
import tifffile
import torch
import torch.nn as nn
import torch.nn.functional as F

from step import UNet


def numbers(text):
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def crop(rng, images, labels, train, side):
    i = train[rng.integers(len(train))]
    height, width = images[i].shape
    y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
    a, b = images[i][y:y + side, x:x + side], labels[i][y:y + side, x:x + side]
    for axis in (0, 1):
        if rng.random() < 0.5:
            a, b = numpy.flip(a, axis), numpy.flip(b, axis)
    turns = rng.integers(4)
    a, b = numpy.rot90(a, turns), numpy.rot90(b, turns)
    mean = a.mean()
    a = (a - mean) * rng.uniform(0.75, 1.25) + mean  # contrast
    a = a * rng.uniform(0.75, 1.25)  # brightness
    return numpy.ascontiguousarray(a), numpy.ascontiguousarray(b)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("images")
    a.add_argument("labels")
    a.add_argument("output")
    a.add_argument("--test", required=True)
    a.add_argument("--minutes", type=float, default=15)
    a.add_argument("--steps", type=int, default=0)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=0)
    a.add_argument("--crop", type=int, default=256)
    a.add_argument("--float32", action="store_true")
    o = a.parse_args()
    torch.set_num_threads(o.threads or os.cpu_count())
    torch.manual_seed(o.seed)
    rng = numpy.random.default_rng(o.seed)

    images = tifffile.imread(o.images).astype(numpy.float32) / 255
    labels = (tifffile.imread(o.labels) > 0).astype(numpy.float32)
    test = numbers(o.test)
    train = [i for i in range(len(images)) if i not in test]
    mean, spread = images[train].mean(), images[train].std()
    images = (images - mean) / spread
    side = min(o.crop, *images.shape[1:])

    net = UNet([16, 32, 64, 128, 64, 32, 16])
    optimizer = torch.optim.AdamW(net.parameters(), lr=1.5e-3)
    start, step = time.perf_counter(), 0
    part = 0.0
    while part < 1:
        for group in optimizer.param_groups:
            group["lr"] = 1.5e-3 * 0.5 * (1 + math.cos(math.pi * part))
        crops = [crop(rng, images, labels, train, side) for _ in range(4)]
        x = torch.from_numpy(numpy.stack([c[0] for c in crops])[:, None])
        y = torch.from_numpy(numpy.stack([c[1] for c in crops])[:, None])
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=not o.float32):
            z = net(x)
        loss = F.binary_cross_entropy_with_logits(z.float(), y)
        loss.backward()
        optimizer.step()
        step += 1
        part = step / o.steps if o.steps else (time.perf_counter() - start) / (60 * o.minutes)
    seconds = time.perf_counter() - start
    net.eval()
    with torch.no_grad():
        maps = [torch.sigmoid(net(torch.from_numpy(images[i])[None, None])).numpy()[0, 0] for i in test]
    tifffile.imwrite(o.output, numpy.stack(maps))
    print(f"weights {sum(p.numel() for p in net.parameters())}  steps {step}  step {1e3 * seconds / step:.1f} ms  "
          f"last loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
