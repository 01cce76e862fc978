"""What the table of S3's promises speaks of: buckets, objects and an upload under way; and how a row asks.

Requests are raw and signed here, because SDKs keep most bad input from ever being sent.
"""
import base64
import dataclasses
import hashlib
import re
import typing

from security import sigv4

BUCKET, VERSIONED, SUSPENDED = "meetinity-plain", "meetinity-versioned", "meetinity-suspended"
CONTENT = b"0123456789"
ETAG = f'"{hashlib.md5(CONTENT).hexdigest()}"'
OTHER_ETAG = f'"{hashlib.md5(b"other").hexdigest()}"'
PART = 5 << 20
ACCOUNT, STRANGER = "123456789012", "210987654321"


@dataclasses.dataclass
class Row:
    """One request, and what its answer must be: status, the error's code, and pieces of headers and elements."""
    name: str
    ask: typing.Callable
    status: int
    code: str = ""
    elements: dict = dataclasses.field(default_factory=dict)  # of the document: name → text, None for no such, ... for any
    headers: dict = dataclasses.field(default_factory=dict)   # name → value, or None where there must be none
    says: str = ""                                            # within the message


def content_md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def texts(body, name):
    """The texts of all elements of a name, as they stand in the document."""
    return [found.decode() for found in re.findall(rb"<%s(?: [^>]*)?>(.*?)</%s>" % (name.encode(), name.encode()), body, re.DOTALL)]


class World:
    """A running cloud with the table's buckets. Rows must leave what they speak of as they found it."""

    def __init__(self, cloud):
        self.cloud, self.s3 = cloud, cloud.boto("s3")
        settings = cloud.env
        self.root = sigv4.Key(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        self.host = f"127.0.0.1:{cloud.api_port}"
        for name in (BUCKET, VERSIONED, SUSPENDED):
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": sigv4.REGION})
        for name in (VERSIONED, SUSPENDED):
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            self.s3.put_object(Bucket=name, Key="a", Body=CONTENT)
            self.s3.put_object(Bucket=name, Key="gone", Body=CONTENT)
        self.version = self.s3.head_object(Bucket=VERSIONED, Key="a")["VersionId"]
        self.marker = self.s3.delete_object(Bucket=VERSIONED, Key="gone")["VersionId"]
        self.s3.put_bucket_versioning(Bucket=SUSPENDED, VersioningConfiguration={"Status": "Suspended"})
        self.s3.put_object(Bucket=BUCKET, Key="a", Body=CONTENT)
        self.s3.put_object(Bucket=BUCKET, Key="sub/b", Body=CONTENT)
        self.parts = self._object_of_parts()
        self.upload = self.s3.create_multipart_upload(Bucket=BUCKET, Key="up")["UploadId"]
        self.etags = [self.s3.upload_part(Bucket=BUCKET, Key="up", UploadId=self.upload, PartNumber=number, Body=b"x")["ETag"]
                      for number in (1, 2)]

    def _object_of_parts(self):
        """An object of two parts with checksums of their own, at the key 'parts'."""
        made = self.s3.create_multipart_upload(Bucket=BUCKET, Key="parts", ChecksumAlgorithm="SHA256")
        parts = []
        for number, size in ((1, PART), (2, 1)):
            sent = self.s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=made["UploadId"], PartNumber=number,
                                       Body=b"p" * size, ChecksumAlgorithm="SHA256")
            parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]})
        return self.s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=made["UploadId"],
                                                 MultipartUpload={"Parts": parts})

    def signed(self, request, payload_hash=None, **options):
        return self.send(sigv4.sign(request, self.root, self.host, payload_hash=payload_hash), **options)

    def send(self, request, **options):
        request.headers.setdefault("host", self.host)
        return sigv4.send(request, self.cloud.api_port, **options)


def call(method, path, query="", body=b"", **headers):
    """A signed request: `query` as in a URL; words of header names are joined by underscores. Both may name the world's
    things, as in '{upload}'."""
    def ask(world):
        fill = {"upload": world.upload, "version": world.version, "marker": world.marker, "etag1": world.etags[0],
                "etag2": world.etags[1]}
        pairs = [piece.partition("=")[::2] for piece in query.format(**fill).split("&")] if query else []
        named = {name.replace("_", "-"): value.format(**fill) for name, value in headers.items()}
        document = body(world) if callable(body) else body
        if method in ("PUT", "POST") and document.startswith(b"<"):
            named.setdefault("content-md5", content_md5(document))
        return world.signed(sigv4.Request(method, path, pairs, named, document))
    return ask


def get(key="a", query="", bucket=BUCKET, **headers):
    return call("GET", f"/{bucket}/{key}", query, **headers)


def put(key="new", query="", bucket=BUCKET, body=CONTENT, **headers):
    return call("PUT", f"/{bucket}/{key}", query, body, **headers)


def head(key="a", query="", bucket=BUCKET, **headers):
    return call("HEAD", f"/{bucket}/{key}", query, **headers)


def delete(key="", query="", bucket=BUCKET, **headers):
    return call("DELETE", f"/{bucket}/{key}" if key else f"/{bucket}", query, **headers)


def listing(query="", bucket=BUCKET, **headers):
    return call("GET", f"/{bucket}", query, **headers)


def configure(query, document, bucket=BUCKET, **headers):
    """The write of a setting of a bucket."""
    return call("PUT", f"/{bucket}", query, document.encode(), **headers)


def complete(*parts, key="up", **headers):
    """CompleteMultipartUpload of the upload under way; each part is (number, ETag), and {etag1} is the first one's."""
    def body(world):
        listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in parts)
        text = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"
        return text.format(etag1=world.etags[0], etag2=world.etags[1]).encode()
    return call("POST", f"/{BUCKET}/{key}", "uploadId={upload}", body, **headers)
