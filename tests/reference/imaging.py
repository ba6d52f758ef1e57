"""Numbers of scikit-image and SciPy for core/imaging/Imaging: writes imaging.json beside this file.

Run with Debian's python3-skimage 0.19 and python3-scipy; the second argument, where given, is train-labels.tif of the
ISBI-2012 data, for the checksums of "isbi".
"""
import json
import pathlib
import sys

import numpy as np
import scipy.ndimage as ndi
from skimage import measure, morphology, segmentation


def bits(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


def numbers(a):
    return [[int(v) for v in row] for row in a]


def checksum(a):
    """Sum of value * (index * 2654435761 mod 2^32) mod 2^64."""
    v = np.asarray(a).astype(np.uint64).ravel()
    weight = (np.arange(v.size, dtype=np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    with np.errstate(over="ignore"):
        return str(int((v * weight).sum(dtype=np.uint64)))


def blobs(rng, shape, sigma, level):
    f = ndi.gaussian_filter(rng.standard_normal(shape), sigma, mode="nearest")
    return f > level * f.std()


def h_maxima(relief, h, connectivity):
    footprint = ndi.generate_binary_structure(2, connectivity)
    top = morphology.reconstruction(relief - np.float32(h), relief, method="dilation", footprint=footprint)
    peaks = morphology.local_maxima(top.astype(np.float32), connectivity=connectivity, allow_borders=True)
    return measure.label(peaks, connectivity=connectivity)


def two_nearest(labels):
    d = np.sort([ndi.distance_transform_edt(labels != k) for k in range(1, labels.max() + 1)], axis=0)
    return d[0], d[1]


def filled(mask, area, connectivity):
    """Holes up to `area` that do not touch the border."""
    holes = measure.label(~mask, connectivity=connectivity)
    border = set(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    out = mask.copy()
    for r in measure.regionprops(holes):
        if r.label not in border and r.area <= area:
            out[holes == r.label] = True
    return out


def main():
    rng = np.random.default_rng(7)
    out = {"cases": [], "watersheds": []}
    for shape, sigma, level in [((27, 39), 1.2, 0.2), ((34, 25), 2.0, -0.3), ((17, 50), 0.8, 0.6), ((1, 9), 0.5, 0.0)]:
        m = blobs(rng, shape, sigma, level)
        case = {"mask": bits(m)}
        for c in (1, 2):
            labels = measure.label(m, connectivity=c)
            case[f"labels{4 * c}"] = numbers(labels)
            case[f"small{4 * c}"] = bits(morphology.remove_small_objects(m, 12, connectivity=c))
            case[f"holes{4 * c}"] = bits(filled(m, 9, c))
        for r in (1, 2, 3, 5):
            disk = morphology.disk(r)
            case[f"dilate{r}"] = bits(morphology.binary_dilation(m, disk))
            case[f"erode{r}"] = bits(morphology.binary_erosion(m, disk))
            case[f"open{r}"] = bits(morphology.binary_opening(m, disk))
            case[f"close{r}"] = bits(morphology.binary_closing(m, disk))
        if min(shape) > 1:
            edt = ndi.distance_transform_edt(m)
            case["edt2"] = numbers(np.rint(edt**2))
            if measure.label(m, connectivity=1).max() >= 2:
                d1, d2 = two_nearest(measure.label(m, connectivity=1))
                case["first2"], case["second2"] = numbers(np.rint(d1**2)), numbers(np.rint(d2**2))
        out["cases"].append(case)

    for shape in [(26, 38), (21, 21)]:
        # Few gray values, so that many pixels tie.
        relief = np.round(8 * ndi.gaussian_filter(rng.standard_normal(shape), 2.0)).astype(np.float32)
        mask = blobs(rng, shape, 1.5, -0.8)
        seeds = np.zeros(shape, np.int32)
        at = rng.choice(seeds.size, 12, replace=False)
        seeds.ravel()[at] = np.arange(1, 13)
        wide = measure.label(morphology.binary_dilation(seeds > 0, morphology.disk(1)), connectivity=1).astype(np.int32)
        case = {"relief": numbers(relief), "mask": bits(mask), "seeds": numbers(seeds), "wide": numbers(wide)}
        for c in (1, 2):
            for line in (False, True):
                tag = f"{4 * c}{'line' if line else ''}"
                case["seeds" + tag] = numbers(segmentation.watershed(relief, seeds, c, watershed_line=line))
                case["masked" + tag] = numbers(segmentation.watershed(relief, wide, c, mask=mask, watershed_line=line))
            for h in (1, 2):
                case[f"hmaxima{4 * c}h{h}"] = numbers(h_maxima(relief, h, c))
        out["watersheds"].append(case)

    stack = rng.random((7, 5, 6)) > 0.5
    out["median"] = {"stack": [bits(s) for s in stack],
                     "3": [bits(s) for s in ndi.median_filter(stack.astype(np.uint8), (3, 1, 1), mode="nearest")],
                     "5": [bits(s) for s in ndi.median_filter(stack.astype(np.uint8), (5, 1, 1), mode="nearest")]}

    # Two overlapping discs of radius 20 at distance 28.
    yy, xx = np.mgrid[:64, :96]
    discs = ((yy - 32) ** 2 + (xx - 34) ** 2 <= 400) | ((yy - 32) ** 2 + (xx - 62) ** 2 <= 400)
    edt = ndi.distance_transform_edt(discs).astype(np.float32)
    parts = segmentation.watershed(-edt, h_maxima(edt, 1, 2), mask=discs)
    out["discs"] = {"area": int(discs.sum()), "parts": [int((parts == k).sum()) for k in range(1, parts.max() + 1)],
                    "checksum": checksum(parts)}

    if len(sys.argv) > 1:
        import tifffile
        slices = tifffile.imread(sys.argv[1])
        m = slices[0] > 0
        membranes = ~m
        labels = measure.label(m, connectivity=1)
        thin = segmentation.watershed((~m).astype(np.uint8), labels, 1, watershed_line=True)
        edt = ndi.distance_transform_edt(m).astype(np.float32)
        peaks = h_maxima(edt, 1, 2)
        cells = segmentation.watershed(-edt, peaks, mask=m)
        out["isbi"] = {
            "components": [int(measure.label(s > 0, connectivity=1).max()) for s in slices],
            "labels": checksum(labels), "thin": checksum(thin), "peaks": checksum(peaks), "cells": checksum(cells),
            "edt2": checksum(np.rint(edt.astype(np.float64)**2)),
            "closed": [int(membranes.sum())] + [int(morphology.binary_closing(membranes, morphology.disk(r)).sum())
                                                for r in (1, 2, 3)],
        }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
