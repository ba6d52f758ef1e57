"""Filters of core/analysis/wavelet/WaveletFilters: writes core/analysis/wavelet/WaveletFilterTable_p.h.

db and sym by spectral factorisation at 60 digits (Daubechies, "Ten Lectures on Wavelets", 1992, chapters 6 and 8): the
roots of sum_k C(N-1+k, k) y^k, z + 1/z = 2 - 4y; db takes |z| < 1, sym the choice of roots that PyWavelets made, whose
printed values are good to 1e-11 only. coif, bior and the order of taps are PyWavelets' (1.1.1).

Run with Debian's python3-pywt and python3-mpmath: /usr/bin/python3 tests/reference/wavelet_filters.py
"""
import itertools
import pathlib

import mpmath as mp
import numpy as np
import pywt

mp.mp.dps = 60


def groups(n):
    """Roots inside the unit circle, conjugates together."""
    coefficients = [mp.binomial(n - 1 + k, k) for k in range(n)][::-1]
    ys = mp.polyroots(coefficients, maxsteps=500, extraprec=400) if n > 1 else []
    found = []
    for y in ys:
        if mp.im(y) < -mp.mpf(10) ** -30:
            continue
        real = abs(mp.im(y)) < mp.mpf(10) ** -30
        y = mp.mpc(mp.re(y), 0) if real else y
        half = 1 - 2 * y
        z = half + mp.sqrt(half * half - 1)
        z = 1 / z if abs(z) > 1 else z
        found.append([z] if real else [z, mp.conj(z)])
    return found


def taps(n, roots):
    h = [mp.mpc(1)]

    def times(root, scale):
        out = [mp.mpc(0)] * (len(h) + 1)
        for i, v in enumerate(h):
            out[i] += v * scale
            out[i + 1] -= v * root * scale
        return out

    for _ in range(n):
        h = times(mp.mpf(-1), mp.mpf(1) / 2)
    for z in roots:
        h = times(z, 1 / (1 - z))
    return [mp.re(v) * mp.sqrt(2) for v in h]


def nearest(candidate, wanted):
    """The candidate in the order of taps that is nearer to the wanted ones, and how near."""
    either = [candidate, candidate[::-1]]
    gaps = [max(abs(float(a) - b) for a, b in zip(c, wanted)) for c in either]
    k = int(gaps[1] < gaps[0])
    return gaps[k], either[k]


def orthogonal(family, n):
    wanted = pywt.Wavelet(f"{family}{n}").dec_lo
    inside = groups(n)
    if family == "db":
        gap, h = nearest(taps(n, [z for g in inside for z in g]), wanted)
    else:
        # Which roots to turn outward: tried in double precision, then done at full precision.
        base = np.ones(1)
        for _ in range(n):
            base = np.convolve(base, [0.5, 0.5])
        best = None
        for turn in itertools.product([False, True], repeat=len(inside)):
            h = base.astype(complex)
            for g, t in zip(inside, turn):
                for z in g:
                    z = complex(1 / z if t else z)
                    h = np.convolve(h, np.array([1, -z]) / (1 - z))
            gap, _ = nearest(list(h.real * 2**0.5), wanted)
            if best is None or gap < best[0]:
                best = (gap, turn)
        gap, h = nearest(taps(n, [1 / z if t else z for g, t in zip(inside, best[1]) for z in g]), wanted)
    assert gap < 1e-9, (family, n, gap)
    return [float(v) for v in h]


def main():
    out = pathlib.Path(__file__).resolve().parents[2] / "core/analysis/wavelet/WaveletFilterTable_p.h"
    names, values = [], []
    for family, count in (("db", 20), ("sym", 20), ("coif", 5)):
        for n in range(2 if family == "sym" else 1, count + 1):
            name = f"{family}{n}"
            h = list(pywt.Wavelet(name).dec_lo) if family == "coif" else orthogonal(family, n)
            names.append((name, len(h), len(values)))
            values += h
    for name in pywt.wavelist("bior"):
        w = pywt.Wavelet(name)
        names.append((name, w.dec_len, len(values)))
        values += list(w.dec_lo) + list(w.rec_lo)
    text = ["#pragma once", "", "// Written by tests/reference/wavelet_filters.py; edit that instead.", "// clang-format off", "",
            "namespace reticle {", "",
            "/// Where the low-pass filters of a wavelet stand in waveletTaps: dec_lo, and for bior rec_lo after it.",
            "struct WaveletTaps", "{", "    const char *name;", "    int length, first;", "};", "",
            "inline constexpr WaveletTaps waveletTable[] = {"]
    row = "   "
    for name, length, first in names:
        entry = f' {{"{name}", {length}, {first}}},'
        if len(row + entry) > 118:
            text.append(row)
            row = "   "
        row += entry
    text += [row, "};", "", "inline constexpr double waveletTaps[] = {"]
    row = "   "
    for v in values:
        entry = f" {v:.17g},"
        if len(row + entry) > 118:
            text.append(row)
            row = "   "
        row += entry
    text += [row, "};", "", "} // namespace reticle", ""]
    out.write_text("\n".join(text))


if __name__ == "__main__":
    main()
