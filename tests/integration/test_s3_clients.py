"""Every S3 client that people have, verb by verb, with keys and sizes that are not easy.

What a client did is looked at with another one, boto3 in this process; so a client that lies to itself is found out.
"""
import hashlib
import os
import subprocess

import botocore.exceptions
import pytest

from clients.s3_clients import CLIENTS

BUCKET = "meetinity-clients"
# Spaces, a plus and an ampersand are what URL encodings differ about; the rest is not ASCII.
KEY = "one folder/größe+a&b=c;d,e (1).txt"
SMALL = os.urandom(100_000)
LARGE = os.urandom(12 << 20)  # three parts of 5 MiB, the last a smaller one
MANY = 1_005  # keys, more than a page holds


@pytest.fixture(scope="module")
def shared(_shared_cloud, tmp_path_factory):
    """The cloud, a bucket of it with a folder of many keys, and a boto3 that looks at what the clients did."""
    _shared_cloud.meetinity("reset")
    s3 = _shared_cloud.boto("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for number in range(MANY):
        s3.put_object(Bucket=BUCKET, Key=f"many/{number % 3}/{number:05}", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="many/last", Body=b"")
    files = tmp_path_factory.mktemp("files")
    (files / "small").write_bytes(SMALL)
    (files / "large").write_bytes(LARGE)
    return _shared_cloud, s3, files


@pytest.fixture(params=CLIENTS, ids=[client.name for client in CLIENTS])
def client(request, shared, tmp_path):
    """The client of the parameter; its keys all begin with its name."""
    verb = request.function.__name__.removeprefix("test_")
    if reason := request.param.why_not():
        pytest.skip(reason)
    made = request.param(shared[0], tmp_path)
    made.prefix = f"{made.name}/{verb}/"
    return made


def only(*clients):
    """The test's table without the clients that lack its verb."""
    return pytest.mark.parametrize("client", clients, indirect=True, ids=[each.name for each in clients])


def having(verb):
    return only(*[client for client in CLIENTS if verb in client.verbs()])


def seed(s3, key, content):
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def content_of(s3, key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def exists(s3, key):
    try:
        s3.head_object(Bucket=BUCKET, Key=key)
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        return False
    return True


def curl(*words):
    """Status and body."""
    result = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *words], capture_output=True, check=True, timeout=60)
    body, _, status = result.stdout.rpartition(b"\n")
    return int(status), body


def test_put(client, shared):
    _, s3, files = shared
    client.put(BUCKET, client.prefix + KEY, files / "small")
    found = s3.head_object(Bucket=BUCKET, Key=client.prefix + KEY)
    assert content_of(s3, client.prefix + KEY) == SMALL
    assert found["ETag"] == f'"{hashlib.md5(SMALL).hexdigest()}"'
    assert found["Metadata"]["by"] == "test"
    assert "aws-chunked" not in found.get("ContentEncoding", "")


def test_get(client, shared, tmp_path):
    key = seed(shared[1], client.prefix + KEY, SMALL)
    client.get(BUCKET, key, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == SMALL


def test_listing(client):
    keys, prefixes = client.listing(BUCKET, "many/", "/")
    assert keys == ["many/last"]
    assert prefixes == ["many/0/", "many/1/", "many/2/"]
    keys, prefixes = client.listing(BUCKET, "many/", "")
    assert sorted(keys) == sorted([f"many/{number % 3}/{number:05}" for number in range(MANY)] + ["many/last"])
    assert prefixes == []


def test_delete(client, shared):
    key = seed(shared[1], client.prefix + KEY, b"x")
    beside = seed(shared[1], client.prefix + KEY + "x", b"x")
    client.delete(BUCKET, key)
    assert not exists(shared[1], key) and exists(shared[1], beside)


def test_delete_many(client, shared):
    keys = [seed(shared[1], f"{client.prefix}{number}/{KEY}", b"x") for number in range(5)]
    client.delete_many(BUCKET, client.prefix, keys)
    assert not [key for key in keys if exists(shared[1], key)]


def test_copy(client, shared):
    _, s3, files = shared
    key = client.prefix + KEY
    s3.put_object(Bucket=BUCKET, Key=key, Body=SMALL, ContentType="text/x-test", Metadata={"by": "seed"})
    client.copy(BUCKET, key, client.prefix + "copied " + KEY.replace("/", "_"))
    found = s3.get_object(Bucket=BUCKET, Key=client.prefix + "copied " + KEY.replace("/", "_"))
    assert found["Body"].read() == SMALL
    assert found["ContentType"] == "text/x-test" and found["Metadata"]["by"] == "seed"


@having("copy_large")
def test_copy_large(client, shared):
    _, s3, _ = shared
    key = seed(s3, client.prefix + KEY, LARGE)
    client.copy_large(BUCKET, key, client.prefix + "copied")
    assert content_of(s3, client.prefix + "copied") == LARGE
    assert s3.head_object(Bucket=BUCKET, Key=client.prefix + "copied")["ETag"].endswith('-3"')


def test_multipart(client, shared):
    _, s3, files = shared
    client.multipart(BUCKET, client.prefix + KEY, files / "large")
    found = s3.head_object(Bucket=BUCKET, Key=client.prefix + KEY)
    assert found["ETag"].endswith('-3"')
    assert content_of(s3, client.prefix + KEY) == LARGE
    assert s3.list_multipart_uploads(Bucket=BUCKET, Prefix=client.prefix).get("Uploads", []) == []


def test_presign_get(client, shared):
    key = seed(shared[1], client.prefix + KEY, SMALL)
    assert curl(client.presign_get(BUCKET, key)) == (200, SMALL)


@having("presign_put")
def test_presign_put(client, shared):
    _, s3, files = shared
    status, body = curl("-T", str(files / "small"), client.presign_put(BUCKET, client.prefix + KEY))
    assert status == 200, body
    assert content_of(s3, client.prefix + KEY) == SMALL
