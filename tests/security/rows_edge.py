"""The same tricks at the edge, and distributions that the bucket does not know."""
from world import BUCKET, Row

GROUP = "edge"
REFUSED = ("AccessDenied", "NoSuchKey", "", "InvalidURI", "BadRequest")


def row(name, act, code=REFUSED):
    return Row(GROUP, name, act, code)


def visit(path, **more):
    return lambda world: world.edge(path, **more)


def within_reach(path):
    """What is not found may be answered by an error page, but never with a file's or another object's bytes."""
    def act(world):
        answer = world.edge(path)
        assert b"root:x:" not in answer.body and b"PRIVATE KEY" not in answer.body and world.root.secret.encode() not in answer.body
        return answer
    return act


def listing_by_query(world):
    answer = world.edge("/?list-type=2&prefix=x")
    assert b"ListBucketResult" not in answer.body and b"<!doctype html>" in answer.body
    return answer


TRICKS = {
    "..": "/../../../../etc/passwd", "..%2f": "/..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e": "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "double encoding": "/%252e%252e%252f%252e%252e%252fetc%252fpasswd", "NUL": "/index.html%00", "overlong slash": "/..%c0%af..%c0%afetc/passwd",
    "overlong dots": "/%c0%ae%c0%ae/root-credentials", "backslash": "/..%5c..%5croot-credentials", "raw backslash": "/..\\..\\root-credentials",
    "double slash": "//etc/passwd", "another bucket": f"/../{BUCKET}/docs/a.txt", "another bucket, encoded": f"/..%2f{BUCKET}%2fdocs%2fa.txt",
    "the authority's key": "/..%2fca%2fca-key.pem", "half an escape": "/index.html%2", "a raw NUL": "/index.html\0",
    "a policy by query": "/never-there?policy",
}

ROWS = [
    row("the site", visit("/index.html"), ""),
    row("the site with a letter encoded", visit("/inde%78.html"), ""),
    row("a listing asked for by query is the site's own page", listing_by_query, ""),
    *(row(f"tricked by {name}", within_reach(path)) for name, path in TRICKS.items()),
    *(row(f"{method} where only reading is allowed", visit("/index.html", method=method)) for method in ("PUT", "DELETE", "POST", "PATCH")),
    row("another site's name within the connection", visit("/index.html", host="elsewhere.example")),
    row("the bucket's name as host", visit("/index.html", host=f"{BUCKET}.s3.eu-west-1.amazonaws.com")),
    row("another distribution's signature, same bucket", lambda world: world.edge("/index.html", site=world.another_site()),
        "AccessDenied"),
    row("another distribution without a signature, same bucket",
        lambda world: world.edge("/index.html", site=world.another_site(OriginAccessControlId="")), "AccessDenied"),
    row("an origin's header forged", visit("/never-there", headers={"x-amz-source-arn": "arn:aws:cloudfront::123456789012:distribution/E1"})),
    row("the visitor's own signature is not passed on", visit("/never-there", headers={"authorization": "AWS4-HMAC-SHA256 Credential=x"})),
]
