"""What alb.py and nlb.py share: the balancer and its peers before one and the same target."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness  # noqa: E402

# The target is nginx on the load generator's core: it must not count as any balancer's work.
TARGET = """
daemon off; master_process off; worker_processes 1; pid {dir}/target.pid; error_log {dir}/target.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_timeout 3600s; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} location /large {{ root {dir}/files; }} }}
}}
"""
BODY = "hello, target " * 4

NGINX_HTTP = """
  upstream target {{ server 127.0.0.1:{target}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{http}; listen 127.0.0.1:{https} ssl http2;
    location / {{
      proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Amzn-Trace-Id $request_id;
    }}
  }}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 3000
defaults
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend http
  mode http
  bind 127.0.0.1:{http}
  bind 127.0.0.1:{https} ssl crt {dir}/both.pem alpn h2,http/1.1
  option forwardfor
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Amzn-Trace-Id %[uuid()]
  default_backend http
backend http
  mode http
  http-reuse always
  server target 127.0.0.1:{target}
listen tcp
  mode tcp
  option splice-auto
  bind 127.0.0.1:{tcp}
  server target 127.0.0.1:{target}
"""


def start_target(bench, port):
    os.makedirs(f"{bench.directory}/files", exist_ok=True)
    with open(f"{bench.directory}/files/large", "wb") as file:
        file.write(os.urandom(1 << 20))
    config = f"{bench.directory}/target.conf"
    with open(config, "w", encoding="utf-8") as file:
        file.write(TARGET.format(dir=bench.directory, port=port, body=BODY))
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") or sys.exit("nginx is missing")
    return bench.start("target", [program, "-p", bench.directory, "-c", config], [port], core=harness.LOAD_CORE)


def start_ours(bench, build, target):
    ports = harness.free_ports(3)
    program = os.path.join(build, "balancer_bench_server")
    return bench.start("balancer", [program, *map(str, ports), str(target), bench.certificate, bench.key], ports)


def start_nginx(bench, target):
    ports = harness.free_ports(2)
    return bench.start_nginx(NGINX_HTTP.format(target=target, http=ports[0], https=ports[1]), ports)


def start_haproxy(bench, target):
    """None where HAProxy is not installed."""
    program = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not program:
        return None
    ports = harness.free_ports(3)
    with open(f"{bench.directory}/both.pem", "w", encoding="utf-8") as both:
        for part in (bench.certificate, bench.key):
            with open(part, encoding="utf-8") as file:
                both.write(file.read())
    config = f"{bench.directory}/haproxy.cfg"
    with open(config, "w", encoding="utf-8") as file:
        file.write(HAPROXY.format(dir=bench.directory, target=target, http=ports[0], https=ports[1], tcp=ports[2]))
    return bench.start("haproxy", [program, "-db", "-f", config], ports)
