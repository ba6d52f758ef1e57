#!/usr/bin/env python3
"""Kills a training run at random moments, resumes it each time, and compares every loss with a run never killed.

    python3 tests/long/kills.py [--worker build/release/bin/reticle-worker] [--kills 20] [--seed 1]
                                [--images A.tif --labels B.tif] [--steps 200] [--set FIELD=VALUE ...]

Without --images the data are simulated. Ends with status 0 when all metrics are equal to the last digit and the
project's database is whole after every kill.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time


def metrics(project):
    with sqlite3.connect(os.path.join(project, "project.sqlite")) as db:
        if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            sys.exit("the database is damaged")
        return db.execute(
            "SELECT n.name, m.step, m.value FROM metrics m JOIN metric_names n ON n.id = m.name "
            "WHERE n.run = 1 AND (n.name = 'train.loss' OR n.name LIKE 'validation.%') ORDER BY 1, 2").fetchall()


def has_run(project):
    try:
        with sqlite3.connect(f"file:{project}/project.sqlite?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM runs").fetchone()[0] > 0
    except sqlite3.OperationalError:
        return False


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--worker", default="build/release/bin/reticle-worker")
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--images")
    options.add_argument("--labels")
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--set", action="append", default=[])
    o = options.parse_args()
    rng = random.Random(o.seed)

    with tempfile.TemporaryDirectory() as folder:
        if not o.images:
            subprocess.run([o.worker, "simulate", "tissue", "--output", folder, "--seed", "1", "--set", "slices=8",
                            "--set", "height=128", "--set", "width=128"], check=True, stdout=subprocess.DEVNULL)
            o.images = os.path.join(folder, "tissue-volume.tif")
            o.labels = os.path.join(folder, "tissue-labels.tif")
        recipe = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../resources/recipes/segment-quick.json")
        settings = [f"data.images={o.images}", f"data.labels={o.labels}", "model.weights=4000", "device=cpu",
                    f"train.steps={o.steps}", "train.batch=4", "train.crop=64", "train.validate-steps=20",
                    "train.checkpoint-steps=7"] + o.set
        first = lambda project: [o.worker, "run", recipe, "--project", project] + [
            part for s in settings for part in ("--set", s)]

        whole = os.path.join(folder, "whole.reticle")
        begin = time.monotonic()
        lines = subprocess.run(first(whole) + ["--events"], check=True, stdout=subprocess.PIPE).stdout.count(b"\n")
        seconds = time.monotonic() - begin
        expected = metrics(whole)
        print(f"never killed: {len(expected)} metrics in {seconds:.1f} s")

        killed = os.path.join(folder, "killed.reticle")
        resume = [o.worker, "run", "--project", killed, "--resume", "1"]
        kills = 0
        while kills < o.kills:
            # Before the run exists there is nothing to resume: then it is simply begun. The moment is a number of
            # events, so that a busy machine kills as often, and up to a step beyond, so that it falls anywhere.
            begun = has_run(killed)
            work = subprocess.Popen((resume if begun else first(killed)) + ["--events"], stdout=subprocess.PIPE)
            for _ in range(rng.randint(0, 2 * lines // o.kills)):
                if not work.stdout.readline():
                    break
            time.sleep(rng.uniform(0, 1.5 * seconds / o.steps))
            work.send_signal(signal.SIGKILL)
            work.stdout.close()
            if work.wait() == 0:
                print(f"the run was through after {kills} kills; give more --steps for more")
                break
            if work.returncode != -signal.SIGKILL:
                sys.exit(f"the worker failed with status {work.returncode} after {kills} kills")
            kills += 1
            reached = max((m[1] for m in metrics(killed)), default=0) if has_run(killed) else 0
            print(f"kill {kills}: step {reached}", flush=True)
        subprocess.run(resume, check=True, stdout=subprocess.DEVNULL)
        found = metrics(killed)

        if found != expected:
            differing = [(a, b) for a, b in zip(expected, found) if a != b]
            sys.exit(f"{len(expected)} and {len(found)} metrics; first difference: {differing[:1]}")
        print(f"{kills} kills: all {len(found)} metrics equal to the last digit")


if __name__ == "__main__":
    main()
