#!/usr/bin/env python3
"""What the program costs when nobody asks anything of it: memory, time to start, size of the binary.

    bench/footprint/run.py [--build build] [--rounds 10] [--json]

Started on one core. "empty" is a new data directory, in which keys, a certificate authority and the stack are made;
"existing" is the directory that such a start left behind. Serving is counted from exec to the first answered request,
ready until `up` returns with the stack in place.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import cloud as clouds  # noqa: E402
import harness  # noqa: E402


def starts(build, rounds):
    """Milliseconds: {"empty": [(serving, ready), …], "existing": […]}, and idle bytes after each start."""
    times, idle = {"empty": [], "existing": []}, []
    for _ in range(rounds):
        with clouds.Cloud(build) as cloud:
            times["empty"].append(cloud.up())
            cloud.down()
            times["existing"].append(cloud.up())
            idle.append(cloud.rss_bytes())
    return times, idle


def binary_bytes(build):
    """Size as built, with symbols, and stripped."""
    program = os.path.join(build, "meetinity")
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, program], check=True)
        return os.path.getsize(program), os.path.getsize(stripped.name)


def run(options):
    times, idle = starts(options.build, options.rounds)
    built, stripped = binary_bytes(options.build)
    figures = {"idle_rss_mb": statistics.median(idle) / 1e6, "binary_mb": built / 1e6, "binary_stripped_mb": stripped / 1e6}
    for state, pairs in times.items():
        for number, name in enumerate(("serving", "ready")):
            figures[f"{state}_{name}_ms"] = 1000 * statistics.median(pair[number] for pair in pairs)
            figures[f"{state}_{name}_max_ms"] = 1000 * max(pair[number] for pair in pairs)
    if options.json:
        print(json.dumps({"of": "footprint", "rounds": options.rounds, **figures}, indent=2))
    else:
        print(f"{'figure':<26}{'median':>10}{'worst':>10}   of {options.rounds} starts")
        print(f"{'idle memory (RSS)':<26}{figures['idle_rss_mb']:>7.1f} MB{max(idle) / 1e6:>7.1f} MB")
        for state in times:
            for name in ("serving", "ready"):
                median, worst = figures[f"{state}_{name}_ms"], figures[f"{state}_{name}_max_ms"]
                print(f"{state + ' directory, ' + name:<26}{median:>7.0f} ms{worst:>7.0f} ms")
        print(f"{'binary, stripped':<26}{stripped / 1e6:>7.1f} MB")
        print(f"{'binary, with symbols':<26}{built / 1e6:>7.1f} MB")
    return figures


if __name__ == "__main__":
    run(harness.parser(__doc__, rounds=10).parse_args())
