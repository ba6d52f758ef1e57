"""Ratio of the wavelet transform's speed to PyWavelets' as its users call it: 100 images of 512 x 512, 8 levels.

    /usr/bin/python3 tests/bench/wavelets.py [--build build/release] [--threads 2] [--repeats 20]

Needs python3-pywt and a build with -DRETICLE_BENCH=ON. Both run in turns on the same machine, so that ratios hold on a busy
one too; the median of the repeats' ratios counts, beside it stands the middle half of them. "loop": an image's coefficients
are dropped before the next, as when energies are summed up; "kept": those of all images are kept in new memory, of which most
of the time goes into the system's pages; "back": images from coefficients. Goals are of one thread where a row says so, else
of all. "scaling": one thread's time over that of all, divided by their number.
"""
import argparse
import pathlib
import statistics
import subprocess
import time
import warnings

import numpy as np
import pywt

# filter, type, what, goal of one thread, goal of all threads
ROWS = (("db1", "float64", "loop", 2, None), ("db4", "float64", "loop", 1.2, None), ("db8", "float64", "loop", None, None),
        ("bior4.4", "float64", "loop", None, None), ("db1", "float64", "back", None, None),
        ("db4", "float64", "back", None, None), ("db1", "float32", "loop", None, 8), ("db4", "float32", "loop", None, 4),
        ("db8", "float32", "loop", None, None), ("bior4.4", "float32", "loop", None, None),
        ("db1", "float32", "kept", None, None), ("db4", "float32", "kept", None, None))


def theirs(images, coefficients, name, levels, what):
    begin = time.perf_counter()
    kept = []
    if what == "back":
        for c in coefficients:
            pywt.waverec2(c, name)
    else:
        for image in images:
            c = pywt.wavedec2(image, name, level=levels)
            if what == "kept":
                kept.append(c)
    return time.perf_counter() - begin


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:4.1f} x [{low:.1f}, {high:.1f}]"


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", default="build/release")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--repeats", type=int, default=20)
    a.add_argument("--images", type=int, default=100)
    a.add_argument("--side", type=int, default=512)
    a.add_argument("--levels", type=int, default=8)
    o = a.parse_args()
    program = pathlib.Path(o.build) / "tests" / "reticle_wavelet_bench"
    words = {"loop": "drop", "kept": "keep", "back": "inverse"}

    def ours(name, threads, dtype, what):
        out = subprocess.run([program, "time", name, str(o.side), str(o.images), str(o.levels), str(threads), "3",
                              dtype, words[what]], check=True, capture_output=True, text=True).stdout
        return statistics.median(float(t) for t in out.split())

    missed = False
    for name, dtype, what, goal_one, goal_all in ROWS:
        images = np.random.default_rng(1).random((o.images, o.side, o.side)).astype(dtype)
        coefficients = [pywt.wavedec2(i, name, level=o.levels) for i in images] if what == "back" else None
        peer, one, many = [], [], []
        for _ in range(o.repeats):
            one.append(ours(name, 1, dtype, what))
            peer.append(theirs(images, coefficients, name, o.levels, what))
            many.append(ours(name, o.threads, dtype, what))
        by_one, by_all = ([p / t for p, t in zip(peer, v)] for v in (one, many))
        scaling = statistics.median(s / m for s, m in zip(one, many)) / o.threads
        text = f"{name:8s} {dtype} {what}  PyWavelets {statistics.median(peer) * 1e3:6.1f} ms   1 thread {spread(by_one)}   "
        text += f"{o.threads} threads {spread(by_all)}   scaling {scaling:.2f}"
        for goal, found, of in ((goal_one, by_one, "1 thread"), (goal_all, by_all, f"{o.threads} threads")):
            if goal:
                met = statistics.median(found) >= goal
                missed |= not met
                text += f"   goal {goal} x with {of}: {'met' if met else 'MISSED'}"
        print(text, flush=True)
    return int(missed)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # 8 levels of db4 pass its largest useful level
    raise SystemExit(main())
