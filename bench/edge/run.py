#!/usr/bin/env python3
"""Cached GETs per second of busy core: our edge, nginx's proxy_cache and Apache Traffic Server, in turns.

    bench/edge/run.py [--build build] [--rounds 3] [--seconds 2] [--quick] [--json]

Each side has one thread on one core and the same origin behind it, which fills the caches once and is then idle. All
look up a key, check freshness and name the cache's verdict in a response header.

The p99 of most rows is that of a server, or of a load generator, which has all it can do; that of the "paced" rows is of
all sides at one rate. Rows of 1,000 connections over TLS begin to count when the handshakes are done. The rows of the disk tier are those of
an edge that was stopped and started again, so that what it serves lies in its segments; nginx keeps its cache in files
at all times, and Traffic Server is asked without a memory cache. Objects of 1 KB are copied into memory on the first
hit. --quick takes one sample of a second each, which shows that all works and little more.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import harness  # noqa: E402

SIZES = {"1k": 1024, "64k": 65_536, "1m": 1_048_576}
DISK_SIZES = ("64k", "1m")
H2_LOAD = {"1m": (4, 4)}  # connections and streams: half a gigabyte under way at once would only measure memory
MANY = 1_000
PACE = 10_000  # requests a second
HANDSHAKES = 3  # seconds in which the load generator makes so many


def url(server, is_tls, size):
    return f"http{'s' if is_tls else ''}://127.0.0.1:{server.ports[1 if is_tls else 0]}/{SIZES[size]}"


def cases(seconds, sizes=tuple(SIZES)):
    for size in sizes:
        yield f"http/1.1 {size}", lambda server, size=size: harness.wrk(url(server, False, size), seconds)
        yield f"https {size}", lambda server, size=size: harness.wrk(url(server, True, size), seconds)
        yield f"http/2 {size}", lambda server, size=size: harness.h2load(
            url(server, True, size), seconds, *H2_LOAD.get(size, ()))


def cases_of_many(seconds):
    for size in SIZES:
        yield f"http/1.1 {size} c1000", lambda server, size=size: harness.wrk(
            url(server, False, size), seconds, connections=MANY)
        for name, http1 in (("https", True), ("http/2", False)):
            yield f"{name} {size} c1000", lambda server, size=size, http1=http1: harness.h2load(
                url(server, True, size), seconds, MANY, 1, warm_up=HANDSHAKES, server=server, http1=http1)


def paced_cases(seconds):
    """All at the same rate, which leaves each of them idle in between: what a request waits for then is not a queue."""
    for connections in (64, MANY):
        yield f"paced 1k c{connections}", lambda server, connections=connections: harness.h2load(
            url(server, False, "1k"), seconds, connections, 1, warm_up=1, server=server, http1=True, rate=PACE)


def fill(server, sizes=tuple(SIZES)):
    for _, load in cases(1, sizes):
        load(server)


def start_from_disk(bench, build, origin):
    """An edge that finds on disk what another one before it was asked for; both are asked, so all is in its segments."""
    folder = f"{bench.directory}/edge-cache"
    former = peers.start_edge(bench, build, origin, folder)
    fill(former, DISK_SIZES)
    former.stop()
    server = peers.start_edge(bench, build, origin, folder)
    asked = origin.asked()
    fill(server, DISK_SIZES)
    if origin.asked() != asked:
        sys.exit("the edge asked its origin for what its disk should have")
    return server


def main():
    parser = harness.parser(__doc__, seconds=2, rounds=3)
    parser.add_argument("--quick", action="store_true", help="one round of one second")
    parser.add_argument("--only", default="", help="the cases whose names contain this")
    options = parser.parse_args()
    if options.quick:
        options.rounds = options.seconds = 1
    harness.open_files_max()
    with harness.Bench() as bench:
        origin = peers.Origin(bench, options.build)
        servers = [peers.start_edge(bench, options.build, origin), peers.start_nginx(bench, origin)]
        on_disk = [start_from_disk(bench, options.build, origin), servers[1]]
        if (traffic_server := peers.start_traffic_server(bench, origin)) is not None:
            servers.append(traffic_server)
            on_disk.append(peers.start_traffic_server(bench, origin, ram_mib=0))
        for server in {*servers, *on_disk}:
            fill(server)
        filled = origin.asked()
        rows = [(name, load, servers) for make in (cases, cases_of_many, paced_cases)
                for name, load in make(options.seconds)]
        rows += [(f"disk {name}", load, on_disk) for name, load in cases(options.seconds, DISK_SIZES)]
        table = harness.Table("edge", [server.name for server in servers[1:]], options)
        for name, load, sides in rows:
            if options.only in name:
                table.add(name, load, *sides)
        if origin.asked() != filled:
            sys.exit(f"{origin.asked() - filled} requests went past a cache; the figures are not of hits")
        table.finish()


if __name__ == "__main__":
    main()
