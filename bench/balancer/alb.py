#!/usr/bin/env python3
"""Proxied requests per second of busy core: our application load balancer, HAProxy and nginx before the same target.

    bench/balancer/alb.py [--build build] [--rounds 5] [--seconds 3] [--json]

All three keep connections to the target and add X-Forwarded-For, -Proto, -Port and a trace header.
"""

import peers
from peers import harness


def main():
    options = harness.parser(__doc__).parse_args()
    seconds = options.seconds
    cases = (
        ("keep-alive", lambda server: harness.wrk(f"http://127.0.0.1:{server.ports[0]}/", seconds)),
        ("https keep-alive", lambda server: harness.wrk(f"https://127.0.0.1:{server.ports[1]}/", seconds)),
        ("http/2", lambda server: harness.h2load(f"https://127.0.0.1:{server.ports[1]}/", seconds)),
        ("1 MB", lambda server: harness.wrk(f"http://127.0.0.1:{server.ports[0]}/large", seconds, connections=8)),
    )
    with harness.Bench() as bench:
        target = harness.free_port()
        peers.start_target(bench, target)
        ours = peers.start_ours(bench, options.build, target)
        others = [peer for peer in (peers.start_haproxy(bench, target), peers.start_nginx(bench, target)) if peer]
        table = harness.Table("balancer", [peer.name for peer in others], options)
        for name, load in cases:
            table.add(name, load, ours, *others)
        table.finish()


if __name__ == "__main__":
    main()
