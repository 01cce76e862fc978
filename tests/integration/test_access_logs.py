"""Access logs of a distribution arrive in its bucket, a line an answer, also when the cloud is killed in between."""
import concurrent.futures
import datetime
import gzip
import http.client
import re
import threading

import botocore.exceptions
import pytest

BUCKET = "meetinity-local-access-logs"
ASSETS = "meetinity-local-static-assets"
LOG_DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"  # awslogsdelivery's canonical user
FIELDS = ("date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
          "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
          "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
          "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
          "sc-range-start sc-range-end").split()


def make_bucket(cloud, ownership):
    s3 = cloud.boto("s3")
    s3.create_bucket(Bucket=BUCKET, ObjectOwnership=ownership,
                     CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})


def enable_logging(cloud, bucket=f"{BUCKET}.s3.amazonaws.com", protocol="redirect-to-https"):
    client = cloud.boto("cloudfront")
    distribution = cloud.output("static_assets_distribution_id")
    found = client.get_distribution_config(Id=distribution)
    config = {**found["DistributionConfig"],
              "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": bucket, "Prefix": "cdn/local"}}
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = protocol
    client.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=found["ETag"])
    client.get_waiter("distribution_deployed").wait(Id=distribution, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return distribution


def delivered(cloud):
    """Every line in the bucket, by the names of its fields; asks for a delivery first."""
    cloud.meetinity("clock", "advance", "1s")
    s3 = cloud.boto("s3")
    lines = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for item in page.get("Contents", []):
            text = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()).decode()
            version, fields, *rows = text.splitlines()
            assert version == "#Version: 1.0" and fields == "#Fields: " + " ".join(FIELDS)
            for row in rows:
                values = row.split("\t")
                assert len(values) == 33, row
                lines.append({"key": item["Key"], **dict(zip(FIELDS, values))})
    return lines


def test_a_line_tells_what_the_viewer_saw(cloud):
    make_bucket(cloud, "BucketOwnerPreferred")
    distribution = enable_logging(cloud)
    grants = cloud.boto("s3").get_bucket_acl(Bucket=BUCKET)["Grants"]
    assert [grant["Permission"] for grant in grants if grant["Grantee"]["ID"] == LOG_DELIVERY] == ["FULL_CONTROL"]
    cloud.boto("s3").put_object(Bucket=ASSETS, Key="logged.css", Body=b"x" * 100, ContentType="text/css")
    _, headers, _ = cloud.curl("/logged.css?v=1", "-A", "a browser")
    cloud.curl("/logged.css", scheme="http")
    first, second = sorted(delivered(cloud), key=lambda line: line["cs-protocol"], reverse=True)
    assert re.fullmatch(rf"cdn/local/{distribution}\.\d{{4}}-\d\d-\d\d-\d\d\.[0-9a-f]{{8}}\.gz", first["key"])
    assert f".{first['date']}-{first['time'][:2]}." in first["key"]
    assert first["x-edge-request-id"] == headers["x-amz-cf-id"]
    assert (first["sc-status"], first["x-edge-result-type"], first["sc-content-type"]) == ("200", "Miss", "text/css")
    assert (first["cs-uri-stem"], first["cs-uri-query"], first["cs(User-Agent)"]) == ("/logged.css", "v=1", "a%20browser")
    assert first["ssl-protocol"] == "TLSv1.3" and first["cs-protocol"] == "https"
    assert (second["sc-status"], second["x-edge-result-type"], second["ssl-protocol"]) == ("301", "Redirect", "-")
    assert datetime.date.fromisoformat(first["date"])


def test_a_bucket_without_acls_is_refused(cloud):
    make_bucket(cloud, "BucketOwnerEnforced")
    for bucket in (f"{BUCKET}.s3.amazonaws.com", "meetinity-no-such-bucket.s3.amazonaws.com", BUCKET):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            enable_logging(cloud, bucket)
        assert refused.value.response["Error"]["Code"] == "InvalidArgument", bucket
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        enable_logging(cloud)
    assert "ACL access" in refused.value.response["Error"]["Message"]


def test_no_line_is_lost_or_doubled_by_kill_9(fresh_cloud):
    make_bucket(fresh_cloud, "BucketOwnerPreferred")
    enable_logging(fresh_cloud, protocol="allow-all")
    fresh_cloud.boto("s3").put_object(Bucket=ASSETS, Key="killed.txt", Body=b"x")
    workers, answered, lock, enough = 8, set(), threading.Lock(), threading.Event()
    port, host = fresh_cloud.http_port, fresh_cloud.output("static_assets_cdn_domain")

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            while True:
                connection.request("GET", "/killed.txt", headers={"Host": host})
                response = connection.getresponse()
                assert response.read() == b"x"
                with lock:
                    answered.add(response.headers["x-amz-cf-id"])
                    if len(answered) >= 3_000:
                        enough.set()
        except (OSError, http.client.HTTPException):
            return

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            pool.submit(ask)
        assert enough.wait(30)
        fresh_cloud.kill()
    fresh_cloud.up()
    logged = [line["x-edge-request-id"] for line in delivered(fresh_cloud)]
    assert len(logged) == len(set(logged))
    # Each connection has one request under way at the most: its answer may have left and its line not, or the reverse.
    assert len(answered - set(logged)) <= workers
    assert len(set(logged) - answered) <= workers
