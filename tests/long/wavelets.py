"""Every filter in every mode at several sizes, given and random (1 to 70), against PyWavelets, forward and back: prints the
largest differences.

    /usr/bin/python3 tests/long/wavelets.py [--build build/release]

Needs python3-pywt and a build with -DRETICLE_BENCH=ON. PyWavelets 1.1.1 never returns for one sample with reflect or
antireflect, so nothing is asked of it there.
"""
import argparse
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pywt

SIZES = [((1, 1), 1), ((2, 3), 1), ((7, 50), 2), ((33, 20), 3), ((64, 64), 3), ((61, 70), 2), ((1, 17), 1)]


def flat(c):
    return np.concatenate([c[0].ravel()] + [band.ravel() for level in c[1:] for band in level])


def reaches_one(shape, levels, length, mode):
    """Whether a line of one sample is split on the way."""
    for _ in range(levels):
        if 1 in shape:
            return True
        shape = tuple((n + 1) // 2 if mode == "periodization" else (n + length - 1) // 2 for n in shape)
    return False


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", default="build/release")
    a.add_argument("--random", type=int, default=6, help="random sizes of 1 to 70 for each filter and mode")
    o = a.parse_args()
    warnings.simplefilter("ignore")
    names = ["haar"] + [f"db{n}" for n in range(1, 21)] + [f"sym{n}" for n in range(2, 21)]
    names += [f"coif{n}" for n in range(1, 6)] + pywt.wavelist("bior") + pywt.wavelist("rbio")
    program = subprocess.Popen([pathlib.Path(o.build) / "tests" / "reticle_wavelet_bench", "transform"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    rng = np.random.default_rng(5)
    worst = {}
    compared = skipped = 0

    def ours(image, name, mode, levels):
        """Coefficients, and the image made from them again."""
        program.stdin.write(f"{name} {mode} {image.shape[0]} {image.shape[1]} {levels} {image.dtype}\n".encode())
        program.stdin.write(image.tobytes())
        program.stdin.flush()
        size = int(np.frombuffer(program.stdout.read(8), np.int64)[0])
        found = np.frombuffer(program.stdout.read(size * image.itemsize), image.dtype)
        return found, np.frombuffer(program.stdout.read(image.nbytes), image.dtype).reshape(image.shape)

    def note(kind, dtype, gap, *where):
        worst[kind, dtype] = max(worst.get((kind, dtype), (0.0,)), (float(gap), *where))

    for name in names:
        length = pywt.Wavelet(name).dec_len
        for mode in pywt.Modes.modes:
            for shape, levels in SIZES:
                for dtype in ("float64", "float32"):
                    if mode in ("reflect", "antireflect") and reaches_one(shape, levels, length, mode):
                        skipped += 1
                        continue
                    image = rng.uniform(-1, 1, shape).astype(dtype)
                    # In float64 also for float32, which both round alike: by up to 2e-4 where a long filter goes
                    # straight on from a short line (smooth) and the line's slope is multiplied at each level.
                    c = pywt.wavedec2(image.astype("float64"), name, mode, levels)
                    wanted, back = flat(c), pywt.waverec2(c, name, mode)[:shape[0], :shape[1]]
                    found, again = ours(image, name, mode, levels)
                    assert wanted.size == found.size, (name, mode, shape, wanted.size, found.size)
                    scale = max(1.0, float(np.abs(wanted).max()))
                    kind = dtype + (" smooth" if mode == "smooth" and dtype == "float32" else "")
                    note("forward", kind, np.abs(found - wanted).max() / scale, name, mode, shape)
                    note("inverse", kind, np.abs(again - back).max() / scale, name, mode, shape)
                    note("there and back", kind, np.abs(again - image).max() / scale, name, mode, shape)
                    compared += 1
            # Sizes by chance, levels that are of use, differences as they are; but where lines go on beyond their own range
            # (smooth, antireflect) of the largest coefficient, as the last digits of either's filters are multiplied too.
            for _ in range(o.random):
                shape = tuple(int(n) for n in rng.integers(1, 71, 2))
                levels = int(rng.integers(1, max(1, pywt.dwt_max_level(min(shape), length)) + 1))
                if mode in ("reflect", "antireflect") and reaches_one(shape, levels, length, mode):
                    skipped += 1
                    continue
                image = rng.uniform(-1, 1, shape)
                found, again = ours(image, name, mode, levels)
                c = pywt.wavedec2(image, name, mode, levels)
                wanted, back = flat(c), pywt.waverec2(c, name, mode)[:shape[0], :shape[1]]
                assert wanted.size == found.size, (name, mode, shape, wanted.size, found.size)
                where = (name, mode, shape, levels)
                beyond = mode in ("smooth", "antireflect")
                scale = max(1.0, float(np.abs(wanted).max())) if beyond else 1.0
                note("forward", "float64 absolute", np.abs(found - wanted).max() / scale, *where)
                note("inverse", "float64 absolute", np.abs(again - back).max(), *where)
                note("there and back", "float64 absolute", np.abs(again - image).max(), *where)
                compared += 1
    program.stdin.close()
    print(f"{compared} transforms of {len(names)} filters in {len(pywt.Modes.modes)} modes; "
          f"{skipped} that PyWavelets cannot do left out")
    for (kind, dtype), (gap, *where) in sorted(worst.items()):
        print(f"{kind:15s} {dtype:16s}  largest difference {gap:.2e} at {' '.join(map(str, where))}")
    allowed = {"float64": 1e-9, "float64 absolute": 1e-9, "float32": 1e-5, "float32 smooth": 1e-3}
    wrong = any(gap > allowed[dtype] for (_, dtype), (gap, *_) in worst.items())
    print("DIFFERENT" if wrong else "equal")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
