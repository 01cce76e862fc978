"""What S3 promises over several requests: conditions around uploads in parts, paging, encodings, checksums of parts."""
import base64
import hashlib
import urllib.parse
import zlib

import botocore.exceptions
import pytest

BUCKET = "meetinity-stories"
PART = 5 << 20


@pytest.fixture(scope="module")
def s3(_shared_cloud):
    _shared_cloud.meetinity("reset")
    client = _shared_cloud.boto("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.fixture
def sent_headers(s3):
    """Headers for the next requests that this boto3 has no parameter for yet."""
    extra = {}

    def add(request, **_):
        for name, value in extra.items():
            request.headers[name] = value
    s3.meta.events.register("before-sign.s3", add)
    yield extra
    s3.meta.events.unregister("before-sign.s3", add)


def refusal(call, **words):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**words)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def upload_of_one_part(s3, key, body=b"new", **options):
    made = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **options)["UploadId"]
    sent = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=made, PartNumber=1, Body=body)
    return {"Bucket": BUCKET, "Key": key, "UploadId": made,
            "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]}}


def test_an_upload_unless_the_key_is_there(s3, sent_headers):
    unhurried, hurried = upload_of_one_part(s3, "once"), upload_of_one_part(s3, "once")
    sent_headers["If-None-Match"] = "*"
    s3.complete_multipart_upload(**hurried)
    assert refusal(s3.complete_multipart_upload, **unhurried) == ("PreconditionFailed", 412)
    sent_headers.clear()
    s3.delete_object(Bucket=BUCKET, Key="once")
    sent_headers["If-None-Match"] = "*"
    # The condition holds again, but the key was written and deleted meanwhile: whoever began before must begin anew.
    assert refusal(s3.complete_multipart_upload, **unhurried) == ("ConditionalRequestConflict", 409)
    assert s3.complete_multipart_upload(**upload_of_one_part(s3, "once"))["ETag"]


def test_an_upload_over_what_is_meant(s3, sent_headers):
    first = s3.put_object(Bucket=BUCKET, Key="over", Body=b"1")["ETag"]
    upload = upload_of_one_part(s3, "over")
    second = s3.put_object(Bucket=BUCKET, Key="over", Body=b"2")["ETag"]
    sent_headers["If-Match"] = first
    assert refusal(s3.complete_multipart_upload, **upload) == ("PreconditionFailed", 412)
    sent_headers["If-Match"] = second
    assert refusal(s3.complete_multipart_upload, **upload) == ("ConditionalRequestConflict", 409)
    sent_headers.clear()
    fresh = upload_of_one_part(s3, "over")
    sent_headers["If-Match"] = second
    s3.complete_multipart_upload(**fresh)
    sent_headers.clear()
    assert s3.get_object(Bucket=BUCKET, Key="over")["Body"].read() == b"new"


def test_a_completion_is_answered_again(s3):
    upload = upload_of_one_part(s3, "twice")
    first, second = s3.complete_multipart_upload(**upload), s3.complete_multipart_upload(**upload)
    assert first["ETag"] == second["ETag"]
    upload["MultipartUpload"] = {"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}
    assert refusal(s3.complete_multipart_upload, **upload) == ("NoSuchUpload", 404)


def test_an_aborted_upload_is_gone(s3):
    upload = upload_of_one_part(s3, "aborted")
    answer = s3.abort_multipart_upload(Bucket=BUCKET, Key="aborted", UploadId=upload["UploadId"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refusal(s3.complete_multipart_upload, **upload) == ("NoSuchUpload", 404)
    assert refusal(s3.abort_multipart_upload, Bucket=BUCKET, Key="aborted", UploadId=upload["UploadId"]) == ("NoSuchUpload", 404)
    assert not s3.list_multipart_uploads(Bucket=BUCKET, Prefix="aborted").get("Uploads")


def test_a_deletion_of_what_is_meant(s3, sent_headers):
    etag = s3.put_object(Bucket=BUCKET, Key="doomed", Body=b"x")["ETag"]
    sent_headers["If-Match"] = '"0123"'
    assert refusal(s3.delete_object, Bucket=BUCKET, Key="doomed") == ("PreconditionFailed", 412)
    sent_headers["If-Match"] = etag
    assert s3.delete_object(Bucket=BUCKET, Key="doomed")["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("algorithm, of", [("SHA256", hashlib.sha256), ("SHA1", hashlib.sha1)])
def test_a_composite_checksum_is_one_of_checksums(s3, algorithm, of):
    key, bodies = f"composite-{algorithm}", [b"a" * PART, b"b"]
    made = s3.create_multipart_upload(Bucket=BUCKET, Key=key, ChecksumAlgorithm=algorithm)["UploadId"]
    name, parts = f"Checksum{algorithm}", []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=made, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": sent["ETag"], name: sent[name]})
    done = s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=made, MultipartUpload={"Parts": parts})
    digests = b"".join(of(body).digest() for body in bodies)
    expected = base64.b64encode(of(digests).digest()).decode() + "-2"
    assert done[name] == expected
    assert s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")[name] == expected
    listed = s3.get_object_attributes(Bucket=BUCKET, Key=key, ObjectAttributes=["ObjectParts"])["ObjectParts"]["Parts"]
    assert [part[name] for part in listed] == [part[name] for part in parts]


def test_a_checksum_of_the_full_object_is_that_of_one_upload(s3, sent_headers):
    bodies = [b"a" * PART, b"b"]
    sent_headers.update({"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"})
    made = s3.create_multipart_upload(Bucket=BUCKET, Key="full")["UploadId"]
    sent_headers.clear()
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(Bucket=BUCKET, Key="full", UploadId=made, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    done = s3.complete_multipart_upload(Bucket=BUCKET, Key="full", UploadId=made, MultipartUpload={"Parts": parts})
    assert done["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"".join(bodies)).to_bytes(4, "big")).decode()


KEYS = sorted(["a b", "a+b", "folder/é", "folder/ü&", "tab\tkey", "z<>", "z/1", "z/2"], key=str.encode)


def fill(s3, prefix):
    for key in KEYS:
        s3.put_object(Bucket=BUCKET, Key=prefix + key, Body=b"")


def test_pages_of_the_first_listing(s3):
    fill(s3, "v1/")
    marker, seen = "", []
    while True:
        page = s3.list_objects(Bucket=BUCKET, Prefix="v1/", Delimiter="/", MaxKeys=2, Marker=marker, EncodingType="url")
        entries = [found["Key"] for found in page.get("Contents", [])] + [found["Prefix"] for found in page.get("CommonPrefixes", [])]
        assert len(entries) <= 2
        seen += entries
        if not page["IsTruncated"]:
            break
        marker = urllib.parse.unquote_plus(page["NextMarker"])
    decoded = sorted((urllib.parse.unquote_plus(key) for key in seen), key=str.encode)
    assert decoded == sorted(["v1/a b", "v1/a+b", "v1/folder/", "v1/tab\tkey", "v1/z/", "v1/z<>"], key=str.encode)
    assert "v1/a+b" in seen and "v1/a%2Bb" in seen  # a space is a plus, and a plus is encoded


def test_any_key_survives_every_listing(s3):
    fill(s3, "v2/")
    expected = ["v2/" + key for key in KEYS]
    for size in (1, 3, 1000):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="v2/", PaginationConfig={"PageSize": size})
        assert [found["Key"] for page in pages for found in page.get("Contents", [])] == expected
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix="v2/", PaginationConfig={"PageSize": size})
        assert [found["Key"] for page in pages for found in page.get("Versions", [])] == expected


def test_a_page_starts_after_a_key_until_there_is_a_token(s3):
    fill(s3, "after/")
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="after/", StartAfter="after/a+b", MaxKeys=1)
    assert [found["Key"] for found in page["Contents"]] == ["after/folder/é"]
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="after/", StartAfter="after/zz", MaxKeys=1,
                              ContinuationToken=page["NextContinuationToken"])
    assert [found["Key"] for found in page["Contents"]] == ["after/folder/ü&"]


def test_a_bucket_with_markers_only_is_not_empty(s3):
    s3.create_bucket(Bucket=BUCKET + "-markers", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=BUCKET + "-markers", VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket=BUCKET + "-markers", Key="a")["VersionId"]
    with pytest.raises(botocore.exceptions.ClientError, match="must delete all versions"):
        s3.delete_bucket(Bucket=BUCKET + "-markers")
    s3.delete_object(Bucket=BUCKET + "-markers", Key="a", VersionId=marker)
    s3.delete_bucket(Bucket=BUCKET + "-markers")
