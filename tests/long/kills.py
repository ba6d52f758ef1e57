#!/usr/bin/env python3
"""Kills training, prediction and analysis at random moments, and checks that nothing was lost and nothing is half-written.

    python3 tests/long/kills.py [--worker build/release/bin/reticle-worker] [--kills 20] [--seed 1]
                                [--what train,predict,analyze,simulate] [--images A.tif --labels B.tif]
                                [--steps 0] [--set FIELD=VALUE ...]

The kills are shared out among the kinds of work. A training is killed, resumed and killed again, and every loss compared with
a run that was never killed; its database must be whole after each kill. Prediction, analysis and simulation are killed
anywhere between their start and their end: inputs and project must be as they were, an earlier result whole (the old one or
the new one), and the same command afterwards gives the same bytes and leaves nothing half-written behind.
Without --images the data are simulated. Ends with status 0 when all of this held.
"""

import argparse
import glob
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

RECIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../resources/recipes/segment-quick.json")


def metrics(project):
    with sqlite3.connect(os.path.join(project, "project.sqlite")) as db:
        if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            sys.exit("the database is damaged")
        return db.execute(
            "SELECT n.name, m.step, m.value FROM metrics m JOIN metric_names n ON n.id = m.name "
            "WHERE n.run = (SELECT max(id) FROM runs) AND (n.name = 'train.loss' OR n.name LIKE 'validation.%') ORDER BY 1, 2").fetchall()


def last_run(project):
    """Its number; 0 = there is none. A kill while a run is made leaves its number unused."""
    try:
        with sqlite3.connect(f"file:{project}/project.sqlite?mode=ro", uri=True) as db:
            return db.execute("SELECT max(id) FROM runs").fetchone()[0] or 0
    except sqlite3.OperationalError:
        return 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def half_written(folder):
    return [p for p in glob.glob(folder + "/**", recursive=True, include_hidden=True) if p.endswith(".part")]


