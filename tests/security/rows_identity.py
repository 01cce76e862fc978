"""What callers' own policies say."""
from world import (ACCOUNT, ALICE, ARN, BUCKET, OTHER_BUCKET, STRANGER, Row, allow, content_md5, delete, deny, get, list_bucket,
                   put, s3_call)

GROUP = "identity"
EVERYTHING = [allow()]
READS = [allow("s3:GetObject", f"{ARN}/docs/*")]


def row(name, act, identity, code="AccessDenied"):
    return Row(GROUP, name, act, code, identity=identity)


def when(operator, key, value, effect=allow):
    return [effect("s3:*", Condition={operator: {key: value}})] + ([] if effect is allow else EVERYTHING)


PLAIN = [
    row("no policy at all", get(), None),
    row("everything allowed", get(), EVERYTHING, ""),
    row("reads allowed, and read", get(), READS, ""),
    row("reads allowed, another prefix", get("private/a.txt"), READS),
    row("reads allowed, another bucket", get(bucket=OTHER_BUCKET), READS),
    row("reads allowed, written", put(), READS),
    row("reads allowed, deleted", delete(), READS),
    row("reads allowed, listed", list_bucket(), READS),
    row("reads allowed, tags read", get(query=[("tagging", "")]), READS),
    row("reads allowed, ACL read", get(query=[("acl", "")]), READS),
    row("reads allowed, a version read", get(query=[("versionId", "null")]), READS),
    row("reads allowed, the bucket's policy written", s3_call("PUT", f"/{BUCKET}", query=[("policy", "")], body=b"{}",
                                                                      headers={"content-md5": content_md5(b"{}")}), READS),
    row("listing needs the bucket, not its objects", list_bucket(), [allow("s3:ListBucket", f"{ARN}/*")]),
    row("listing with the bucket", list_bucket(), [allow("s3:ListBucket", ARN)], ""),
    row("reading needs the object, not the bucket", get(), [allow("s3:GetObject", ARN)]),
    row("the action in another service", get(), [allow("iam:GetObject")]),
    row("an action that only begins alike", get(), [allow("s3:GetObjectAcl")]),
    row("actions compare without regard to case", get(), [allow("S3:getOBJECT")], ""),
    row("resources compare with regard to case", get(), [allow("s3:GetObject", f"{ARN}/DOCS/*")]),
    row("? is one character", get(), [allow("s3:GetObject", f"{ARN}/docs/?")]),
    row("? five times", get(), [allow("s3:GetObject", f"{ARN}/docs/?????")], ""),
    row("a prefix is no match without *", get(), [allow("s3:GetObject", f"{ARN}/docs/")]),
    row("an empty statement of another's name", get(), [allow("s3:GetObject", "arn:aws:s3:::meetinity-denial")]),
    row("* spans slashes", get("docs/alice/mine.txt"), [allow("s3:GetObject", f"{ARN}/*/mine.txt")], ""),
    row("another partition", get(), [allow("s3:*", f"arn:aws-cn:s3:::{BUCKET}/*")]),
    row("ListAllMyBuckets is its own", s3_call("GET", "/"), [allow("s3:ListBucket")]),
    row("ListAllMyBuckets", s3_call("GET", "/"), [allow("s3:ListAllMyBuckets")], ""),
    row("buckets made", s3_call("PUT", "/meetinity-alices-own"), READS),
]

DENIED = [
    row("deny over allow", get(), [allow(), deny("s3:GetObject")]),
    row("deny before allow", get(), [deny("s3:GetObject"), allow()]),
    row("deny of one prefix", get("private/a.txt"), [allow(), deny("s3:*", f"{ARN}/private/*")]),
    row("deny of another prefix", get(), [allow(), deny("s3:*", f"{ARN}/private/*")], ""),
    row("deny by wildcard of the action", get(), [allow(), deny("s3:Get*")]),
    row("deny of all", list_bucket(), [allow(), deny()]),
    row("deny NotAction", put(), [allow(), deny(None, NotAction="s3:GetObject")]),
    row("deny NotAction spares what it names", get(), [allow(), deny(None, NotAction="s3:GetObject")], ""),
    row("deny NotResource", get("private/a.txt"), [allow(), deny("s3:*", None, NotResource=f"{ARN}/docs/*")]),
    row("deny NotResource spares what it names", get(), [allow(), deny("s3:*", None, NotResource=f"{ARN}/docs/*")], ""),
    row("deny NotResource of two", get(bucket=OTHER_BUCKET), [allow(), deny("s3:*", None, NotResource=[ARN, f"{ARN}/*"])]),
]

NEGATED = [
    row("allow NotAction, the action named", put(), [allow(None, NotAction="s3:Put*")]),
    row("allow NotAction, another action", get(), [allow(None, NotAction="s3:Put*")], ""),
    row("allow NotAction of a list", delete(), [allow(None, NotAction=["s3:Put*", "s3:DeleteObject"])]),
    row("allow NotAction of all of s3", get(), [allow(None, NotAction="s3:*")]),
    row("allow NotResource, the resource named", get("private/a.txt"), [allow("s3:*", None, NotResource=f"{ARN}/private/*")]),
    row("allow NotResource, another", get(), [allow("s3:*", None, NotResource=f"{ARN}/private/*")], ""),
    row("allow NotResource of a list", get(), [allow("s3:*", None, NotResource=[f"{ARN}/private/*", f"{ARN}/docs/*"])]),
    row("allow NotAction and NotResource, both named", put("private/x"),
        [allow(None, None, NotAction="s3:Put*", NotResource=f"{ARN}/private/*")]),
]

