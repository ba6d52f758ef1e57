#!/usr/bin/env python3
"""Trains, predicts and simulates under limits of 250 to 1500 MB, and checks that each work is done, refused or continued
smaller, with a sentence, and that none is ended by the system or hangs.

    python3 tests/long/memory_limits.py [--worker build/release/bin/reticle-worker] [--only train,predict,simulate]
                                        [--how auto|v1|v2|address] [--seconds 600]

The limit is a control group where one can be made (as root, version 1 or 2), else one on addresses (RLIMIT_AS), for which
1024 MiB are added, since the libraries' code and threads take addresses and no memory. Ends with status 0 when all of
this held.
"""

import argparse
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

MB = 1000 * 1000

# kind, limit (MB), settings
WORKS = [
    ("train", 250, {"size": 512, "train.batch": 1, "train.crop": 128}),
    ("train", 250, {"size": 512, "train.batch": 4, "train.crop": 256}),
    ("train", 300, {"size": 1024, "train.batch": 8, "train.crop": 256, "model.name": "fcn"}),
    ("train", 350, {"size": 512, "train.batch": 2, "train.crop": 128, "model.name": "fc-densenet", "model.variant": "56"}),
    ("train", 400, {"size": 512, "train.batch": 4, "train.crop": 256}),
    ("train", 400, {"size": 1024, "train.batch": 16, "train.crop": 256, "data.context": 2}),
    ("train", 500, {"size": 512, "train.batch": 64, "train.crop": 256}),
    ("train", 500, {"size": 512, "train.batch": 1, "train.crop": 64, "model.weights": 20000000}),
    ("train", 600, {"size": 2048, "train.batch": 4, "train.crop": 512}),
    ("train", 700, {"size": 4096, "train.batch": 1, "train.crop": 256}),
    ("train", 700, {"size": 4096, "train.batch": 2, "train.crop": 256, "data.context": 2}),
    ("train", 900, {"size": 2048, "train.batch": 8, "train.crop": 256, "model.name": "fcn"}),
    ("train", 1000, {"size": 1024, "train.batch": 8, "train.crop": 224, "model.name": "fc-densenet", "model.variant": "56"}),
    ("train", 1500, {"size": 4096, "train.batch": 2, "train.crop": 1024}),
    ("train", 1500, {"size": 2048, "train.batch": 64, "train.crop": 512, "data.context": 2}),
    ("predict", 250, {"size": 512, "tile": 256}),
    ("predict", 250, {"size": 4096, "tile": 256}),
    ("predict", 400, {"size": 2048, "tile": 1024}),
    ("predict", 500, {"size": 2048, "tile": 2048}),
    ("predict", 1000, {"size": 4096, "tile": 2048}),
    ("simulate", 250, {"height": 512, "width": 512, "slices": 4}),
    ("simulate", 250, {"height": 2048, "width": 2048, "slices": 1}),
    ("simulate", 400, {"height": 4096, "width": 4096, "slices": 1}),
    ("simulate", 800, {"height": 16384, "width": 16384, "slices": 2}),
    ("simulate", 1500, {"height": 1024, "width": 1024, "slices": 1, "cell-size": 20, "pixel-size": 100}),
]


def tiff(path, side, pages, page):
    """8-bit gray pages, uncompressed: page(z) gives side * side bytes."""
    with open(path, "wb") as f:
        f.write(b"II*\0")
        f.write(struct.pack("<I", 8))
        for z in range(pages):
            at = f.tell()
            entries = [(256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, at + 2 + 12 * 9 + 4),
                       (277, 3, 1), (278, 4, side), (279, 4, side * side)]
            end = at + 2 + 12 * len(entries) + 4 + side * side
            f.write(struct.pack("<H", len(entries)))
            for tag, kind, value in entries:
                f.write(struct.pack("<HHIHH" if kind == 3 else "<HHII", *((tag, kind, 1, value, 0) if kind == 3 else (tag, kind, 1, value))))
            f.write(struct.pack("<I", end + end % 2 if z + 1 < pages else 0))
            f.write(page(z))
            if end % 2:
                f.write(b"\0")


