"""Four ways of training "the same" perceptron on handwritten digits, which a published experiment found to differ: by hand
(one batch for ever, softmax before the loss, normal weights, one bias a layer) and by a library.

    /usr/bin/python3 tests/long/mlp_cells.py --worker build/release/bin/reticle-worker --table digits.csv.gz [--steps 20000]
        [--seeds 1,2,3] [--jobs 1]

Holds the validation accuracies after 20,000 steps, means over seeds, to
matmul < 0.60 < layers < 0.90, layers_learn > 0.95, 0.80 < matmul_learn < 0.96, in this order. Takes some 20 minutes.
"""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile

CELLS = {
    "matmul": ("first-slice", "softmax", "truncated-normal", "scalar"),
    "layers": ("first-slice", "softmax", "glorot-uniform", "vector"),
    "matmul_learn": ("shuffled", "softmax", "truncated-normal", "scalar"),
    "layers_learn": ("shuffled", "logits", "glorot-uniform", "vector"),
}


def accuracy(o, folder, name, seed):
    batching, loss_input, initialization, bias = CELLS[name]
    recipe = {
        "recipe": 1, "title": f"{name}, seed {seed}", "seed": seed, "device": "cpu",
        "data": {"name": "table", "table": os.path.abspath(o.table), "scaling": "none", "batching": batching},
        "model": {"name": "mlp", "initialization": initialization, "bias": bias,
                  "bias-start": 0.001 if bias == "scalar" else 0, "backend": "matmul" if bias == "scalar" else "layers"},
        "objective": {"name": "classification", "loss-input": loss_input},
        "train": {"steps": o.steps, "batch": 64, "learning-rate": 1e-4, "schedule": "constant", "warmup": 0, "gradient-clip": 0,
                  "averaging": 0, "precision": "float32", "threads": 1, "validate-steps": max(1, o.steps // 10),
                  "checkpoint-every": 600},
    }
    path = os.path.join(folder, f"{name}-{seed}.json")
    with open(path, "w") as file:
        json.dump(recipe, file)
    done = subprocess.run([o.worker, "run", path, "--project", path[:-5] + ".reticle", "--events"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr or done.stdout)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    value = [e["value"] for e in events if e.get("name") == "validation.accuracy"][-1]
    print(f"{name}, seed {seed}: {value:.4f}", flush=True)
    return value


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--worker", required=True)
    a.add_argument("--table", required=True)
    a.add_argument("--steps", type=int, default=20000)
    a.add_argument("--seeds", default="1,2,3")
    a.add_argument("--jobs", type=int, default=1)
    o = a.parse_args()
    seeds = [int(s) for s in o.seeds.split(",")]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        tasks = {(name, seed): pool.submit(accuracy, o, folder, name, seed) for name in CELLS for seed in seeds}
        got = {name: [tasks[name, seed].result() for seed in seeds] for name in CELLS}
    mean = {name: statistics.mean(values) for name, values in got.items()}
    for name, values in got.items():
        sd = statistics.stdev(values) if len(values) > 1 else float("nan")
        print(f"{name:13} {mean[name]:.3f} +- {sd:.3f}")
    held = (mean["matmul"] < 0.60 < mean["layers"] < 0.90 and mean["layers_learn"] > 0.95
            and 0.80 < mean["matmul_learn"] < 0.96
            and mean["matmul"] < mean["layers"] < mean["matmul_learn"] < mean["layers_learn"])
    print("held" if held else "NOT held")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
