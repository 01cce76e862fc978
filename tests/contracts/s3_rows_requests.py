"""How requests are signed and how their bodies arrive, before anybody asks what they want."""
import base64
import datetime
import hashlib
import zlib

from security import sigv4

from contracts.s3_world import BUCKET, CONTENT, Row

STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def request(method="GET", key="a", query=(), body=b"", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return sigv4.Request(method, f"/{BUCKET}/{key}", list(query), named, body)


def signed(change=None, make=request, content_length=None, payload_hash=None, **options):
    """A request that is signed, then altered, then sent."""
    def ask(world):
        made = sigv4.sign(make(), world.root, world.host, payload_hash=payload_hash, **options)
        if change:
            change(made)
        return world.send(made, content_length=content_length)
    return ask


def presigned(change=None, make=request, **options):
    def ask(world):
        made = sigv4.presign(make(), world.root, world.host, **options)
        if change:
            change(made)
        return world.send(made)
    return ask


def ago(**time):
    return sigv4.utc_now() - datetime.timedelta(**time)


def with_query(name, value):
    """Sets, or with None removes, a parameter of the query that was signed."""
    def change(made):
        made.query = [pair for pair in made.query if pair[0] != name] + ([(name, value)] if value is not None else [])
    return change


def with_header(name, value):
    return lambda made: made.headers.__setitem__(name, value)


def without_header(name):
    return lambda made: made.headers.pop(name)


def upload(body=CONTENT, **headers):
    return lambda: request("PUT", "new", body=body, **headers)


def chunked(*chunks, trailer="", **headers):
    """A body in aws-chunked framing, unsigned, with a trailer."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer.encode() + b"\r\n"
    decoded = str(sum(map(len, chunks)))
    return upload(body, **{"x_amz_decoded_content_length": decoded, "content_encoding": "aws-chunked", **headers})


CRC, TRAILER = "x-amz-checksum-crc32:", {"x_amz_trailer": "x-amz-checksum-crc32"}
CRC32 = base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()
NO_QUERY = [Row(f"a presigned URL without {name}", presigned(with_query(name, None)), 400, "AuthorizationQueryParametersError")
            for name in ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature")]

SIGNED = [
    Row("no signature", lambda world: world.send(request()), 403, "AccessDenied"),
    Row("other headers for nobody", lambda world: world.send(request(query=[("response-content-type", "text/html")])), 400,
        "InvalidRequest", says="anonymous"),
    Row("a signature", signed(), 200),
    Row("a signature over another path", signed(lambda made: setattr(made, "path", f"/{BUCKET}/sub/b")), 403, "SignatureDoesNotMatch"),
    Row("another region", signed(region="us-east-1"), 400, "AuthorizationHeaderMalformed", {"Region": "eu-west-1"}),
    Row("an unknown key", lambda world: world.send(sigv4.sign(request(), sigv4.Key("AKIAIOSFODNN7EXAMPLE", "x" * 40), world.host)),
        403, "InvalidAccessKeyId", {"AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
    Row("a clock that is 20 minutes behind", signed(at=ago(minutes=20)), 403, "RequestTimeTooSkewed"),
    Row("a header that was not signed", signed(with_header("x-amz-meta-a", "b")), 403, "AccessDenied", says="not signed"),
    Row("no hash of the body", signed(without_header("x-amz-content-sha256")), 400),
    Row("a hash that is none", signed(payload_hash="not-a-hash"), 400, "InvalidArgument"),
    Row("another body", signed(make=upload(), payload_hash=hashlib.sha256(b"other").hexdigest()), 400, "XAmzContentSHA256Mismatch"),
    Row("a body that nobody hashed", signed(make=upload(), payload_hash="UNSIGNED-PAYLOAD"), 200),
    Row("both ways at once", lambda world: world.send(sigv4.sign(sigv4.presign(request(), world.root, world.host), world.root, world.host)),
        400, "InvalidArgument", says="Only one auth mechanism allowed"),
    Row("a session that there is not", lambda world: world.send(sigv4.sign(
        request(), sigv4.Key(world.root.id, world.root.secret, "token"), world.host)), 400, "InvalidToken"),
]

PRESIGNED = [
    *NO_QUERY,
    Row("a presigned URL", presigned(), 200),
    Row("one that has expired", presigned(at=ago(seconds=120), expires=60), 403, "AccessDenied", {"X-Amz-Expires": "60"},
        says="Request has expired"),
    Row("one that never expires", presigned(expires=604_801), 400, "AuthorizationQueryParametersError", says="604800"),
    Row("one that has no time", presigned(expires=0), 400, "AuthorizationQueryParametersError"),
    Row("one of another region", presigned(region="us-east-1"), 400, "AuthorizationQueryParametersError"),
    Row("one of another algorithm", presigned(with_query("X-Amz-Algorithm", "AWS4-HMAC-MD5")), 400, "AuthorizationQueryParametersError"),
    Row("one with a header that was not signed", presigned(with_header("x-amz-meta-a", "b")), 403, "AccessDenied",
        says="There were headers present in the request which were not signed"),
    Row("one with another signature", presigned(with_query("X-Amz-Signature", "0" * 64)), 403, "SignatureDoesNotMatch",
        {"SignatureProvided": "0" * 64}),
]

BODIES = [
    Row("no length", signed(make=upload(), content_length=""), 411, "MissingContentLength"),
    Row("less than was said", signed(make=upload(), content_length="11"), 400, "IncompleteBody"),
    Row("chunks", signed(make=chunked(CONTENT), payload_hash=STREAMING), 200),
    Row("chunks and a checksum", signed(make=chunked(CONTENT, trailer=f"{CRC}{CRC32}\r\n", **TRAILER), payload_hash=STREAMING), 200,
        headers={"x-amz-checksum-crc32": CRC32}),
    Row("chunks and another checksum", signed(make=chunked(CONTENT, trailer=CRC + "AAAAAA==\r\n", **TRAILER), payload_hash=STREAMING),
        400, "BadDigest"),
    Row("chunks and no checksum where one was announced", signed(make=chunked(CONTENT, **TRAILER), payload_hash=STREAMING), 400,
        "MalformedTrailerError"),
    Row("chunks and a checksum that is none", signed(make=chunked(CONTENT, trailer=CRC + "AAAA\r\n", **TRAILER), payload_hash=STREAMING),
        400, "InvalidRequest"),
    Row("chunks of less than was said", signed(make=chunked(CONTENT, x_amz_decoded_content_length="11"), payload_hash=STREAMING), 400,
        "IncompleteBody"),
    Row("chunks of no length", signed(without_header("x-amz-decoded-content-length"), chunked(CONTENT), payload_hash=STREAMING), 403),
    Row("chunks that are none", signed(make=upload(b"no framing at all", x_amz_decoded_content_length="17"), payload_hash=STREAMING), 400),
    Row("the coding of chunks is not kept", signed(), 200, headers={"content-encoding": None}),
]

ROWS = {"signed": SIGNED, "presigned": PRESIGNED, "bodies": BODIES}
