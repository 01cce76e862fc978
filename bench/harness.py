"""What the benchmarks share: servers pinned to one core, load from another, rounds in turns, medians.

    with harness.Bench() as bench:
        ours = bench.start("ours", [program, str(port)], [port])
        peer = bench.start_nginx(HTTP_BLOCK, [other_port])
        table = harness.Table("ours", "nginx", options)
        table.add("http/1.1", lambda server: harness.wrk(f"http://127.0.0.1:{server.ports[0]}/", options.seconds),
                  ours, peer)
        table.finish()

What counts is requests per second of CPU time that the server's process spent ("per busy core"): a machine with other
work on it slows both sides' wall clock, and much less what a request costs. The two sides take turns within a round,
the ratio is taken within a round, and the median round is reported.
"""

import argparse
import dataclasses
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SERVER_CORE = 0
LOAD_CORE = 1
ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# /proc counts in these; a sample should last some hundreds of them.
CLOCK_TICK = 1 / os.sysconf("SC_CLK_TCK")


def parser(description, seconds=3, rounds=5):
    """The options that every benchmark understands; add more to what is returned."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--build", default=os.path.join(ROOT, "build"), help="where the programs were built")
    result.add_argument("--seconds", type=int, default=seconds, help="how long each sample lasts")
    result.add_argument("--rounds", type=int, default=rounds, help="samples of each side, taken in turns")
    result.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    return result


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """Ports that differ from each other."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def pin(command, core):
    return ["taskset", "-c", str(core)] + list(command)


def open_files_max():
    """Raises this process's bound on descriptors, which the programs it starts inherit, and says what it is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cpu_seconds(pid):
    """User and system time of a process, all its threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * CLOCK_TICK


def rss_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024


