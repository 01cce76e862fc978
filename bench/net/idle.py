#!/usr/bin/env python3
"""Memory that an idle connection costs: our HTTP server and nginx, kept-alive after one request each.

    bench/net/idle.py [--build build] [--connections 50000] [--tls]

Opens as many as the machine's bound on descriptors allows, from several loopback addresses, since one address has
some 28,000 ports. What is told is the growth of the server's resident memory; the kernel's own is apart.
"""

import resource
import selectors
import socket
import ssl

import servers
from servers import harness

PORTS_PER_ADDRESS = 20_000
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Few enough at a time that no listener's backlog overflows.
BATCH = 500


def raise_bound(wanted):
    """Descriptors that this process, and those it starts, may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, wanted), max(hard, wanted)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connect(port, number, context):
    client = socket.socket()
    client.bind((f"127.0.0.{2 + number // PORTS_PER_ADDRESS}", 0))
    client.connect(("127.0.0.1", port))
    if context:
        client = context.wrap_socket(client)
    client.sendall(REQUEST)
    return client


def open_idle(port, count, context):
    clients = []
    for begin in range(0, count, BATCH):
        batch = [connect(port, number, context) for number in range(begin, min(begin + BATCH, count))]
        for client in batch:
            if not client.recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit("a connection was refused")
        clients += batch
    return clients


def check_open(clients):
    """None of them may have been closed meanwhile."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        if any(key.fileobj.recv(1) == b"" for key, _ in selector.select(0)):
            raise SystemExit("the server has closed connections")


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--connections", type=int, default=50_000)
    parser.add_argument("--tls", action="store_true", help="TLS 1.3 on each")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    count = min(options.connections, raise_bound(options.connections + 2048) - 2048)
    with harness.Bench() as bench:
        # nginx closes idle connections when fewer than a sixteenth of its places are free.
        for server in servers.start(bench, options.build, connections=count + count // 8 + 1024):
            port = server.ports[1 if options.tls else 0]
            for client in open_idle(port, 100, context):  # what the first of all cost is not theirs
                client.close()
            before = server.rss_bytes()
            clients = open_idle(port, count, context)
            check_open(clients)
            grown = server.rss_bytes() - before
            print(f"{server.name:<8}{count:>8,} idle connections{grown / count:>10,.0f} bytes each"
                  f"{server.rss_bytes() / 1e6:>10,.1f} MB in all", flush=True)
            for client in clients:
                client.close()


if __name__ == "__main__":
    main()
