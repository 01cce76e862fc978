"""Our bare server and nginx with the same answer, each on a plain and a TLS port."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402  (bench/ is on the path only now)

NGINX = """
  default_type text/plain; ssl_session_tickets on;
  server {{
    listen 127.0.0.1:{port} backlog=4096; listen 127.0.0.1:{tls_port} ssl http2 backlog=4096;
    location / {{ return 200 "hello, world\\n"; }}
  }}
"""


def start(bench, build, connections=4096):
    """(ours, nginx), each with its ports in the order plain, TLS."""
    harness.open_files_max()
    port, tls_port, peer_port, peer_tls_port = harness.free_ports(4)
    program = os.path.join(build, "net_bench_server")
    ours = bench.start("net", [program, str(port), str(tls_port), bench.certificate, bench.key], [port, tls_port])
    peer = bench.start_nginx(NGINX.format(port=peer_port, tls_port=peer_tls_port), [peer_port, peer_tls_port],
                             connections)
    return ours, peer
