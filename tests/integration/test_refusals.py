"""Bad input gets AWS's code and status."""
import base64
import datetime
import hashlib
import subprocess
import time

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import pytest

BUCKET = "meetinity-local-static-assets"


def refusal(call, *args, **kwargs):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*args, **kwargs)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def curl(*words):
    text = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", *words], capture_output=True, text=True, check=True).stdout
    body, _, status = text.rpartition("\n")
    return int(status), body


def signed(cloud, method="GET", path=f"/{BUCKET}/index.html", body=b"", headers=None, at=None, service="s3", secret=None):
    """curl's words for a request that botocore's own signer signed, at any time and with any secret."""
    settings = cloud.env
    credentials = botocore.credentials.Credentials(settings["AWS_ACCESS_KEY_ID"], secret or settings["AWS_SECRET_ACCESS_KEY"])
    request = botocore.awsrequest.AWSRequest(method=method, url=cloud.endpoint + path, data=body, headers=headers or {})
    signer = (botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth)(credentials, service, "eu-west-1")
    moment = at or datetime.datetime.now(datetime.timezone.utc)

    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return moment.replace(tzinfo=None)

        @classmethod
        def now(cls, tz=None):
            return moment if tz else moment.replace(tzinfo=None)

    original = botocore.auth.datetime
    botocore.auth.datetime = type("module", (), {"datetime": Frozen, "timedelta": datetime.timedelta}) if hasattr(
        original, "datetime") else Frozen
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.datetime = original
    words = ["-X", method]
    for name, value in request.headers.items():
        words += ["-H", f"{name}: {value}"]
    return words, cloud.endpoint + path


def test_unsigned(cloud):
    status, body = curl(f"{cloud.endpoint}/{BUCKET}/index.html")
    assert status == 403 and "<Code>AccessDenied</Code>" in body
    status, body = curl("-d", "Action=GetCallerIdentity&Version=2011-06-15", f"{cloud.endpoint}/")
    assert status in (400, 403, 405)


def test_unknown_key(cloud):
    client = cloud.boto("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x" * 40)
    assert refusal(client.list_buckets) == ("InvalidAccessKeyId", 403)
    client = cloud.boto("sts", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x" * 40)
    assert refusal(client.get_caller_identity) == ("InvalidClientTokenId", 403)


def test_wrong_secret(cloud):
    client = cloud.boto("s3", aws_access_key_id=cloud.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key="x" * 40)
    assert refusal(client.list_buckets) == ("SignatureDoesNotMatch", 403)


def test_skewed_clock(cloud):
    words, url = signed(cloud, at=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20))
    status, body = curl(*words, url)
    assert status == 403 and "<Code>RequestTimeTooSkewed</Code>" in body


def test_expired_presigned_url(fresh_cloud):
    url = fresh_cloud.boto("s3").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "index.html"}, ExpiresIn=60)
    assert curl(url)[0] == 200
    fresh_cloud.meetinity("clock", "advance", "61s")
    status, body = curl(url)
    assert status == 403 and "Request has expired" in body


def test_tampered_body(cloud):
    words, url = signed(cloud, method="PUT", path=f"/{BUCKET}/t", body=b"signed")
    status, body = curl(*words, "--data-binary", "forged", url)
    assert status == 400 and "<Code>XAmzContentSHA256Mismatch</Code>" in body


def test_wrong_checksum(cloud):
    client = cloud.boto("s3")
    assert refusal(client.put_object, Bucket=BUCKET, Key="c", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==") == ("BadDigest", 400)
    assert refusal(client.put_object, Bucket=BUCKET, Key="c", Body=b"x", ChecksumCRC32="AAAAAA==") == ("BadDigest", 400)
    assert refusal(client.head_object, Bucket=BUCKET, Key="c")[1] == 404


def test_unknown_bucket(cloud):
    assert refusal(cloud.boto("s3").list_objects_v2, Bucket="there-is-no-such-bucket") == ("NoSuchBucket", 404)


def test_malformed_xml(cloud):
    digest = base64.b64encode(hashlib.md5(b"<Versioning").digest()).decode()
    words, url = signed(cloud, method="PUT", path=f"/{BUCKET}?versioning", body=b"<Versioning", headers={"Content-MD5": digest})
    status, body = curl(*words, "--data-binary", "<Versioning", url)
    assert status == 400 and "<Code>MalformedXML</Code>" in body


def test_invalid_range(cloud):
    assert refusal(cloud.boto("s3").get_object, Bucket=BUCKET, Key="index.html", Range="bytes=999999-") == ("InvalidRange", 416)


def test_stale_if_match(cloud):
    client = cloud.boto("cloudfront")
    distribution = cloud.output("static_assets_distribution_id")
    config = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    assert refusal(client.update_distribution, Id=distribution, IfMatch="ESTALE", DistributionConfig=config) == ("PreconditionFailed", 412)
    assert refusal(client.delete_distribution, Id=distribution) == ("InvalidIfMatchVersion", 400)


def test_unknown_operation(cloud):
    words, url = signed(cloud, method="POST", path="/", body=b"Action=NoSuchThing&Version=2010-05-08", service="iam",
                        headers={"Content-Type": "application/x-www-form-urlencoded"})
    status, body = curl(*words, "--data-binary", "Action=NoSuchThing&Version=2010-05-08", url)
    assert status == 400 and "<Code>InvalidAction</Code>" in body
