"""Cross-validates a recipe beside the plain PyTorch script segment.py: the same folds of neighboring slices, the same scores.

    /usr/bin/python3 tests/bench/crossvalidation.py FOLDER --images FILE --labels FILE --name NAME (--peer[=OPTIONS] | --recipe FILE)
        [--set section.field=value ...] [--folds 3] [--only 1,2] [--seeds 1,2] [--minutes 5 | --steps N] [--predict="--flips 8" ...]
    /usr/bin/python3 tests/bench/crossvalidation.py FOLDER [--against script]

The first trains one arm fold after fold and keeps the probabilities of each seed in FOLDER/NAME/seed-1.tif, every slice
predicted by the net that has not seen it; folds that are there are passed over, and --only takes some of them, so that two arms can take
turns. The second prints one table of all arms in the folder: pixel error, V_Rand and V_Info (reticle-worker analyze evaluate),
each at its best threshold, means over slices with 95 % intervals, the same of each fold, and paired t tests against one arm,
slice by slice and corrected for folds that share their training slices (Nadeau and Bengio 2003). --steps in place of --minutes
gives one result however busy the machine is.
"""
import argparse
import csv
import glob
import json
import math
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time

import numpy
import tifffile
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
SCORES = {"pixel-error": "pixel error", "v-rand": "V_Rand", "v-info": "V_Info"}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{shlex.join(command)}\n{done.stderr or done.stdout}")
    return done.stdout + done.stderr


def neighbors(slices, folds):
    """Runs of neighbors whose lengths differ by at most one, the longer ones first: core/data/Folds.h."""
    size, more = divmod(slices, folds)
    ends = [0]
    for i in range(folds):
        ends.append(ends[-1] + size + (i < more))
    return [list(range(a, b)) for a, b in zip(ends, ends[1:])]


class Arm:
    def __init__(self, o):
        self.o = o
        self.worker = os.path.join(os.path.abspath(o.build), "bin/reticle-worker")
        self.place = os.path.join(os.path.abspath(o.folder), o.name)
        os.makedirs(self.place, exist_ok=True)
        with tifffile.TiffFile(o.images) as file:
            self.folds = neighbors(len(file.pages), o.folds)
        self.length = ["--steps", str(o.steps)] if o.steps else ["--minutes", str(o.minutes)]
        with open(os.path.join(self.place, "arm.json"), "w") as file:
            json.dump({"labels": os.path.abspath(o.labels), "folds": self.folds, "length": self.length,
                       "peer": o.peer, "set": o.set, "predict": o.predict}, file)

    def peer(self, seed, fold, output):
        slices = self.folds[fold]
        return run([sys.executable, f"{HERE}/segment.py", self.o.images, self.o.labels, output, "--seed", str(seed), "--test",
                    f"{slices[0]}-{slices[-1]}"] + self.length + shlex.split(self.o.peer))

    def recipe(self, seed, fold, output):
        project = f"{self.place}/seed-{seed}-fold-{fold + 1}.reticle"
        shutil.rmtree(project, ignore_errors=True)
        command = [self.worker, "run", self.o.recipe, "--project", project]
        for setting in [f"data.images={os.path.abspath(self.o.images)}", f"data.labels={os.path.abspath(self.o.labels)}",
                        "data.split=folds", f"data.folds={self.o.folds}", f"data.fold={fold + 1}", f"seed={seed}",
                        f"train.{self.length[0][2:]}={self.length[1]}"] + self.o.set:
            command += ["--set", setting]
        said = run(command)
        whole = output + ".whole.tif"
        run([self.worker, "predict", "--project", project, "--run", "1", "--input", self.o.images, "--output", whole]
            + shlex.split(self.o.predict))
        # The whole stack is predicted, so that slices at a fold's edge have their neighbors.
        tifffile.imwrite(output, tifffile.imread(whole)[self.folds[fold]])
        os.remove(whole)
        return said

    def train(self):
        for seed in [int(s) for s in self.o.seeds.split(",")]:
            parts = []
            for fold in [int(f) - 1 for f in self.o.only.split(",")] if self.o.only else range(len(self.folds)):
                output = f"{self.place}/seed-{seed}-fold-{fold + 1}.tif"
                if not os.path.exists(output):
                    start = time.time()
                    said = (self.recipe if self.o.peer is None else self.peer)(seed, fold, output)
                    print(f"{self.o.name}, seed {seed}, fold {fold + 1}: {time.time() - start:.0f} s. "
                          f"{' '.join(said.split())[-300:]}", flush=True)
                parts.append(tifffile.imread(output))
            if len(parts) == len(self.folds):
                tifffile.imwrite(f"{self.place}/seed-{seed}.tif", numpy.concatenate(parts))


