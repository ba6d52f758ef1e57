"""Tiled prediction of a stack in plain PyTorch, as a user would write it: fp32, contiguous, its defaults.

    python3 predict.py STACK.tif OUTPUT.npy [--threads N]

The peer of `reticle-worker predict`: the network of step.py with random weights, tiles of 256 with half overlap,
Gaussian weights (sigma = tile / 8), logits averaged, sigmoid at the end.
"""
import argparse
import resource
import time

import numpy as np
import tifffile
import torch

from step import UNet


def main():
    a = argparse.ArgumentParser()
    a.add_argument("stack")
    a.add_argument("output")
    a.add_argument("--norm", default="none")
    a.add_argument("--threads", type=int)
    a = a.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    net = UNet([16, 32, 64, 128, 64, 32, 16], 2, a.norm, "average").eval()
    tile = 256
    line = torch.exp(-0.5 * ((torch.arange(tile) - tile // 2) / (tile / 8)) ** 2)
    window = torch.clamp(line[:, None] * line[None, :], min=1e-7)
    stack = tifffile.imread(a.stack)
    start = time.perf_counter()
    out = np.empty(stack.shape, np.float32)
    with torch.no_grad():
        for z, page in enumerate(stack):
            image = torch.from_numpy(page.astype(np.float32) / 255)
            h, w = image.shape
            total, weight = torch.zeros(h, w), torch.zeros(h, w)
            for y in range(0, h - tile + 1, tile // 2):
                for x in range(0, w - tile + 1, tile // 2):
                    logits = net(image[None, None, y:y + tile, x:x + tile])[0, 0]
                    total[y:y + tile, x:x + tile] += window * logits
                    weight[y:y + tile, x:x + tile] += window
            out[z] = torch.sigmoid(total / weight).numpy()
    np.save(a.output, out)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"threads {torch.get_num_threads()}  predict {seconds:.2f} s  peak {peak} MB")


if __name__ == "__main__":
    main()