CONDITIONS = [
    row("SourceIp elsewhere", get(), when("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
    row("SourceIp here", get(), when("IpAddress", "aws:SourceIp", "127.0.0.0/8"), ""),
    row("NotIpAddress here", get(), when("NotIpAddress", "aws:SourceIp", "127.0.0.1/32")),
    row("SourceIp forged in X-Forwarded-For", get(headers={"x-forwarded-for": "203.0.113.7"}),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
    row("deny SourceIp here", get(), when("IpAddress", "aws:SourceIp", "127.0.0.1", deny)),
    row("SecureTransport asked for", get(), when("Bool", "aws:SecureTransport", "true")),
    row("deny without SecureTransport", get(), when("Bool", "aws:SecureTransport", "false", deny)),
    row("SecureTransport not asked for", get(), when("Bool", "aws:SecureTransport", "false"), ""),
    row("SecureTransport forged in X-Forwarded-Proto", get(headers={"x-forwarded-proto": "https"}),
        when("Bool", "aws:SecureTransport", "true")),
    row("too late", get(), when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")),
    row("too early", get(), when("DateGreaterThan", "aws:CurrentTime", "2099-01-01T00:00:00Z")),
    row("in time", get(), when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), ""),
    row("epoch too late", get(), when("NumericLessThan", "aws:EpochTime", "1577836800")),
    row("username of another", get(), when("StringEquals", "aws:username", "bob")),
    row("username in other case", get(), when("StringEquals", "aws:username", "ALICE")),
    row("username in other case, ignored", get(), when("StringEqualsIgnoreCase", "aws:username", "ALICE"), ""),
    row("PrincipalArn of another", get(), when("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/bob")),
    row("PrincipalArn", get(), when("ArnEquals", "aws:PrincipalArn", ALICE), ""),
    row("PrincipalAccount of another", get(), when("StringEquals", "aws:PrincipalAccount", STRANGER)),
    row("PrincipalType of another", get(), when("StringEquals", "aws:PrincipalType", "AssumedRole")),
    row("user agent of another", get(headers={"user-agent": "curl"}), when("StringLike", "aws:UserAgent", "trusted/*")),
    row("region of another", get(), when("StringEquals", "aws:RequestedRegion", "us-west-2")),
    row("an absent key holds nothing", get(), when("StringEquals", "aws:SourceVpce", "vpce-1")),
    row("an absent key with IfExists", get(), when("StringEqualsIfExists", "aws:SourceVpce", "vpce-1"), ""),
    row("an absent key is not null", get(), when("Null", "aws:SourceVpce", "false")),
    row("ForAnyValue of nothing", get(), when("ForAnyValue:StringEquals", "aws:SourceVpce", "vpce-1")),
    row("no MFA", get(), when("Bool", "aws:MultiFactorAuthPresent", "true")),
    row("deny without MFA", get(), when("BoolIfExists", "aws:MultiFactorAuthPresent", "false", deny)),
    row("another ResourceAccount", get(), when("StringEquals", "s3:ResourceAccount", STRANGER)),
    row("only presigned", get(), when("StringEquals", "s3:authType", "REST-QUERY-STRING")),
    row("two operators, one fails", get(), [allow("s3:*", Condition={
        "StringEquals": {"aws:username": "alice"}, "IpAddress": {"aws:SourceIp": "203.0.113.1"}})]),
    row("two keys, one fails", get(), [allow("s3:*", Condition={
        "StringEquals": {"aws:username": "alice", "aws:RequestedRegion": "us-west-2"}})]),
    row("two values, one holds", get(), when("StringEquals", "aws:username", ["bob", "alice"]), ""),
    row("StringNotEquals of two, one equal", get(), when("StringNotEquals", "aws:username", ["bob", "alice"])),
    row("listing another prefix", list_bucket(prefix="private/"), when("StringLike", "s3:prefix", "docs/*")),
    row("listing the prefix", list_bucket(prefix="docs/"), when("StringLike", "s3:prefix", "docs/*"), ""),
    row("listing without the prefix", list_bucket(), when("StringLike", "s3:prefix", "docs/*")),
    row("listing too many", list_bucket(max_keys="1000"), when("NumericLessThanEquals", "s3:max-keys", "10")),
]

VARIABLES = [
    row("${aws:username}, one's own", get("docs/alice/mine.txt"), [allow("s3:GetObject", f"{ARN}/docs/${{aws:username}}/*")], ""),
    row("${aws:username}, another's", get("docs/bob/his.txt"), [allow("s3:GetObject", f"{ARN}/docs/${{aws:username}}/*")]),
    row("a variable that nobody gives", get("docs/alice/mine.txt"), [allow("s3:GetObject", f"{ARN}/docs/${{aws:SourceVpce}}*")]),
    row("${*} is a star, no wildcard", get(), [allow("s3:GetObject", f"{ARN}/docs/${{*}}")]),
]

ROWS = [*PLAIN, *DENIED, *NEGATED, *CONDITIONS, *VARIABLES]