def evaluated(o, prediction, labels, threshold):
    """Values and the scores of each slice at a threshold; kept beside the prediction."""
    folder = f"{prediction[:-4]}-at-{threshold:g}"
    if not os.path.exists(f"{folder}/result.json") or os.path.getmtime(folder) < os.path.getmtime(prediction):
        shutil.rmtree(folder, ignore_errors=True)
        run([os.path.join(o.build, "bin/reticle-worker"), "analyze", "evaluate", "--set", f"prediction={prediction}", "--set",
             f"labels={labels}", "--set", f"threshold={threshold}", "--output", folder])
    with open(f"{folder}/result.json") as file:
        result = json.load(file)
    for table in glob.glob(f"{folder}/*.csv"):
        with open(table, encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        if rows and "V_Rand" in rows[0] and "slice" in rows[0]:
            return result["values"], {key: [float(r[name]) for r in rows] for key, name in SCORES.items()}
    raise SystemExit(f"{folder} holds no table of slices")


def scores(o, place):
    """Of each score: one list of slices for each seed, at the threshold that is best for the mean over all slices."""
    with open(f"{place}/arm.json") as file:
        arm = json.load(file)
    found = {key: [] for key in SCORES}
    for prediction in sorted(glob.glob(f"{place}/seed-[0-9]*.tif")):
        if "fold" in os.path.basename(prediction):
            continue
        values, _ = evaluated(o, prediction, arm["labels"], 0.5)
        for key in SCORES:
            found[key].append(evaluated(o, prediction, arm["labels"], values[key + "-threshold"])[1][key])
    return arm, found


def known(values):
    """Without those that are not defined, such as V_Rand where the truth has no region."""
    return [float(v) for v in values if not math.isnan(v)]


def interval(values):
    values = known(values)
    return stats.t.ppf(0.975, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))


def paired(ours, theirs, folds):
    """Over slices (means of the seeds): difference, its 95 % interval, p; and p over folds with the corrected variance."""
    d = known(a - b for a, b in zip(numpy.mean(ours, 0), numpy.mean(theirs, 0)))
    p = stats.ttest_1samp(d, 0).pvalue
    by_fold = [statistics.mean(known(a[i] - b[i] for i in fold)) for a, b in zip(ours, theirs) for fold in folds]
    n, k = len(by_fold), len(folds)
    spread = math.sqrt((1 / n + 1 / (k - 1)) * statistics.variance(by_fold))
    corrected = 2 * stats.t.sf(abs(statistics.mean(by_fold)) / spread, n - 1) if spread else math.nan
    return statistics.mean(d), interval(d), p, corrected


def report(o):
    arms = {}
    for place in sorted(glob.glob(f"{o.folder}/*/")):
        if os.path.exists(f"{place}arm.json"):
            arm, found = scores(o, place.rstrip("/"))
            if found["v-rand"]:
                arms[os.path.basename(place.rstrip("/"))] = (arm, found)
    print("| arm | seeds | score | mean | folds | difference to " + o.against + " | p, slices | p, folds |\n" + "|---" * 8 + "|")
    for name, (arm, found) in arms.items():
        for key, title in SCORES.items():
            mean = numpy.mean(found[key], 0)
            folds = ", ".join(f"{statistics.mean(known(mean[i] for i in fold)):.4f}" for fold in arm["folds"])
            line = f"| {name} | {len(found[key])} | {title} | {statistics.mean(known(mean)):.4f} ± {interval(mean):.4f} | {folds} |"
            if o.against in arms and name != o.against:
                theirs = arms[o.against][1][key]
                n = min(len(theirs), len(found[key]))
                d, half, p, corrected = paired(found[key][:n], theirs[:n], arm["folds"])
                line += f" {d:+.4f} ± {half:.4f} | {p:.3g} | {corrected:.3g} |"
            else:
                line += " | | |"
            print(line, flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("folder")
    a.add_argument("--images")
    a.add_argument("--labels")
    a.add_argument("--name", default="recipe")
    a.add_argument("--recipe", default=os.path.join(HERE, "../../resources/recipes/segment-stack.json"))
    a.add_argument("--peer", nargs="?", const="", help="segment.py in place of a recipe, with options such as --peer=--float32")
    a.add_argument("--set", action="append", default=[])
    a.add_argument("--predict", default="")
    a.add_argument("--folds", type=int, default=3)
    a.add_argument("--only", default="")
    a.add_argument("--seeds", default="1")
    a.add_argument("--minutes", type=float, default=5)
    a.add_argument("--steps", type=int, default=0)
    a.add_argument("--against", default="script")
    a.add_argument("--build", default="build/release")
    o = a.parse_args()
    if o.images:
        Arm(o).train()
    else:
        report(o)


if __name__ == "__main__":
    main()
