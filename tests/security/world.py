"""Who and what the table of denials speaks of: a bucket, a few callers, and the settings that a row changes."""
import base64
import dataclasses
import hashlib
import json
import time
import typing

import sigv4

ACCOUNT = "123456789012"
STRANGER = "210987654321"
BUCKET = "meetinity-denials"
OTHER_BUCKET = "meetinity-denials-other"
ARN = f"arn:aws:s3:::{BUCKET}"
OBJECT = f"{ARN}/docs/a.txt"
SECRET_TEXT = b"only for those who may read it"

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BOB = f"arn:aws:iam::{ACCOUNT}:user/team/bob"
BLOCK_FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def allow(action="*", resource="*", **more):
    return statement("Allow", action, resource, **more)


def deny(action="*", resource="*", **more):
    return statement("Deny", action, resource, **more)


def statement(effect, action, resource, **more):
    """`action` and `resource` may be None, where NotAction or NotResource among `more` take their place."""
    made = {"Effect": effect}
    if action is not None:
        made["Action"] = action
    if resource is not None:
        made["Resource"] = resource
    return {**made, **more}


def document(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def content_md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


@dataclasses.dataclass
class Row:
    """One request that must be refused with `code` (one of them, where it is a tuple), or answered where it is ""."""
    group: str
    name: str
    act: typing.Callable
    code: typing.Union[str, tuple] = "AccessDenied"
    identity: typing.Optional[list] = None  # alice's only policy
    bucket: typing.Optional[list] = None    # the bucket's policy
    block: tuple = ()                       # flags of the public access block that are on

    @property
    def denied(self):
        return self.code != ""


class World:
    """A running cloud with the table's cast. Settings persist until another row needs others: most rows need few calls."""

    def __init__(self, cloud):
        self.cloud = cloud
        settings = cloud.env
        self.root = sigv4.Key(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        self.host = f"127.0.0.1:{cloud.api_port}"
        self.s3, self.iam = cloud.boto("s3"), cloud.boto("iam")
        self.cloudfront = cloud.boto("cloudfront")
        self.distribution = cloud.output("static_assets_distribution_id")
        self.site = cloud.output("static_assets_cdn_domain")
        self.site_bucket = cloud.output("static_assets_bucket_name")
        self.identity, self.policy, self.block = None, None, ()
        self.others, self.managed = {}, {}
        self._make_buckets()
        self.alice, self.bob = self.user("alice"), self.user("bob", "/team/")
        self.idle, self.gone = self.user("idle"), self.user("gone")
        everything = document([allow()])
        for name in ("bob", "idle", "gone"):
            self.iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=everything)
        self.iam.update_access_key(UserName="idle", AccessKeyId=self.idle.id, Status="Inactive")
        self.iam.delete_access_key(UserName="gone", AccessKeyId=self.gone.id)

    def _make_buckets(self):
        for name in (BUCKET, OTHER_BUCKET):
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": sigv4.REGION})
            self.s3.delete_public_access_block(Bucket=name)
            for key in ("docs/a.txt", "docs/b.txt", "private/a.txt", "docs/alice/mine.txt", "docs/bob/his.txt"):
                self.s3.put_object(Bucket=name, Key=key, Body=SECRET_TEXT)

    def user(self, name, path="/"):
        self.iam.create_user(UserName=name, Path=path)
        made = self.iam.create_access_key(UserName=name)["AccessKey"]
        return sigv4.Key(made["AccessKeyId"], made["SecretAccessKey"])

    def user_once(self, name):
        """A user who is made when a row first needs him."""
        if name not in self.others:
            self.others[name] = self.user(name)
        return self.others[name]

    def managed_policy(self, text):
        """The ARN of a managed policy that says this; one for each text."""
        if text not in self.managed:
            made = self.iam.create_policy(PolicyName=f"denials-{len(self.managed)}", PolicyDocument=text)
            self.managed[text] = made["Policy"]["Arn"]
        return self.managed[text]

    def arrange(self, row):
        """What the row presupposes, by root's hand."""
        if row.identity != self.identity:
            if row.identity is None:
                self.iam.delete_user_policy(UserName="alice", PolicyName="row")
            else:
                self.iam.put_user_policy(UserName="alice", PolicyName="row", PolicyDocument=document(row.identity))
            self.identity = row.identity
        if row.bucket != self.policy:
            self.set_block(())  # or it would keep the policy out
            if row.bucket is None:
                self.s3.delete_bucket_policy(Bucket=BUCKET)
            else:
                self.s3.put_bucket_policy(Bucket=BUCKET, Policy=document(row.bucket))
            self.policy = row.bucket
        self.set_block(row.block)

    def set_block(self, flags):
        if flags == self.block:
            return
        if flags:
            self.s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={
                flag: flag in flags for flag in BLOCK_FLAGS})
        else:
            self.s3.delete_public_access_block(Bucket=BUCKET)
        self.block = flags

    # --- requests

    def send(self, request):
        request.headers.setdefault("host", self.host)
        return sigv4.send(request, self.cloud.api_port)

    def signed(self, request, key, **options):
        return self.send(sigv4.sign(request, key, self.host, **options))

    def edge(self, path, host=None, method="GET", headers=None, site=None):
        """One visitor's request; the connection names the site, `host` is what the request says."""
        site = site or self.site
        request = sigv4.Request(method, path, headers={"host": host or f"{site}:{self.cloud.https_port}", **(headers or {})})
        return sigv4.send(request, self.cloud.https_port, self.cloud.ca, site)

    def another_site(self, **origin):
        """The domain of a new distribution with the site's configuration, its origin altered, once it answers."""
        config = self.cloudfront.get_distribution_config(Id=self.distribution)["DistributionConfig"]
        config["CallerReference"] = f"denials {sorted(origin)}"
        config["Aliases"] = {"Quantity": 0}
        config["ViewerCertificate"] = {"CloudFrontDefaultCertificate": True}
        config["Origins"]["Items"][0].update(origin)
        made = self.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
        until = time.monotonic() + 30
        while self.cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] != "Deployed":
            assert time.monotonic() < until
        return made["DomainName"]


