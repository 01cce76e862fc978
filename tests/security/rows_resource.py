"""What the bucket's policy says: to callers with no policy of their own, to strangers, to root."""
from world import ACCOUNT, ALICE, ARN, BOB, STRANGER, Row, allow, delete, deny, get, list_bucket, put, s3_call

ALL = [ARN, f"{ARN}/*"]
EVERYONE = {"Principal": "*"}


def to(principal):
    return {"Principal": {"AWS": principal}}


def but(principal):
    return {"NotPrincipal": {"AWS": principal}}


def row(name, act, bucket, code="AccessDenied", identity=None, group="resource"):
    return Row(group, name, act, code, identity=identity, bucket=bucket)


READS = [allow("s3:GetObject", ALL, **to(ALICE))]
OPEN = [allow()]

PRINCIPALS = [
    row("alice is let in", get(), READS, ""),
    row("alice is let in, to read only", put(), READS),
    row("alice is let in, not to list", list_bucket(), READS),
    row("alice is let in, nobody else", get(who=None), READS),
    row("another user is let in", get(), [allow("s3:GetObject", ALL, **to(BOB))]),
    row("the account delegates, alice has nothing", get(), [allow("s3:GetObject", ALL, **to(ACCOUNT))]),
    row("the account's root delegates, alice has nothing", get(), [allow("s3:*", ALL, **to(f"arn:aws:iam::{ACCOUNT}:root"))]),
    row("another account is let in", get(), [allow("s3:*", ALL, **to(STRANGER))]),
    row("a service is let in", get(), [allow("s3:*", ALL, Principal={"Service": "cloudfront.amazonaws.com"})]),
    row("everyone is let in", get(), [allow("s3:GetObject", ALL, **EVERYONE)], ""),
    row("everyone is let in elsewhere", get(), [allow("s3:GetObject", f"{ARN}/private/*", **EVERYONE)]),
    row("NotPrincipal names alice", get(), [deny("s3:*", ALL, **but([BOB, f"arn:aws:iam::{ACCOUNT}:root"]))], identity=OPEN),
    row("NotPrincipal spares alice", get(), [deny("s3:*", ALL, **but([ALICE, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT]))], "",
        identity=OPEN),
    row("NotPrincipal shuts out nobody's requests", get(who=None),
        [allow("s3:GetObject", ALL, **EVERYONE), deny("s3:*", ALL, **but(ALICE))]),
    row("NotPrincipal shuts out root", get(who="root"), [deny("s3:GetObject", ALL, **but(ALICE))]),
]

DENIED = [
    row("deny over the caller's allow", get(), [deny("s3:GetObject", ALL, **to(ALICE))], identity=OPEN),
    row("deny to everyone over the caller's allow", get(), [deny("s3:*", ALL, **EVERYONE)], identity=OPEN),
    row("deny to the account reaches its users", get(), [deny("s3:*", ALL, **to(ACCOUNT))], identity=OPEN),
    row("deny to another leaves alice alone", get(), [deny("s3:*", ALL, **to(BOB))], "", identity=OPEN),
    row("the caller's deny over the bucket's allow", get(), READS, identity=[deny("s3:GetObject")]),
    row("deny over root", get(who="root"), [deny("s3:GetObject", ALL, **EVERYONE)]),
    row("deny over root's writes", put(who="root"), [deny("s3:PutObject", ALL, **to(f"arn:aws:iam::{ACCOUNT}:root"))]),
    row("deny over root's deletes", delete(who="root"), [deny("s3:DeleteObject", ALL, **EVERYONE)]),
    row("root keeps the policy itself", s3_call("GET", "/meetinity-denials", "root", [("policy", "")]),
        [deny("s3:*", ALL, **EVERYONE)], ""),
    row("a locked bucket's policy is not alice's to read", s3_call("GET", "/meetinity-denials", "alice", [("policy", "")]),
        [deny("s3:*", ALL, **EVERYONE)], identity=OPEN),
]

ENCRYPTED_ONLY = [deny("s3:PutObject", ALL, **EVERYONE, Condition={"Null": {"s3:x-amz-server-side-encryption": "true"}})]
NO_PLAIN_HTTP = [deny("s3:*", ALL, **EVERYONE, Condition={"Bool": {"aws:SecureTransport": "false"}})]


def from_address(block):
    return [allow("s3:GetObject", ALL, **to(ALICE), Condition={"IpAddress": {"aws:SourceIp": block}})]


