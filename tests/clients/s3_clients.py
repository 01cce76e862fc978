"""The S3 clients that people have, behind one set of verbs.

A client is a set of command lines; what it lacks it does not define, and the test table has no case for it. `why_not`
says what is missing on this machine for it to run at all.
"""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PART = 5 << 20  # a multipart upload is begun above this, where the client lets us say so
VERBS = ("put", "get", "listing", "delete", "delete_many", "copy", "copy_large", "multipart", "presign_get", "presign_put")


@functools.cache
def version_of(*words):
    """What a program says its version is, or nothing where it cannot be run."""
    try:
        result = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    return result.stdout + result.stderr if result.returncode == 0 else ""


class Client:
    """One client, pointed at one cloud."""
    name = ""

    def __init__(self, cloud, folder):
        self.cloud, self.folder = cloud, folder
        self.env = {**cloud.env, "HOME": str(folder), "AWS_CONFIG_FILE": str(folder / "none"), **self.settings()}

    @classmethod
    def verbs(cls):
        return [verb for verb in VERBS if hasattr(cls, verb)]

    @classmethod
    def why_not(cls):
        return None

    def settings(self):
        return {}

    def run(self, *words):
        result = subprocess.run([str(word) for word in words], env=self.env, capture_output=True, timeout=120, check=False)
        assert result.returncode == 0, (words, result.stdout[-2000:], result.stderr[-2000:])
        return result.stdout.decode()


