"""The edge's disk tier: what was cached outlives kill -9, what was invalidated does not, and damage is never served."""
import json
import time

import pytest

BUCKET = "meetinity-local-static-assets"
LARGE = 1_000_000  # served out of the mapped segment; the small ones are copied


def on_disk(cloud):
    return json.loads(cloud.meetinity("status", "--json").stdout)["edge"]["objects_on_disk"]


def explain(cloud, key, *words):
    url = f"https://{cloud.output('static_assets_cdn_domain')}/{key}"
    return json.loads(cloud.meetinity("edge", "explain", url, "--json", *words).stdout)


def wait_for_objects(cloud, count):
    """Both the writer and, after a start, the scan of the segments work behind the scenes."""
    deadline = time.monotonic() + 30
    while on_disk(cloud) < count:
        assert time.monotonic() < deadline, f"{on_disk(cloud)} objects on disk, not {count}"


@pytest.fixture
def cached_cloud(fresh_cloud):
    """Four objects whose old bodies are on the edge's disk; the bucket has newer ones."""
    s3 = fresh_cloud.boto("s3")
    bodies = {"kept-small": b"old", "kept-large": b"old" * (LARGE // 3), "gone/small": b"old", "gone/large": b"old" * (LARGE // 3)}
    for key, body in bodies.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        for expected in ("Miss", "Hit"):  # the second request makes it worth the disk's while
            status, headers, served = fresh_cloud.curl(f"/{key}")
            assert (status, headers["x-cache"], served) == (200, f"{expected} from cloudfront", body)
    wait_for_objects(fresh_cloud, len(bodies))
    for key in bodies:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"new")
    return fresh_cloud


def test_a_kill_forgets_no_object_and_no_invalidation(cached_cloud):
    cloudfront, distribution = cached_cloud.boto("cloudfront"), cached_cloud.output("static_assets_distribution_id")
    made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch={
        "CallerReference": "gone", "Paths": {"Quantity": 1, "Items": ["/gone/*"]}})["Invalidation"]
    while cloudfront.get_invalidation(DistributionId=distribution, Id=made["Id"])["Invalidation"]["Status"] != "Completed":
        pass
    for _ in range(2):
        cached_cloud.kill()
        cached_cloud.up()
        wait_for_objects(cached_cloud, 4)  # the invalidated ones are found too, and must not be believed
        kept, gone = explain(cached_cloud, "kept-large"), explain(cached_cloud, "gone/large")
        assert (kept["result"], kept["tier"], kept["kept"]["body_bytes"]) == ("Hit", "disk", LARGE // 3 * 3), kept
        assert gone["result"] == "Miss", gone
        for key, body in {"kept-small": b"old", "kept-large": b"old" * (LARGE // 3)}.items():
            status, headers, served = cached_cloud.curl(f"/{key}")
            assert (status, headers["x-cache"], served) == (200, "Hit from cloudfront", body), key
            assert int(headers["age"]) >= 0
        status, headers, served = cached_cloud.curl("/kept-large", "-H", "Range: bytes=999990-")
        assert (status, served) == (206, ("old" * (LARGE // 3)).encode()[999_990:])
        for key in ("gone/small", "gone/large"):
            assert cached_cloud.curl(f"/{key}")[2] == b"new", key


def test_flipped_bytes_are_fetched_anew(cached_cloud):
    cached_cloud.down()
    flipped = 0
    for segment in (cached_cloud.directory / "edge-cache").glob("segment-*"):
        contents = segment.read_bytes()
        flipped += contents.count(b"old" * (LARGE // 3))
        segment.write_bytes(contents.replace(b"oldold", b"OLDold"))
    assert flipped == 2
    cached_cloud.up()
    wait_for_objects(cached_cloud, 4)
    assert cached_cloud.curl("/kept-small")[2] == b"old"
    for key in ("kept-large", "gone/large"):
        status, headers, served = cached_cloud.curl(f"/{key}")
        assert (status, headers["x-cache"], served) == (200, "Miss from cloudfront", b"new"), key


def test_reset_and_no_tier_leave_nothing(cached_cloud):
    cached_cloud.meetinity("reset")
    assert on_disk(cached_cloud) == 0
    folder = cached_cloud.directory / "edge-cache"
    assert [path.name for path in folder.iterdir()] == ["journal"]
    cached_cloud.down()
    cached_cloud.arguments = ["--edge-disk-cache", "0"]
    cached_cloud.up()
    assert not folder.exists()
    for _ in range(2):
        assert cached_cloud.curl("/")[0] == 200
    assert on_disk(cached_cloud) == 0
