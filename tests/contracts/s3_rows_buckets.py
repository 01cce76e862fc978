"""Buckets, their settings, listings and uploads in parts."""
from contracts.s3_world import (ACCOUNT, BUCKET, CONTENT, OTHER_ETAG, STRANGER, SUSPENDED, VERSIONED, Row, call, complete,
                                configure, content_md5, delete, listing, put)

NO_BUCKET = "meetinity-not-there"


def create(name, document=b"", **headers):
    return call("PUT", f"/{name}", body=document, **headers)


def location(name):
    return f"<CreateBucketConfiguration><LocationConstraint>{name}</LocationConstraint></CreateBucketConfiguration>".encode()


def name_rows():
    names = ("ab", "a" * 64, "Upper-Case", "under_score", "two..dots", "192.168.5.4", "-first", "last-", "xn--name", "sthree-name",
             "amzn-s3-demo-name", "name-s3alias", "name--ol-s3", "name.mrap", "name--x-s3")
    return [Row(f"the name {name[:20]}", create(name, location("eu-west-1")), 400, "InvalidBucketName") for name in names]


def delete_list(count):
    objects = "".join(f"<Object><Key>never/{number}</Key></Object>" for number in range(count))
    return f"<Delete>{objects}</Delete>".encode()


BUCKETS = [
    *name_rows(),
    Row("one's own bucket again", create(BUCKET, location("eu-west-1")), 409, "BucketAlreadyOwnedByYou", {"BucketName": BUCKET}),
    Row("another region", create("meetinity-elsewhere", location("eu-central-1")), 400, "IllegalLocationConstraintException"),
    Row("no region", create("meetinity-elsewhere", location("mars-1")), 400, "InvalidLocationConstraint", {"LocationConstraint": "mars-1"}),
    Row("no location, away from us-east-1", create("meetinity-elsewhere"), 400, "IllegalLocationConstraintException"),
    Row("the old name of eu-west-1", create("meetinity-europe", location("EU")), 200),
    Row("an empty bucket", delete(bucket="meetinity-europe"), 204),
    Row("no bucket, HEAD", call("HEAD", f"/{NO_BUCKET}"), 404),
    Row("the region of a bucket", call("HEAD", f"/{BUCKET}"), 200, headers={"x-amz-bucket-region": "eu-west-1"}),
    Row("where a bucket is", listing("location"), 200, elements={"LocationConstraint": "eu-west-1"}),
    Row("the owner that is expected", listing("list-type=2", x_amz_expected_bucket_owner=ACCOUNT), 200),
    Row("another owner", listing("list-type=2", x_amz_expected_bucket_owner=STRANGER), 403, "AccessDenied"),
    Row("1001 deletions", call("POST", f"/{BUCKET}", "delete", delete_list(1001)), 400, "MalformedXML"),
    Row("1000 deletions", call("POST", f"/{BUCKET}", "delete", delete_list(1000)), 200),
    Row("no deletion", call("POST", f"/{BUCKET}", "delete", delete_list(0)), 400, "MalformedXML"),
    Row("deletions without a digest", lambda world: call("POST", f"/{BUCKET}", "delete", b" " + delete_list(1))(world), 400,
        "InvalidRequest", says="Content-MD5"),
    Row("deletions with another digest", call("POST", f"/{BUCKET}", "delete", delete_list(1), content_md5=content_md5(b"other")),
        400, "BadDigest"),
]

# What nobody has set answers with a word of its own.
UNSET = [Row(f"no {query}", listing(query), 404, code) for query, code in (
    ("tagging", "NoSuchTagSet"), ("policy", "NoSuchBucketPolicy"), ("cors", "NoSuchCORSConfiguration"),
    ("website", "NoSuchWebsiteConfiguration"), ("lifecycle", "NoSuchLifecycleConfiguration"),
    ("replication", "ReplicationConfigurationNotFoundError"), ("object-lock", "ObjectLockConfigurationNotFoundError"),
    ("policyStatus", "NoSuchBucketPolicy"))]