class DebianAws(Client):
    name = "aws-debian"
    program = "/usr/bin/aws"

    @classmethod
    def why_not(cls):
        return None if version_of(cls.program, "--version") else f"{cls.program} is not installed"

    def settings(self):
        # Above 5 MB in parts of 5 MB.
        config = self.folder / "aws-config"
        config.write_text("[default]\ns3 =\n  multipart_threshold = 5MB\n  multipart_chunksize = 5MB\n")
        return {"AWS_CONFIG_FILE": str(config)}

    def aws(self, *words):
        return self.run(self.program, "--endpoint-url", self.cloud.endpoint, *words)

    def put(self, bucket, key, file):
        self.aws("s3", "cp", "--only-show-errors", "--metadata", "by=test", file, f"s3://{bucket}/{key}")

    def get(self, bucket, key, file):
        self.aws("s3", "cp", "--only-show-errors", f"s3://{bucket}/{key}", file)

    def listing(self, bucket, prefix, delimiter):
        words = ["--delimiter", delimiter] if delimiter else []
        text = self.aws("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix, "--output", "json", *words)
        answer = json.loads(text or "{}")
        return ([found["Key"] for found in answer.get("Contents", [])],
                [found["Prefix"] for found in answer.get("CommonPrefixes", [])])

    def delete(self, bucket, key):
        self.aws("s3", "rm", "--only-show-errors", f"s3://{bucket}/{key}")

    def delete_many(self, bucket, prefix, _keys):
        self.aws("s3", "rm", "--only-show-errors", "--recursive", f"s3://{bucket}/{prefix}")

    def copy(self, bucket, source, key):
        self.aws("s3", "cp", "--only-show-errors", f"s3://{bucket}/{source}", f"s3://{bucket}/{key}")

    copy_large = copy

    def multipart(self, bucket, key, file):
        self.aws("s3", "cp", "--only-show-errors", file, f"s3://{bucket}/{key}")

    def presign_get(self, bucket, key):
        return self.aws("s3", "presign", f"s3://{bucket}/{key}").strip()


def newer_aws():
    """The first other `aws` of the PATH, or the one that NEWER_AWS names."""
    named = os.environ.get("NEWER_AWS")
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = [named] if named else [shutil.which("aws", path=folder) for folder in folders]
    return next((path for path in found if path and path != DebianAws.program and "/bin/aws" != path), None)


class NewerAws(DebianAws):
    """A CLI that adds CRC trailers by itself: botocore 1.36 began it."""
    name = "aws-newer"
    program = newer_aws()

    @classmethod
    def why_not(cls):
        if not cls.program:
            return "there is no aws but Debian's on the PATH, and NEWER_AWS names none"
        return too_old(version_of(cls.program, "--version"), r"botocore/(\d+)\.(\d+)") or None


def too_old(text, pattern):
    found = re.search(pattern, text)
    if found and (int(found[1]), int(found[2])) >= (1, 36):
        return None
    return f"needs botocore 1.36, and this is {found[0] if found else 'none'}"


class Script(Client):
    """A client library, driven by a script of ours that takes a verb and its arguments."""
    command = ()

    def call(self, verb, *words):
        text = self.run(*self.command, verb, *words)
        return json.loads(text) if text.strip() else None

    def put(self, bucket, key, file):
        self.call("put", bucket, key, file)

    def get(self, bucket, key, file):
        self.call("get", bucket, key, file)

    def listing(self, bucket, prefix, delimiter):
        answer = self.call("list", bucket, prefix, delimiter)
        return answer["keys"], answer["prefixes"]

    def delete(self, bucket, key):
        self.call("delete", bucket, key)

    def delete_many(self, bucket, _prefix, keys):
        answer = self.call("deleteMany", bucket, *keys)
        assert len(answer["Deleted"]) == len(keys) and not answer.get("Errors")

    def copy(self, bucket, source, key):
        self.call("copy", bucket, source, key)

    def multipart(self, bucket, key, file):
        self.call("multipart", bucket, key, file)

    def presign_get(self, bucket, key):
        return self.call("presignGet", bucket, key)

    def presign_put(self, bucket, key):
        return self.call("presignPut", bucket, key)


class DebianBoto3(Script):
    name = "boto3-debian"
    command = ("/usr/bin/python3", HERE / "boto3_client.py")
    copy_large = Script.copy


class NewerBoto3(DebianBoto3):
    name = "boto3-newer"
    python = os.environ.get("NEWER_PYTHON") or shutil.which("python3")
    command = (python, HERE / "boto3_client.py")

    @classmethod
    def why_not(cls):
        text = version_of(cls.python, "-c", "import boto3, botocore; print('botocore/' + botocore.__version__)")
        reason = too_old(text, r"botocore/(\d+)\.(\d+)")
        return reason and f"the boto3 of {cls.python} {reason}; NEWER_PYTHON may name another Python"


class JavaScript(Script):
    name = "javascript"
    command = ("node", HERE / "js" / "client.mjs")

    @classmethod
    def why_not(cls):
        if not shutil.which("node"):
            return "node is not installed"
        return None if (HERE / "js" / "node_modules" / "@aws-sdk").is_dir() else "tests/clients/js is not installed; `make test` does it"

    def put(self, bucket, key, file):
        self.call("put", bucket, key, file, os.path.getsize(file))


class JavaScriptVirtual(JavaScript):
    """The bucket in the host's name, which is what this SDK does unless told otherwise."""
    name = "javascript-virtual"

    def settings(self):
        return {"ADDRESSING": "virtual", "AWS_ENDPOINT_URL": f"http://s3.localhost:{self.cloud.api_port}"}


class Rclone(Client):
    name = "rclone"

    @classmethod
    def why_not(cls):
        return None if version_of("rclone", "version") else "rclone is not installed"

    def settings(self):
        settings = self.cloud.env
        # Its Go SDK cannot add a bundle to a transport of rclone's own, and gives up where AWS_CA_BUNDLE is set.
        return {"AWS_CA_BUNDLE": "", "RCLONE_CONFIG": str(self.folder / "rclone.conf"), "RCLONE_CONFIG_CLOUD_TYPE": "s3",
                "RCLONE_CONFIG_CLOUD_PROVIDER": "AWS", "RCLONE_CONFIG_CLOUD_ENDPOINT": f"http://s3.localhost:{self.cloud.api_port}",
                "RCLONE_CONFIG_CLOUD_REGION": settings["AWS_REGION"],
                "RCLONE_CONFIG_CLOUD_ACCESS_KEY_ID": settings["AWS_ACCESS_KEY_ID"],
                "RCLONE_CONFIG_CLOUD_SECRET_ACCESS_KEY": settings["AWS_SECRET_ACCESS_KEY"],
                "RCLONE_S3_UPLOAD_CUTOFF": "5M", "RCLONE_S3_CHUNK_SIZE": "5M", "RCLONE_S3_COPY_CUTOFF": "5M"}

    def rclone(self, *words):
        return self.run("rclone", "--retries", "1", "--low-level-retries", "1", *words)

    def put(self, bucket, key, file):
        self.rclone("copyto", "--metadata", "--metadata-set", "by=test", file, f"cloud:{bucket}/{key}")

    def get(self, bucket, key, file):
        self.rclone("copyto", f"cloud:{bucket}/{key}", file)

    def listing(self, bucket, prefix, delimiter):
        """Everything below a folder, or the folder itself: prefixes are folders to this client."""
        words = [] if delimiter else ["--recursive", "--files-only"]
        names = self.rclone("lsf", *words, f"cloud:{bucket}/{prefix.rstrip('/')}").splitlines()
        found = [prefix + name for name in names]
        return [name for name in found if not name.endswith("/")], [name for name in found if name.endswith("/")]

    def delete(self, bucket, key):
        self.rclone("deletefile", f"cloud:{bucket}/{key}")

    def delete_many(self, bucket, prefix, _keys):
        self.rclone("delete", f"cloud:{bucket}/{prefix.rstrip('/')}")

    def copy(self, bucket, source, key):
        self.rclone("copyto", f"cloud:{bucket}/{source}", f"cloud:{bucket}/{key}")

    copy_large = copy
    multipart = put

    def presign_get(self, bucket, key):
        return self.rclone("link", "--expire", "5m", f"cloud:{bucket}/{key}").strip()


class RcloneUnchecked(Rclone):
    """As a pipeline with narrow rights has it: neither bucket nor upload is looked at; and the bucket is in the path."""
    name = "rclone-no-check-bucket"

    def settings(self):
        return {**super().settings(), "RCLONE_CONFIG_CLOUD_PROVIDER": "Other", "RCLONE_CONFIG_CLOUD_ENDPOINT": self.cloud.endpoint,
                "RCLONE_S3_NO_CHECK_BUCKET": "true", "RCLONE_S3_NO_HEAD": "true"}


class S3cmd(Client):
    """Its names for hosts are virtual ones, and its presigned URLs are of Signature Version 2."""
    name = "s3cmd"

    @classmethod
    def why_not(cls):
        return None if version_of("s3cmd", "--version") else "s3cmd is not installed"

    def s3cmd(self, *words):
        settings, host = self.cloud.env, f"s3.localhost:{self.cloud.api_port}"
        return self.run("s3cmd", "--config", "/dev/null", "--no-ssl", "--host", host, "--host-bucket", f"%(bucket)s.{host}",
                        "--access_key", settings["AWS_ACCESS_KEY_ID"], "--secret_key", settings["AWS_SECRET_ACCESS_KEY"],
                        "--region", settings["AWS_REGION"], "--multipart-chunk-size-mb", 5, "--no-progress", *words)

    def put(self, bucket, key, file):
        self.s3cmd("put", "--add-header", "x-amz-meta-by:test", file, f"s3://{bucket}/{key}")

    def get(self, bucket, key, file):
        self.s3cmd("get", "--force", f"s3://{bucket}/{key}", file)

    def listing(self, bucket, prefix, delimiter):
        words = [] if delimiter else ["--recursive"]
        lines = self.s3cmd("ls", *words, f"s3://{bucket}/{prefix}").splitlines()
        found = [line.partition(f"s3://{bucket}/")[2] for line in lines]
        directories = [line.strip().startswith("DIR") for line in lines]
        return ([name for name, is_folder in zip(found, directories) if not is_folder],
                [name for name, is_folder in zip(found, directories) if is_folder])

    def delete(self, bucket, key):
        self.s3cmd("del", f"s3://{bucket}/{key}")

    def delete_many(self, bucket, prefix, _keys):
        self.s3cmd("del", "--recursive", "--force", f"s3://{bucket}/{prefix}")

    def copy(self, bucket, source, key):
        self.s3cmd("cp", f"s3://{bucket}/{source}", f"s3://{bucket}/{key}")

    multipart = put

    def presign_get(self, bucket, key):
        return self.s3cmd("signurl", f"s3://{bucket}/{key}", "+300").strip()


CLIENTS = (DebianAws, NewerAws, DebianBoto3, NewerBoto3, JavaScript, JavaScriptVirtual, Rclone, RcloneUnchecked, S3cmd)
