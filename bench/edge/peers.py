"""Our edge and its peers, each in front of the same origin: nginx with proxy_cache, and Apache Traffic Server.

All have one thread for requests, on one core, say in a header what their cache did, and agree with the load
generators on the same cipher. Traffic Server is a peer where
it is installed (Debian's trafficserver); it and nginx run out of the benchmark's own directory, on ports of ours.
"""

import os
import shutil
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402  (bench/ is on the path only now)

CAPACITY_MIB = 256
TRAFFIC_SERVER = "traffic_server"

NGINX = """
  proxy_cache_path {dir}/cache keys_zone=bench:KEYSm max_size=2g inactive=1d levels=1:2;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;
  server {
    listen 127.0.0.1:PLAIN backlog=4096; listen 127.0.0.1:SECURE ssl http2 backlog=4096;
    location / {
      proxy_pass http://127.0.0.1:ORIGIN; proxy_cache bench; proxy_cache_valid 200 1d; proxy_cache_lock on;
      add_header X-Cache $upstream_cache_status;
    }
  }
"""

# Where Traffic Server looks for its files, all in a directory of ours.
RUNROOT = """
prefix: {dir}
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/bin
sysconfdir: {dir}
datadir: {dir}
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
localstatedir: {dir}
runtimedir: {dir}
logdir: {dir}
mandir: /usr/share/man
infodir: /usr/share/info
cachedir: {dir}
"""

TRAFFIC_SERVER_FILES = {
    "records.config": """
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.accept_threads INT 0
CONFIG proxy.config.task_threads INT 1
CONFIG proxy.config.cache.threads_per_disk INT 1
CONFIG proxy.config.http.server_ports STRING {plain}:ip-in=127.0.0.1 {secure}:ip-in=127.0.0.1:ssl
CONFIG proxy.config.http.insert_response_via_str INT 2
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 3600
CONFIG proxy.config.http2.no_activity_timeout_in INT 3600
CONFIG proxy.config.net.connections_throttle INT 15000
CONFIG proxy.config.net.max_connections_in INT 15000
CONFIG proxy.config.cache.ram_cache.size INT {ram}
CONFIG proxy.config.cache.ram_cache_cutoff INT 4194304
CONFIG proxy.config.url_remap.remap_required INT 1
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.diags.logfile.rolling_enabled INT 0
CONFIG proxy.config.ssl.server.honor_cipher_order INT 1
CONFIG proxy.config.ssl.server.TLSv1_3.cipher_suites STRING TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384
CONFIG proxy.config.ssl.server.cert.path STRING {certificates}
CONFIG proxy.config.ssl.server.private_key.path STRING {certificates}
""",
    "storage.config": "{dir} 2G\n",
    "remap.config": "map / http://127.0.0.1:{origin}/\n",
    "ssl_multicert.config": "dest_ip=* ssl_cert_name=cert.pem ssl_key_name=key.pem\n",
    "ip_allow.yaml": "ip_allow:\n  - {{apply: in, ip_addrs: 127.0.0.0/8, action: allow, methods: ALL}}\n",
    "runroot.yaml": RUNROOT,
}


def ask(port, path, method="GET"):
    """What a server of ours says to its operator."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


class Origin:
    def __init__(self, bench, build):
        self.port = harness.free_port()
        bench.start("origin", [os.path.join(build, "edge_bench_origin"), str(self.port)], [self.port],
                    harness.LOAD_CORE)

    def asked(self):
        """How many cacheable answers it has given."""
        return int(ask(self.port, "/asked"))


def start_edge(bench, build, origin, folder=None, capacity_mib=CAPACITY_MIB):
    """With its ports in the order plain, TLS, control."""
    ports = harness.free_ports(3)
    return bench.start("edge", [os.path.join(build, "edge_bench_server"), *map(str, ports), str(origin.port),
                                bench.certificate, bench.key, str(capacity_mib), *([folder] if folder else [])], ports)


def start_nginx(bench, origin, keys_mib=16):
    plain, secure = harness.free_ports(2)
    block = NGINX.replace("PLAIN", str(plain)).replace("SECURE", str(secure)).replace("KEYS", str(keys_mib))
    return bench.start_nginx(block.replace("ORIGIN", str(origin.port)), [plain, secure], connections=16_384)


def start_traffic_server(bench, origin, ram_mib=CAPACITY_MIB):
    """None where it is not installed. With `ram_mib` 0 it serves from its disk cache alone."""
    program = shutil.which(TRAFFIC_SERVER)
    if program is None:
        return None
    plain, secure = harness.free_ports(2)
    directory = f"{bench.directory}/ats-{plain}"
    os.makedirs(directory)
    for name, text in TRAFFIC_SERVER_FILES.items():
        with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
            file.write(text.format(dir=directory, plain=plain, secure=secure, origin=origin.port,
                                   certificates=bench.directory, ram=ram_mib << 20))
    quiet = ["--bind_stdout", f"{directory}/out", "--bind_stderr", f"{directory}/out"]
    return bench.start("ats", [program, f"--run-root={directory}/runroot.yaml", *quiet], [plain, secure])
