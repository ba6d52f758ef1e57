"""Writes fcdensenet.json: FC-DenseNet 56, 67 and 103 (Jegou et al. 2017) in plain PyTorch, evaluated on one image.

    /usr/bin/python3 tests/reference/fcdensenet.py

Weights, running statistics and the image follow a formula that the test knows too, so that only logits (every third pixel)
and gradients are kept. Gradients are those of the mean cross-entropy in evaluation mode, in double precision.
"""
import json
import os

import torch
import torch.nn.functional as F

BLOCKS = {"56": [4] * 11, "67": [5] * 11, "103": [4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4]}
GROWTH = {"56": 12, "67": 16, "103": 16}
FIRST, CHANNELS, CLASSES, HEIGHT, WIDTH = 48, 3, 11, 64, 32


def formula(name, count):
    """`count` numbers from -1 to 1 that depend on the name."""
    start = 0
    for letter in name:
        start = (start * 31 + ord(letter)) % 10007
    i = torch.arange(count, dtype=torch.int64)
    return ((i * i * 31 + i * 7919 + start * 104729 + 13) % 10007).double() / 10007 * 2 - 1


class Net:
    def __init__(self):
        self.weights = {}

    def make(self, name, shape, scale, offset=0.0, trained=True):
        count = 1
        for s in shape:
            count *= s
        value = (formula(name, count) * scale + offset).float().double().view(shape)
        if trained:
            self.weights[name] = value.requires_grad_()
        return value

    def convolve(self, name, x, out, kernel):
        fan = x.shape[1] * kernel * kernel
        weight = self.make(name + ".weight", [out, x.shape[1], kernel, kernel], (6.0 / fan) ** 0.5)
        return F.conv2d(x, weight, self.make(name + ".bias", [out], 0.1), padding=kernel // 2)

    def layer(self, name, x, out, kernel):
        c = [x.shape[1]]
        gain, shift = self.make(name + ".gain", c, 0.2, 1.0), self.make(name + ".shift", c, 0.1)
        mean = self.make(name + ".running_mean", c, 0.1, trained=False)
        var = self.make(name + ".running_var", c, 0.3, 1.0, trained=False)
        return self.convolve(name, F.relu(F.batch_norm(x, mean, var, gain, shift, training=False)), out, kernel)

    def up(self, name, x):
        q = x.shape[1]
        weight = self.make(name + ".weight", [q, q, 3, 3], (6.0 / (9 * q)) ** 0.5)
        return F.conv_transpose2d(x, weight, self.make(name + ".bias", [q], 0.1), stride=2, padding=1, output_padding=1)

    def block(self, name, x, layers, growth):
        new = []
        for i in range(layers):
            new.append(self.layer("%s_layer%d" % (name, i), torch.cat([x] + new, 1), growth, 3))
        return torch.cat(new, 1)

    def forward(self, x, blocks, growth):
        pools = len(blocks) // 2
        x = self.convolve("first", x, FIRST, 3)
        skips = []
        for i in range(pools):
            x = torch.cat([x, self.block("down%d" % i, x, blocks[i], growth)], 1)
            skips.append(x)
            x = F.max_pool2d(self.layer("transition_down%d" % i, x, x.shape[1], 1), 2)
        x = self.block("bottleneck", x, blocks[pools], growth)
        for i in range(pools):
            x = torch.cat([skips[pools - 1 - i], self.up("transition_up%d" % i, x)], 1)
            new = self.block("up%d" % i, x, blocks[pools + 1 + i], growth)
            x = torch.cat([x, new], 1) if i == pools - 1 else new
        return self.convolve("out", x, CLASSES, 1)


cases = []
for variant in ("56", "67", "103"):
    net = Net()
    image = formula("image", CHANNELS * HEIGHT * WIDTH).float().double().view(1, CHANNELS, HEIGHT, WIDTH)
    target = (torch.arange(HEIGHT * WIDTH) * 7 % CLASSES).view(1, HEIGHT, WIDTH)
    logits = net.forward(image, BLOCKS[variant], GROWTH[variant])
    F.cross_entropy(logits, target).backward()
    print(variant, sum(w.numel() for w in net.weights.values()), float(logits.abs().max()))
    cases.append({
        "variant": variant,
        "logits": [round(float(v), 6) for v in logits[:, :, ::3, ::3].flatten()],
        # Of each tensor the length of its gradient and its product with another formula, which the order decides too.
        "gradients": {name: ["%.7g" % float(w.grad.norm()), "%.7g" % float((w.grad.flatten() * formula(name + "?", w.numel())).sum())]
                      for name, w in net.weights.items()}})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fcdensenet.json")
with open(path, "w") as f:
    json.dump({"channels": CHANNELS, "classes": CLASSES, "height": HEIGHT, "width": WIDTH, "cases": cases}, f,
              separators=(",", ":"))
    f.write("\n")
