"""A data directory whose disk is full: writes are refused in S3's words, everything else goes on."""
import os
import shutil
import subprocess
import tempfile

import botocore.config
import botocore.exceptions
import pytest

from conftest import start

BUCKET = "full"
# Enough for a new cloud and some hundred objects.
DISK = "24m"


@pytest.fixture
def small_disk():
    directory = tempfile.mkdtemp(prefix="meetinity-disk-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", directory],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        os.rmdir(directory)
        pytest.skip("mounting is not allowed here")
    yield directory
    subprocess.run(["umount", "-l", directory], check=True)
    shutil.rmtree(directory)


@pytest.mark.parametrize("size", [100_000, 1_000_000], ids=["packed", "file"])
def test_writes_are_refused_and_reads_go_on(small_disk, size):
    cloud = start(small_disk, "--no-stack", var_file=None)
    client = cloud.boto("s3", config=botocore.config.Config(retries={"max_attempts": 0}))
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": client.meta.region_name})
    stored, refused = {}, None
    while refused is None and len(stored) < 1_000:
        key = f"object-{len(stored):04}"
        body = os.urandom(size)
        try:
            client.put_object(Bucket=BUCKET, Key=key, Body=body)
            stored[key] = body
        except botocore.exceptions.ClientError as error:
            refused = error.response
    assert stored and refused, "the disk never became full"
    assert refused["Error"]["Code"] == "ServiceUnavailable"
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 503

    for key, body in stored.items():
        assert client.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body
    assert len(client.list_objects_v2(Bucket=BUCKET)["Contents"]) == len(stored)

    # Nothing was half done: what was acknowledged is what a restart finds.
    cloud.kill()
    cloud.up()
    client = cloud.boto("s3")
    listed = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert listed == sorted(stored)
    cloud.down()
