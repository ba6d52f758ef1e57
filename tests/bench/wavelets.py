"""Ratio of the wavelet transform's speed to PyWavelets' as its users call it: 100 images of 512 x 512, 8 levels.

    /usr/bin/python3 tests/bench/wavelets.py [--build build/release] [--threads 2] [--repeats 7]

Needs python3-pywt and a build with -DRETICLE_BENCH=ON. Both run in turns on the same machine; the median of the
repeats counts. "loop": an image's coefficients are dropped before the next, as when energies are summed up; "kept": those of all
images are kept in new memory, of which most of the time goes into the system's pages.
"""
import argparse
import pathlib
import statistics
import subprocess
import time
import warnings

import numpy as np
import pywt


def theirs(images, name, levels, keep):
    begin = time.perf_counter()
    kept = []
    for image in images:
        c = pywt.wavedec2(image, name, level=levels)
        if keep:
            kept.append(c)
    return time.perf_counter() - begin


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", default="build/release")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--repeats", type=int, default=7)
    a.add_argument("--images", type=int, default=100)
    a.add_argument("--side", type=int, default=512)
    a.add_argument("--levels", type=int, default=8)
    o = a.parse_args()
    program = pathlib.Path(o.build) / "tests" / "reticle_wavelet_bench"

    def ours(name, threads, dtype, keep):
        out = subprocess.run([program, "time", name, str(o.side), str(o.images), str(o.levels), str(threads), "3",
                              dtype, "keep" if keep else "drop"], check=True, capture_output=True, text=True).stdout
        return statistics.median(float(t) for t in out.split())

    for name, dtype, keep, goal in (("db1", "float32", False, 8), ("db4", "float32", False, 4),
                                    ("db8", "float32", False, None), ("bior4.4", "float32", False, None),
                                    ("db1", "float64", False, None), ("db4", "float64", False, None),
                                    ("db1", "float32", True, None), ("db4", "float32", True, None)):
        images = np.random.default_rng(1).random((o.images, o.side, o.side)).astype(dtype)
        peer, one, many = [], [], []
        for _ in range(o.repeats):
            peer.append(theirs(images, name, o.levels, keep))
            one.append(ours(name, 1, dtype, keep))
            many.append(ours(name, o.threads, dtype, keep))
        p, s, m = (statistics.median(v) for v in (peer, one, many))
        text = f"{name:8s} {dtype} {'kept' if keep else 'loop'}  PyWavelets {p * 1e3:6.1f} ms   "
        text += f"1 thread {s * 1e3:6.1f} ms ({p / s:4.1f} x)   {o.threads} threads {m * 1e3:6.1f} ms ({p / m:4.1f} x)"
        if goal:
            text += f"   goal {goal} x: {'met' if p / m >= goal else 'MISSED'}"
        print(text, flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # 8 levels of db4 pass its largest useful level
    main()
