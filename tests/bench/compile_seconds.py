"""Where a build's time goes, by ninja's log: seconds of compiler and linker by target, and the slowest files.

    python3 tests/bench/compile_seconds.py [BUILD_FOLDER] [--files 10]

Seconds are of the last time that each file was made, by the wall clock, so they are a whole build's only after one from nothing
with nothing cached: CCACHE_DISABLE=1 cmake --build build/cold -j2. Jobs that ran at the same time share the processor.
"""
import argparse
import collections
import os
import re


def jobs(folder):
    """Output -> seconds, of the last run of each; a step with several outputs counts once."""
    found, seen, named = {}, {}, set()
    with open(os.path.join(folder, "build.ninja")) as file:
        for line in file:
            if line.startswith("build "):
                named.update(line[len("build "):].split(": ")[0].replace("|", " ").split())
    with open(os.path.join(folder, ".ninja_log")) as file:
        for line in file:
            if line.startswith("#"):
                continue
            start, end, _, output, command = line.rstrip("\n").split("\t")
            if output not in named:
                continue  # of a build before
            found.pop(seen.get((command, output)), None)
            seen[command, output] = output
            found[output] = (int(start), int(end), command)
    once = {}
    for output, (start, end, command) in found.items():
        once[start, end, command] = (output, (end - start) / 1000)
    return list(once.values())


def target(output):
    match = re.search(r"CMakeFiles/([^/]+)\.dir/", output)
    if match:
        return match[1]
    name = os.path.basename(output)
    if "autogen" in output or output.endswith(".moc"):
        return "moc"
    return re.sub(r"^lib|\.(a|so)$", "", name)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("folder", nargs="?", default="build/release")
    a.add_argument("--files", type=int, default=10)
    o = a.parse_args()
    compiled, linked, headers = (collections.Counter() for _ in range(3))
    count = collections.Counter()
    files = []
    for output, seconds in jobs(o.folder):
        name = target(output)
        if output.endswith((".gch", ".pch")):
            headers[name] += seconds
        elif output.endswith(".o"):
            compiled[name] += seconds
            count[name] += 1
            files.append((seconds, output))
        else:
            linked[name] += seconds
    print(f"{'target':32} {'files':>6} {'compiled':>9} {'headers':>8} {'linked':>7}   seconds")
    for name, _ in sorted((compiled + headers + linked).items(), key=lambda item: -item[1]):
        print(f"{name:32} {count[name]:6} {compiled[name]:9.0f} {headers[name]:8.0f} {linked[name]:7.0f}")
    print(f"{'all':32} {sum(count.values()):6} {sum(compiled.values()):9.0f} {sum(headers.values()):8.0f} {sum(linked.values()):7.0f}\n")
    for seconds, output in sorted(files, reverse=True)[:o.files]:
        print(f"{seconds:6.1f}  {re.sub(r'CMakeFiles/[^/]+[.]dir/', '', output)}")


if __name__ == "__main__":
    main()
