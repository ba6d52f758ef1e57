"""Properties of labeled regions, and objects parted by scikit-image's watershed, for core/imaging/Instances: writes
instances.json beside this file.

Run with Debian's python3-skimage 0.19.
"""
import json
import pathlib

import numpy as np
import scipy.ndimage as ndi
from skimage import measure, morphology, segmentation


def h_maxima(relief, h):
    footprint = ndi.generate_binary_structure(2, 2)
    top = morphology.reconstruction(relief - np.float32(h), relief, method="dilation", footprint=footprint)
    return measure.label(morphology.local_maxima(top.astype(np.float32), connectivity=2, allow_borders=True), connectivity=2)


def by_distance(mask, h, connectivity):
    """Every component of the mask by itself; one without an h-maximum gets a marker at its highest distance."""
    edt = ndi.distance_transform_edt(mask).astype(np.float32)
    components = measure.label(mask, connectivity=connectivity)
    maxima = h_maxima(edt, h)
    markers = np.zeros(mask.shape, int)
    for k in range(1, components.max() + 1):
        inside = components == k
        if not (maxima[inside] > 0).any():
            first = np.argmax(np.where(inside, edt, -1).ravel())
            markers.ravel()[first] = markers.max() + 1
            continue
        for m in np.unique(maxima[inside & (maxima > 0)]):
            markers[inside & (maxima == m)] = markers.max() + 1
    return segmentation.watershed(-edt, markers, connectivity, mask=mask)


def in_raster_order(labels):
    values, first = np.unique(labels, return_index=True)
    number = {v: n for n, v in enumerate((v for _, v in sorted(zip(first, values)) if v), 1)}
    return np.vectorize(lambda v: number.get(v, 0), otypes=[int])(labels)


def rows(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


def masks(rng):
    f = ndi.gaussian_filter(rng.standard_normal((36, 44)), 1.6)
    yield f > 0.25 * f.std()
    yield f > 1.1 * f.std()  # mostly thin pieces
    bars = np.zeros((30, 40), bool)
    bars[2:12, 3:13] = True
    bars[15, 1:36] = bars[18:20, 2:39] = bars[23, 20] = True
    bars[0, 20:30] = bars[4:10, 39] = True  # at the border of the image
    for k in range(6):
        bars[24 + k, 3 + k] = True  # a diagonal of single pixels
    yield bars
    bridge = np.zeros((15, 33), bool)
    bridge[2:13, 2:13] = bridge[2:13, 20:31] = bridge[7, 13:20] = True
    yield bridge


def main():
    rng = np.random.default_rng(23)
    out = {"cases": [], "parted": []}
    for k in range(2):
        f = ndi.gaussian_filter(rng.standard_normal((40, 52)), 2.2)
        mask = f > 0.3 * f.std()
        labels = measure.label(mask, connectivity=1)
        image = np.round(100 * (f - f.min())).astype(int)
        regions = []
        for r in measure.regionprops(labels, image):
            regions.append({"id": r.label, "area": int(r.area), "centroid": list(r.centroid), "box": list(r.bbox),
                            "perimeter": float(r.perimeter), "eccentricity": float(r.eccentricity),
                            "intensity": float(r.mean_intensity)})
        # Seeded watershed on 1 - p.
        p = np.round(np.clip(0.5 + 0.35 * f / f.std(), 0, 1) * 100) / 100
        p32 = p.astype(np.float32)
        inside = p32 > np.float32(0.5)
        seeds = measure.label(inside & (p32 > np.float32(0.95)), connectivity=1)
        parts = segmentation.watershed(np.float32(1) - p32, seeds, 1, mask=inside)
        out["cases"].append({"labels": labels.tolist(), "image": image.tolist(), "regions": regions,
                             "probability": np.round(p * 100).astype(int).tolist(), "seeded": parts.tolist()})
    for mask in masks(rng):
        case = {"mask": rows(mask)}
        for c in (1, 2):
            for h in (0, 1, 2, 50):
                labels = in_raster_order(by_distance(mask, h, c))
                assert (labels > 0).sum() == mask.sum()
                case[f"{4 * c}h{h}"] = labels.tolist()
        out["parted"].append(case)
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
