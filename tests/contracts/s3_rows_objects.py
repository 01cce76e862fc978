"""Objects: reads, writes, conditions, ranges, versions, copies, checksums."""
import base64
import hashlib
import zlib

from contracts.s3_world import (BUCKET, CONTENT, ETAG, OTHER_ETAG, PART, SUSPENDED, VERSIONED, Row, call, delete, get, head,
                                put)

MISSING, UNKNOWN_VERSION = "never-there", "b" * 32
HTTP_PAST, HTTP_FUTURE = "Mon, 01 Jan 2018 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
CRC32 = base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()
SHA256 = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
BOTH = {"x_amz_checksum_crc32": CRC32, "x_amz_checksum_sha256": SHA256}



def tag(key, value="v"):
    document = f"<Tagging><TagSet><Tag><Key>{key}</Key><Value>{value}</Value></Tag></TagSet></Tagging>"
    return put("a", "tagging", body=document.encode())


READS = [
    Row("a missing key", get(MISSING), 404, "NoSuchKey", {"Key": MISSING}),
    Row("a missing key, HEAD", head(MISSING), 404),
    Row("a missing bucket", get("a", bucket="meetinity-not-there"), 404, "NoSuchBucket", {"BucketName": "meetinity-not-there"}),
    Row("a range", get(range="bytes=2-4"), 206, headers={"content-range": "bytes 2-4/10", "content-length": "3"}),
    Row("a range from the end", get(range="bytes=-3"), 206, headers={"content-range": "bytes 7-9/10"}),
    Row("a range beyond the end", get(range="bytes=10-"), 416, "InvalidRange", {"ActualObjectSize": "10", "RangeRequested": "bytes=10-"}),
    Row("a range of no bytes", get(range="bytes=-0"), 416, "InvalidRange", {"ActualObjectSize": "10"}),
    Row("a range that is none", get(range="bytes=5-2"), 200, headers={"content-length": "10", "content-range": None}),
    Row("several ranges", get(range="bytes=0-1,3-4"), 200, headers={"content-length": "10", "content-range": None}),
    Row("a range and a part", get(query="partNumber=1", range="bytes=0-1"), 400, "InvalidRequest",
        says="Cannot specify both Range header and partNumber query parameter"),
    Row("part 0", get(query="partNumber=0"), 400, "InvalidArgument"),
    Row("part 10001", get(query="partNumber=10001"), 400, "InvalidArgument"),
    Row("part 2 of one", get(query="partNumber=2"), 416, "InvalidPartNumber", {"ActualPartCount": "1"}),
    Row("part 3 of two", get("parts", "partNumber=3"), 416, "InvalidPartNumber", {"PartNumberRequested": "3", "ActualPartCount": "2"}),
    Row("part 2 of two", get("parts", "partNumber=2"), 206,
        headers={"content-range": f"bytes {PART}-{PART}/{PART + 1}", "x-amz-mp-parts-count": "2", "content-length": "1"}),
    Row("part 1 of two, HEAD", head("parts", "partNumber=1"), 206,
        headers={"content-length": str(PART), "x-amz-mp-parts-count": "2"}),
    Row("other headers than the kept ones",
        get(query="response-content-type=text/x-other&response-cache-control=no-store&response-content-disposition=attachment"),
        200, headers={"content-type": "text/x-other", "cache-control": "no-store", "content-disposition": "attachment"}),
    Row("no checksum that was not asked for", get(), 200, headers={"x-amz-checksum-crc64nvme": None, "x-amz-checksum-crc32": None}),
    Row("encryption is said", get(), 200, headers={"x-amz-server-side-encryption": "AES256"}),
    Row("a composite checksum", head("parts", x_amz_checksum_mode="ENABLED"), 200, headers={"x-amz-checksum-type": "COMPOSITE"}),
]

