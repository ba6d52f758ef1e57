#!/usr/bin/env python3
"""What a change of the program's structure must not change: four short trainings with all that comes out of them.

    python3 tests/reference/golden_runs.py --worker build/release/bin/reticle-worker        writes tests/reference/golden.json
    python3 tests/reference/golden_runs.py --worker build/release/bin/reticle-worker --record FOLDER
    python3 tests/reference/golden_runs.py --compare FOLDER FOLDER

The first keeps every metric of the trainings of tests/reference/golden (one thread, float32, instruction sets held to AVX2), for
GoldenRunsTest. The second keeps more, on this machine and of this build alone: the events, recipes and descriptions as
they were written, weights and predictions as digests, layer tables, analyses and the catalog. The third compares two
such records bit for bit and ends with 1 where they differ; record once before a change and once after.
"""
import argparse
import difflib
import glob
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RECIPES = sorted(glob.glob(f"{HERE}/golden/*.json"))
# Other processors choose other kernels, whose sums differ in their last digits.
FIXED = {"ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "OMP_NUM_THREADS": "1"}


class Golden:
    def __init__(self, worker, folder):
        self.worker, self.folder = os.path.abspath(worker), folder
        self.environment = {**os.environ, **FIXED, "RETICLE_STATE": f"{folder}/state"}
        self.run("simulate", "tissue", "--output", f"{folder}/tissue", "--seed", "4", "--set", "slices=8", "--set", "height=64",
                 "--set", "width=56")

    def run(self, *arguments):
        done = subprocess.run([self.worker, *arguments], capture_output=True, text=True, env=self.environment, cwd=self.folder)
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
        return done.stdout

    def train(self, recipe, project, *settings):
        command = ["run", recipe, "--project", project, "--events", "--set", f"data.images={self.folder}/tissue/tissue-volume.tif"]
        if "autoencoder" not in recipe:
            command += ["--set", f"data.labels={self.folder}/tissue/tissue-labels.tif"]
        return self.run(*command, *settings)

    def without_chance(self, text):
        """Times, machine and places do not belong to a result."""
        text = text.replace(self.folder, "/folder")
        text = re.sub(r'"(seconds|step-seconds|time|modified|sha256|model-sha256|writer|free)":\s*'
                      r'("[^"]*"|-?[0-9.e+-]+)', r'"\1": 0', text)
        return re.sub(r'[0-9.]+ (ms|s|min|h|GB|MB)\b', r'0 \1', text)


def metrics(project, run=1):
    with sqlite3.connect(f"{project}/project.sqlite") as db:
        rows = db.execute("SELECT n.name, m.step, m.value FROM metrics m JOIN metric_names n ON n.id = m.name WHERE n.run = ? "
                          "ORDER BY 1, 2", (run,)).fetchall()
    found = {}
    for name, step, value in rows:
        if not re.search("second|time|speed|memory", name):
            found.setdefault(name, []).append([step, value])
    return found


def lasting(value):
    """Without what depends on the memory that is free and on trainings that have finished."""
    if isinstance(value, dict):
        return {k: lasting(v) for k, v in value.items() if k not in ("fits", "estimate")}
    return [lasting(v) for v in value] if isinstance(value, list) else value


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def weights(path):
    """Digest of the numbers of a model file, without what is written about them."""
    with open(path, "rb") as file:
        head = int.from_bytes(file.read(8), "little")
        file.seek(8 + head)
        return hashlib.sha256(file.read()).hexdigest()


def write(golden):
    found = {}
    for recipe in RECIPES:
        name = os.path.basename(recipe)[:-5]
        golden.train(recipe, f"{golden.folder}/{name}.reticle")
        found[name] = metrics(f"{golden.folder}/{name}.reticle")
    with open(f"{HERE}/golden.json", "w") as file:
        lines = [f'"{name}": {{\n' + ",\n".join(f'  "{m}": {json.dumps(v)}' for m, v in kept.items()) + "\n}"
                 for name, kept in found.items()]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def record(golden, output):
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)

    def keep(name, text):
        with open(f"{output}/{name}", "w") as file:
            file.write(golden.without_chance(text))

    volume, labels = (f"{golden.folder}/tissue/tissue-{k}.tif" for k in ("volume", "labels"))
    for recipe in RECIPES:
        name = os.path.basename(recipe)[:-5]
        project = f"{golden.folder}/{name}.reticle"
        events = golden.train(recipe, project).splitlines()
        # How often progress is told depends on the clock.
        keep(f"{name}.events", "\n".join(e for e in events if '"progress"' not in e))
        keep(f"{name}.metrics", json.dumps(metrics(project), indent=0))
        for file in sorted(os.listdir(f"{project}/runs/1")):
            if file.endswith(".json"):
                with open(f"{project}/runs/1/{file}") as f:
                    keep(f"{name}.{file}", f.read())
            if file.endswith(".safetensors"):
                keep(f"{name}.{file}", weights(f"{project}/runs/1/{file}"))
        golden.run("predict", "--project", project, "--run", "1", "--input", volume, "--output", f"{golden.folder}/{name}.tif",
                   "--device", "cpu", "--flips", "8" if name == "border-map" else "none")
        keep(f"{name}.prediction", digest(f"{golden.folder}/{name}.tif"))
        described = golden.run("describe", recipe, "--set", f"data.images={volume}", *(
            [] if name == "autoencoder" else ["--set", f"data.labels={labels}"]), "--json")
        keep(f"{name}.describe", json.dumps(lasting(json.loads(described)), indent=0))
    golden.run("analyze", "evaluate", "--set", f"prediction={golden.folder}/border-map.tif", "--set", f"labels={labels}", "--output",
               f"{golden.folder}/evaluate")
    golden.run("analyze", "wavelet-spectrum", "--set", f"images={volume}", "--output", f"{golden.folder}/wavelets")
    for place in ("evaluate", "wavelets"):
        for path in sorted(glob.glob(f"{golden.folder}/{place}/**", recursive=True)):
            if path.endswith((".json", ".csv")):
                with open(path) as file:
                    keep(f"{place}.{os.path.basename(path)}", file.read())
    keep("catalog", golden.run("list", "--json"))


def compare(before, after):
    different = 0
    for name in sorted(set(os.listdir(before)) | set(os.listdir(after))):
        texts = []
        for folder in (before, after):
            try:
                with open(f"{folder}/{name}") as file:
                    texts.append(file.read().splitlines())
            except FileNotFoundError:
                texts.append([])
        if texts[0] != texts[1]:
            different += 1
            print(f"== {name}")
            for line in list(difflib.unified_diff(*texts, "before", "after", lineterm="", n=0))[2:14]:
                print("  " + line[:300])
    print(f"{different} of {len(set(os.listdir(before)) | set(os.listdir(after)))} differ")
    return 1 if different else 0


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--worker")
    a.add_argument("--record")
    a.add_argument("--compare", nargs=2)
    o = a.parse_args()
    if o.compare:
        return compare(*o.compare)
    with tempfile.TemporaryDirectory() as folder:
        golden = Golden(o.worker, folder)
        record(golden, os.path.abspath(o.record)) if o.record else write(golden)
    return 0


if __name__ == "__main__":
    sys.exit(main())
