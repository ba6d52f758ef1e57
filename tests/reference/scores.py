"""Segmentation scores by NumPy and scikit-image for core/imaging/SegmentationScores: writes scores.json beside this file.

Run with Debian's python3-skimage 0.19; the arguments, where given, are train-labels.tif and train-volume.tif of the
ISBI-2012 data, for "isbi".
"""
import json
import pathlib
import sys

import numpy as np
import scipy.ndimage as ndi
from skimage import measure, metrics, morphology, segmentation


def bits(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


def thinned(interior):
    return segmentation.watershed((~interior).astype(np.uint8), measure.label(interior, connectivity=1), 1,
                                  watershed_line=True)


def regions(a, b):
    """Arganda-Carreras 2015: foreground-restricted Rand and information scores; zeros of b are regions of one pixel."""
    keep = a > 0
    a, b = a[keep].astype(np.int64), b[keep].astype(np.int64)
    n = a.size
    zero = b == 0
    b[zero] = b.max() + 1 + np.arange(zero.sum())  # literally singletons
    def parts(x):
        return np.unique(x, return_counts=True)[1] / n
    ab = parts(a * (b.max() + 1) + b)
    pa, pb = parts(a), parts(b)
    s_ab, s_a, s_b = (ab**2).sum(), (pa**2).sum(), (pb**2).sum()
    h = lambda p: -(p * np.log(p)).sum()
    info = h(pa) + h(pb) - h(ab)
    return {"randSplit": s_ab / s_a, "randMerge": s_ab / s_b, "vRand": 2 * s_ab / (s_a + s_b),
            "infoSplit": info / h(pb) if h(pb) > 0 else 1.0, "infoMerge": info / h(pa) if h(pa) > 0 else 1.0,
            "vInfo": 2 * info / (h(pa) + h(pb)) if h(pa) > 0 and h(pb) > 0 else 0.0,
            "variationSplit": h(ab) - h(pa), "variationMerge": h(ab) - h(pb)}


def clean(d):
    return {k: float(v) for k, v in d.items()}


def main():
    rng = np.random.default_rng(11)
    out = {"cases": []}
    for k in range(3):
        f = ndi.gaussian_filter(rng.standard_normal((36, 44)), 2.5)
        truth = np.abs(f) > 0.25 * f.std()
        noisy = ndi.gaussian_filter(truth + 0.5 * rng.standard_normal(truth.shape), 0.8)
        probability = np.round(np.clip(noisy, 0, 1) * 100) / 100
        a = measure.label(truth, connectivity=1)
        curve = []
        for tau in np.arange(10) / 10:
            said = probability.astype(np.float32) > np.float32(tau)
            r = regions(a, thinned(said))
            r["tp"], r["fp"] = int((said & truth).sum()), int((said & ~truth).sum())
            r["fn"], r["tn"] = int((~said & truth).sum()), int((~said & ~truth).sum())
            curve.append(clean(r))
        # No zero pixels in the proposal: agrees with scikit-image's own scores.
        dense = segmentation.watershed((~(probability > 0.5)).astype(np.uint8),
                                       measure.label(probability > 0.5, connectivity=1), 1)
        error, precision, recall = metrics.adapted_rand_error(a, dense)
        split, merge = metrics.variation_of_information(a, dense, ignore_labels=[0])
        out["cases"].append({"truth": bits(truth), "probability": [[int(round(v * 100)) for v in row] for row in probability],
                             "curve": curve, "dense": dense.tolist(), "denseRegions": clean(regions(a, dense)),
                             "adaptedRandError": float(error),
                             "variation": [float(split * np.log(2)), float(merge * np.log(2))]})

    if len(sys.argv) > 2:
        import tifffile
        labels, volume = tifffile.imread(sys.argv[1]) > 0, tifffile.imread(sys.argv[2])
        a = measure.label(labels[0], connectivity=1)
        isbi = {"thick": []}
        for r in (1, 2, 3):
            thick = ~morphology.binary_dilation(~labels[0], morphology.disk(r))
            isbi["thick"].append({"pixelError": float((thick != labels[0]).mean()), "thin": clean(regions(a, thinned(thick))),
                                  "raw": clean(regions(a, measure.label(thick, connectivity=1)))})
        isbi["self"] = clean(regions(a, thinned(labels[0])))
        isbi["other"] = clean(regions(a, thinned(labels[1])))
        isbi["all"] = clean(regions(a, thinned(np.ones_like(labels[0]))))
        smooth = ndi.gaussian_filter(volume[0].astype(float), 2) > 120
        isbi["baseline"] = {"pixelError": float((smooth != labels[0]).mean()), "thin": clean(regions(a, thinned(smooth)))}
        out["isbi"] = isbi
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