def make_data(folder, side, pages):
    images, labels = os.path.join(folder, f"{side}.tif"), os.path.join(folder, f"{side}-labels.tif")
    if os.path.exists(labels):
        return images, labels
    square = 32

    def rows(low, high, noise):
        def row(phase, k):
            return bytes((low, high)[(x // square + phase) % 2] + (x * 7919 + k * 104729) % 97 * noise // 97 for x in range(side))
        made = {(phase, k): row(phase, k) for phase in (0, 1) for k in range(4)}
        return lambda z: b"".join(made[(y // square + z) % 2, y % 4] for y in range(side))

    tiff(images, side, pages, rows(60, 140, 60))
    tiff(labels, side, pages, rows(0, 255, 0))
    return images, labels


class Group:
    """Limits what a process may take."""

    def __init__(self, how):
        self.number, self.how, self.top = 0, how, None
        v1, v2 = "/sys/fs/cgroup/memory", "/sys/fs/cgroup"
        if how in ("auto", "v1") and os.access(v1 + "/memory.limit_in_bytes", os.R_OK):
            try:
                self.top = f"{v1}/reticle-limits-{os.getpid()}"
                os.mkdir(self.top)
                self.how = "v1"
                return
            except OSError:
                self.top = None
        if how in ("auto", "v2") and os.path.exists(v2 + "/cgroup.subtree_control"):
            try:
                with open(v2 + "/cgroup.subtree_control", "w") as f:
                    f.write("+memory")
                self.top = f"{v2}/reticle-limits-{os.getpid()}"
                os.mkdir(self.top)
                with open(self.top + "/cgroup.subtree_control", "w") as f:
                    f.write("+memory")
                self.how = "v2"
                return
            except OSError:
                self.top = None
        if how in ("v1", "v2"):
            sys.exit(f"a control group of version {how[1]} cannot be made here")
        self.how = "address"

    def run(self, command, limit, seconds):
        """Exit status (below 0: the signal; None: it took too long), what it said, most bytes where they are known."""
        place = None
        if self.top:
            self.number += 1
            place = f"{self.top}/{self.number}"
            os.mkdir(place)
            names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"] if self.how == "v1" else ["memory.max", "memory.swap.max"]
            for i, name in enumerate(names):
                try:
                    with open(f"{place}/{name}", "w") as f:
                        f.write(str(limit if self.how == "v1" or i == 0 else 0))
                except OSError:
                    if i == 0:
                        raise

        def enter():
            if place:
                with open(place + "/cgroup.procs", "w") as f:
                    f.write(str(os.getpid()))
            else:
                resource.setrlimit(resource.RLIMIT_AS, (limit + (1 << 30), limit + (1 << 30)))

        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                   stdin=subprocess.DEVNULL, preexec_fn=enter)
        try:
            said = process.communicate(timeout=seconds)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[0]
            status = None
        most = None
        if place:
            try:
                with open(place + ("/memory.max_usage_in_bytes" if self.how == "v1" else "/memory.peak")) as f:
                    most = int(f.read())
            except (OSError, ValueError):
                pass
            os.rmdir(place)
        return status, said, most

    def close(self):
        if self.top:
            os.rmdir(self.top)


def recipe(path, images, labels, settings):
    with open(path, "w") as f:
        json.dump({"recipe": 1, "title": "limits", "seed": 1, "device": "cpu",
                   "data": {"name": "segmentation", "images": images, "labels": labels, "validation-fraction": 0.34,
                            "context": settings.get("data.context", 0)},
                   "model": {"name": settings.get("model.name", "unet"),
                             **{k[6:]: v for k, v in settings.items() if k.startswith("model.") and k != "model.name"}},
                   "objective": {"name": "bce"}, "augment": {"enabled": False},
                   "train": {"steps": 3, **{k[6:]: v for k, v in settings.items() if k.startswith("train.")}}}, f)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--worker", default="build/release/bin/reticle-worker")
    p.add_argument("--only", default="train,predict,simulate")
    p.add_argument("--how", default="auto", choices=["auto", "v1", "v2", "address"])
    p.add_argument("--seconds", type=float, default=600)
    p.add_argument("--threads", type=int, default=1, help="several on a busy machine wait for each other")
    o = p.parse_args()
    worker = os.path.abspath(o.worker)
    os.environ["OMP_NUM_THREADS"] = str(o.threads)
    group = Group(o.how)
    folder = tempfile.mkdtemp(prefix="reticle-limits-")
    os.environ["RETICLE_STATE"] = os.path.join(folder, "state")
    model = os.path.join(folder, "model.reticle")
    bad, kinds = [], o.only.split(",")
    print({"v1": "control group, version 1", "v2": "control group, version 2", "address": "addresses (RLIMIT_AS)"}[group.how])
    print(f"{'work':9} {'MB':>5} {'most':>5} {'s':>4}  {'outcome':18} settings: sentence")
    try:
        if "predict" in kinds:
            images, labels = make_data(folder, 512, 3)
            path = os.path.join(folder, "model.json")
            recipe(path, images, labels, {"train.batch": 2, "train.crop": 64})
            subprocess.run([worker, "run", path, "--project", model], check=True, stdout=subprocess.DEVNULL)
        for n, (kind, limit, settings) in enumerate(WORKS):
            if kind not in kinds:
                continue
            out = os.path.join(folder, f"out{n}")
            if kind == "simulate":
                command = [worker, "simulate", "tissue", "--output", out, *sum((["--set", f"{k}={v}"] for k, v in settings.items()), [])]
            else:
                images, labels = make_data(folder, settings["size"], 3)
                if kind == "train":
                    recipe(out + ".json", images, labels, settings)
                    command = [worker, "run", out + ".json", "--project", out]
                else:
                    command = [worker, "predict", "--project", model, "--run", "1", "--input", images, "--output", out + ".tif",
                               "--tile", str(settings["tile"])]
            began = time.time()
            status, said, most = group.run(command, limit * MB, o.seconds)
            lines = [line for line in re.split("[\r\n]+", said) if line.strip()]
            warning = next((line for line in lines if "Memory is short" in line), "")
            if status == 0:
                outcome, sentence = ("continued smaller", warning) if warning else ("done", "")
            elif status in (2, 4):
                sentence = next((line for line in reversed(lines) if line.startswith("reticle-worker:")), "")
                outcome = "refused" if re.search("needs about|needs more than|million weights|[Mm]emory", sentence) else "FAILED OTHERWISE"
            else:
                outcome = "HUNG" if status is None else f"KILLED ({status})"
                sentence = lines[-1] if lines else ""
            if outcome.isupper() or outcome.startswith(("KILLED", "FAILED")):
                bad.append(n)
            text = ", ".join(f"{k} {v}" for k, v in settings.items())
            print(f"{kind:9} {limit:5} {most // MB if most else '':>5} {time.time() - began:4.0f}  {outcome:18} {text}: {sentence}", flush=True)
            shutil.rmtree(out, ignore_errors=True)
    finally:
        group.close()
        shutil.rmtree(folder, ignore_errors=True)
    if bad:
        sys.exit(f"{len(bad)} works ended without a sentence")
    print("Each work was done, refused or continued smaller, with a sentence.")


if __name__ == "__main__":
    main()