class Server:
    """A running program under test. `ports` are those it was awaited on."""

    def __init__(self, name, command, ports, core=SERVER_CORE, environment=None):
        self.name, self.ports = name, ports
        self.process = subprocess.Popen(pin(command, core), env={**os.environ, **(environment or {})})
        for port in ports:
            self._await(port)

    def _await(self, port):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended with {self.process.returncode} before it listened on port {port}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit(f"{self.name} does not listen on port {port}")

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def rss_bytes(self):
        return rss_bytes(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


NGINX = """
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile {files};
pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections {connections}; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 3600s; keepalive_requests 1000000000;
  client_body_temp_path {dir}/body; fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi; proxy_temp_path {dir}/proxy;
  ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers on;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256;
{http}
}}
"""


class Bench:
    """A directory, a certificate and the servers of one benchmark; leaving it stops and removes them all."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-")
        self.certificate, self.key = f"{self.directory}/cert.pem", f"{self.directory}/key.pem"
        self._servers = []
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2",
                        "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name, command, ports, core=SERVER_CORE, environment=None):
        """Runs `command` pinned to `core` until the end; returns once it listens on `ports`."""
        server = Server(name, command, ports, core, environment)
        self._servers.append(server)
        return server

    def start_nginx(self, http, ports, connections=4096):
        """nginx, one worker. `http`: the text within http { … }, without what NGINX above says; {dir} in it is ours."""
        config = f"{self.directory}/nginx.conf"
        files = min(open_files_max(), connections + 1024)
        with open(config, "w", encoding="utf-8") as file:
            file.write(NGINX.format(dir=self.directory, http=http.replace("{dir}", self.directory),
                                    connections=connections, files=files))
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") or sys.exit("nginx is missing")
        return self.start("nginx", [program, "-p", self.directory, "-c", config], ports)


@dataclasses.dataclass
class Load:
    """What one run of a load generator saw."""
    requests: int
    seconds: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_before: float = None  # the server's CPU time when counting began, where that was not at the start


def _milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}[unit]


def run(command, after=0, then=None, limit=None):
    """The output of `command`; calls `then` once `after` seconds of it are over. None: it took more than `limit`."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        if then:
            time.sleep(after)
            then()
        try:
            output, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {output}{errors}")
    return output


def quantile(sorted_values, share):
    """The value that `share` of the values do not exceed; 0 of none."""
    return 0.0 if not sorted_values else sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def wrk(url, seconds, connections=64, headers=(), script=None, core=LOAD_CORE):
    """HTTP/1.1 over keep-alive connections. Ends the program when the server answered with errors, or not in 10 s."""
    command = ["wrk", "--latency", "--timeout", "10s", "-t", "1", "-c", str(connections), "-d", f"{seconds}s"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    text = run(pin(command + [url], core))
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"{url} answered with errors:\n{text}")
    requests, lasted = re.search(r"(\d+) requests in ([\d.]+\w+),", text).groups()
    quantile = {name: _milliseconds(value) for name, value in re.findall(r"^\s+(50|99)%\s+(\S+)\s*$", text, re.M)}
    return Load(int(requests), _milliseconds(lasted) / 1000, quantile["50"], quantile["99"])


# Beyond its time, for answers under way. A connection that came about only after the end makes it ask for ever.
H2LOAD_PATIENCE = 20
ATTEMPTS = 3


def h2load(url, seconds, clients=32, streams=16, headers=(), core=LOAD_CORE, warm_up=0, server=None, http1=False,
           rate=None):
    """HTTP/2, `streams` at a time on each connection; http:// is prior knowledge. `http1` asks over HTTP/1.1 instead.

    With `warm_up` seconds before the counted ones, and the `server` whose CPU time is to be read between the two,
    many TLS handshakes are kept out of the figures. `rate`: so many requests a second and no more. None when h2load did
    not come to an end."""
    with tempfile.NamedTemporaryFile(prefix="h2load-") as log:
        command = ["h2load", "-t", "1", "-c", str(clients), "-m", str(streams), "-D", str(seconds),
                   "--warm-up-time", str(warm_up), f"--log-file={log.name}"]
        if http1:
            command.append("--h1")
        if rate:
            command.append(f"--rps={rate / clients}")
        for header in headers:
            command += ["-H", header]
        began, before = time.time(), []
        text = run(pin(command + [url], core), warm_up,
                   (lambda: before.append(server.cpu_seconds())) if server and warm_up else None,
                   warm_up + seconds + H2LOAD_PATIENCE)
        if text is None:
            return None
        rows = [line.split("\t") for line in log.read().decode("ascii").splitlines()]
    succeeded, failed = re.search(r"requests: .*?(\d+) succeeded, (\d+) failed", text).groups()
    errors = sum(map(int, re.search(r"status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text).groups()))
    # Requests cut off by the end of the run count as failed: at most one a stream.
    if errors or int(failed) > clients * streams or not int(succeeded):
        sys.exit(f"{url} answered with errors:\n{text}")
    counted_from = (began + warm_up) * 1e6
    lasted = sorted(int(row[2]) / 1000 for row in rows if row[1] == "200" and int(row[0]) >= counted_from)
    return Load(int(succeeded), float(seconds), quantile(lasted, 0.5), quantile(lasted, 0.99),
                before[0] if before else None)


@dataclasses.dataclass
class Sample:
    per_core: float  # requests per second of the server's CPU time
    per_second: float
    busy: float  # share of a core that the server used
    p50_ms: float
    p99_ms: float


def measure(server, load):
    """One sample: load(server) runs a load generator against the server and returns its Load."""
    result = None
    for _ in range(ATTEMPTS):
        began, cpu = time.monotonic(), server.cpu_seconds()
        if (result := load(server)) is not None and result.requests > 0:
            break
    if not result or result.requests == 0:
        sys.exit(f"{server.name} answers nothing, or the load on it never ends")
    if result.cpu_before is not None:
        began, cpu = time.monotonic() - result.seconds, result.cpu_before
    cpu, lasted = max(server.cpu_seconds() - cpu, CLOCK_TICK), time.monotonic() - began
    return Sample(result.requests / cpu, result.requests / result.seconds, cpu / lasted, result.p50_ms, result.p99_ms)


def interleave(servers, load, rounds):
    """{server: [sample of round 1, …]}: each round measures every server, in an order that turns with the round."""
    samples = {server: [] for server in servers}
    for number in range(rounds):
        turn = servers[number % len(servers):] + servers[:number % len(servers)]
        for server in turn:
            samples[server].append(measure(server, load))
    return samples


def median(samples, field):
    return statistics.median(getattr(sample, field) for sample in samples)


class Alone:
    """Cases of one server that has no peer, printed as they are measured, or as JSON at the end."""

    def __init__(self, name, options):
        self._name, self._options, self.cases = name, options, []
        if not options.json:
            print(f"{'case':<26}{name + '/s':>12}{'range':>18}{'p50 ms':>9}{'p99 ms':>9}   "
                  f"requests per busy core, median of {options.rounds} rounds of {options.seconds} s")

    def add(self, case, load, server):
        samples = interleave([server], load, self._options.rounds)[server]
        figures = sorted(sample.per_core for sample in samples)
        result = {"case": case, "per_core_min": figures[0], "per_core_max": figures[-1]}
        for field in ("per_core", "per_second", "busy", "p50_ms", "p99_ms"):
            result[field] = median(samples, field)
        self.cases.append(result)
        if not self._options.json:
            spread = f"{figures[0]:,.0f}–{figures[-1]:,.0f}"
            print(f"{case:<26}{result['per_core']:>12,.0f}{spread:>18}{result['p50_ms']:>9.2f}{result['p99_ms']:>9.2f}",
                  flush=True)
        return result

    def finish(self):
        if self._options.json:
            print(json.dumps({"of": self._name, "rounds": self._options.rounds, "seconds": self._options.seconds,
                              "cases": self.cases}, indent=2))


class Table:
    """Cases of ours against peers, printed as they are measured, or as JSON at the end."""

    def __init__(self, ours, peers, options):
        peers = (peers,) if isinstance(peers, str) else tuple(peers)
        self._names, self._options, self.cases = (ours, *peers), options, []
        if not options.json:
            columns = "".join(f"{name + '/s':>12}{'ratio':>7}{'range':>12}" for name in peers)
            print(f"{'case':<24}{ours + '/s':>12}{columns}   p99 ms: {', '.join(self._names)}\n"
                  f"{'':<24}requests per busy core, median of {options.rounds} rounds of {options.seconds} s")

    def add(self, case, load, ours, *peers):
        """Measures one case in turns. Warm all up before, if the first requests cost more than the others."""
        samples = interleave([ours, *peers], load, self._options.rounds)
        result, columns = {"case": case}, ""
        for server, name in zip((ours, *peers), self._names):
            for field in ("per_core", "per_second", "busy", "p50_ms", "p99_ms"):
                result[f"{name}_{field}"] = median(samples[server], field)
        for peer, name in zip(peers, self._names[1:]):
            ratios = sorted(a.per_core / b.per_core for a, b in zip(samples[ours], samples[peer]))
            of_peer = {"ratio": statistics.median(ratios), "ratio_min": ratios[0], "ratio_max": ratios[-1]}
            result[f"against_{name}"] = of_peer
            columns += f"{result[f'{name}_per_core']:>12,.0f}{of_peer['ratio']:>7.2f}"
            columns += f"{ratios[0]:>7.2f}–{ratios[-1]:.2f}"
        self.cases.append(result)
        if not self._options.json:
            p99 = ", ".join(f"{result[f'{name}_p99_ms']:.1f}" for name in self._names)
            print(f"{case:<24}{result[f'{self._names[0]}_per_core']:>12,.0f}{columns}   {p99}", flush=True)
        return result

    def finish(self):
        if self._options.json:
            print(json.dumps({"ours": self._names[0], "peers": self._names[1:], "rounds": self._options.rounds,
                              "seconds": self._options.seconds, "cases": self.cases}, indent=2))
