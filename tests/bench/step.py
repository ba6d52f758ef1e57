"""Training-step time of a classic U-Net in plain PyTorch, as a user would write it: fp32, contiguous, its defaults.

    python3 step.py [--base 16] [--steps 8] [--norm batch|none] [--convolutions 2] [--slim]

The peer of StepBench.cpp: same architecture, number of weights, batch 4 x 1 x 256 x 256, Adam, BCEWithLogits.
"""
import argparse
import resource
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def block(cin, cout, convolutions, norm):
    layers = []
    for k in range(convolutions):
        layers.append(nn.Conv2d(cin if k == 0 else cout, cout, 3, padding=1, bias=norm == "none"))
        if norm == "batch":
            layers.append(nn.BatchNorm2d(cout))
        layers.append(nn.LeakyReLU(0.1, inplace=True))
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, widths, convolutions=2, norm="batch", pool="average"):
        super().__init__()
        depth = len(widths) // 2
        self.encoder = nn.ModuleList()
        cin = 1
        for w in widths[:depth]:
            self.encoder.append(block(cin, w, convolutions, norm))
            cin = w
        self.bottom = block(cin, widths[depth], convolutions, norm)
        cin = widths[depth]
        self.decoder = nn.ModuleList()
        for i, w in enumerate(widths[depth + 1:]):
            self.decoder.append(block(cin + widths[depth - 1 - i], w, convolutions, norm))
            cin = w
        self.out = nn.Conv2d(cin, 1, 1)
        self.pool = nn.AvgPool2d(2) if pool == "average" else nn.MaxPool2d(2)

    def forward(self, x):
        skips = []
        for e in self.encoder:
            x = e(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for d in self.decoder:
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = d(torch.cat([x, skips.pop()], 1))
        return self.out(x)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--widths", type=int, nargs="+", default=[16, 32, 64, 128, 64, 32, 16])
    a.add_argument("--steps", type=int, default=8)
    a.add_argument("--norm", default="batch")
    a.add_argument("--convolutions", type=int, default=2)
    a.add_argument("--threads", type=int, default=0)
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    net = UNet(o.widths, o.convolutions, o.norm)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    x = torch.rand(4, 1, 256, 256)
    y = (torch.rand(4, 1, 256, 256) > 0.2).float()
    times = []
    for step in range(o.steps + 2):
        t = time.perf_counter()
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(time.perf_counter() - t)
    times = sorted(times[2:])
    print("weights %d  step %.1f ms (median of %d)  peak %.0f MB" % (
        sum(p.numel() for p in net.parameters()), 1e3 * times[len(times) // 2], len(times),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    main()
