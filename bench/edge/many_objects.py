#!/usr/bin/env python3
"""A million cached objects: how long an invalidation of all of them takes, and what a cached object costs in memory.

    bench/edge/many_objects.py [--build build] [--objects 1000000] [--measured 200000]

The time is from the operator's request to the moment from which no viewer gets what was fetched before, whatever it
asks for; that the next request misses is checked. The memory is the growth of the process while `--measured` objects
of 1 KB come into its cache. nginx is there for reference: its memory is its zone of keys, the bodies are files, one
each, whose size on disk is told beside it.
"""

import json
import os
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import harness  # noqa: E402

SIZE = 1024
STREAMS = 64  # at a time, on one connection, so that every name is asked for exactly once


def fill(server, first, count, size):
    """Asks once for each of `count` names."""
    with tempfile.NamedTemporaryFile("w", prefix="names-", suffix=".txt") as names:
        names.writelines(f"https://127.0.0.1:{server.ports[1]}/{size}/{number}\n"
                         for number in range(first, first + count))
        names.flush()
        harness.run(harness.pin(["h2load", "-t", "1", "-c", "1", "-m", str(STREAMS), "-n", str(count), "-i", names.name],
                                harness.LOAD_CORE))


def disk_bytes(folder):
    return sum(os.stat(os.path.join(path, name)).st_blocks * 512
               for path, _, names in os.walk(folder) for name in names)


def verdict(server, number):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports[0]}/{SIZE}/{number}", timeout=10) as answer:
        answer.read()
        return answer.headers["x-cache"]


def measure_memory(server, origin, objects):
    fill(server, 0, 1_000, SIZE)  # what the first of all cost is not theirs
    asked, before = origin.asked(), server.rss_bytes()
    fill(server, 1_000, objects, SIZE)
    if origin.asked() - asked != objects:
        sys.exit(f"{server.name} fetched {origin.asked() - asked} of {objects} objects")
    return (server.rss_bytes() - before) / objects


def measure_invalidation(server, origin, objects):
    """Seconds until '/*' is effective, median and worst of five, each with the cache full of what it forbids."""
    control = server.ports[2]
    fill(server, 10_000_000, objects, SIZE)
    cached = int(peers.ask(control, "/objects"))
    if cached < objects:
        sys.exit(f"only {cached} of {objects} objects are in the cache")
    if not verdict(server, 10_000_000).startswith("Hit"):
        sys.exit("what was asked for is not cached")
    lasted = []
    for _ in range(5):
        began = time.monotonic()
        peers.ask(control, "/invalidate?/*", "POST")
        lasted.append(time.monotonic() - began)
    for number in (10_000_000, 10_000_000 + objects // 2, 10_000_000 + objects - 1):
        asked = origin.asked()
        if verdict(server, number).startswith("Hit") or origin.asked() != asked + 1:
            sys.exit("an invalidated object was served from the cache")
    return cached, sorted(lasted)


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--measured", type=int, default=200_000)
    options = parser.parse_args()
    results = {}
    with harness.Bench() as bench:
        origin = peers.Origin(bench, options.build)
        ours = peers.start_edge(bench, options.build, origin, capacity_mib=16_384)
        nginx = peers.start_nginx(bench, origin, keys_mib=64)
        for server in (ours, nginx):
            results[f"{server.name}_bytes_per_object"] = measure_memory(server, origin, options.measured)
        results["nginx_disk_bytes_per_object"] = disk_bytes(f"{bench.directory}/cache") / (options.measured + 1_000)
        nginx.stop()
        cached, lasted = measure_invalidation(ours, origin, options.objects)
        results.update(objects=cached, invalidation_ms=lasted[2] * 1000, invalidation_ms_max=lasted[-1] * 1000)
    if options.json:
        return print(json.dumps(results, indent=2))
    print(f"a cached object of 1 KB: {results['edge_bytes_per_object']:,.0f} bytes of RSS; nginx "
          f"{results['nginx_bytes_per_object']:,.0f}, and {results['nginx_disk_bytes_per_object']:,.0f} on disk "
          f"({options.measured:,} objects)")
    print(f"'/*' with {cached:,} objects in the cache: effective after {results['invalidation_ms']:.1f} ms, "
          f"at most {results['invalidation_ms_max']:.1f} ms")
    return None


if __name__ == "__main__":
    main()