CONDITIONS = [
    row("SourceIp elsewhere", get(), from_address("203.0.113.0/24")),
    row("SourceIp here", get(), from_address("127.0.0.0/8"), ""),
    row("deny plain HTTP", get(), NO_PLAIN_HTTP, identity=OPEN),
    row("deny plain HTTP to root", get(who="root"), NO_PLAIN_HTTP),
    row("only one distribution", get(who=None), [allow("s3:GetObject", ALL, **EVERYONE, Condition={
        "StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}})]),
    row("SourceArn forged as a header", get(who=None, headers={
        "x-amz-source-arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}),
        [allow("s3:GetObject", ALL, **EVERYONE, Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:*"}})]),
    row("ArnNotEquals needs no key, Null does", get(who=None), [allow("s3:GetObject", ALL, **EVERYONE, Condition={
        "Null": {"aws:PrincipalArn": "false"}})]),
    row("Referer of another site", get(who=None, headers={"referer": "https://elsewhere.example/"}), [allow(
        "s3:GetObject", ALL, **EVERYONE, Condition={"StringLike": {"aws:Referer": "https://meetinity.example/*"}})]),
    row("writes must be encrypted", put(headers={"x-amz-acl": "private"}), ENCRYPTED_ONLY, identity=OPEN),
    row("a cheaper class is denied", put(headers={"x-amz-storage-class": "REDUCED_REDUNDANCY"}), [deny(
        "s3:PutObject", ALL, **EVERYONE, Condition={"StringEquals": {"s3:x-amz-storage-class": "REDUCED_REDUNDANCY"}})],
        identity=OPEN),
    row("a version is denied", get(query=[("versionId", "null")]), [deny(
        "s3:GetObjectVersion", ALL, **EVERYONE, Condition={"StringEquals": {"s3:VersionId": "null"}})], identity=OPEN),
    row("writes are encrypted", put(headers={"x-amz-server-side-encryption": "AES256"}), ENCRYPTED_ONLY, "", identity=OPEN),
]

ANONYMOUS = [
    row(name, act, None, group="anonymous") for name, act in (
        ("reads", get(who=None)),
        ("writes", put(who=None)),
        ("deletes", delete(who=None)),
        ("lists", list_bucket(who=None)),
        ("lists buckets", s3_call("GET", "/", None)),
        ("reads the policy", s3_call("GET", "/meetinity-denials", None, [("policy", "")])),
        ("reads the ACL", s3_call("GET", "/meetinity-denials", None, [("acl", "")])),
        ("deletes the bucket", s3_call("DELETE", "/meetinity-denials", None)),
        ("starts an upload", s3_call("POST", "/meetinity-denials/x", None, [("uploads", "")])),
        ("reads what is not there", get("docs/never-there.txt", who=None)),
    )
] + [row("reads what is open", get(who=None), [allow("s3:GetObject", ALL, **EVERYONE)], "", group="anonymous"),
     row("writes where reading is open", put(who=None), [allow("s3:GetObject", ALL, **EVERYONE)], group="anonymous"),
     row("lists where reading is open", list_bucket(who=None), [allow("s3:GetObject", ALL, **EVERYONE)], group="anonymous")]

OWNER = [
    row("the owner expected", get(headers={"x-amz-expected-bucket-owner": ACCOUNT}), None, "", identity=OPEN,
        group="wrong account"),
    row("another owner expected", get(headers={"x-amz-expected-bucket-owner": STRANGER}), None, identity=OPEN,
        group="wrong account"),
    row("another owner expected, written", put(headers={"x-amz-expected-bucket-owner": STRANGER}), None, identity=OPEN,
        group="wrong account"),
    row("another owner expected, by root", get(who="root", headers={"x-amz-expected-bucket-owner": STRANGER}), None,
        group="wrong account"),
    row("another owner expected, deleted", s3_call("DELETE", "/meetinity-denials", "root", headers={
        "x-amz-expected-bucket-owner": STRANGER}), None, group="wrong account"),
    row("another source owner expected", put("docs/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials/docs/a.txt", "x-amz-source-expected-bucket-owner": STRANGER}), None,
        identity=OPEN, group="wrong account"),
]

COPIES = [
    row("a copy of what may be read and written", put("docs/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials/docs/a.txt"}), None, "", group="copies",
        identity=[allow(["s3:GetObject", "s3:PutObject"], f"{ARN}/docs/*")]),
    row("a copy of what may not be read", put("docs/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials/private/a.txt"}), None, group="copies",
        identity=[allow("s3:GetObject", f"{ARN}/docs/*"), allow("s3:PutObject")]),
    row("a copy to where may not be written", put("private/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials/docs/a.txt"}), None, group="copies",
        identity=[allow("s3:GetObject"), allow("s3:PutObject", f"{ARN}/docs/*")]),
    row("a copy from another bucket", put("docs/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials-other/docs/a.txt"}), None, group="copies", identity=[allow("s3:*", ALL)]),
    row("an encoded copy source", put("docs/copy.txt", body=b"", headers={
        "x-amz-copy-source": "meetinity-denials%2Fprivate%2Fa.txt"}), None, group="copies",
        identity=[allow(["s3:GetObject", "s3:PutObject"], f"{ARN}/docs/*")]),
]

ROWS = [*PRINCIPALS, *DENIED, *CONDITIONS, *ANONYMOUS, *OWNER, *COPIES]
