"""A real cloud for tests: the built program, its own data directory, free ports, and the operators' own clients.

`cloud` is one cloud for the whole run, back in its first state before each test; `fresh_cloud` starts another that a
test may stop, kill and damage.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

import boto3
import botocore.config
import pytest

from security import sigv4

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEETINITY = pathlib.Path(os.environ.get("MEETINITY", ROOT / "build" / "meetinity")).resolve()
# The demonstration stack's names; see infra/environments/local.tfvars.
VARIABLES = ROOT / "infra" / "environments" / "local.tfvars"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cloud:
    """One running `meetinity`, and how its clients reach it."""

    def __init__(self, directory, *arguments, var_file=VARIABLES):
        self.directory = pathlib.Path(directory)
        self.api_port, self.http_port, self.https_port = free_port(), free_port(), free_port()
        self.arguments = list(arguments)
        self.var_file = var_file

    # --- the program

    def meetinity(self, *words, check=True, **kwargs):
        result = subprocess.run([str(MEETINITY), *map(str, words)], env={**os.environ, "MEETINITY_DATA": str(self.directory)},
                                capture_output=True, text=True, timeout=120, check=False, **kwargs)
        if check:
            assert result.returncode == 0, result.stdout + result.stderr
        return result

    def up(self, check=True):
        words = ["up", "--detach", "--api-port", self.api_port, "--http-port", self.http_port, "--https-port",
                 self.https_port, *self.arguments]
        if self.var_file:
            words += ["--var-file", self.var_file]
        return self.meetinity(*words, check=check)

    def down(self):
        self.meetinity("down")

    def kill(self):
        """kill -9, as a power cut would."""
        pid = json.loads((self.directory / "running.json").read_text())["process_id"]
        handle = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        with os.fdopen(handle) as gone:
            import select
            select.select([gone], [], [], 30)

    def output(self, name):
        return self.meetinity("output", "-raw", name).stdout

    # --- its clients

    @property
    def env(self):
        """What `eval "$(meetinity env)"` sets, on top of this process's environment."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **json.loads(self.meetinity("env", "--json").stdout), "MEETINITY_DATA": str(self.directory)}

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def ca(self):
        return str(self.directory / "ca" / "ca.pem")

    def boto(self, service, **kwargs):
        settings = json.loads(self.meetinity("env", "--json").stdout)
        session = boto3.session.Session(aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
                                        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
                                        region_name=settings["AWS_REGION"])
        options = {"endpoint_url": self.endpoint, "config": botocore.config.Config(retries={"max_attempts": 1}), **kwargs}
        return session.client(service, **options)

    def signed(self, service, request, region=None):
        """One raw request, signed with the root key: for what Debian's SDK does not know yet."""
        settings = json.loads(self.meetinity("env", "--json").stdout)
        key = sigv4.Key(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        sigv4.sign(request, key, f"127.0.0.1:{self.api_port}", service, region=region or settings["AWS_REGION"])
        return sigv4.send(request, self.api_port)

    def shell(self, script, check=True, timeout=300):
        """A playbook command, verbatim, from the project's root with the operator's environment."""
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", f'eval "$({MEETINITY} env)"\n' + script], cwd=ROOT,
                                env={**os.environ, "MEETINITY_DATA": str(self.directory)}, capture_output=True,
                                text=True, timeout=timeout, check=False)
        if check:
            assert result.returncode == 0, result.stdout + result.stderr
        return result

    def curl(self, path="/", *words, host=None, scheme="https", check=True):
        """One request to the static assets site, as a visitor would; answers (status, headers, body)."""
        host = host or self.output("static_assets_cdn_domain")
        port = self.https_port if scheme == "https" else self.http_port
        result = subprocess.run(["curl", "-sS", "--cacert", self.ca, "-D", "-", *words, f"{scheme}://{host}:{port}{path}"],
                                capture_output=True, timeout=60, check=False)
        if check:
            assert result.returncode == 0, result.stderr.decode()
        head, _, body = result.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]) if lines[0] else 0, headers, body


def start(directory, *arguments, **kwargs):
    cloud = Cloud(directory, *arguments, **kwargs)
    cloud.up()
    return cloud


@pytest.fixture(scope="session")
def _shared_cloud():
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = start(directory)
    yield cloud
    cloud.down()
    shutil.rmtree(directory)


@pytest.fixture
def cloud(_shared_cloud):
    _shared_cloud.meetinity("reset")
    return _shared_cloud


@pytest.fixture
def fresh_cloud():
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = start(directory)
    yield cloud
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)