CONDITIONS = [
    Row("If-Match that holds", get(if_match=ETAG), 200),
    Row("If-Match that fails", get(if_match=OTHER_ETAG), 412, "PreconditionFailed", {"Condition": "If-Match"}),
    Row("If-None-Match that fails", get(if_none_match=ETAG), 304, headers={"etag": ETAG}),
    Row("If-None-Match that holds", get(if_none_match=OTHER_ETAG), 200),
    Row("If-Modified-Since that fails", get(if_modified_since=HTTP_FUTURE), 304),
    Row("If-Modified-Since that holds", get(if_modified_since=HTTP_PAST), 200),
    Row("If-Unmodified-Since that fails", get(if_unmodified_since=HTTP_PAST), 412, "PreconditionFailed",
        {"Condition": "If-Unmodified-Since"}),
    Row("If-Match beats If-Unmodified-Since", get(if_match=ETAG, if_unmodified_since=HTTP_PAST), 200),
    Row("If-None-Match beats If-Modified-Since", get(if_none_match=OTHER_ETAG, if_modified_since=HTTP_FUTURE), 200),
    Row("a write where something is", put("a", if_none_match="*"), 412, "PreconditionFailed", {"Condition": "If-None-Match"}),
    Row("a write unless it is this", put("a", if_none_match=ETAG), 501, "NotImplemented", {"Header": "If-None-Match"}),
    Row("a write over anything", put("a", if_match="*"), 501, "NotImplemented", {"Header": "If-Match"}),
    Row("a write with both conditions", put("a", if_match=ETAG, if_none_match="*"), 501, "NotImplemented"),
    Row("a write over another", put("a", if_match=OTHER_ETAG), 412, "PreconditionFailed", {"Condition": "If-Match"}),
    Row("a write over what is meant", put("a", if_match=ETAG), 200, headers={"etag": ETAG}),
    Row("a write over nothing", put(MISSING, if_match=ETAG), 404, "NoSuchKey", {"Key": MISSING}),
    Row("a write over a delete marker", put("gone", bucket=VERSIONED, if_match=ETAG), 404, "NoSuchKey"),
    Row("a deletion of another", delete("a", if_match=OTHER_ETAG), 412, "PreconditionFailed", {"Condition": "If-Match"}),
    Row("a deletion by size", delete("a", x_amz_if_match_size="10"), 501, "NotImplemented"),
    Row("a copy of another", put(body=b"", x_amz_copy_source=f"{BUCKET}/a", x_amz_copy_source_if_match=OTHER_ETAG), 412,
        "PreconditionFailed", {"Condition": "x-amz-copy-source-If-Match"}),
    Row("a copy unless it is this", put(body=b"", x_amz_copy_source=f"{BUCKET}/a", x_amz_copy_source_if_none_match=ETAG), 412,
        "PreconditionFailed", {"Condition": "x-amz-copy-source-If-None-Match"}),
    Row("a copy if newer", put(body=b"", x_amz_copy_source=f"{BUCKET}/a", x_amz_copy_source_if_modified_since=HTTP_FUTURE), 412,
        "PreconditionFailed", {"Condition": "x-amz-copy-source-If-Modified-Since"}),
    Row("a copy if older", put(body=b"", x_amz_copy_source=f"{BUCKET}/a", x_amz_copy_source_if_unmodified_since=HTTP_PAST), 412,
        "PreconditionFailed", {"Condition": "x-amz-copy-source-If-Unmodified-Since"}),
    Row("a copy where something is", put("sub/b", body=b"", x_amz_copy_source=f"{BUCKET}/a", if_none_match="*"), 412,
        "PreconditionFailed", {"Condition": "If-None-Match"}),
]

COPIES = [
    Row("a copy onto itself", put("a", body=b"", x_amz_copy_source=f"{BUCKET}/a"), 400, "InvalidRequest",
        says="without changing the object's metadata"),
    Row("a copy onto itself with other metadata", put("sub/b", body=b"", x_amz_copy_source=f"/{BUCKET}/sub%2Fb",
                                                      x_amz_metadata_directive="REPLACE"), 200, elements={"ETag": "&quot;" + ETAG[1:-1] + "&quot;"}),
    Row("a copy of nothing", put(body=b"", x_amz_copy_source=f"{BUCKET}/{MISSING}"), 404, "NoSuchKey", {"Key": MISSING}),
    Row("a copy from no bucket", put(body=b"", x_amz_copy_source="meetinity-not-there/a"), 404, "NoSuchBucket"),
    Row("a copy of a bucket", put(body=b"", x_amz_copy_source=BUCKET), 400, "InvalidArgument"),
    Row("a copy of a delete marker", put(body=b"", x_amz_copy_source=f"{VERSIONED}/gone?versionId={{marker}}"), 400, "InvalidRequest",
        says="delete marker"),
    Row("a copy with an unknown directive", put(body=b"", x_amz_copy_source=f"{BUCKET}/a", x_amz_metadata_directive="MERGE"), 400,
        "InvalidArgument", says="Unknown metadata directive."),
]

