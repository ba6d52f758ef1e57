"""Properties of labelled regions by scikit-image for core/base/Instances: writes instances.json beside this file.

Run with Debian's python3-skimage 0.19.
"""
import json
import pathlib

import numpy as np
import scipy.ndimage as ndi
from skimage import measure, segmentation


def main():
    rng = np.random.default_rng(23)
    out = {"cases": []}
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
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
