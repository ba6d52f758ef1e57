#!/usr/bin/env python3
"""Runs every writer over a disk that fails, and checks what Reticle promises about files.

    python3 tests/long/faults.py [--bin build/release/bin] [--each 12] [--seed 1] [--only train,predict] [--mounts]

A library that is loaded first (tests/programs/FailingCalls.cpp) makes the n-th call fail that changes a file, for n over all
calls of a command (--each 0), or for so many of them chosen by the seed. Disks: full (this call and all later ones: no
space), read-only, vanished (every call, reading too: input/output error), hiccup (this call alone), cut (the process ends
there). With --mounts, as root, also real disks: a small one that is full, one that is read-only, one that is taken away while
a training writes to it.

After each: the exit status is right, one clear sentence is on standard error, inputs are as they were, earlier results are
whole (the old one or the new one), nothing half-written stays where the disk still works, and the project opens and
continues: a training resumes to the same losses, other commands give the same result again.
Ends with status 0 when all of this held.
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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DISKS = {
    # name: (calls that count, errno, all later ones too)
    "full": ("write,make", 28, True),
    "read-only": ("write,flush,name,make", 30, True),
    "vanished": ("all", 5, True),
    "hiccup": ("write,flush,name,make", 5, False),
    "cut": ("write,flush,name,make", "kill", False),
}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files_below(folder):
    return sorted(p for p in glob.glob(folder + "/**", recursive=True, include_hidden=True) if os.path.isfile(p))


def losses(project):
    with sqlite3.connect(os.path.join(project, "project.sqlite")) as db:
        if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise AssertionError("the database is damaged")
        return db.execute("SELECT n.name, m.step, m.value FROM metrics m JOIN metric_names n ON n.id = m.name "
                          "WHERE n.run = (SELECT max(id) FROM runs) AND (n.name = 'train.loss' OR n.name LIKE 'validation.%') "
                          "ORDER BY 1, 2").fetchall()


class Harness:
    def __init__(self, o):
        self.o = o
        self.worker = os.path.join(os.path.abspath(o.bin), "reticle-worker")
        self.window = os.path.join(os.path.abspath(o.bin), "reticle")
        self.folder = tempfile.mkdtemp(prefix="reticle-faults-")
        self.library = os.path.join(self.folder, "failing-calls.so")
        subprocess.run(["c++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", self.library,
                        os.path.join(ROOT, "tests/programs/FailingCalls.cpp"), "-ldl"], check=True)
        self.base = os.path.join(self.folder, "base")
        self.failures = 0
        self.tried = 0
        self.prepare()

    def run(self, command, cwd, extra=None, limit=300):
        # A figure is the same bytes each time where it need not say when it was made.
        environment = dict(os.environ, OMP_NUM_THREADS="1", LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="86400",
                           RETICLE_STATE=self.folder + "/state", **(extra or {}))
        return subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=limit)

    def must(self, command, cwd):
        done = self.run(command, cwd)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
        return done

    def prepare(self):
        """A folder with data, a project of one finished run, a project of a stopped one, and one result of each command."""
        os.makedirs(self.base)
        self.must([self.worker, "simulate", "tissue", "--output", "data", "--set", "slices=4", "--set", "height=48",
                   "--set", "width=48"], self.base)
        self.train = [self.worker, "run", os.path.join(ROOT, "resources/recipes/segment-quick.json"), "--project",
                      "out/P.reticle"]
        for setting in ["data.images=data/tissue-volume.tif", "data.labels=data/tissue-labels.tif",
                        "data.validation-fraction=0.25", "model.weights=4000", "device=cpu", "train.steps=6",
                        "train.batch=1", "train.crop=32", "train.validate-steps=3", "train.checkpoint-steps=2",
                        "train.threads=1", "train.precision=float32", "seed=3"]:
            self.train += ["--set", setting]
        self.must(self.train, self.base)
        self.whole = losses(self.base + "/out/P.reticle")
        self.commands = {
            "train": self.train,
            "resume": [self.worker, "run", "--project", "out/P.reticle", "--resume", "1"],
            "predict": [self.worker, "predict", "--project", "out/P.reticle", "--run", "1", "--input",
                        "data/tissue-volume.tif", "--output", "out/p.tif", "--tile", "32", "--device", "cpu"],
            "analyze": [self.worker, "analyze", "postprocess", "--project", "out/P.reticle", "--run", "1", "--set",
                        "device=cpu", "--set", "output=out/cleaned.tif", "--output", "out/cleaned"],
            "simulate": [self.worker, "simulate", "tissue", "--output", "out/made", "--set", "slices=3", "--set",
                         "height=32", "--set", "width=32"],
            "render": [self.window, "render", self.base + "/figure.json", "--output", "out/figure.pdf"],
            "list": [self.worker, "list"],
        }
        for name in ("predict", "analyze"):
            self.must(self.commands[name], self.base)
        figures = glob.glob(self.base + "/out/cleaned/*.figure.json")
        shutil.copy(figures[0], self.base + "/figure.json")
        if os.path.exists(self.window):
            self.must(self.commands["render"], self.base)
        else:
            del self.commands["render"]
        self.results = {"predict": ["out/p.tif"], "analyze": ["out/cleaned.tif"], "render": ["out/figure.pdf"],
                        "simulate": ["out/made/tissue-volume.tif", "out/made/tissue-labels.tif"]}
        # A run that was cut off in the middle, for "resume".
        on = DISKS["cut"][0]
        count = self.calls("train", on)
        place = self.fresh("train")
        self.run(self.train, place, {"LD_PRELOAD": self.library, "RETICLE_FAIL_UNDER": place + "/out", "RETICLE_FAIL_ON": on,
                                     "RETICLE_FAIL_AT": str(count * 6 // 10), "RETICLE_FAIL_WITH": "kill",
                                     "RETICLE_FAIL_STAYS": "0"})
        self.interrupted = os.path.join(self.folder, "interrupted")
        shutil.copytree(place + "/out/P.reticle", self.interrupted)
        if not 0 < len(losses(self.interrupted)) < len(self.whole):
            sys.exit(f"the training was not cut off in its middle: {losses(self.interrupted)}")

    def fresh(self, name):
        """A copy of the base folder as the command finds it."""
        place = os.path.join(self.folder, "try")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.base, place, symlinks=True)
        if name in ("train", "resume"):
            shutil.rmtree(place + "/out/P.reticle")
        if name == "resume":
            shutil.copytree(self.interrupted, place + "/out/P.reticle")
        return place

    def problem(self, text):
        self.failures += 1
        print(f"  FAILED: {text}", flush=True)

    def calls(self, name, on):
        place = self.fresh(name)
        count = os.path.join(self.folder, "count")
        done = self.run(self.commands[name], place, {
            "LD_PRELOAD": self.library, "RETICLE_FAIL_UNDER": place + "/out", "RETICLE_FAIL_ON": on,
            "RETICLE_FAIL_AT": "0", "RETICLE_FAIL_COUNT": count})
        if done.returncode != 0:
            sys.exit(f"{name} without a fault: {done.stderr.decode()}")
        for result in self.results.get(name, []):
            self.results_of[name, result] = digest(os.path.join(place, result))
        with open(count) as file:
            return int(file.read())

    results_of = {}

    def check(self, name, disk, n, place, done, before):
        label = f"{name}, {disk}, call {n}"
        error = done.stderr.decode(errors="replace")
        lines = [line for line in error.splitlines() if line and not line.startswith("warning: ")]
        status = done.returncode
        if disk == "cut":
            if status not in (0, -signal.SIGKILL):
                self.problem(f"{label}: ended with {status}: {error}")
        elif status == 0:
            if lines:
                self.problem(f"{label}: status 0 with {lines}")
        elif status not in (2, 3, 4):
            self.problem(f"{label}: ended with {status}: {error}")
        elif len(lines) != 1:
            self.problem(f"{label}: not one line: {error!r}")
        else:
            line = lines[0].lower()
            if "unexpected" in line or "std::" in line or "terminate" in line:
                self.problem(f"{label}: not a clear sentence: {lines[0]}")
            if disk == "full" and "full" not in line:
                self.problem(f"{label}: the sentence does not say that the disk is full: {lines[0]}")
            self.sentences.setdefault((name, disk), set()).add(lines[0].replace(place, "…"))
        for path, was in before.items():
            if not os.path.exists(path):
                self.problem(f"{label}: {path} is gone")
            elif path in self.inputs and digest(path) != was:
                self.problem(f"{label}: the input {path} was changed")
        for result in self.results.get(name, []):
            path = os.path.join(place, result)
            if os.path.exists(path) and digest(path) not in (before.get(path), self.results_of[name, result]):
                self.problem(f"{label}: {result} is neither the old nor the new one")
            if status == 0 and disk != "cut":
                if not os.path.exists(path):
                    self.problem(f"{label}: status 0 without {result}")
                elif digest(path) != self.results_of[name, result]:
                    self.problem(f"{label}: status 0 with the old {result}")
        if disk in ("full", "hiccup"):
            left = [p for p in files_below(place) if p.endswith(".part")]
            if left:
                self.problem(f"{label}: half-written files stay: {left}")

    def recovers(self, name, disk, n, place):
        """The disk works again: the command goes through, and gives what it gives without a fault."""
        label = f"{name}, {disk}, call {n}"
        project = place + "/out/P.reticle"
        command = self.commands[name]
        if name in ("train", "resume"):
            begun = os.path.exists(project + "/project.sqlite") and os.path.getsize(project + "/project.sqlite") > 0
            if begun:
                with sqlite3.connect(project + "/project.sqlite") as db:
                    try:
                        begun = db.execute("SELECT max(id) FROM runs").fetchone()[0]
                    except sqlite3.OperationalError:
                        begun = False
            command = self.commands["resume"][:-1] + [str(begun)] if begun else self.train
        elif name == "simulate":
            # It never replaces a file; a pair is whole or not there.
            made = [p for p in self.results[name] if os.path.exists(os.path.join(place, p))]
            for path in made:
                os.remove(os.path.join(place, path))
        done = self.run(command, place)
        if done.returncode != 0:
            self.problem(f"{label}: afterwards: {done.stderr.decode()}")
            return
        if name in ("train", "resume"):
            found = losses(project)
            if found != self.whole:
                self.problem(f"{label}: {len(found)} losses afterwards, {len(self.whole)} expected, "
                             f"first difference {[(a, b) for a, b in zip(found, self.whole) if a != b][:1]}")
        for result in self.results.get(name, []):
            if digest(os.path.join(place, result)) != self.results_of[name, result]:
                self.problem(f"{label}: {result} differs afterwards")
        left = [p for p in files_below(place + "/out") if p.endswith(".part")]
        if left:
            self.problem(f"{label}: half-written files stay for ever: {left}")

    sentences = {}

    def sweep(self):
        rng = random.Random(self.o.seed)
        wanted = self.o.only.split(",") if self.o.only else list(self.commands)
        for name in wanted:
            if name == "list":
                self.full_output()
                continue
            for disk, (on, error, stays) in DISKS.items():
                count = self.calls(name, on)
                numbers = list(range(1, count + 1))
                if self.o.each and count > self.o.each:
                    numbers = sorted(rng.sample(numbers, self.o.each))
                for n in numbers:
                    place = self.fresh(name)
                    before = {p: digest(p) for p in files_below(place + "/data")}
                    self.inputs = set(before)
                    for result in self.results.get(name, []):
                        path = os.path.join(place, result)
                        if os.path.exists(path):
                            before[path] = digest(path)
                    done = self.run(self.commands[name], place, {
                        "LD_PRELOAD": self.library, "RETICLE_FAIL_UNDER": place + "/out", "RETICLE_FAIL_ON": on,
                        "RETICLE_FAIL_AT": str(n), "RETICLE_FAIL_WITH": str(error),
                        "RETICLE_FAIL_STAYS": "1" if stays else "0"})
                    self.tried += 1
                    self.check(name, disk, n, place, done, before)
                    self.recovers(name, disk, n, place)
                print(f"{name}, {disk}: {len(numbers)} of {count} calls", flush=True)

    def full_output(self):
        for arguments in (["list"], ["list", "--json"], ["describe", "train"], ["describe", "unet", "--size", "32"],
                          ["--help"], ["--version"], ["run", "--help"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([self.worker] + arguments, stdout=full, stderr=subprocess.PIPE)
            self.tried += 1
            if done.returncode != 4 or done.stderr.count(b"\n") != 1:
                self.problem(f"{arguments} to a full disk: {done.returncode} {done.stderr.decode()}")
        print("list, describe, help and version to a full disk: 7", flush=True)

    def mounts(self):
        """Real disks, in a mount space of its own."""
        if os.geteuid() != 0:
            sys.exit("--mounts needs root")
        for name in [n for n in self.commands if n != "list"]:
            for kind in ("full", "read-only"):
                place = self.fresh(name)
                kept = place + "/kept"
                os.rename(place + "/out", kept)
                os.makedirs(place + "/out")
                size = sum(os.path.getsize(p) for p in files_below(kept))
                # Room for what is there and 20 KB more, less than any command needs.
                script = (f"mount -t tmpfs -o size={(size >> 12) * 4 + 4 * len(files_below(kept)) + 400}k none out && "
                          f"cp -a kept/. out/ && " +
                          ("(dd if=/dev/zero of=out/filler bs=4k 2>/dev/null; true)" if kind == "full"
                           else "mount -o remount,ro out") +
                          ' && "$@"; status=$?; ' +
                          ("rm -f out/filler; " if kind == "full" else "mount -o remount,rw out; ") +
                          "rm -rf after; mkdir after; cp -a out/. after/; exit $status")
                before = {p: digest(p) for p in files_below(place + "/data")}
                self.inputs = set(before)
                done = self.run(["unshare", "-m", "--propagation", "private", "bash", "-c", script, "x"] +
                                self.commands[name], place)
                self.tried += 1
                if done.returncode == 0 and name == "resume":
                    pass  # a run may be through before it needs room
                os.rmdir(place + "/out")
                os.rename(place + "/after", place + "/out")
                self.check(name, kind if kind == "full" else "mounted read-only", 0, place, done, before)
                self.recovers(name, kind, 0, place)
                print(f"{name}, mounted {kind}: {done.returncode} {done.stderr.decode().strip()[-200:]}", flush=True)
        # A disk that is taken away while a training writes to it.
        place = self.fresh("train")
        script = ('mount -t tmpfs none out && "$@" & worker=$!; for i in $(seq 200); do '
                  'test -e out/P.reticle/runs/1/last.safetensors && break; sleep 0.05; done; umount -l out; wait $worker')
        command = [part.replace("train.steps=6", "train.steps=100000") for part in self.train]
        worker = subprocess.Popen(["unshare", "-m", "--propagation", "private", "bash", "-c", script, "x"] + command,
                                  cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, error = worker.communicate(timeout=120)
        self.tried += 1
        if worker.returncode != 4:
            self.problem(f"a disk taken away: {worker.returncode} {error.decode()}")
        print(f"train, taken away: {worker.returncode} {error.decode().strip()[-200:]}", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--bin", default="build/release/bin")
    options.add_argument("--each", type=int, default=12)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--mounts", action="store_true")
    options.add_argument("--sentences", action="store_true", help="print every sentence that was said")
    o = options.parse_args()
    harness = Harness(o)
    try:
        harness.sweep()
        if o.mounts:
            harness.mounts()
    finally:
        shutil.rmtree(harness.folder, ignore_errors=True)
    if o.sentences:
        for (name, disk), lines in sorted(harness.sentences.items()):
            for line in sorted(lines):
                print(f"{name}, {disk}: {line}")
    print(f"{harness.tried} faults, {harness.failures} failures")
    sys.exit(1 if harness.failures else 0)


if __name__ == "__main__":
    main()
