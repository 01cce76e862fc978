"""`aws s3`, as people type it, with Debian's CLI and a newer one: what it does, and what it tells them."""
import json
import subprocess

import pytest

from clients.s3_clients import DebianAws, NewerAws


class Shell:
    """One CLI; `ok` and `refused` run words and answer what it said."""

    def __init__(self, made):
        self.made, self.folder = made, made.folder

    def run(self, *words, **kwargs):
        return subprocess.run([self.made.program, "--endpoint-url", self.made.cloud.endpoint, *map(str, words)], env=self.made.env,
                              capture_output=True, text=True, timeout=120, check=False, cwd=self.folder, **kwargs)

    def ok(self, *words, **kwargs):
        result = self.run(*words, **kwargs)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def refused(self, *words):
        result = self.run(*words)
        assert result.returncode != 0
        return result.stdout + result.stderr


@pytest.fixture(params=[DebianAws, NewerAws], ids=["aws-debian", "aws-newer"])
def aws(request, cloud, tmp_path):
    if reason := request.param.why_not():
        pytest.skip(reason)
    shell = Shell(request.param(cloud, tmp_path))
    shell.ok("s3", "mb", "s3://shelf")
    for name, text in (("a.txt", "a"), ("sub/b ü.txt", "bb"), ("sub/c.log", "ccc")):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text)
    return shell


def test_sync_sends_what_changed(aws):
    assert aws.ok("s3", "sync", "tree", "s3://shelf/t").count("upload: ") == 3
    assert "upload: " not in aws.ok("s3", "sync", "tree", "s3://shelf/t")
    (aws.folder / "tree" / "a.txt").write_text("longer")
    (aws.folder / "tree" / "sub" / "c.log").unlink()
    said = aws.ok("s3", "sync", "--delete", "tree", "s3://shelf/t")
    assert said.count("upload: ") == 1 and "delete: s3://shelf/t/sub/c.log" in said
    aws.ok("s3", "sync", "s3://shelf/t", "back")
    assert (aws.folder / "back" / "sub" / "b ü.txt").read_text() == "bb"
    assert (aws.folder / "back" / "a.txt").read_text() == "longer"


def test_a_pipe_at_either_end(aws):
    aws.ok("s3", "cp", "-", "s3://shelf/piped", input="through a pipe")
    assert aws.ok("s3", "cp", "s3://shelf/piped", "-") == "through a pipe"


def test_folders_between_buckets(aws):
    aws.ok("s3", "sync", "tree", "s3://shelf/t")
    aws.ok("s3", "mb", "s3://another")
    assert aws.ok("s3", "cp", "--recursive", "--exclude", "*.log", "s3://shelf/t", "s3://another/u").count("copy: ") == 2
    assert "sub/b ü.txt" in aws.ok("s3", "ls", "--recursive", "s3://another/u/")
    aws.ok("s3", "mv", "s3://another/u/a.txt", "s3://another/moved.txt")
    assert "u/a.txt" not in aws.ok("s3", "ls", "--recursive", "s3://another")
    assert "BucketNotEmpty" in aws.refused("s3", "rb", "s3://another")
    assert "remove_bucket: another" in aws.ok("s3", "rb", "--force", "s3://another")
    assert aws.ok("s3", "rm", "--recursive", "s3://shelf").count("delete: ") == 3
    aws.ok("s3", "rb", "s3://shelf")


def test_pages_and_items(aws):
    aws.ok("s3", "sync", "tree", "s3://shelf/t")
    listing = ["s3api", "list-objects-v2", "--bucket", "shelf", "--output", "json"]
    assert len(json.loads(aws.ok(*listing, "--page-size", "1"))["Contents"]) == 3
    first = json.loads(aws.ok(*listing, "--max-items", "1"))
    assert [found["Key"] for found in first["Contents"]] == ["t/a.txt"]
    rest = json.loads(aws.ok(*listing, "--starting-token", first["NextToken"]))
    assert [found["Key"] for found in rest["Contents"]] == ["t/sub/b ü.txt", "t/sub/c.log"]


def test_refusals_say_what_is_wrong(aws):
    assert "BucketAlreadyOwnedByYou" in aws.refused("s3", "mb", "s3://shelf")
    assert "The specified bucket is not valid" in aws.refused("s3", "mb", "s3://Not_A_Name")
    assert "The specified bucket does not exist" in aws.refused("s3", "ls", "s3://there-is-no-such-bucket")
    assert 'Key "none" does not exist' in aws.refused("s3", "cp", "s3://shelf/none", "none")
    assert "meetinity parity s3" in aws.refused("s3", "website", "s3://shelf", "--index-document", "index.html")
    said = aws.refused("s3", "cp", "tree/a.txt", "s3://shelf/a", "--storage-class", "GLACIER")
    assert "The storage class GLACIER is not served" in said