class Killer:
    def __init__(self, o, folder):
        self.o, self.folder = o, folder
        self.rng = random.Random(o.seed)
        self.environment = dict(os.environ, OMP_NUM_THREADS="1", RETICLE_STATE=os.path.abspath(folder) + "/state")

    def run(self, command, **more):
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command[:3])} failed: {done.stderr.decode()}")
        return done

    def prepare(self, kills):
        o = self.o
        if not o.images:
            self.run([o.worker, "simulate", "tissue", "--output", self.folder + "/data", "--seed", "1", "--set", "slices=4",
                      "--set", "height=48", "--set", "width=48"])
            o.images = self.folder + "/data/tissue-volume.tif"
            o.labels = self.folder + "/data/tissue-labels.tif"
        steps = o.steps or max(20, 4 * kills)
        settings = [f"data.images={o.images}", f"data.labels={o.labels}", "data.validation-fraction=0.25",
                    "model.weights=4000", "device=cpu", f"train.steps={steps}", "train.batch=1", "train.crop=32",
                    "train.threads=1", f"train.validate-steps={max(5, steps // 10)}", "train.checkpoint-steps=3"] + o.set
        self.first = lambda project: [o.worker, "run", RECIPE, "--project", project] + [
            part for s in settings for part in ("--set", s)]
        self.whole = self.folder + "/whole.reticle"
        begin = time.monotonic()
        self.lines = self.run(self.first(self.whole) + ["--events"]).stdout.count(b"\n")
        self.seconds = time.monotonic() - begin
        self.steps = steps

    def training(self, wanted):
        o, rng = self.o, self.rng
        expected = metrics(self.whole)
        print(f"never killed: {len(expected)} metrics in {self.seconds:.1f} s", flush=True)
        killed = self.folder + "/killed.reticle"
        resume = lambda run: [o.worker, "run", "--project", killed, "--resume", str(run)]
        kills = 0
        while kills < wanted:
            # Before the run exists there is nothing to resume: then it is simply begun. The moment is a number of
            # events, so that a busy machine kills as often, and up to a step beyond, so that it falls anywhere. Every
            # third kill falls anywhere in the start, before the first event.
            begun = last_run(killed)
            work = subprocess.Popen((resume(begun) if begun else self.first(killed)) + ["--events"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, env=self.environment)
            if kills % 3 == 2:
                time.sleep(rng.uniform(0, 1.0))
            else:
                for _ in range(rng.randint(0, 2 * self.lines // max(1, wanted))):
                    if not work.stdout.readline():
                        break
                time.sleep(rng.uniform(0, 1.5 * self.seconds / self.steps))
            work.send_signal(signal.SIGKILL)
            work.stdout.close()
            if work.wait() == 0:
                if last_run(killed) and max((m[1] for m in metrics(killed)), default=0) >= self.steps:
                    # It was through: the next one begins anew, once this one has been compared.
                    self.compare(killed, expected, kills)
                    shutil.rmtree(killed)
                continue
            if work.returncode != -signal.SIGKILL:
                sys.exit(f"the worker failed with status {work.returncode} after {kills} kills")
            kills += 1
            if last_run(killed):
                reached = max((m[1] for m in metrics(killed)), default=0)
                print(f"kill {kills}: step {reached}", flush=True)
        self.run(resume(last_run(killed)) if last_run(killed) else self.first(killed))
        self.compare(killed, expected, kills)
        print(f"training: {kills} kills, all {len(expected)} metrics equal to the last digit", flush=True)

    def compare(self, killed, expected, kills):
        found = metrics(killed)
        if found != expected:
            differing = [(a, b) for a, b in zip(expected, found) if a != b]
            sys.exit(f"{len(expected)} and {len(found)} metrics after {kills} kills; first difference: {differing[:1]}")
        if half_written(killed):
            sys.exit(f"half-written files stay: {half_written(killed)}")

    def command(self, what, out):
        o = self.o
        if what == "predict":
            return ([o.worker, "predict", "--project", self.whole, "--run", "1", "--input", o.images, "--output",
                     out + "/p.tif", "--tile", "32", "--device", "cpu"], ["p.tif"])
        if what == "analyze":
            return ([o.worker, "analyze", "postprocess", "--project", self.whole, "--run", "1", "--set", "device=cpu",
                     "--set", f"output={out}/cleaned.tif", "--output", out + "/cleaned"], ["cleaned.tif"])
        return ([o.worker, "simulate", "tissue", "--output", out + "/made", "--set", "slices=4", "--set", "height=64",
                 "--set", "width=64"], ["made/tissue-volume.tif", "made/tissue-labels.tif"])

    def others(self, what, wanted):
        out = f"{self.folder}/out-{what}"
        os.makedirs(out)
        command, results = self.command(what, out)
        begin = time.monotonic()
        self.run(command)
        seconds = time.monotonic() - begin
        whole = {r: digest(os.path.join(out, r)) for r in results}
        inputs = {p: digest(p) for p in (self.o.images, self.o.labels)}
        models = {p: digest(p) for p in glob.glob(self.whole + "/runs/1/*")}
        kills = 0
        while kills < wanted:
            # Every other time there is an earlier result, of other bytes.
            before = {}
            for r in results:
                path = os.path.join(out, r)
                if os.path.exists(path):
                    os.remove(path)
                if kills % 2 and what != "simulate":
                    with open(path, "wb") as file:
                        file.write(b"an earlier result")
                    before[r] = digest(path)
            work = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
            # Half of them near the end, where files get their names.
            time.sleep(seconds * (rng_end(self.rng) if kills % 2 else self.rng.random()))
            work.send_signal(signal.SIGKILL)
            status = work.wait()
            if status not in (0, -signal.SIGKILL):
                sys.exit(f"{what} failed with status {status} after {kills} kills")
            for r in results:
                path = os.path.join(out, r)
                if os.path.exists(path) and digest(path) not in (whole[r], before.get(r)):
                    sys.exit(f"{what}: {r} is neither the old nor the new one after kill {kills + 1}")
                if status == 0 and not os.path.exists(path):
                    sys.exit(f"{what}: it was through and {r} is not there")
                if r in before and not os.path.exists(path):
                    sys.exit(f"{what}: the earlier {r} is gone")
            for path, was in {**inputs, **models}.items():
                if digest(path) != was:
                    sys.exit(f"{what}: {path} was changed")
            if status != 0:
                kills += 1
            metrics(self.whole)
        for r in results:
            if os.path.exists(os.path.join(out, r)):
                os.remove(os.path.join(out, r))
        self.run(command)
        for r in results:
            if digest(os.path.join(out, r)) != whole[r]:
                sys.exit(f"{what}: {r} differs afterwards")
        for folder in (out, self.whole):
            if half_written(folder):
                sys.exit(f"{what}: half-written files stay: {half_written(folder)}")
        print(f"{what}: {kills} kills, results and inputs whole, nothing half-written left", flush=True)


def rng_end(rng):
    return rng.uniform(0.7, 1.05)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--worker", default="build/release/bin/reticle-worker")
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--what", default="train,predict,analyze,simulate")
    options.add_argument("--images")
    options.add_argument("--labels")
    options.add_argument("--steps", type=int, default=0, help="of the training; 0 = four for each of its kills")
    options.add_argument("--set", action="append", default=[])
    o = options.parse_args()
    o.worker = os.path.abspath(o.worker)
    kinds = o.what.split(",")
    with tempfile.TemporaryDirectory() as folder:
        killer = Killer(o, folder)
        # Trainings get half of them.
        rest = [k for k in kinds if k != "train"]
        training = o.kills if not rest else (o.kills + 1) // 2 if "train" in kinds else 0
        killer.prepare(max(1, training))
        if "train" in kinds:
            killer.training(training)
        for i, kind in enumerate(rest):
            left = o.kills - training
            killer.others(kind, left // len(rest) + (1 if i < left % len(rest) else 0))
        print(f"{o.kills} kills: nothing was lost")


if __name__ == "__main__":
    main()
