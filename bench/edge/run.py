#!/usr/bin/env python3
"""Cached GETs per second of busy core: our edge and nginx's proxy_cache, in turns.

    bench/edge/run.py [--build build] [--rounds 5] [--seconds 3] [--json]

Each side has one worker on one core and its own origin behind it, which fills the cache once and is then idle. Both
look up a key, check freshness and name the cache's verdict in a response header.

The rows of the disk tier are those of an edge that was stopped and started again, so that what it serves lies in its
segments; nginx keeps its cache in files at all times. Objects of 1 KB are copied into memory on the first hit.
"""

import http.server
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

SIZES = {"1k": 1024, "64k": 65536, "1m": 1048576}
DISK_SIZES = ("64k", "1m")
H2_LOAD = {"1m": (4, 4)}  # connections and streams: half a gigabyte under way at once would only measure memory

NGINX = """
  proxy_cache_path {dir}/cache keys_zone=bench:16m max_size=256m inactive=1d;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;
  server {
    listen 127.0.0.1:PLAIN; listen 127.0.0.1:SECURE ssl http2;
    location / {
      proxy_pass http://127.0.0.1:ORIGIN; proxy_cache bench; proxy_cache_valid 200 1d; proxy_cache_lock on;
      add_header X-Cache $upstream_cache_status;
    }
  }
"""


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0  # by both sides together

    def do_GET(self):
        Origin.asked += 1
        body = os.urandom(SIZES[self.path.strip("/")])
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=86400")
        self.send_header("ETag", '"bench"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # the name is the base class's
        pass


def start_edge(bench, build, origin_port, *folder):
    ports = harness.free_ports(2)
    return bench.start("edge", [os.path.join(build, "edge_bench_server"), *map(str, ports), str(origin_port),
                                bench.certificate, bench.key, *folder], ports)


def start_peer(bench, origin_port):
    plain, secure = harness.free_ports(2)
    block = NGINX.replace("PLAIN", str(plain)).replace("SECURE", str(secure))
    return bench.start_nginx(block.replace("ORIGIN", str(origin_port)), [plain, secure])


def cases(seconds, sizes=tuple(SIZES)):
    for size in sizes:
        yield f"http/1.1 {size}", lambda server, lasts=seconds, size=size: harness.wrk(
            f"http://127.0.0.1:{server.ports[0]}/{size}", lasts)
        yield f"https {size}", lambda server, lasts=seconds, size=size: harness.wrk(
            f"https://127.0.0.1:{server.ports[1]}/{size}", lasts)
        yield f"http/2 {size}", lambda server, lasts=seconds, size=size: harness.h2load(
            f"https://127.0.0.1:{server.ports[1]}/{size}", lasts, *H2_LOAD.get(size, ()))


def fill(server, sizes=tuple(SIZES)):
    for _, load in cases(1, sizes):
        load(server)


def start_from_disk(bench, build, origin_port):
    """An edge that finds on disk what another one before it was asked for; both are asked, so all is in its segments."""
    folder = f"{bench.directory}/edge-cache"
    former = start_edge(bench, build, origin_port, folder)
    fill(former, DISK_SIZES)
    former.stop()
    server = start_edge(bench, build, origin_port, folder)
    asked = Origin.asked
    fill(server, DISK_SIZES)
    if Origin.asked != asked:
        sys.exit("the edge asked its origin for what its disk should have")
    return server


def run(options):
    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    with harness.Bench() as bench:
        ours = start_edge(bench, options.build, origin.server_port)
        peer = start_peer(bench, origin.server_port)
        for server in (ours, peer):
            fill(server)
        from_disk = start_from_disk(bench, options.build, origin.server_port)
        filled = Origin.asked
        table = harness.Table("edge", "nginx", options)
        for name, load in cases(options.seconds):
            table.add(name, load, ours, peer)
        for name, load in cases(options.seconds, DISK_SIZES):
            table.add(f"disk {name}", load, from_disk, peer)
        if Origin.asked != filled:
            sys.exit(f"{Origin.asked - filled} requests went past a cache; the figures are not of hits")
        table.finish()
    origin.shutdown()
    return table


if __name__ == "__main__":
    run(harness.parser(__doc__).parse_args())
