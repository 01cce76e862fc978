"""Server access logs arrive in their target bucket, a line a request, also when the cloud is killed in between."""
import concurrent.futures
import datetime
import json
import re
import threading
import urllib.error
import urllib.request

import botocore.exceptions
import pytest

from security import sigv4

SOURCE, TARGET = "meetinity-local-logged", "meetinity-local-logs"
FIELDS = ("owner bucket time ip requester request_id operation key uri status error sent size total turn_around referer "
          "agent version host_id signature cipher authentication host tls access_point acl_required").split()
FIELD = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')


def make_buckets(cloud, ownership="BucketOwnerEnforced"):
    s3 = cloud.boto("s3")
    for name in (SOURCE, TARGET):
        s3.create_bucket(Bucket=name, ObjectOwnership=ownership,
                         CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    return s3


def allow_delivery(s3, prefix="logs/"):
    s3.put_bucket_policy(Bucket=TARGET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{TARGET}/{prefix}*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{SOURCE}"},
                      "StringEquals": {"aws:SourceAccount": "123456789012"}}}]}))


def enable(s3, **more):
    s3.put_bucket_logging(Bucket=SOURCE, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": TARGET, "TargetPrefix": "logs/", **more}})


def delivered(cloud, prefix="logs/"):
    """Every line in the target bucket, by the names of its fields; asks for a delivery first."""
    cloud.meetinity("clock", "advance", "1s")
    s3 = cloud.boto("s3")
    lines = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=TARGET, Prefix=prefix):
        for item in page.get("Contents", []):
            text = s3.get_object(Bucket=TARGET, Key=item["Key"])["Body"].read().decode()
            assert text.endswith("\n")
            for row in text.splitlines():
                values = FIELD.findall(row)
                assert len(values) == len(FIELDS), row
                lines.append({"object": item["Key"], **dict(zip(FIELDS, values))})
    return lines


def test_a_line_tells_what_was_asked_and_answered(cloud):
    s3 = make_buckets(cloud)
    allow_delivery(s3)
    enable(s3)
    put = s3.put_object(Bucket=SOURCE, Key="a file.txt", Body=b"x" * 1000)
    s3.get_object(Bucket=SOURCE, Key="a file.txt", Range="bytes=0-9")["Body"].read()
    big = b"y" * 300_000
    s3.put_object(Bucket=SOURCE, Key="big", Body=big)
    assert s3.get_object(Bucket=SOURCE, Key="big")["Body"].read() == big
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{cloud.endpoint}/{SOURCE}/big", timeout=30)
    with pytest.raises(botocore.exceptions.ClientError):
        s3.get_object(Bucket=SOURCE, Key="missing")
    url = s3.generate_presigned_url("head_object", Params={"Bucket": SOURCE, "Key": "big"})
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=30):
        pass
    s3.copy_object(Bucket=TARGET, Key="copied", CopySource={"Bucket": SOURCE, "Key": "big"})
    s3.delete_objects(Bucket=SOURCE, Delete={"Objects": [{"Key": "a file.txt"}, {"Key": "never"}]})

    lines = delivered(cloud)
    assert all(line["owner"] == s3.list_buckets()["Owner"]["ID"] and line["bucket"] == SOURCE for line in lines)
    told = [(line["operation"], line["key"], line["status"], line["error"], line["sent"], line["size"]) for line in lines]
    missing = [line for line in told if line[3] == "NoSuchKey"]
    assert len(missing) == 1 and missing[0][:3] == ("REST.GET.OBJECT", "missing", "404") and int(missing[0][4]) > 0
    refused = [line for line in lines if line["error"] == "AccessDenied"]
    assert len(refused) == 1 and (refused[0]["status"], refused[0]["requester"], refused[0]["signature"]) == ("403", "-", "-")
    for expected in [("REST.PUT.OBJECT", "a%20file.txt", "200", "-", "-", "1000"),
                     ("REST.GET.OBJECT", "a%20file.txt", "206", "-", "10", "1000"),
                     ("REST.GET.OBJECT", "big", "200", "-", "300000", "300000"),
                     ("REST.HEAD.OBJECT", "big", "200", "-", "-", "300000"),
                     ("BATCH.DELETE.OBJECT", "a%20file.txt", "204", "-", "-", "-"),
                     ("REST.COPY.OBJECT_GET", "big", "200", "-", "-", "300000"),
                     ("BATCH.DELETE.OBJECT", "never", "204", "-", "-", "-")]:
        assert told.count(expected) == 1, (expected, told)
    first = next(line for line in lines if line["operation"] == "REST.PUT.OBJECT")
    assert first["request_id"] == put["ResponseMetadata"]["RequestId"]
    assert first["host_id"] == put["ResponseMetadata"]["HostId"]
    assert first["uri"] == f'"PUT /{SOURCE}/a%20file.txt HTTP/1.1"'
    assert (first["signature"], first["authentication"]) == ("SigV4", "AuthHeader")
    assert first["host"] == f"127.0.0.1:{cloud.api_port}" and "Boto3" in first["agent"]
    assert datetime.datetime.strptime(first["time"], "[%d/%b/%Y:%H:%M:%S +0000]")
    assert int(first["total"]) >= 0 and first["ip"] == "127.0.0.1"
    head = next(line for line in lines if line["operation"] == "REST.HEAD.OBJECT")
    assert head["authentication"] == "QueryString"
    assert re.fullmatch(r"logs/\d{4}(-\d\d){5}-[0-9A-F]{16}", first["object"])


