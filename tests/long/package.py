#!/usr/bin/env python3
"""Makes the .deb, unpacks it into a folder, checks what is in it and runs its programs from there.

    python3 tests/long/package.py [--build build/release]     makes the package from what is built there
    python3 tests/long/package.py --deb FILE                  takes one that is made

The worker lists its methods, the window paints itself on the offscreen platform, and makes the sample with the worker of the
same package. Needs the packages of the groups run and deb of packaging/packages. Ends with status 0 when all of this held.
"""

import argparse
import contextlib
import glob
import os
import re
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
problems = []


def check(holds, what):
    if not holds:
        problems.append(what)
        print(f"  FAILED: {what}", flush=True)


def run(command, timeout=120, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def make(build):
    # Of another version's package nothing is tested.
    for old in glob.glob(f"{build}/package/*.deb"):
        os.remove(old)
    run(["cmake", "--build", build, "--target", "reticle-deb"], timeout=800)
    made = glob.glob(f"{build}/package/*.deb")
    if len(made) != 1:
        sys.exit(f"expected one package in {build}/package, found {made}")
    return made[0]


def fields(deb):
    """The control fields that are one line each."""
    text = run(["dpkg-deb", "--field", deb])
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.M))


def control(deb):
    print("control file", flush=True)
    f = fields(deb)
    check(f["Package"] == "reticle", f"Package: {f['Package']}")
    check(os.path.basename(deb) == f"reticle_{f['Version']}_{f['Architecture']}.deb", f"the name of {deb}")
    asked = [re.sub(r"[ :(].*", "", part.strip()) for one in f["Depends"].split(",") for part in one.split("|")[:1]]
    with open(f"{ROOT}/packaging/packages") as file:
        needed = [line.split()[1] for line in file if line.startswith("run ")]
    # Those of the libraries change their names with their versions.
    for name in needed:
        check(name in asked, f"Depends on {name}")
    for beginning in ("libtorch", "libqt6widgets6", "libqt6svg6", "libvtk9", "libvips", "libc6"):
        check(any(name.startswith(beginning) for name in asked), f"Depends on {beginning}")
    return f["Version"]


def contents(root):
    print("files", flush=True)
    for folder, _, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        check(inside in (".", "usr") or inside.startswith(("usr/bin", "usr/share")), f"nothing in {inside}")
        check(stat.S_IMODE(os.stat(folder).st_mode) == 0o755, f"mode of {inside}")
        for name in names:
            mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
            check(mode == (0o755 if inside == "usr/bin" else 0o644), f"mode {mode:o} of {inside}/{name}")
    check(sorted(os.listdir(f"{root}/usr/bin")) == ["reticle", "reticle-worker"], "the two programs and no other")
    for program in ("reticle", "reticle-worker"):
        missing = [line for line in run(["ldd", f"{root}/usr/bin/{program}"]).splitlines() if "not found" in line]
        check(not missing, f"libraries of {program}: {missing}")
        dynamic = run(["readelf", "-d", f"{root}/usr/bin/{program}"])
        check("RPATH" not in dynamic and "RUNPATH" not in dynamic, f"{program} looks for libraries in folders of the build")

    share = f"{root}/usr/share"
    with open(f"{share}/doc/reticle/copyright") as file:
        copyright_ = file.read()
    for words in ("A license of Reticle itself is not chosen yet.", "LGPL-3.0", "Niels Lohmann", "Henry Schreiner", "Rombauts"):
        check(words in copyright_, f"copyright says '{words}'")
    for page in glob.glob(f"{share}/doc/reticle/**/*.md", recursive=True):
        with open(page) as file:
            text = file.read()
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            check(os.path.exists(os.path.join(os.path.dirname(page), link)), f"{os.path.relpath(page, root)}: link to {link}")
    for part in ("guide/README.md", "reference/analyses.md"):
        check(os.path.exists(f"{share}/doc/reticle/{part}"), f"{part} is installed")
    recipes = sorted(os.listdir(f"{ROOT}/resources/recipes"))
    check(recipes and sorted(os.listdir(f"{share}/reticle/recipes")) == recipes, "the recipes are installed")