SETTINGS = [
    Row("versioning without a status", configure("versioning", "<VersioningConfiguration/>"), 400,
        "IllegalVersioningConfigurationException"),
    Row("versioning of an unknown status", configure("versioning", "<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>"),
        400, "MalformedXML"),
    Row("a document cut short", configure("versioning", "<VersioningConfiguration><Status>Ena"), 400, "MalformedXML"),
    Row("an empty document", configure("tagging", ""), 400),
    Row("versioning of a suspended bucket", listing("versioning", SUSPENDED), 200, elements={"Status": "Suspended"}),
    Row("versioning of a bucket that never had it", listing("versioning"), 200, elements={"Status": None}),
    Row("a website", configure("website", "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>"),
        501, "NotImplemented"),
    Row("notifications", configure("notification", "<NotificationConfiguration/>"), 501, "NotImplemented"),
    Row("replication", configure("replication", "<ReplicationConfiguration/>"), 501, "NotImplemented"),
    Row("acceleration", configure("accelerate", "<AccelerateConfiguration/>"), 501, "NotImplemented"),
    Row("requester pays", configure("requestPayment", "<RequestPaymentConfiguration/>"), 501, "NotImplemented"),
    Row("encryption with a KMS key", configure(
        "encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"), 501, "NotImplemented"),
    Row("a policy that is no JSON", call("PUT", f"/{BUCKET}", "policy", b"policy"), 400, "MalformedPolicy", says="first byte"),
    Row("a policy of nobody", call("PUT", f"/{BUCKET}", "policy", b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":'
                                   b'"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}' % BUCKET.encode()), 400, "MalformedPolicy"),
    Row("a policy about another bucket", call("PUT", f"/{BUCKET}", "policy", b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                                              b'"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}]}'), 400,
        "MalformedPolicy"),
    Row("a policy for a user who is not there", call("PUT", f"/{BUCKET}", "policy",
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/nobody"},'
        b'"Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}' % BUCKET.encode()), 400, "MalformedPolicy", says="Invalid principal"),
    Row("a policy for an identity that is not there", call("PUT", f"/{BUCKET}", "policy",
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront '
        b'Origin Access Identity E000000000000"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}' % BUCKET.encode()),
        400, "MalformedPolicy", says="Invalid principal"),
    Row("a policy that opens the bucket", call("PUT", f"/{BUCKET}", "policy", b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                                               b'"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}' % BUCKET.encode()),
        403, "AccessDenied"),
    Row("a policy of more than 20 KB", call("PUT", f"/{BUCKET}", "policy", b'{"Id":"%s"}' % (b"x" * 20_480)), 400, "MalformedPolicy"),
]

LISTINGS = [
    Row("a page of one", listing("list-type=2&max-keys=1"), 200, elements={"KeyCount": "1", "IsTruncated": "true", "MaxKeys": "1"}),
    Row("a page of none", listing("list-type=2&max-keys=0"), 200, elements={"KeyCount": "0", "IsTruncated": "false"}),
    Row("a page that is too large", listing("list-type=2&max-keys=2000"), 200, elements={"MaxKeys": "1000"}),
    Row("a page of less than nothing", listing("list-type=2&max-keys=-1"), 400, "InvalidArgument", {"ArgumentName": "max-keys"}),
    Row("a page of no number", listing("list-type=2&max-keys=ten"), 400, "InvalidArgument", {"ArgumentName": "max-keys"},
        says="Provided max-keys not an integer or within integer range"),
    Row("a token that is none", listing("list-type=2&continuation-token=nonsense"), 400, "InvalidArgument",
        {"ArgumentName": "continuation-token"}, says="The continuation token provided is incorrect"),
    Row("an unknown encoding", listing("list-type=2&encoding-type=html"), 400, "InvalidArgument",
        {"ArgumentName": "encoding-type", "ArgumentValue": "html"}, says="Invalid Encoding Method specified in Request"),
    Row("no owner that was not asked for", listing("list-type=2&prefix=a"), 200, elements={"Owner": None, "KeyCount": "1"}),
    Row("an owner that was", listing("list-type=2&prefix=a&fetch-owner=true"), 200, elements={"Owner": ...}),
    Row("a folder is counted", listing("list-type=2&delimiter=/&prefix=s"), 200, elements={"KeyCount": "1", "Prefix": "sub/"}),
    Row("a marker without a delimiter", listing("max-keys=1"), 200, elements={"IsTruncated": "true", "NextMarker": None}),
    Row("a marker with a delimiter", listing("max-keys=1&delimiter=/"), 200, elements={"NextMarker": "a"}),
    Row("a version marker without a key", listing("versions&version-id-marker=null"), 400, "InvalidArgument",
        {"ArgumentName": "version-id-marker"}),
    Row("versions", listing("versions&prefix=gone", VERSIONED), 200, elements={"IsTruncated": "false", "IsLatest": "true"}),
    Row("uploads of no bucket", listing("uploads", NO_BUCKET), 404, "NoSuchBucket", {"BucketName": NO_BUCKET}),
    Row("uploads", listing("uploads"), 200, elements={"Key": "up", "StorageClass": "STANDARD"}),
]

