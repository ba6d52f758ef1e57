"""Wavelet transforms by PyWavelets for core/analysis/wavelet/Wavelet: writes wavelets.json beside this file.

Run with Debian's python3-pywt 1.1.1 and python3-tifffile: /usr/bin/python3 tests/reference/wavelets.py VOLUME, the
volume being train-volume.tif of the ISBI-2012 data, for "isbi": the share of detail energy of 8 levels of db1, all slices
added up, coarse to fine.

The pixel of row i and column j of a picture is ((131 i + 71 j + 17 i j) mod 257) / 257 - 0.5. Of each transform two
numbers are kept: sum over k of c[k] sin(0.37 k + 0.11), which notices any coefficient that is wrong or out of place,
and the sum of |c|; c in the order approximation, H, V, D of the coarsest level, and on.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import pywt
import tifffile

# No level of these splits a line of one sample, where PyWavelets 1.1.1 never returns from reflect and antireflect.
SIZES = [((16, 16), 2), ((23, 31), 3), ((64, 40), 3), ((7, 50), 2), ((3, 5), 1)]


def picture(rows, columns):
    i, j = np.indices((rows, columns))
    return ((131 * i + 71 * j + 17 * i * j) % 257) / 257 - 0.5


def flat(c):
    return np.concatenate([c[0].ravel()] + [band.ravel() for level in c[1:] for band in level])


def short(v):
    return float(f"{v:.13g}")


def main():
    warnings.simplefilter("ignore")
    names = ["haar"] + [f"db{n}" for n in range(1, 21)] + [f"sym{n}" for n in range(2, 21)]
    names += [f"coif{n}" for n in range(1, 6)] + pywt.wavelist("bior") + pywt.wavelist("rbio")
    modes = ["zero", "constant", "symmetric", "antisymmetric", "reflect", "antireflect", "periodic", "smooth",
             "periodization"]
    out = {"sizes": [[*shape, levels] for shape, levels in SIZES], "modes": modes, "sums": {}, "filters": {},
           "lines": []}
    for name in names:
        w = pywt.Wavelet(name)
        k = np.arange(w.dec_len)
        out["filters"][name] = [short(np.dot(bank, np.sin(0.37 * k + 0.11))) for bank in w.filter_bank]
        rows = []
        for mode in modes:
            for shape, levels in SIZES:
                c = flat(pywt.wavedec2(picture(*shape), name, mode, levels))
                rows.append(short(np.dot(c, np.sin(0.37 * np.arange(c.size) + 0.11))))
                rows.append(short(np.abs(c).sum()))
        out["sums"][name] = rows
    for name, mode, n, levels in (("db3", "symmetric", 37, 3), ("sym5", "antireflect", 20, 2),
                                  ("bior3.3", "smooth", 11, 2), ("coif2", "periodization", 45, 3),
                                  ("rbio2.4", "antisymmetric", 9, 1)):
        x = picture(1, n)[0]
        out["lines"].append({"filter": name, "mode": mode, "length": n,
                             "coefficients": [[short(v) for v in c] for c in pywt.wavedec(x, name, mode, levels)]})
    slices = tifffile.imread(sys.argv[1]).astype(float)
    energy = sum(np.array([sum((b**2).sum() for b in level) for level in pywt.wavedec2(x, "db1", level=8)[1:]])
                 for x in slices)
    out["isbi"] = {"slices": len(slices), "power": [short(v) for v in energy / energy.sum()]}
    text = json.dumps(out).replace('], "', '],\n"').replace(']}, {"', ']},\n{"')
    pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
