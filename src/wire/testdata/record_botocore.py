#!/usr/bin/python3
"""Records what botocore sends, signed at a fixed time, as text for sigv4_test.cc.

    src/wire/testdata/record_botocore.py > src/wire/testdata/botocore_requests.txt

A block is: "== name service body-base64", the head's lines, an empty line.
"""

import base64
import datetime
import io
import os
import urllib.parse

os.environ["BOTO_DISABLE_CRT"] = "true"  # the C signer takes its time from elsewhere

import botocore.auth
import botocore.awsrequest
import botocore.session

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "eu-west-1"


class FixedDatetime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(2024, 1, 1, 3, 0, 0)


class FixedModule:
    datetime = FixedDatetime

    def __getattr__(self, name):
        return getattr(datetime, name)


botocore.auth.datetime = FixedModule()


def body_of(request):
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, (bytes, bytearray)) else body.read()


def emit(name, service, request):
    url = urllib.parse.urlsplit(request.url)
    target = (url.path or "/") + ("?" + url.query if url.query else "")
    body = body_of(request)
    print(f"== {name} {service} {base64.b64encode(body).decode() or '-'}")
    print(f"{request.method} {target} HTTP/1.1")
    headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
    if "host" not in {k.lower() for k in headers}:
        print(f"Host: {url.netloc}")
    for key, value in headers.items():
        if key.startswith("amz-sdk-"):  # unsigned, and different each time
            continue
        print(f"{key}: {value}")
    print()


def record(name, service, operation, endpoint, token=None, region=REGION, s3=None, **params):
    session = botocore.session.Session()
    session.set_credentials(ACCESS_KEY, SECRET_KEY, token)
    config = botocore.config.Config(s3=s3 or {"addressing_style": "path"}, retries={"max_attempts": 0},
                                     user_agent="Botocore/1.29.27")
    client = session.create_client(service, region_name=region, endpoint_url=endpoint, config=config)

    def capture(request, **_):
        emit(name, client.meta.service_model.signing_name or service, request)
        return botocore.awsrequest.AWSResponse(request.url, 500, {}, io.BytesIO(b""))

    client.meta.events.register("before-send", capture)
    try:
        getattr(client, operation)(**params)
    except Exception:  # the canned answer is no answer; the request is recorded by now
        pass


def presign(name, operation, params, expires=3600, **config):
    session = botocore.session.Session()
    session.set_credentials(ACCESS_KEY, SECRET_KEY, config.pop("token", None))
    client = session.create_client(
        "s3", region_name=REGION, endpoint_url="http://localhost:4566",
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    url = client.generate_presigned_url(operation, Params=params, ExpiresIn=expires)
    emit(name, "s3", botocore.awsrequest.AWSPreparedRequest("GET", url, {}, None, False))


HTTP = "http://localhost:4566"
HTTPS = "https://localhost:4566"
record("sts-identity", "sts", "get_caller_identity", HTTP)
record("sts-identity-session", "sts", "get_caller_identity", HTTP, token="FwoGZXIvYXdzEXAMPLE//token+1==")
record("iam-create-user", "iam", "create_user", HTTP, region="us-east-1", UserName="alice", Path="/team a/")
record("acm-list", "acm", "list_certificates", HTTP, CertificateStatuses=["ISSUED"])
record("cloudfront-invalidate", "cloudfront", "create_invalidation", HTTP, region="us-east-1", DistributionId="E1ABC",
       InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "r1"})
record("cloudfront-tags", "cloudfront", "list_tags_for_resource", HTTP, region="us-east-1",
       Resource="arn:aws:cloudfront::123456789012:distribution/E1ABC")
record("s3-list-buckets", "s3", "list_buckets", HTTP)
record("s3-list-v2", "s3", "list_objects_v2", HTTP, Bucket="assets", Prefix="a b/+&=ü", Delimiter="/",
       StartAfter="z?", ContinuationToken="to//ken==")
record("s3-get-odd-key", "s3", "get_object", HTTP, Bucket="assets", Key="a//b/../c d+e~(ü)!*'@:=&$,;.txt")
record("s3-get-range", "s3", "get_object", HTTP, Bucket="assets", Key="index.html", Range="bytes=0-9")
record("s3-get-virtual", "s3", "get_object", "http://s3.localhost:4566", s3={"addressing_style": "virtual"},
       Bucket="assets", Key="index.html")
record("s3-put-hashed", "s3", "put_object", HTTP, Bucket="assets", Key="a.txt", Body=b"hello world",
       Metadata={"colour": "dark   blue", "empty": ""}, ContentType="text/plain")
record("s3-put-unsigned", "s3", "put_object", HTTPS, Bucket="assets", Key="a.txt", Body=b"hello world")
record("s3-put-trailer", "s3", "put_object", HTTPS, Bucket="assets", Key="a.txt", Body=b"hello world",
       ChecksumAlgorithm="CRC32")
record("s3-put-checksum", "s3", "put_object", HTTP, Bucket="assets", Key="a.txt", Body=b"hello world",
       ChecksumAlgorithm="SHA256")
record("s3-put-session", "s3", "put_object", HTTP, token="FwoGZXIvYXdzEXAMPLE//token+1==", Bucket="assets",
       Key="a.txt", Body=b"hello world")
record("s3-delete-objects", "s3", "delete_objects", HTTP, Bucket="assets",
       Delete={"Objects": [{"Key": "a&b"}, {"Key": "c"}]})
presign("s3-presigned-get", "get_object", {"Bucket": "assets", "Key": "a b+c.txt"})
presign("s3-presigned-override", "get_object", {"Bucket": "assets", "Key": "a.txt",
                                                "ResponseContentDisposition": 'attachment; filename="a b.txt"'})
presign("s3-presigned-session", "get_object", {"Bucket": "assets", "Key": "a.txt"},
        token="FwoGZXIvYXdzEXAMPLE//token+1==")
