"""s3rver, an S3 server on Node.js, as a peer: an operator's other way to S3 on one machine. It syncs nothing.

Installed by hand, once: (cd bench/s3/s3rver && npm ci --ignore-scripts)
"""

import os
import pathlib
import shutil
import tempfile

import harness

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE / "node_modules" / "s3rver" / "bin" / "s3rver.js"
# Its one account, fixed.
KEYS = ("S3RVER", "S3RVER")


def missing():
    """Why it cannot be started and how to get it; None when it can."""
    if not shutil.which("node"):
        return "s3rver is not measured: node is missing (apt-get install nodejs)"
    if not PROGRAM.exists():
        return "s3rver is not measured: it is not installed (cd bench/s3/s3rver && npm ci --ignore-scripts)"
    return None


class S3rver(harness.Server):
    """A running one with a directory of its own. Path-style addressing only, so that any Host will do."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-s3rver-")
        port = harness.free_port()
        command = ["node", str(PROGRAM), "-d", self.directory, "-a", "127.0.0.1", "-p", str(port), "-s",
                   "--no-vhost-buckets"]
        try:
            super().__init__("s3rver", command, [port], environment={"NODE_ENV": "production"})
        except SystemExit:
            self.stop()  # it did not listen in time
            raise

    def stop(self):
        super().stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
