#!/usr/bin/env python3
"""Made tests/reference/project-before and project-before.json with the last version that kept its models as archives of
LibTorch (model.pt, last.pt):

    python3 tests/reference/project_before.py WORKER OUTPUT [RECIPE]

WORKER is the reticle-worker of that version. project-half and project-half.json were made with project-half-recipe.json by the
last version that trained on images alone (TMPDIR=/data, and the variables of golden_runs.py). A tiny network is trained on a
simulated stack inside the project and stopped half-way. A copy of the project is resumed by the same version: its losses, and
what the model predicts before that, are what later versions must give from the same files.
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

WORKER, OUTPUT = (os.path.abspath(a) for a in sys.argv[1:3])
RECIPE = json.load(open(sys.argv[3])) if len(sys.argv) > 3 else {
    "recipe": 1, "title": "Before", "seed": 3, "device": "cpu",
    "data": {"name": "segmentation", "images": "", "labels": "", "validation-fraction": 0.5},
    "model": {"name": "fcn", "weights": 203}, "objective": {"name": "bce"},
    "train": {"steps": 16, "batch": 1, "crop": 16, "learning-rate": 0.01, "validate-steps": 4, "checkpoint-steps": 2,
              "threads": 1, "precision": "float32"},
}


def worker(*arguments):
    subprocess.run([WORKER, *arguments], check=True, stdout=subprocess.DEVNULL)


def metrics(project):
    with contextlib.closing(sqlite3.connect(os.path.join(project, "project.sqlite"))) as db:
        return db.execute("SELECT n.name, m.step, m.value FROM metrics m JOIN metric_names n ON n.id = m.name "
                          "WHERE n.name = 'train.loss' OR n.name LIKE 'validation.%' ORDER BY 1, 2").fetchall()


with tempfile.TemporaryDirectory() as folder:
    project = os.path.join(folder, "project-before")
    data = os.path.join(project, "data")
    simulated = os.path.join(folder, "simulated")
    worker("simulate", "tissue", "--output", simulated, "--seed", "3", "--set", "slices=2", "--set", "height=32",
           "--set", "width=32")
    recipe = os.path.join(folder, "recipe.json")
    with open(recipe, "w") as file:
        json.dump(RECIPE, file)
    images, labels = (os.path.join(data, f"tissue-{kind}.tif") for kind in ("volume", "labels"))
    # An empty project first, so that the data can lie in it.
    made = subprocess.run([WORKER, "run", recipe, "--project", project, "--set", "data.images=none.tif"],
                          stderr=subprocess.DEVNULL)
    assert made.returncode == 2 and os.path.exists(os.path.join(project, "project.sqlite"))
    shutil.copytree(simulated, data)
    run = subprocess.Popen([WORKER, "run", recipe, "--project", project, "--events", "--set", f"data.images={images}",
                            "--set", f"data.labels={labels}"], stdout=subprocess.PIPE)
    for line in run.stdout:
        event = json.loads(line)
        if event.get("event", event.get("kind")) == "checkpoint" and event["step"] >= 6:
            run.send_signal(signal.SIGINT)
            break
    run.stdout.read()
    assert run.wait() == 0
    worker("predict", "--project", project, "--run", "1", "--input", images, "--output",
           os.path.join(folder, "prediction.tif"), "--device", "cpu")

    resumed = os.path.join(folder, "resumed")
    shutil.copytree(project, resumed)
    worker("run", "--project", resumed, "--resume", "1")
    with open(OUTPUT + ".json", "w") as file:
        json.dump({"stopped-at": max(m[1] for m in metrics(project)), "metrics": metrics(resumed)}, file, indent=0)

    # Nothing of the machine that made it. Later versions keep paths inside a project relative to it.
    db = sqlite3.connect(os.path.join(project, "project.sqlite"))
    db.execute("UPDATE runs SET writer = ''")
    if len(sys.argv) == 3:
        db.execute("UPDATE inputs SET description = replace(description, ?, '/data')", (data,))
    db.commit()
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("VACUUM")
    db.close()
    for name in ("recipe.json", "model.json") if len(sys.argv) == 3 else ():
        path = os.path.join(project, "runs", "1", name)
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace(data, "/data"))
    shutil.copytree(project, OUTPUT)
    shutil.copy(os.path.join(folder, "prediction.tif"), os.path.join(OUTPUT, "prediction.tif"))
