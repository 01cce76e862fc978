#!/usr/bin/env python3
"""Small answers per second of busy core: our HTTP server alone and nginx's "return 200", in turns.

    bench/net/run.py [--build build] [--rounds 5] [--seconds 3] [--json]

Both send the same thirteen bytes with the same headers from one worker on one core; the load comes from another core.
"""

import servers
from servers import harness


def main():
    options = harness.parser(__doc__).parse_args()
    seconds = options.seconds
    close = ("Connection: close",)
    cases = (
        ("http/1.1", lambda server: harness.wrk(f"http://127.0.0.1:{server.ports[0]}/", seconds)),
        ("https", lambda server: harness.wrk(f"https://127.0.0.1:{server.ports[1]}/", seconds)),
        ("http/2", lambda server: harness.h2load(f"https://127.0.0.1:{server.ports[1]}/", seconds)),
        ("new connections",
         lambda server: harness.wrk(f"http://127.0.0.1:{server.ports[0]}/", seconds, headers=close)),
        ("new https", lambda server: harness.wrk(f"https://127.0.0.1:{server.ports[1]}/", seconds, headers=close)),
    )
    with harness.Bench() as bench:
        ours, peer = servers.start(bench, options.build)
        table = harness.Table("net", "nginx", options)
        for name, load in cases:
            table.add(name, load, ours, peer)
        table.finish()


if __name__ == "__main__":
    main()
