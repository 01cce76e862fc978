#!/usr/bin/env python3
"""Every benchmark, one table each. README.md here says what they measure and what came out.

    bench/run.py [net idle edge edge-idle edge-many alb nlb api s3 footprint] [--build build] [--rounds N] [--seconds N] [--json]
"""

import argparse
import json
import os
import subprocess
import sys

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
BENCHMARKS = {"net": "net/run.py", "idle": "net/idle.py", "edge": "edge/run.py",
              "edge-idle": "edge/idle.py", "edge-many": "edge/many_objects.py",
              "alb": "balancer/alb.py", "nlb": "balancer/nlb.py", "api": "api/run.py",
              "s3": "s3/run.py", "footprint": "footprint/run.py"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {' '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--build", default=os.path.join(harness.ROOT, "build"), help="where the programs were built")
    parser.add_argument("--rounds", help="samples of each side; each benchmark has its own default")
    parser.add_argument("--seconds", help="how long each sample lasts")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}")

    arguments = ["--build", options.build]
    for name in ("rounds", "seconds"):
        if getattr(options, name):
            arguments += [f"--{name}", getattr(options, name)]
    results, failed = {}, []
    for name in options.names or BENCHMARKS:
        command = [sys.executable, os.path.join(HERE, BENCHMARKS[name]), *arguments]
        if options.json:
            done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode == 0:
                results[name] = json.loads(done.stdout)
        else:
            print(f"\n{name}", flush=True)
            done = subprocess.run(command, check=False)
        if done.returncode != 0:
            failed.append(name)
    if options.json:
        print(json.dumps(results, indent=2))
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
