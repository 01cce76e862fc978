"""Requests signed in a header, altered on the way; and keys that sign no more."""
import dataclasses
import datetime

import sigv4
from world import BUCKET, Row, allow, query_call, json_call

MISMATCH = "SignatureDoesNotMatch"
PATH = f"/{BUCKET}/docs/a.txt"


def row(name, act, code=MISMATCH, group="signatures"):
    return Row(group, name, act, code, identity=[allow()])


def altered(change, method="GET", path=PATH, query=(), headers=None, body=b"", key=None, **options):
    """Signs as alice (or as `key(world)`), then lets `change` alter what is sent."""
    def act(world):
        request = sigv4.Request(method, path, list(query), dict(headers or {}), body)
        sigv4.sign(request, key(world) if key else world.alice, world.host, **options)
        change(request)
        return world.send(request)
    return act


def unchanged(_):
    pass


def setting(**fields):
    def change(request):
        for name, value in fields.items():
            setattr(request, name, value)
    return change


def header(name, value):
    return lambda request: request.headers.__setitem__(name, value)


def authorization(old, new):
    def change(request):
        assert old in request.headers["authorization"]
        request.headers["authorization"] = request.headers["authorization"].replace(old, new, 1)
    return change


def last_digit(request):
    text = request.headers["authorization"]
    request.headers["authorization"] = text[:-1] + ("0" if text[-1] != "0" else "1")


def another_day(request):
    authorization("/" + request.headers["x-amz-date"][:8] + "/", "/20200101/")(request)


def ago(**time):
    return sigv4.utc_now() - datetime.timedelta(**time)


def aged(**time):
    """Signed when the row runs, not when the table is read."""
    def act(world):
        return world.send(sigv4.sign(sigv4.Request("GET", PATH), world.alice, world.host, at=ago(**time)))
    return act


def without(name):
    return lambda request: request.headers.pop(name)


def as_key(change):
    return lambda world: dataclasses.replace(world.alice, **change(world.alice))


MALFORMED = "AuthorizationHeaderMalformed"

ALTERED = [
    row("as signed", altered(unchanged), ""),
    row("as signed, with a query", altered(unchanged, query=[("response-content-type", "text/x")]), ""),
    row("as signed, with a body", altered(unchanged, method="PUT", path=f"/{BUCKET}/docs/signed.txt", body=b"signed"), ""),
    row("another path", altered(setting(path=f"/{BUCKET}/private/a.txt"))),
    row("another bucket", altered(setting(path="/meetinity-denials-other/docs/a.txt"))),
    row("another method", altered(setting(method="DELETE"))),
    row("HEAD for GET by the same signature", altered(setting(method="PUT"))),
    row("a query added", altered(setting(query=[("tagging", "")]))),
    row("a query parameter altered", altered(setting(query=[("response-content-type", "text/html")]),
                                             query=[("response-content-type", "text/x")])),
    row("a query parameter dropped", altered(setting(query=[]), query=[("tagging", "")])),
    row("a query parameter twice", altered(setting(query=[("versionId", "null"), ("versionId", "null")]), query=[("versionId", "null")])),
    row("another host", altered(header("host", "elsewhere.example:1")), (MISMATCH, "NoSuchBucket")),
    row("another date header", altered(header("x-amz-date", "20200101T000000Z")), (MISMATCH, MALFORMED)),
    row("a minute later", altered(lambda request: request.headers.__setitem__(
        "x-amz-date", (sigv4.utc_now() + datetime.timedelta(seconds=61)).strftime("%Y%m%dT%H%M%SZ"))),
        (MISMATCH, MALFORMED)),  # the latter in the last minute of a day
    row("a signed header altered", altered(header("x-amz-meta-a", "2"), headers={"x-amz-meta-a": "1"})),
    row("a signed header dropped", altered(without("x-amz-meta-a"), headers={"x-amz-meta-a": "1"})),
    row("a signed range altered", altered(header("range", "bytes=0-9"), headers={"range": "bytes=0-1"})),
    row("a signed content type altered", altered(header("content-type", "text/html"), method="PUT",
                                                 headers={"content-type": "text/plain"}, body=b"x")),
    row("an x-amz header added", altered(header("x-amz-acl", "private"), method="PUT", body=b"x"), "AccessDenied"),
    row("a copy source added", altered(header("x-amz-copy-source", f"/{BUCKET}/private/a.txt"), method="PUT"), "AccessDenied"),
    row("another body", altered(setting(body=b"forged"), method="PUT", body=b"signed"), "XAmzContentSHA256Mismatch"),
    row("another body and its hash", altered(lambda request: (setting(body=b"forged")(request), header(
        "x-amz-content-sha256", sigv4.hashlib.sha256(b"forged").hexdigest())(request)), method="PUT", body=b"signed")),
    row("a body said to be unsigned", altered(header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), method="PUT", body=b"signed")),
    row("a body said to come in chunks", altered(header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                                                 method="PUT", body=b"signed"), (MISMATCH, "MissingContentLength", "InvalidRequest")),
    row("no hash", altered(without("x-amz-content-sha256")), ("InvalidRequest", MISMATCH)),
]

