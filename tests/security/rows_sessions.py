"""Assumed roles, session policies, permissions boundaries and the tokens of sessions."""
import dataclasses
import json
import pathlib

import boto3
import botocore.exceptions
import sigv4
from world import ACCOUNT, ALICE, ARN, BOB, BUCKET, OTHER_BUCKET, Row, allow, deny, document

ROLE = f"arn:aws:iam::{ACCOUNT}:role/denials"
SERVED = pathlib.Path(__file__).resolve().parents[2] / "models" / "served" / "sts.txt"
READS = [allow("s3:GetObject", f"{ARN}/docs/*")]
EVERYTHING = [allow()]
TOKEN_REFUSED = ("InvalidToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken")


def trust(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}})


def row(name, act, code="AccessDenied", group="assumed role", bucket=None):
    return Row(group, name, act, code, bucket=bucket)


def assume(world, trusted=ALICE, role_policy=None, session_policy=None, condition=None):
    """A session of a role that is made, or made over, for the row."""
    policy = trust(Principal={"AWS": trusted}, **({"Condition": condition} if condition else {}))
    try:
        world.iam.create_role(RoleName="denials", AssumeRolePolicyDocument=policy)
    except world.iam.exceptions.EntityAlreadyExistsException:
        world.iam.update_assume_role_policy(RoleName="denials", PolicyDocument=policy)
    world.iam.put_role_policy(RoleName="denials", PolicyName="row", PolicyDocument=document(role_policy or READS))
    sts = boto3.client("sts", endpoint_url=world.cloud.endpoint, region_name=sigv4.REGION, aws_access_key_id=world.alice.id,
                       aws_secret_access_key=world.alice.secret)
    more = {"Policy": document(session_policy)} if session_policy else {}
    made = sts.assume_role(RoleArn=ROLE, RoleSessionName="row", **more)["Credentials"]
    return sigv4.Key(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def session(key="docs/a.txt", change=lambda key: key, method="GET", bucket=BUCKET, **options):
    """One request by a session, whose key `change` may alter."""
    def act(world):
        try:
            caller = change(assume(world, **options))
        except botocore.exceptions.ClientError as refused:
            answer = refused.response
            return sigv4.Answer(answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], b"")
        body = b"x" if method == "PUT" else b""
        return world.signed(sigv4.Request(method, f"/{bucket}/{key}", [], {}, body), caller)
    return act


def bounded(boundary, policy, key="docs/a.txt"):
    """One request by a user of his own with this boundary and this policy."""
    def act(world):
        arn = world.managed_policy(document(boundary))
        caller = world.user_once("carol")
        world.iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary=arn)
        world.iam.put_user_policy(UserName="carol", PolicyName="row", PolicyDocument=document(policy))
        return world.signed(sigv4.Request("GET", f"/{BUCKET}/{key}"), caller)
    return act


def altered(**change):
    return lambda key: dataclasses.replace(key, **{name: make(key) for name, make in change.items()})


def flipped(text):
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1:]


ROWS = [] if "AssumeRole" not in SERVED.read_text() else [
    row("what the role may", session(), ""),
    row("what the role may not", session("private/a.txt")),
    row("a write where the role reads", session(method="PUT")),
    row("another bucket", session(bucket=OTHER_BUCKET)),
    row("a role that trusts another", session(trusted=BOB)),
    row("a role that trusts under a condition that fails", session(condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    row("a role that asks for an external id", session(condition={"StringEquals": {"sts:ExternalId": "secret"}})),
    row("a role that trusts only with MFA", session(condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
    row("a deny in the role's policy", session(role_policy=[allow(), deny("s3:GetObject")])),
    row("a deny at the bucket by the role", session(role_policy=EVERYTHING),
        bucket=[deny("s3:*", [ARN, f"{ARN}/*"], Principal={"AWS": ROLE})]),
    row("within the session's policy", session(role_policy=EVERYTHING, session_policy=READS), "", "session policy"),
    row("outside the session's policy", session("private/a.txt", role_policy=EVERYTHING, session_policy=READS), group="session policy"),
    row("a session's policy gives nothing", session("private/a.txt", session_policy=EVERYTHING), group="session policy"),
    row("a deny in the session's policy", session(role_policy=EVERYTHING, session_policy=[allow(), deny("s3:Get*")]),
        group="session policy"),
    row("a session's NotAction", session(role_policy=EVERYTHING, session_policy=[allow(None, NotAction="s3:Get*")]), group="session policy"),
    row("within the boundary", bounded(READS, EVERYTHING), "", "boundary"),
    row("outside the boundary", bounded(READS, EVERYTHING, "private/a.txt"), group="boundary"),
    row("a boundary gives nothing", bounded(EVERYTHING, READS, "private/a.txt"), group="boundary"),
    row("a deny in the boundary", bounded([allow(), deny("s3:GetObject")], EVERYTHING), group="boundary"),
    row("a boundary of another service", bounded([allow("iam:*")], EVERYTHING), group="boundary"),
    row("the session as it was given", session(), "", "token"),
    row("no token", session(change=altered(token=lambda _: "")), TOKEN_REFUSED, "token"),
    row("a token altered in the middle", session(change=altered(token=lambda key: flipped(key.token))), TOKEN_REFUSED, "token"),
    row("a token cut short", session(change=altered(token=lambda key: key.token[:-4])), TOKEN_REFUSED, "token"),
    row("a token of other bytes", session(change=altered(token=lambda _: "bm9uZQ==")), TOKEN_REFUSED, "token"),
    row("the session's key altered", session(change=altered(id=lambda key: flipped(key.id))), TOKEN_REFUSED, "token"),
    row("the session's secret altered", session(change=altered(secret=lambda key: flipped(key.secret))), TOKEN_REFUSED, "token"),
]
