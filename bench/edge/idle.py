#!/usr/bin/env python3
"""Memory that an idle viewer's connection costs the edge and its peers, after one cached answer each.

    bench/edge/idle.py [--build build] [--connections 5000]

Plain, over TLS, and as HTTP/2 over TLS. What is told is the growth of the server's resident memory; the kernel's own
for sockets is apart.
"""

import json
import os
import socket
import ssl
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import harness  # noqa: E402

WARM = 200
REQUEST = b"GET /1024 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def literal(name_index, value):
    """A field of HPACK's static table's name and a value of ours, not to be remembered."""
    return bytes((name_index, len(value))) + value


# The client's preface, its empty SETTINGS and one request: GET, https, path and authority.
HTTP2_REQUEST = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") +
                 frame(1, 0x5, 1, b"\x82\x87" + literal(4, b"/1024") + literal(1, b"localhost")))


def read_exactly(client, count):
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            sys.exit("a connection was closed")
        data += piece
    return data


def read_http1(client):
    head = b""
    while b"\r\n\r\n" not in head:
        head += read_exactly(client, 1)
    if not head.startswith(b"HTTP/1.1 200"):
        sys.exit("a request was refused")
    read_exactly(client, 1024)


def read_http2(client):
    while True:
        head = read_exactly(client, 9)
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        read_exactly(client, int.from_bytes(head[:3], "big"))
        if kind == 4 and not flags & 1:
            client.sendall(frame(4, 1, 0, b""))
        if stream == 1 and kind in (0, 1) and flags & 1:
            return


def connect(port, context, is_http2):
    client = socket.create_connection(("127.0.0.1", port))
    if context:
        client = context.wrap_socket(client)
    client.sendall(HTTP2_REQUEST if is_http2 else REQUEST)
    (read_http2 if is_http2 else read_http1)(client)
    return client


def bytes_each(server, kind, count):
    context = None
    if kind != "plain":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2" if kind == "http/2" else "http/1.1"])
    port = server.ports[0 if kind == "plain" else 1]
    clients = [connect(port, context, kind == "http/2") for _ in range(WARM)]  # what the first cost is not theirs
    before = server.rss_bytes()
    clients += [connect(port, context, kind == "http/2") for _ in range(count)]
    grown = server.rss_bytes() - before
    for client in clients:
        client.setblocking(False)
        try:
            if client.recv(1) == b"":
                sys.exit(f"{server.name} has closed connections")
        except (BlockingIOError, ssl.SSLWantReadError):
            pass  # still open, and silent
        client.close()
    return grown / count


def main():
    parser = harness.parser(__doc__)
    parser.add_argument("--connections", type=int, default=5_000)
    options = parser.parse_args()
    count = min(options.connections, harness.open_files_max() - 2 * WARM - 256)
    results = {}
    with harness.Bench() as bench:
        origin = peers.Origin(bench, options.build)
        if not options.json:
            print(f"bytes of RSS that an idle connection costs, {count:,} open")
        for kind in ("plain", "https", "http/2"):
            # Each in processes of its own: memory that was freed before would be used again and not seen.
            servers = [peers.start_edge(bench, options.build, origin), peers.start_nginx(bench, origin),
                       peers.start_traffic_server(bench, origin)]
            results[kind] = {server.name: bytes_each(server, kind, count) for server in servers if server}
            for server in servers:
                if server:
                    server.stop()
            if not options.json:
                print(f"{kind:<8}" + "".join(f"{name:>8}{each:>9,.0f}" for name, each in results[kind].items()),
                      flush=True)
    if options.json:
        print(json.dumps({"connections": count, **results}, indent=2))


if __name__ == "__main__":
    main()