AUTHORIZATION = [
    row("the signature's last digit", altered(last_digit)),
    row("no signature", altered(lambda r: r.headers.__setitem__("authorization", r.headers["authorization"].rpartition("=")[0] + "=")),
        (MISMATCH, MALFORMED)),
    row("a signature of zeros", altered(lambda r: r.headers.__setitem__(
        "authorization", r.headers["authorization"].rpartition("=")[0] + "=" + "0" * 64))),
    row("half a signature", altered(lambda r: r.headers.__setitem__("authorization", r.headers["authorization"][:-32]))),
    row("another region", altered(authorization("eu-west-1", "us-east-1")), MALFORMED),
    row("another service", altered(authorization("/s3/", "/iam/")), (MISMATCH, MALFORMED, "InvalidAction", "AccessDenied")),
    row("signed for another region", altered(unchanged, region="us-west-2"), MALFORMED),
    row("signed for another service", altered(authorization("/sqs/", "/s3/"), service="sqs")),
    row("another day's scope", altered(another_day), MALFORMED),
    row("another terminator", altered(authorization("aws4_request", "aws5_request")), MALFORMED),
    row("another algorithm", altered(authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")),
        ("InvalidRequest", "InvalidArgument", MALFORMED, "AccessDenied")),
    row("host not signed", altered(authorization("SignedHeaders=host;", "SignedHeaders=")), "AccessDenied"),
    row("the date not signed", altered(authorization(";x-amz-date", "")), "AccessDenied"),
    row("no signed headers", altered(lambda r: r.headers.__setitem__("authorization", r.headers["authorization"].replace(
        "host;x-amz-content-sha256;x-amz-date", ""))), ("AccessDenied", MALFORMED)),
    row("a header signed that is not there", altered(authorization("x-amz-date", "x-amz-date;x-never"))),
    row("no authorization", altered(without("authorization")), "AccessDenied"),
    row("an empty authorization", altered(header("authorization", "")), ("AccessDenied", "InvalidArgument", MALFORMED)),
    row("basic authorization", altered(header("authorization", "Basic YWxpY2U6eA==")), ("InvalidArgument", "AccessDenied", "InvalidRequest")),
    row("both in the header and in the query", altered(setting(query=[("X-Amz-Signature", "0" * 64), ("X-Amz-Algorithm", "AWS4-HMAC-SHA256")])),
        ("InvalidArgument", MISMATCH, "AuthorizationQueryParametersError")),
]

TIME = [
    row("16 minutes old", aged(minutes=16), "RequestTimeTooSkewed", "time"),
    row("16 minutes early", aged(minutes=-16), "RequestTimeTooSkewed", "time"),
    row("a year old", aged(days=365), "RequestTimeTooSkewed", "time"),
    row("14 minutes old", aged(minutes=14), "", "time"),
]

TOKEN_REFUSED = ("InvalidToken", "InvalidAccessKeyId", MISMATCH)

KEYS = [
    row("an active key", altered(unchanged), "", "keys"),
    row("another's secret", altered(unchanged, key=as_key(lambda _: {"secret": "x" * 40})), MISMATCH, "keys"),
    row("the secret in other case", altered(unchanged, key=as_key(lambda key: {"secret": key.secret.swapcase()})), MISMATCH, "keys"),
    row("an empty secret", altered(unchanged, key=as_key(lambda _: {"secret": ""})), MISMATCH, "keys"),
    row("a key nobody has", altered(unchanged, key=as_key(lambda _: {"id": "AKIAIOSFODNN7EXAMPLE"})), "InvalidAccessKeyId", "keys"),
    row("a key in other case", altered(unchanged, key=as_key(lambda key: {"id": key.id.lower()})), "InvalidAccessKeyId", "keys"),
    row("a key of slashes", altered(unchanged, key=as_key(lambda _: {"id": "a/b"})), ("InvalidAccessKeyId", MALFORMED), "keys"),
    row("bob's key with alice's secret", altered(unchanged, key=lambda world: sigv4.Key(world.bob.id, world.alice.secret)), MISMATCH, "keys"),
    row("root's key with alice's secret", altered(unchanged, key=lambda world: sigv4.Key(world.root.id, world.alice.secret)), MISMATCH, "keys"),
    row("a deactivated key", altered(unchanged, key=lambda world: world.idle), "InvalidAccessKeyId", "keys"),
    row("a deleted key", altered(unchanged, key=lambda world: world.gone), "InvalidAccessKeyId", "keys"),
    row("a deactivated key at STS", query_call("sts", "2011-06-15", "GetCallerIdentity", who="idle"), "InvalidClientTokenId", "keys"),
    row("a deleted key at STS", query_call("sts", "2011-06-15", "GetCallerIdentity", who="gone"), "InvalidClientTokenId", "keys"),
    row("a deleted key at ACM", json_call("acm", "CertificateManager.ListCertificates", who="gone"),
        ("UnrecognizedClientException", "InvalidClientTokenId"), "keys"),
    row("a token where there is none", altered(unchanged, key=as_key(lambda _: {"token": "bm9uZQ=="})), TOKEN_REFUSED, "keys"),
    row("a session's key that nobody has", altered(unchanged, key=as_key(lambda _: {"id": "ASIAIOSFODNN7EXAMPLE", "token": "bm9uZQ=="})),
        TOKEN_REFUSED, "keys"),
]

ROWS = [*ALTERED, *AUTHORIZATION, *TIME, *KEYS]
