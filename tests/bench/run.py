"""Reticle beside a plain PyTorch script on the same machine, in one go: training step, tiled prediction, memory, start.

    python3 tests/bench/run.py [--build build/release] [--repeats 3] [--only step|predict|start]

Needs a build with -DRETICLE_BENCH=ON and the Debian packages python3-torch and python3-tifffile (use Debian's python3).
Prints the median of each figure with its range, and the ratios Reticle / PyTorch. The two take turns, so that a drift
of the machine meets both.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = json.dumps({"name": "unet", "form": "classic", "convolutions": 2,
                    "widths": [16, 32, 64, 128, 64, 32, 16]})


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise SystemExit(f"no figure in: {text}")
    return float(found.group(1))


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr or done.stdout}")
    return done.stdout + done.stderr


def report(what, unit, ours, peer, ours_peak, peer_peak):
    ratios = [a / b for a, b in zip(ours, peer)]
    show = lambda v: f"{statistics.median(v):8.1f} ({min(v):.1f} to {max(v):.1f})"
    print(f"{what:38s} Reticle {show(ours)} {unit}  PyTorch {show(peer)} {unit}  ratio "
          f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})  "
          f"peak {ours_peak:.0f} / {peer_peak:.0f} MB", flush=True)


def steps(a, threads):
    ours, peer, peaks = [], [], [0, 0]
    for _ in range(a.repeats):
        text = run([f"{a.build}/tests/reticle_step_bench", MODEL, "6", a.precision])
        ours.append(number(r"step ([\d.]+) ms", text))
        peaks[0] = number(r"peak (\d+) MB", text)
        text = run([sys.executable, f"{HERE}/step.py", "--steps", "6", "--norm", "none"]
                   + (["--threads", str(threads)] if threads else []))
        peer.append(number(r"step ([\d.]+) ms", text))
        peaks[1] = number(r"peak (\d+) MB", text)
    report(f"training step, PyTorch {threads or 'default'} threads", "ms", ours, peer, *peaks)


def predictions(a, folder, threads):
    worker = f"{a.build}/bin/reticle-worker"
    stack = f"{folder}/tissue/tissue-volume.tif"
    if not os.path.exists(stack):
        run([worker, "simulate", "tissue", "--output", f"{folder}/tissue", "--set", "slices=30"])
        run([worker, "run", f"{HERE}/../../resources/recipes/segment-stack.json", "--project", f"{folder}/P.reticle",
             "--set", f"data.images={stack}", "--set", f"data.labels={folder}/tissue/tissue-labels.tif",
             "--set", "data.context=0", "--set", "train.steps=2"])  # the peer sees each slice alone
    ours, peer, peaks = [], [], [0, 0]
    for i in range(a.repeats):
        # The whole process, its start included, against the prediction alone of the peer.
        start = time.perf_counter()
        process = subprocess.Popen([worker, "predict", "--project", f"{folder}/P.reticle", "--run", "1", "--input", stack,
                                    "--output", f"{folder}/ours.tif"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        ours.append(time.perf_counter() - start)
        if status:
            raise SystemExit("reticle-worker predict failed")
        peaks[0] = usage.ru_maxrss / 1024
        text = run([sys.executable, f"{HERE}/predict.py", stack, f"{folder}/peer.npy"]
                   + (["--threads", str(threads)] if threads else []))
        peer.append(number(r"predict ([\d.]+) s", text))
        peaks[1] = number(r"peak (\d+) MB", text)
    report(f"30 x 512 x 512, PyTorch {threads or 'default'} threads", "s", ours, peer, *peaks)


def start_up(a):
    environment = dict(os.environ)
    if not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    times = []
    for _ in range(11):
        times.append(number(r"([\d.]+)", run([f"{a.build}/bin/reticle", "--measure-start"], env=environment)))
    times = times[1:]
    print(f"exec to first painted window, warm: {statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", default="build/release")
    a.add_argument("--repeats", type=int, default=3)
    a.add_argument("--precision", default="fp32", choices=["fp32", "bf16"], help="of the step benchmark")
    a.add_argument("--only", choices=["step", "predict", "start"])
    a = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RETICLE_STATE"] = os.path.join(folder, "state")
        for threads in (None, os.cpu_count()):
            if a.only in (None, "step"):
                steps(a, threads)
            if a.only in (None, "predict"):
                predictions(a, folder, threads)
        if a.only in (None, "start"):
            start_up(a)


if __name__ == "__main__":
    main()