def test_a_target_must_let_logs_in(cloud):
    s3 = make_buckets(cloud)
    for target in ("meetinity-no-such-bucket", TARGET):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            enable(s3, TargetBucket=target)
        assert refused.value.response["Error"]["Code"] == "InvalidTargetBucketForLogging", target
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=SOURCE)
    allow_delivery(s3)
    enable(s3)
    assert s3.get_bucket_logging(Bucket=SOURCE)["LoggingEnabled"] == {"TargetBucket": TARGET, "TargetPrefix": "logs/"}
    grants = [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "READ"}]
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        enable(s3, TargetGrants=grants)
    assert refused.value.response["Error"]["Code"] == "AccessControlListNotSupported"
    s3.put_bucket_logging(Bucket=SOURCE, BucketLoggingStatus={})
    s3.head_bucket(Bucket=SOURCE)
    assert [line["operation"] for line in delivered(cloud)] == [
        "REST.GET.LOGGING_STATUS", "REST.PUT.LOGGING_STATUS", "REST.PUT.LOGGING_STATUS"]


def test_lists_and_partitioned_keys(cloud):
    s3 = make_buckets(cloud, "BucketOwnerPreferred")
    s3.delete_public_access_block(Bucket=SOURCE)
    s3.put_bucket_acl(Bucket=TARGET, ACL="log-delivery-write")
    document = (f"<BucketLoggingStatus><LoggingEnabled><TargetBucket>{TARGET}</TargetBucket><TargetPrefix>logs/</TargetPrefix>"
                "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource>"
                "</PartitionedPrefix></TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>")
    assert cloud.signed("s3", sigv4.Request("PUT", f"/{SOURCE}", [("logging", "")], body=document.encode())).status == 200
    s3.put_object(Bucket=SOURCE, Key="open", Body=b"x", ACL="public-read")
    with urllib.request.urlopen(f"{cloud.endpoint}/{SOURCE}/open", timeout=30) as answer:
        assert answer.read() == b"x"
    lines = {line["operation"]: line for line in delivered(cloud)}
    assert lines["REST.GET.OBJECT"]["acl_required"] == "Yes"
    assert lines["REST.PUT.OBJECT"]["acl_required"] == "-"
    region = s3.meta.region_name
    assert re.fullmatch(rf"logs/123456789012/{region}/{SOURCE}/(\d{{4}})/(\d\d)/(\d\d)/\1-\2-\3-00-00-00-[0-9A-F]{{16}}",
                        lines["REST.GET.OBJECT"]["object"])


def test_no_line_is_lost_or_doubled_by_kill_9(fresh_cloud):
    s3 = make_buckets(fresh_cloud)
    allow_delivery(s3)
    enable(s3)
    workers, answered, lock, enough = 8, set(), threading.Lock(), threading.Event()

    def ask():
        client = fresh_cloud.boto("s3")
        try:
            while True:
                answer = client.put_object(Bucket=SOURCE, Key="killed", Body=b"x")
                with lock:
                    answered.add(answer["ResponseMetadata"]["RequestId"])
                    if len(answered) >= 400:
                        enough.set()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            pool.submit(ask)
        assert enough.wait(60)
        fresh_cloud.kill()
    fresh_cloud.up()
    logged = [line["request_id"] for line in delivered(fresh_cloud) if line["operation"] == "REST.PUT.OBJECT"]
    assert len(logged) == len(set(logged))
    # A line is written before its answer leaves; so the reverse is one a worker at the most.
    assert answered <= set(logged)
    assert len(set(logged) - answered) <= workers
    assert len(delivered(fresh_cloud)) >= len(logged), "and a second delivery leaves what the first brought"
