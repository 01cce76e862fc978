"""Path traversal and tricks of encoding at the S3 API. A key is text: `../x` is a key like any other and never a file's path."""
import sigv4
from world import ARN, BUCKET, OTHER_BUCKET, Row, allow, get, s3_call

GROUP = "paths"
ONLY_DOCS = [allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{ARN}/docs/*")]
ABSENT = ("AccessDenied", "NoSuchKey")  # without leave to list, AWS says the former
BAD = ("InvalidURI", "BadRequest", "InvalidRequest", "SignatureDoesNotMatch", "", "InvalidArgument", "400 Bad Request")


def row(name, act, code=ABSENT, identity=ONLY_DOCS):
    return Row(GROUP, name, act, code, identity=identity)


def raw(path, method="GET", body=b""):
    return s3_call(method, path, body=body)


def round_trip(raw_key):
    """Written and read back under the same raw path, and nothing else changed."""
    def act(world):
        written = raw(f"/{BUCKET}/{raw_key}", "PUT", b"a key is text")(world)
        if written.status != 200:
            return written
        answer = raw(f"/{BUCKET}/{raw_key}")(world)
        assert answer.body == b"a key is text"
        return answer
    return act


ESCAPES = {
    "..": "../private/a.txt", "..%2f": "..%2fprivate/a.txt", "%2e%2e": "%2e%2e/private/a.txt", "%2E%2E%2F": "%2E%2E%2Fprivate%2Fa.txt",
    ".": "./../private/a.txt", "//": "/private/a.txt", "backslash": "..%5cprivate%5ca.txt", "double encoded": "..%252fprivate%252fa.txt",
    "twice double encoded": "%252e%252e%252fprivate%252fa.txt", "semicolon": "..;/private/a.txt", "tab": "..%09/private/a.txt",
}
FILES = {
    "/etc/passwd": "../../../../../../etc/passwd", "encoded /etc/passwd": "%2e%2e%2f" * 8 + "etc%2fpasswd", "absolute": "/etc/passwd",
    "the root credentials": "../../root-credentials", "the encoded root credentials": "..%2f..%2froot-credentials",
    "the authority's key": "..%2f..%2fca%2fca-key.pem", "proc": "..%2f" * 8 + "proc/self/environ", "file URL": "file:%2f%2f%2fetc%2fpasswd",
}

ROWS = [
    row("the key as it is", get(), ""),
    row("the key with its letters encoded", raw(f"/{BUCKET}/%64ocs/a%2Etxt"), ""),
    row("the slash encoded is a slash", raw(f"/{BUCKET}/docs%2Fa.txt"), ""),
    row("another prefix with its letters encoded", raw(f"/{BUCKET}/%70rivate/a.txt")),
    row("another prefix with its slash encoded", raw(f"/{BUCKET}/private%2Fa.txt")),
    *(row(f"out of docs by {name}", raw(f"/{BUCKET}/docs/{path}")) for name, path in ESCAPES.items()),
    *(row(f"out of the bucket to {name}", raw(f"/{BUCKET}/{path}")) for name, path in FILES.items()),
    *(row(f"from docs to {name}", raw(f"/{BUCKET}/docs/{path}")) for name, path in FILES.items()),
    row("into another bucket", raw(f"/{BUCKET}/../{OTHER_BUCKET}/docs/a.txt")),
    row("into another bucket, encoded", raw(f"/{BUCKET}%2f..%2f{OTHER_BUCKET}/docs/a.txt"), ("InvalidBucketName", "NoSuchBucket", *ABSENT)),
    row("a bucket called ..", raw("/../docs/a.txt"), ("InvalidBucketName", "NoSuchBucket", "AccessDenied")),
    row("a bucket called %2e%2e", raw("/%2e%2e/docs/a.txt"), ("InvalidBucketName", "NoSuchBucket", "AccessDenied")),
    row("a bucket of other case", raw(f"/{BUCKET.upper()}/docs/a.txt"), ("InvalidBucketName", "NoSuchBucket", "AccessDenied")),
    row("a bucket with NUL", raw(f"/{BUCKET}%00/docs/a.txt"), ("InvalidBucketName", "NoSuchBucket", "AccessDenied", *BAD)),
    row("NUL cuts nothing off", raw(f"/{BUCKET}/docs/a.txt%00.png"), (*ABSENT, *BAD)),
    row("NUL before a denied suffix", raw(f"/{BUCKET}/private/a.txt%00/docs/"), (*ABSENT, *BAD)),
    row("overlong slash", raw(f"/{BUCKET}/docs/..%c0%afprivate/a.txt"), (*ABSENT, *BAD)),
    row("overlong dots", raw(f"/{BUCKET}/docs/%c0%ae%c0%ae/private/a.txt"), (*ABSENT, *BAD)),
    row("UTF-8 cut short", raw(f"/{BUCKET}/docs/%e2%82"), (*ABSENT, *BAD)),
    row("a surrogate", raw(f"/{BUCKET}/docs/%ed%a0%80"), (*ABSENT, *BAD)),
    row("half an escape", raw(f"/{BUCKET}/docs/a.txt%2"), (*ABSENT, *BAD)),
    row("an escape of no digits", raw(f"/{BUCKET}/docs/a.txt%zz"), (*ABSENT, *BAD)),
    row("a raw backslash", raw(f"/{BUCKET}/docs\\..\\private\\a.txt"), (*ABSENT, *BAD)),
    row("a raw NUL", raw(f"/{BUCKET}/docs/a.txt\0"), (*ABSENT, *BAD)),
    row("raw bytes", raw(f"/{BUCKET}/docs/\xc0\xae\xc0\xae/"), (*ABSENT, *BAD)),
    row("a key of 1025 bytes", raw(f"/{BUCKET}/docs/" + "a" * 1020), ("KeyTooLongError",)),
    row("deleted through ..", raw(f"/{BUCKET}/docs/../private/a.txt", "DELETE"), ""),  # its own key, under docs/
    row("which left the other key alone", get("private/a.txt", who="root"), ""),
    row("written to private, encoded", raw(f"/{BUCKET}/%70rivate/new.txt", "PUT", b"x")),
    row("an absolute URI to another path", lambda world: absolute(world, f"/{BUCKET}/private/a.txt"), (*ABSENT, *BAD)),
    *(Row(GROUP, f"the key {key} comes back", round_trip(key), "", identity=[allow("s3:*")])
      for key in ("../x", "..%2fx", "docs/../../x", "%2e%2e/%2e%2e/etc/passwd", "/x", "./x", "x%5c..%5cy", "a//b", "..", "%2500", "c%00d")),
]


def absolute(world, path):
    """Signed for one path, sent as an absolute URI with another."""
    request = sigv4.sign(sigv4.Request("GET", f"/{BUCKET}/docs/a.txt"), world.alice, world.host)
    request.path = f"http://{world.host}{path}"
    return world.send(request)
