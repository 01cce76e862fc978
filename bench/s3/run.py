#!/usr/bin/env python3
"""S3 as its users feel it: durable PUTs and GETs of 10 KB and 10 MB, listings, and what many objects cost.

    bench/s3/run.py [--build build] [--rounds 3] [--seconds 3] [--objects 100000] [--json]

A PUT is answered when object and record are on the disk; the disk's own figures stand beside, and s3rver's where it
is installed, which leaves syncing to the kernel. Calls are signed beforehand and played by wrk. `--objects` (try
1000000) are stored, then the program is killed and started again.
"""

import contextlib
import json
import os
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import cloud as clouds  # noqa: E402
import harness  # noqa: E402
import many  # noqa: E402
from s3rver import peer as s3rver  # noqa: E402
import signing  # noqa: E402
from signing import Call  # noqa: E402

BUCKET = "bench-s3"
CREATE_BUCKET = ('<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                 "<LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>")
SMALL, LARGE = 10 * 1024, 10 * 1024 * 1024
# Enough that no signature comes twice within what any cache of results could hold by accident.
SIGNED = 240
# As many bytes as wrk should hold at most a few times over.
SIGNED_LARGE = 4
PAGE = 1_000


def disk_figures(seconds):
    """What the disk does: files of 10 KB, each synced with its folder, and sixteen writers' fdatasyncs of one file."""
    with tempfile.TemporaryDirectory(prefix="bench-disk-") as directory:
        folder = os.open(directory, os.O_RDONLY)
        files, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            name = os.path.join(directory, str(files))
            file = os.open(name + ".new", os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(file, b"x" * SMALL)
            os.fdatasync(file)
            os.close(file)
            os.rename(name + ".new", name)
            os.fsync(folder)
            files += 1
        os.close(folder)
        shared = os.open(os.path.join(directory, "shared"), os.O_WRONLY | os.O_CREAT, 0o600)
        syncs = [0] * 16
        end = time.monotonic() + seconds

        def write(which):
            while time.monotonic() < end:
                os.pwrite(shared, b"x" * SMALL, (which * 4096 + syncs[which] % 4096) * SMALL)
                os.fdatasync(shared)
                syncs[which] += 1

        writers = [threading.Thread(target=write, args=(which,)) for which in range(len(syncs))]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        os.close(shared)
        return {"files_synced_per_second": files / seconds, "concurrent_syncs_per_second": sum(syncs) / seconds}


def cases(region):
    """(name, calls that prepare it, calls, connections)."""
    def path(number, kind):
        return f"/{BUCKET}/{kind}-{number:04}"

    def gets(puts):
        return [Call("GET", "s3", region, call.path) for call in puts]

    small = [Call("PUT", "s3", region, path(i, "small"), "x" * SMALL) for i in range(SIGNED)]
    large = [Call("PUT", "s3", region, path(i, "large"), "x" * LARGE) for i in range(SIGNED_LARGE)]
    keys = [Call("PUT", "s3", region, path(i, "page/key"), many.FILL_BODY) for i in range(PAGE)]
    page = Call("GET", "s3", region, f"/{BUCKET}?list-type=2&max-keys={PAGE}&prefix=page%2F")
    yield "PUT 10 KB", [], small, 64
    yield "PUT 10 KB, 256 at once", [], small, 256
    yield "GET 10 KB", small, gets(small), 64
    yield "list 1,000 keys", keys, [page] * SIGNED, 4
    yield "PUT 10 MB", [], large, 4
    yield "GET 10 MB", large, gets(large), 4


class Target:
    """A server under measurement, the client that knows its keys, and the script that wrk plays to it."""

    def __init__(self, server, client, directory):
        self.server, self.client, self.script = server, client, directory / f"{server.name}.lua"
        self.cpu_seconds = server.cpu_seconds

    def prepare(self, before, calls):
        if before:
            self.client.send(before, many.CONNECTIONS)
        self.client.send(calls, 4)  # each once, so that none is refused
        # Signed at the last moment: a signature is good for fifteen minutes.
        self.script.write_text(signing.wrk_script(self.client.signed(calls)), encoding="ascii")

    def load(self, seconds, connections):
        return harness.wrk(f"http://{self.client.host}/", seconds, connections, script=str(self.script))


def measure(cloud, peer, options):
    """The table of all cases, ours alone or beside the peer's."""
    ours = Target(cloud, many.Client.of(cloud), cloud.directory)
    targets = [ours]
    if peer:
        targets.append(Target(peer, many.Client(peer.ports[0], ours.client.region, s3rver.KEYS), cloud.directory))
    for target in targets:
        region = target.client.region
        target.client.send([Call("PUT", "s3", region, f"/{BUCKET}", CREATE_BUCKET.format(region))])
    table = harness.Table(cloud.name, peer.name, options) if peer else harness.Alone(cloud.name, options)
    for name, before, calls, connections in cases(ours.client.region):
        for target in targets:
            target.prepare(before, calls)
        table.add(name, lambda target, many_=connections: target.load(options.seconds, many_), *targets)
    return table


def run(options):
    missing = s3rver.missing()
    disk = disk_figures(options.seconds)
    with contextlib.ExitStack() as stack:
        cloud = stack.enter_context(clouds.Cloud(options.build, stack=False))
        cloud.up()
        peer = None if missing else stack.enter_context(s3rver.S3rver())
        table = measure(cloud, peer, options)
        figures = of_many(cloud, many.Client.of(cloud), options) if options.objects else {}
    if options.json:
        print(json.dumps({"of": "meetinity", "rounds": options.rounds, "seconds": options.seconds, "disk": disk,
                          "cases": table.cases, "many": figures}, indent=2))
        return
    ours = "meetinity_" if peer else ""
    for case in table.cases:
        print(f"{case['case']}: {case[ours + 'per_second']:,.0f} a second of the clock, "
              f"{case[ours + 'busy']:.2f} cores, p50 {case[ours + 'p50_ms']:.1f} ms, p99 {case[ours + 'p99_ms']:.1f} ms")
    for name, figure in {**disk, **figures}.items():
        print(f"{name.replace('_', ' ')}: {figure:,.3f}" if figure < 100 else f"{name.replace('_', ' ')}: {figure:,.0f}")
    if missing:
        print(missing)


def of_many(cloud, client, options):
    """Stores objects, kills the program, and asks it again."""
    stored = client.fill(BUCKET, options.objects)
    full_rss = cloud.rss_bytes()
    cloud.kill()
    served, _ = cloud.up()
    rss = cloud.rss_bytes()
    client = many.Client.of(cloud)
    pages = []
    for number in range(50):
        after = f"many/{number * options.objects // 50:08}"
        call = Call("GET", "s3", client.region, f"/{BUCKET}?list-type=2&max-keys={PAGE}&prefix=many/&start-after={after}")
        call.path = call.path.replace("many/", "many%2F")
        began = time.monotonic()
        answers = client.send([call])
        pages.append(time.monotonic() - began)
        if answers[0].count(b"<Key>") != min(PAGE, options.objects - number * options.objects // 50 - 1):
            sys.exit("a page is not whole")
    return {"objects": options.objects, "objects_stored_per_second": stored, "rss_mb_after_storing": full_rss / 1e6,
            "seconds_from_kill_to_first_answer": served, "rss_mb_after_start": rss / 1e6,
            "page_of_1000_keys_ms_median": statistics.median(pages) * 1000,
            "page_of_1000_keys_ms_worst": max(pages) * 1000}


def parser():
    result = harness.parser(__doc__, rounds=3)
    result.add_argument("--objects", type=int, default=100_000, help="stored for the figures of many; 0 for none")
    return result


if __name__ == "__main__":
    run(parser().parse_args())
