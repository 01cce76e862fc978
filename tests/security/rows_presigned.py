"""Presigned URLs, altered in any part."""
import datetime
import re

import sigv4
from world import BUCKET, Row, allow

MISMATCH = "SignatureDoesNotMatch"
PARAMETERS = "AuthorizationQueryParametersError"
PATH = f"/{BUCKET}/docs/a.txt"


def row(name, act, code=MISMATCH):
    return Row("presigned", name, act, code, identity=[allow()])


def url(change=lambda request: None, method="GET", path=PATH, query=(), headers=None, body=b"", who="alice", **options):
    def act(world):
        request = sigv4.Request(method, path, list(query), dict(headers or {}), body)
        made = {name: value() if callable(value) else value for name, value in options.items()}
        sigv4.presign(request, getattr(world, who), world.host, **made)
        change(request)
        return world.send(request)
    return act


def parameter(name, change):
    """Alters one parameter; `change` answers its new value, or None to leave it out."""
    def act(request):
        assert any(each == name for each, _ in request.query)
        changed = [(each, change(value) if each == name else value) for each, value in request.query]
        request.query = [(each, value) for each, value in changed if value is not None]
    return act


def to(value):
    return lambda _: value


def add(name, value):
    return lambda request: request.query.append((name, value))


def setting(name, value):
    return lambda request: setattr(request, name, value)


def header(name, value):
    return lambda request: request.headers.__setitem__(name, value)


def past(**time):
    return lambda: sigv4.utc_now() - datetime.timedelta(**time)


SIGNED_PARAMETERS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")

ROWS = [
    row("as made", url(), ""),
    row("as made, for a write", url(method="PUT", path=f"/{BUCKET}/docs/presigned.txt", body=b"x"), ""),
    row("as made, with a query of its own", url(query=[("response-content-type", "text/x")]), ""),
    row("as made, for seven days", url(expires=604800), ""),
    *(row(f"{name} left out", url(parameter(name, to(None))), (PARAMETERS, "AccessDenied"))
      for name in (*SIGNED_PARAMETERS, "X-Amz-Signature")),
    *(row(f"{name} empty", url(parameter(name, to(""))), (PARAMETERS, "AccessDenied", MISMATCH, "InvalidRequest"))
      for name in (*SIGNED_PARAMETERS, "X-Amz-Signature")),
    row("another algorithm", url(parameter("X-Amz-Algorithm", to("AWS4-HMAC-SHA1"))), (PARAMETERS, "InvalidRequest")),
    row("another key", url(parameter("X-Amz-Credential", lambda old: "AKIAIOSFODNN7EXAMPLE" + old[20:])), "InvalidAccessKeyId"),
    row("another region", url(parameter("X-Amz-Credential", lambda old: old.replace("eu-west-1", "us-west-2"))), PARAMETERS),
    row("another service", url(parameter("X-Amz-Credential", lambda old: old.replace("/s3/", "/sts/"))),
        (PARAMETERS, MISMATCH, "InvalidAction", "MissingAction")),
    row("another day", url(parameter("X-Amz-Credential", lambda old: re.sub(r"/\d{8}/", "/20200101/", old))),
        PARAMETERS),
    row("a second later", url(parameter("X-Amz-Date", lambda old: old[:-2] + ("0Z" if old[-2] != "0" else "1Z")))),
    row("a longer life", url(parameter("X-Amz-Expires", to("301")))),
    row("a life longer than seven days", url(expires=604801), PARAMETERS),
    row("a life of nothing", url(expires=0), (PARAMETERS, "AccessDenied", MISMATCH)),
    row("a negative life", url(expires=-1), PARAMETERS),
    row("a life in words", url(expires="long"), PARAMETERS),
    row("a life beyond counting", url(expires="99999999999999999999"), PARAMETERS),
    row("expired", url(expires=60, at=past(seconds=62)), "AccessDenied"),
    row("not yet expired", url(expires=60, at=past(seconds=30)), ""),
    row("seven days ago", url(expires=604800, at=past(days=7, seconds=2)), "AccessDenied"),
    row("not yet valid", url(at=past(minutes=-20)), "AccessDenied"),
    row("host not signed", url(parameter("X-Amz-SignedHeaders", to("x-none"))), ("AccessDenied", MISMATCH)),
    row("more headers said to be signed", url(parameter("X-Amz-SignedHeaders", to("host;range")), headers={}), MISMATCH),
    row("a signed header altered", url(header("range", "bytes=0-9"), headers={"range": "bytes=0-1"})),
    row("a signed header dropped", url(lambda request: request.headers.pop("range"), headers={"range": "bytes=0-1"})),
    row("a signed content type altered", url(header("content-type", "text/html"), method="PUT", headers={"content-type": "text/x"}, body=b"x")),
    row("an x-amz header added", url(header("x-amz-acl", "private"), method="PUT", body=b"x"), "AccessDenied"),
    row("a copy source added", url(header("x-amz-copy-source", f"/{BUCKET}/private/a.txt"), method="PUT"), "AccessDenied"),
    row("another host", url(header("host", "127.0.0.1:1"))),
    row("the last digit of the signature", url(parameter("X-Amz-Signature", lambda old: old[:-1] + ("0" if old[-1] != "0" else "1")))),
    row("a wrong signature before the right one", url(lambda request: request.query.insert(0, ("X-Amz-Signature", "0" * 64)))),
    row("a token added", url(add("X-Amz-Security-Token", "bm9uZQ==")), ("InvalidToken", MISMATCH, "InvalidAccessKeyId")),
    row("another key of the bucket", url(setting("path", f"/{BUCKET}/private/a.txt"))),
    row("another bucket", url(setting("path", "/meetinity-denials-other/docs/a.txt"))),
    row("the path upwards", url(setting("path", f"/{BUCKET}/docs/../private/a.txt"))),
    row("the path encoded upwards", url(setting("path", f"/{BUCKET}/docs/%2e%2e/private/a.txt"))),
    row("the path in other case", url(setting("path", f"/{BUCKET}/docs/A.txt"))),
    row("the path with one slash more", url(setting("path", f"/{BUCKET}//docs/a.txt"))),
    *(row(f"{method} for GET", url(setting("method", method))) for method in ("PUT", "DELETE", "POST")),
    row("a parameter added", url(add("response-content-type", "text/html"))),
    row("a version added", url(add("versionId", "null"))),
    row("a sub-resource added", url(add("acl", ""))),
    row("an operation's name added", url(add("x-id", "DeleteObject"))),
    row("a parameter altered", url(parameter("response-content-type", to("text/html")), query=[("response-content-type", "text/x")])),
    row("a parameter left out", url(parameter("tagging", to(None)), query=[("tagging", "")])),
    row("by a deactivated key", url(who="idle"), "InvalidAccessKeyId"),
    row("by a deleted key", url(who="gone"), "InvalidAccessKeyId"),
]