UPLOADS = [
    Row("part 0", put("up", "partNumber=0&uploadId={upload}"), 400, "InvalidArgument", says="between 1 and 10000"),
    Row("part 10001", put("up", "partNumber=10001&uploadId={upload}"), 400, "InvalidArgument", says="between 1 and 10000"),
    Row("a part of no upload", put("up", "partNumber=1&uploadId=none"), 404, "NoSuchUpload", {"UploadId": "none"}),
    Row("a part of another key's upload", put("down", "partNumber=1&uploadId={upload}"), 404, "NoSuchUpload"),
    Row("a part that is sent again", put("up", "partNumber=2&uploadId={upload}", body=b"x"), 200),
    Row("the parts", call("GET", f"/{BUCKET}/up", "uploadId={upload}"), 200, elements={"PartNumber": "1", "Size": "1"}),
    Row("parts of no upload", call("GET", f"/{BUCKET}/up", "uploadId=none"), 404, "NoSuchUpload"),
    Row("completion with no part", complete(), 400, "InvalidRequest", says="You must specify at least one part"),
    Row("completion in another order", complete((2, "{etag2}"), (1, "{etag1}")), 400, "InvalidPartOrder"),
    Row("completion with a part twice", complete((1, "{etag1}"), (1, "{etag1}")), 400, "InvalidPartOrder"),
    Row("completion with a part that never came", complete((1, "{etag1}"), (3, "{etag2}")), 400, "InvalidPart", {"PartNumber": "3"}),
    Row("completion with another ETag", complete((1, OTHER_ETAG)), 400, "InvalidPart", {"PartNumber": "1", "ETag": OTHER_ETAG.strip('"')}),
    Row("completion with a small part", complete((1, "{etag1}"), (2, "{etag2}")), 400, "EntityTooSmall",
        {"ProposedSize": "1", "MinSizeAllowed": str(5 << 20), "PartNumber": "1"}),
    Row("completion of another size", complete((1, "{etag1}"), x_amz_mp_object_size="2"), 400, "InvalidRequest",
        says="x-amz-mp-object-size"),
    Row("completion of no upload", call("POST", f"/{BUCKET}/up", "uploadId=none", b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
                                        b"<ETag>x</ETag></Part></CompleteMultipartUpload>"), 404, "NoSuchUpload", {"UploadId": "none"}),
    Row("completion unless it is this", complete((1, "{etag1}"), if_none_match=OTHER_ETAG), 501, "NotImplemented"),
    Row("completion over nothing", complete((1, "{etag1}"), if_match=OTHER_ETAG), 404, "NoSuchKey"),
    Row("abortion of no upload", call("DELETE", f"/{BUCKET}/up", "uploadId=none"), 404, "NoSuchUpload"),
    Row("a composite CRC64NVME", call("POST", f"/{BUCKET}/x", "uploads", x_amz_checksum_algorithm="CRC64NVME",
                                      x_amz_checksum_type="COMPOSITE"), 400, "InvalidRequest"),
    Row("a SHA256 of the full object", call("POST", f"/{BUCKET}/x", "uploads", x_amz_checksum_algorithm="SHA256",
                                            x_amz_checksum_type="FULL_OBJECT"), 400, "InvalidRequest"),
    Row("an unknown checksum", call("POST", f"/{BUCKET}/x", "uploads", x_amz_checksum_algorithm="CRC8"), 400, "InvalidRequest"),
    Row("a part copied beyond the source", put("up", "partNumber=3&uploadId={upload}", body=b"", x_amz_copy_source=f"{BUCKET}/a",
                                               x_amz_copy_source_range=f"bytes=0-{len(CONTENT)}"), 400, "InvalidArgument"),
    Row("a part copied from no range", put("up", "partNumber=3&uploadId={upload}", body=b"", x_amz_copy_source=f"{BUCKET}/a",
                                           x_amz_copy_source_range="0-1"), 400, "InvalidArgument"),
]

ROWS = {"buckets": BUCKETS, "unset": UNSET, "settings": SETTINGS, "listings": LISTINGS, "uploads": UPLOADS}
