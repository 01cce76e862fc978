#!/usr/bin/env python3
"""Requests through bare TCP per second of busy core: our network load balancer and HAProxy's mode tcp.

    bench/balancer/nlb.py [--build build] [--rounds 5] [--seconds 3] [--json]
"""

import sys

import peers
from peers import harness


def main():
    options = harness.parser(__doc__).parse_args()
    seconds = options.seconds
    close = ("Connection: close",)

    def url(server, path=""):
        return f"http://127.0.0.1:{server.ports[2]}/{path}"

    cases = (
        ("small", lambda server: harness.wrk(url(server), seconds)),
        ("1 MB", lambda server: harness.wrk(url(server, "large"), seconds, connections=8)),
        ("new connections", lambda server: harness.wrk(url(server), seconds, headers=close)),
    )
    with harness.Bench() as bench:
        target = harness.free_port()
        peers.start_target(bench, target)
        ours = peers.start_ours(bench, options.build, target)
        haproxy = peers.start_haproxy(bench, target) or sys.exit("haproxy is missing")
        table = harness.Table("balancer", "haproxy", options)
        for name, load in cases:
            table.add(name, load, ours, haproxy)
        table.finish()


if __name__ == "__main__":
    main()