# --- acts: what a row does. Each makes a callable of the world.

def s3_call(method, path, who="alice", query=(), headers=None, body=b""):
    """`who` is a caller of the world by name, or None for nobody."""
    def act(world):
        request = sigv4.Request(method, path, list(query), dict(headers or {}), body)
        return world.signed(request, getattr(world, who)) if who else world.send(request)
    return act


def get(key="docs/a.txt", who="alice", bucket=BUCKET, **more):
    return s3_call("GET", f"/{bucket}/{key}", who, **more)


def put(key="docs/new.txt", who="alice", bucket=BUCKET, **more):
    return s3_call("PUT", f"/{bucket}/{key}", who, **{"body": b"new", **more})


def delete(key="docs/never-there.txt", who="alice", bucket=BUCKET, **more):
    return s3_call("DELETE", f"/{bucket}/{key}", who, **more)


def list_bucket(who="alice", bucket=BUCKET, **parameters):
    return s3_call("GET", f"/{bucket}", who, [("list-type", "2"), *((k.replace("_", "-"), v) for k, v in parameters.items())])


def query_call(service, version, action, who="alice", **parameters):
    """An operation of the query protocol: IAM and STS."""
    def act(world):
        body = sigv4.encode_query([("Action", action), ("Version", version), *parameters.items()]).encode()
        request = sigv4.Request("POST", "/", [], {"content-type": "application/x-www-form-urlencoded"}, body)
        return world.signed(request, getattr(world, who), service=service) if who else world.send(request)
    return act


def json_call(service, target, who="alice", **body):
    """An operation of JSON 1.1: ACM."""
    def act(world):
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
        request = sigv4.Request("POST", "/", [], headers, json.dumps(body).encode())
        return world.signed(request, getattr(world, who), service=service, region="us-east-1") if who else world.send(request)
    return act


def cloudfront_call(method, path, who="alice", body=b"", headers=None, query=()):
    def act(world):
        request = sigv4.Request(method, path.replace("{distribution}", world.distribution), list(query), dict(headers or {}), body)
        return world.signed(request, getattr(world, who), service="cloudfront", region="us-east-1")
    return act
