#!/usr/bin/python3
"""Colors of matplotlib's maps, for ColorTablesTest: writes colourmap.json beside this file."""
import json
import pathlib

from matplotlib import cm

maps = {}
for name in ("viridis", "cividis", "magma", "inferno"):
    rgb = cm.get_cmap(name, 256)(range(256))[:, :3]
    maps[name] = [[round(float(c) * 255) for c in row] for row in rgb]
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(maps, separators=(",", ":")) + "\n")