VERSIONS = [
    Row("no version id", get(query="versionId=x", bucket=VERSIONED), 400, "InvalidArgument",
        {"ArgumentName": "versionId", "ArgumentValue": "x"}, says="Invalid version id specified"),
    Row("an unknown version", get(query=f"versionId={UNKNOWN_VERSION}", bucket=VERSIONED), 404, "NoSuchVersion",
        {"Key": "a", "VersionId": UNKNOWN_VERSION}),
    Row("a version", get(query="versionId={version}", bucket=VERSIONED), 200, headers={"etag": ETAG}),
    Row("a delete marker is current", get("gone", bucket=VERSIONED), 404, "NoSuchKey", headers={"x-amz-delete-marker": "true"}),
    Row("a delete marker by its version", get("gone", "versionId={marker}", bucket=VERSIONED), 405, "MethodNotAllowed",
        headers={"allow": "DELETE", "x-amz-delete-marker": "true"}),
    Row("no version id where none ever was", get(), 200, headers={"x-amz-version-id": None}),
    Row("a bucket that is not empty", delete(), 409, "BucketNotEmpty", {"BucketName": BUCKET}),
    Row("a null version in a suspended bucket", put("n", bucket=SUSPENDED), 200),
    Row("that version by its name", get("n", "versionId=null", bucket=SUSPENDED), 200, headers={"x-amz-version-id": "null"}),
    Row("a deletion leaves a null marker", delete("n", bucket=SUSPENDED), 204,
        headers={"x-amz-delete-marker": "true", "x-amz-version-id": "null"}),
    Row("the null version is gone with it", get("n", "versionId=null", bucket=SUSPENDED), 405, "MethodNotAllowed"),
    Row("older versions stay", get("a", bucket=SUSPENDED), 200, headers={"etag": ETAG}),
]

WRITES = [
    Row("a key of 1025 bytes", put("k" * 1025), 400, "KeyTooLongError", {"MaxSizeAllowed": "1024", "Size": "1025"}),
    Row("metadata of more than 2 KiB", put(x_amz_meta_a="v" * 2048), 400, "MetadataTooLarge", {"MaxSizeAllowed": "2048"}),
    Row("eleven tags", put(x_amz_tagging="&".join(f"t{n}=v" for n in range(11))), 400, "BadRequest", says="cannot be greater than 10"),
    Row("a tag twice", put(x_amz_tagging="a=1&a=2"), 400, "InvalidArgument"),
    Row("a tag of 129 characters", tag("k" * 129), 400, "InvalidTag", says="The TagKey you have provided is invalid"),
    Row("a tag's value of 257 characters", tag("k", "v" * 257), 400, "InvalidTag", {"TagKey": "k"}),
    Row("a tag of the system's", tag("aws:k"), 400, "InvalidTag"),
    Row("an unknown storage class", put(x_amz_storage_class="COLD"), 400, "InvalidStorageClass"),
    Row("an unknown encryption", put(x_amz_server_side_encryption="ROT13"), 400, "InvalidEncryptionAlgorithmError"),
    Row("a Content-MD5 that is none", put(content_md5="bm90IGFuIG1kNQ=="), 400, "InvalidDigest"),
    Row("another Content-MD5", put(content_md5="1B2M2Y8AsgTpgAmY7PhCfg=="), 400, "BadDigest"),
    Row("another checksum", put(x_amz_checksum_crc32="AAAAAA=="), 400, "BadDigest", says="did not match the calculated checksum"),
    Row("a checksum that is none", put(x_amz_checksum_crc32="AAAA"), 400, "InvalidRequest",
        says="Value for x-amz-checksum-crc32 header is invalid"),
    Row("two checksums", put(**BOTH), 400, "InvalidRequest"),
    Row("a checksum", put(x_amz_checksum_sha256=SHA256), 200, headers={"x-amz-checksum-sha256": SHA256, "x-amz-checksum-type": "FULL_OBJECT"}),
    Row("a checksum that is asked for later", get("new", x_amz_checksum_mode="ENABLED"), 200, headers={"x-amz-checksum-sha256": SHA256}),
    Row("an owner that is no account", put(x_amz_expected_bucket_owner="me"), 400, "InvalidBucketOwnerAWSAccountID"),
    Row("another owner than expected", put(x_amz_expected_bucket_owner="210987654321"), 403, "AccessDenied"),
    Row("the owner that is expected", put(x_amz_expected_bucket_owner="123456789012"), 200),
    Row("attributes", call("GET", f"/{BUCKET}/parts", "attributes", x_amz_object_attributes="ETag,ObjectSize,Checksum,ObjectParts,StorageClass"),
        200, elements={"ObjectSize": str(PART + 1), "PartsCount": "2", "StorageClass": "STANDARD", "ChecksumType": "COMPOSITE"}),
    Row("attributes that there are not", call("GET", f"/{BUCKET}/a", "attributes", x_amz_object_attributes="Colour"), 400, "InvalidArgument"),
    Row("no attributes", call("GET", f"/{BUCKET}/a", "attributes"), 400, "InvalidRequest"),
]

ROWS = {"reads": READS, "conditions": CONDITIONS, "copies": COPIES, "versions": VERSIONS, "writes": WRITES}
