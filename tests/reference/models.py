"""Writes models.json: small nets in plain PyTorch with their weights, an input and the output.

    /usr/bin/python3 tests/reference/models.py
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(7)


def rounded(t):
    return [round(float(v), 5) for v in t.detach().flatten()]


class Net:
    """Weights by name, made when first asked for."""

    def __init__(self):
        self.weights = {}

    def weight(self, name, *shape, scale=None, offset=0.0):
        if name not in self.weights:
            n = 1
            for s in shape[1:]:
                n *= s
            value = torch.randn(*shape) * (scale if scale is not None else (2.0 / n) ** 0.5) + offset
            self.weights[name] = torch.tensor(rounded(value)).view(*shape).requires_grad_()
        return self.weights[name]

    def conv(self, name, x, out, kernel=3, dilation=1, slope=0.1, norm="none", groups=1, training=False):
        bias = norm in ("none", "group")
        w = self.weight(name + ".weight", out, x.shape[1], kernel, kernel)
        b = self.weight(name + ".bias", out, scale=0.1) if bias else None
        x = F.conv2d(x, w, b, padding=dilation * (kernel // 2), dilation=dilation)
        if norm != "none":
            gain = self.weight(name + ".gain", out, scale=0.2, offset=1.0)
            shift = self.weight(name + ".shift", out, scale=0.2)
        if norm == "batch":
            x = F.batch_norm(x, None, None, gain, shift, training=True)
        elif norm == "instance":
            x = F.instance_norm(x, weight=gain, bias=shift)
        elif norm == "group":
            x = F.group_norm(x, groups, gain, shift)
        return x if slope is None else F.leaky_relu(x, slope)


def up(x, factor=2):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def unet(net, x, w, outputs, skips="concatenate", norm="none", convolutions=1, pool="average", upsampling="bilinear"):
    depth = len(w) // 2
    halve = (lambda t: F.avg_pool2d(t, 2)) if pool == "average" else (lambda t: F.max_pool2d(t, 2))

    def level(name, x, out):
        groups = max(g for g in range(1, 9) if out % g == 0)
        for k in range(convolutions):
            x = net.conv(name + ("" if convolutions == 1 else "ab"[k]), x, out, norm=norm, groups=groups)
        return x

    kept = []
    for i in range(depth):
        x = level("e%d" % i, x, w[i])
        kept.append(x)
        x = halve(x)
    x = level("bottom", x, w[depth])
    for i in reversed(range(depth)):
        if upsampling == "transposed":
            weight = net.weight("up%d.weight" % i, x.shape[1], w[i], 2, 2, scale=0.3)
            x = F.conv_transpose2d(x, weight, net.weight("up%d.bias" % i, w[i], scale=0.1), stride=2)
        else:
            x = up(x)
        x = x + kept[i] if skips == "add" else torch.cat([x, kept[i]], 1)
        x = level("d%d" % i, x, w[2 * depth - i])
    return net.conv("out", x, outputs, kernel=1, slope=None)


def fcn(net, x, w, outputs):
    for i in range(3):
        x = F.avg_pool2d(net.conv("e%d" % i, x, w[i]), 2)
    x = net.conv("bottom", x, w[3])
    for i in range(3):
        x = net.conv("d%d" % (2 - i), up(x), w[4 + i])
    return net.conv("out", x, outputs, kernel=1, slope=None)


def atrous(net, x, w, outputs):
    x = F.avg_pool2d(net.conv("s0", x, w[0]), 2)
    x = net.conv("s1", x, w[1])
    for b, rates in enumerate(((1, 2), (1, 2, 4), (1, 4, 6))):
        x = torch.cat([net.conv("b%dr%d" % (b, r), x, w[2 + b], dilation=r, slope=0.2) for r in rates], 1)
    return net.conv("out", net.conv("d0", up(x), w[5]), outputs, kernel=1, slope=None)


def four_layer(net, x, w, outputs):
    x = F.avg_pool2d(net.conv("c0", x, w[0], kernel=5, slope=0.2), 2)
    x = F.avg_pool2d(net.conv("c1", x, w[1], kernel=5, slope=0.2), 2)
    x = up(net.conv("c2", x, w[2], kernel=5, slope=0.2), 4)
    return net.conv("out", x, outputs, kernel=5, slope=None)


def case(title, model, build, channels, outputs, size, **options):
    net = Net()
    x = torch.tensor(rounded(torch.rand(2, channels, *size))).view(2, channels, *size)
    y = build(net, x, model["widths"], outputs, **options)
    y.square().mean().backward()
    return {"title": title, "model": model, "channels": channels, "outputs": outputs, "input": rounded(x),
            "size": list(size), "output": rounded(y),
            "weights": {k: rounded(v) for k, v in net.weights.items()},
            "gradient": {k: round(float(v.grad.double().square().sum().sqrt()), 7) for k, v in net.weights.items()}}


slim, classic = [2, 3, 4, 4, 3, 2, 2], [3, 4, 5, 4, 3]
cases = [
    case("U-Net", {"name": "unet", "widths": slim}, unet, 1, 1, (8, 16)),
    case("U-Net, two classes, color", {"name": "unet", "widths": slim}, unet, 3, 2, (8, 8)),
    case("U-Net, added skips", {"name": "unet", "skips": "add", "widths": [2, 3, 4, 4, 3, 2, 2]}, unet, 1, 1, (8, 16),
         skips="add"),
    case("U-Net, batch normalization",
         {"name": "unet", "depth": 2, "form": "classic", "convolutions": 2, "normalisation": "batch", "widths": classic,
          "pooling": "max"}, unet, 1, 1, (8, 12), norm="batch", convolutions=2, pool="max"),
    case("U-Net, batch normalization, 16 channels",
         {"name": "unet", "depth": 1, "form": "classic", "normalisation": "batch", "widths": [16, 16, 16]}, unet, 1, 1,
         (6, 10), norm="batch"),
    case("U-Net, instance normalization",
         {"name": "unet", "depth": 2, "normalisation": "instance", "widths": [3, 4, 4, 3, 3]}, unet, 1, 1, (8, 12),
         norm="instance"),
    case("U-Net, group normalization",
         {"name": "unet", "depth": 2, "normalisation": "group", "widths": [3, 10, 10, 3, 3]}, unet, 1, 1, (8, 12),
         norm="group"),
    case("U-Net, transposed convolutions",
         {"name": "unet", "depth": 2, "form": "classic", "convolutions": 2, "upsampling": "transposed",
          "widths": classic}, unet, 1, 1, (8, 12), convolutions=2, upsampling="transposed"),
    case("FCN", {"name": "fcn", "widths": slim}, fcn, 1, 1, (16, 8)),
    case("atrous", {"name": "atrous", "widths": [2, 3, 2, 3, 2, 3]}, atrous, 1, 1, (14, 16)),
    case("four-layer", {"name": "four-layer", "widths": [2, 3, 4]}, four_layer, 1, 2, (8, 12)),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.json")
with open(path, "w") as f:
    json.dump({"cases": cases}, f, separators=(",", ":"))
    f.write("\n")
