"""Runs tests of a build with the thread sanitizer and counts the races in Reticle's own code.

    cmake --preset tsan && cmake --build build/tsan -j2 --target reticle_worker_tests reticle_window_tests
    python3 tests/long/races.py [--build build/tsan] [TEST...]

Without names: all tests of the worker and of the window. The suppressions that CTest takes leave out whatever the GUI thread does
after Qt has started a process, because the sanitizer's state of that thread stays as it was inside Qt. Here they are not used for
Qt's core; instead a report counts where one of the two accesses is in Reticle's code, and is one of a library where both are
inside it (Qt and others are built without the sanitizer, which does not see their locks). Ends with 1 where a report counts or a
test failed.
"""
import argparse
import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FRAME = re.compile(r"^\s+#\d+ (.*) \((\S+?)\+0x")


def own(report):
    """Whether an access of the report is in Reticle's code: the first frame that is not the sanitizer's. Of accesses, the stacks
    before the first of a location, a mutex or a thread."""
    accesses = re.split(r"\n\s+(?:Location|Mutex|Thread T|As if)", report)[0]
    for stack in re.split(r"\n\s*\n", accesses):
        frames = [m.groups() for m in map(FRAME.match, stack.splitlines()) if m]
        outside = [f for f in frames if not f[1].startswith("libtsan")]
        if outside and outside[0][1].startswith("reticle"):
            return True
    return False


def main():
    o = argparse.ArgumentParser()
    o.add_argument("tests", nargs="*")
    o.add_argument("--build", default="build/tsan")
    o = o.parse_args()
    build = os.path.abspath(o.build)
    rooms = {os.path.basename(f)[:-4]: program for program, folder in (("reticle_worker_tests", "worker"),
                                                                       ("reticle_window_tests", "window"))
             for f in sorted(glob.glob(f"{ROOT}/tests/app/{folder}/*Test.cpp"))}
    wrong, failed, libraries = collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        suppressions = f"{folder}/suppressions"
        with open(f"{ROOT}/tests/support/tsan.supp") as given, open(suppressions, "w") as kept:
            kept.writelines(line for line in given if line.strip() != "called_from_lib:libQt6Core.so")
        for test in o.tests or rooms:
            environment = dict(os.environ, LC_ALL="C.UTF-8", OMP_NUM_THREADS="1", QT_QPA_PLATFORM="offscreen",
                               TSAN_OPTIONS=f"suppressions={suppressions}:halt_on_error=0:exitcode=0:die_after_fork=0:"
                                            f"history_size=6:log_path={folder}/{test}")
            done = subprocess.run([f"{build}/tests/{rooms[test]}", test], env=environment, capture_output=True, text=True)
            reports = []
            for log in glob.glob(f"{folder}/{test}.*"):
                with open(log, errors="replace") as file:
                    reports += file.read().split("WARNING: ThreadSanitizer: ")[1:]
            counted = [r for r in reports if own(r)]
            libraries += len(reports) - len(counted)
            wrong[test] += len(counted)
            if done.returncode:
                failed.append(test)
            print(f"{test}: {len(counted)} races, {len(reports) - len(counted)} inside libraries, "
                  f"{'failed' if done.returncode else 'passed'}", flush=True)
            for report in counted[:3]:
                print(report[:4000], flush=True)
    print(f"{len(wrong)} tests: {sum(wrong.values())} races in Reticle's code, {libraries} reports inside libraries, "
          f"{len(failed)} failed {' '.join(failed)}")
    sys.exit(bool(failed or sum(wrong.values())))


if __name__ == "__main__":
    main()
