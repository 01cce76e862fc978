"""A `meetinity` for a benchmark: its own data directory and ports, on one core with one event loop."""

import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

import harness

VAR_FILE = os.path.join(harness.ROOT, "infra", "environments", "local.tfvars")
HEALTH_PATH = "/_meetinity/health"


class Cloud:
    """What harness.measure asks of a server, and starting and stopping. Without `stack` nothing is created."""

    name = "meetinity"

    def __init__(self, build, stack=True):
        self.program = os.path.join(build, "meetinity")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-cloud-"))
        self.api_port, self.http_port, self.https_port = harness.free_ports(3)
        self.stack = stack

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._run("down", check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _environment(self):
        return {**os.environ, "MEETINITY_DATA": str(self.directory)}

    def _run(self, *words, check=True):
        return subprocess.run([self.program, *words], env=self._environment(), capture_output=True, text=True,
                              timeout=120, check=check)

    def up(self):
        """Seconds until the first request was answered, and until `up` said that all is there."""
        what = ["--var-file", VAR_FILE] if self.stack else ["--no-stack"]
        command = [self.program, "up", "--detach", "--reactors", "1", "--api-port", str(self.api_port), "--http-port",
                   str(self.http_port), "--https-port", str(self.https_port), *what]
        began = time.monotonic()
        process = subprocess.Popen(harness.pin(command, harness.SERVER_CORE), env=self._environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        served = None
        while served is None and process.poll() in (None, 0) and time.monotonic() < began + 60:
            if self._answers():
                served = time.monotonic() - began
            else:
                time.sleep(0.001)
        said, _ = process.communicate(timeout=120)
        ready = time.monotonic() - began
        if process.returncode != 0 or served is None:
            raise SystemExit(f"meetinity up failed:\n{said}")
        return served, ready

    def _answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=5)
        try:
            connection.request("GET", HEALTH_PATH)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self):
        """As a power cut would, but for what the disk had not written."""
        pid = self.pid
        gone = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([gone], [], [], 30)
        os.close(gone)

    def down(self):
        self._run("down")

    @property
    def pid(self):
        return json.loads((self.directory / "running.json").read_text())["process_id"]

    def cpu_seconds(self):
        return harness.cpu_seconds(self.pid)

    def rss_bytes(self):
        return harness.rss_bytes(self.pid)

    def settings(self):
        return json.loads(self._run("env", "--json").stdout)

    def output(self, name):
        return self._run("output", "-raw", name).stdout