def menu(root):
    print("menu entry, icons, types", flush=True)
    share = f"{root}/usr/share"
    entry = f"{share}/applications/reticle.desktop"
    run(["desktop-file-validate", entry])
    with open(entry) as file:
        lines = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    check(os.access(f"{root}/usr/bin/{lines['Exec'].split()[0]}", os.X_OK), "Exec is in the package")
    icons = f"{share}/icons/hicolor"
    check(xml.parse(f"{icons}/scalable/apps/{lines['Icon']}.svg").getroot().tag.endswith("svg"), "the icon as SVG")
    for size in (16, 32, 48, 128, 256):
        with open(f"{icons}/{size}x{size}/apps/{lines['Icon']}.png", "rb") as file:
            head = file.read(24)
        check(head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", head[16:]) == (size, size), f"the icon in {size} px")

    # A name without a domain is only warned of: Reticle has none.
    said = subprocess.run(["appstreamcli", "validate", "--no-net", "--no-color", f"{share}/metainfo/reticle.metainfo.xml"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    found = [line for line in said.splitlines() if re.match(r"[EW]: ", line)]
    check([line for line in found if "cid-desktopapp-is-not-rdns" not in line] == [] and "reticle.desktop" in said, said)

    mime = f"{share}/mime"
    kind = xml.parse(f"{mime}/packages/reticle.xml").getroot()[0].get("type")
    check(kind in lines["MimeType"].split(";"), f"the menu entry opens {kind}")
    run(["update-mime-database", mime])
    with open(f"{mime}/types") as file:
        check(kind in file.read().split(), f"{kind} is known to the desktop")
    return [m.get("value") for m in xml.parse(f"{mime}/packages/reticle.xml").getroot().iter() if m.tag.endswith("match")]


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def program_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def programs(root, version, home, magic):
    print("programs", flush=True)
    window, worker = f"{root}/usr/bin/reticle", f"{root}/usr/bin/reticle-worker"
    env = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "2",
           "XDG_RUNTIME_DIR": home, "RETICLE_PROJECTS": f"{home}/projects"}
    for program in (window, worker):
        check(run([program, "--version"], env=env).strip() == version, f"{program} is of version {version}")
    listed = run([worker, "list"], env=env)
    for name in ("unet", "segment", "evaluate", "tissue"):
        check(name in listed, f"{name} is in the worker's list")
    check(re.fullmatch(r"\d+\n", run([window, "--measure-start"], env=env)), "the window starts")

    process = subprocess.Popen([window, "--sample", "tissue"], env=env, start_new_session=True, stdin=subprocess.DEVNULL)
    seen, ready, deadline = set(), [], time.monotonic() + 120
    try:
        while not ready and process.poll() is None and time.monotonic() < deadline:
            seen |= {program_of(child) for child in children(process.pid)}
            databases = glob.glob(f"{home}/projects/*/project.sqlite")
            if databases:
                try:
                    with contextlib.closing(sqlite3.connect(f"file:{databases[0]}?mode=ro", uri=True)) as db:
                        ready = db.execute("SELECT path FROM inputs").fetchall()
                except sqlite3.OperationalError:
                    pass # it is being made
            time.sleep(0.05)
        check(process.poll() is None, "the window stays open")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    check(ready, "the window makes the sample")
    check(worker in seen, f"it does so with the worker of the package, not {sorted(seen)}")

    if not ready:
        return
    # The database is then as a window that was closed leaves it.
    with contextlib.closing(sqlite3.connect(databases[0])) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(databases[0], "rb") as file:
        head = file.read(100)
    check(head.startswith(magic[0].encode()) and head[68:72] == magic[1].encode(),
          "the desktop knows a project by its first bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=f"{ROOT}/build/release")
    parser.add_argument("--deb")
    o = parser.parse_args()
    deb = os.path.abspath(o.deb or make(o.build))
    print(f"{deb}: {os.path.getsize(deb) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        root, home = f"{folder}/root", f"{folder}/home"
        os.mkdir(home, 0o700)
        run(["dpkg-deb", "--extract", deb, root])
        version = control(deb)
        contents(root)
        magic = menu(root)
        programs(root, version, home, magic)
    if problems:
        sys.exit(f"{len(problems)} checks failed")
    print("all held")


main()
