"""Access control lists: what they open, to whom, and what closes it again. The bucket is one of its own, where lists count."""
import dataclasses

import sigv4
from world import ALICE, Row, allow, content_md5, delete, deny, document, get, list_bucket, put, s3_call

BUCKET = "meetinity-denials-lists"
ARN = f"arn:aws:s3:::{BUCKET}"
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclasses.dataclass(frozen=True)
class Lists:
    """How the bucket stands before a row's request."""
    ownership: str = "ObjectWriter"
    bucket: str = "private"
    document: str = "private"  # the object's canned list
    block: tuple = ()
    policy: tuple = ()


def under(lists, act):
    """`act`, once root has arranged that."""
    def arranged(world):
        s3 = world.s3
        if BUCKET not in [found["Name"] for found in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter",
                             CreateBucketConfiguration={"LocationConstraint": sigv4.REGION})
        s3.delete_public_access_block(Bucket=BUCKET)
        s3.delete_bucket_policy(Bucket=BUCKET)
        s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
        s3.put_bucket_acl(Bucket=BUCKET, ACL=lists.bucket)
        s3.put_object(Bucket=BUCKET, Key="docs/a.txt", Body=b"only for those who may read it", ACL=lists.document)
        if lists.policy:
            s3.put_bucket_policy(Bucket=BUCKET, Policy=document(list(lists.policy)))
        s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": lists.ownership}]})
        if lists.block:
            s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={flag: True for flag in lists.block})
        return act(world)
    return arranged


def after(first, act):
    def both(world):
        first(world)
        return act(world)
    return both


def row(name, lists, act, code="AccessDenied", identity=None):
    return Row("lists", name, under(lists, act), code, identity=identity)


def acl_of(key, canned, who=None):
    return s3_call("PUT", f"/{BUCKET}/{key}", who, [("acl", "")], {"x-amz-acl": canned, "content-md5": content_md5(b"")})


CLOSED = Lists()
READ = Lists(document="public-read")
OPEN_BUCKET = Lists(bucket="public-read-write")
NOBODY_WRITES = put(key="docs/theirs.txt", who=None, bucket=BUCKET)
NOBODY_READS = (deny("s3:GetObject", f"{ARN}/*", Principal="*"),)
FOR_ALICE = (allow("s3:PutObject", f"{ARN}/*", Principal={"AWS": ALICE}),)

ROWS = [
    row("a private object, nobody reads", CLOSED, get(who=None, bucket=BUCKET)),
    row("a private object, alice without policies", CLOSED, get(bucket=BUCKET)),
    row("an open object, nobody reads", READ, get(who=None, bucket=BUCKET), ""),
    row("an open object, alice without policies", READ, get(bucket=BUCKET), ""),
    row("an open object, alice is denied by her policy", READ, get(bucket=BUCKET), identity=[deny("s3:GetObject")]),
    row("an open object, nobody lists", READ, list_bucket(who=None, bucket=BUCKET)),
    row("an open object, nobody writes", READ, put(key="docs/a.txt", who=None, bucket=BUCKET)),
    row("an open object, nobody deletes", READ, delete(key="docs/a.txt", who=None, bucket=BUCKET)),
    row("an open object, nobody reads its list", READ, get(who=None, bucket=BUCKET, query=[("acl", "")])),
    row("an open object, nobody opens it further", READ, acl_of("docs/a.txt", "public-read-write")),
    row("an object for those with an account, nobody", Lists(document="authenticated-read"), get(who=None, bucket=BUCKET)),
    row("an object for those with an account, alice", Lists(document="authenticated-read"), get(bucket=BUCKET), ""),
    row("an open object under a deny", Lists(document="public-read", policy=NOBODY_READS), get(who=None, bucket=BUCKET)),
    row("an open object, lists ignored", Lists(document="public-read", block=("IgnorePublicAcls",)),
        get(who=None, bucket=BUCKET)),
    row("an open object, lists only blocked", Lists(document="public-read", block=("BlockPublicAcls",)),
        get(who=None, bucket=BUCKET), ""),
    row("an open object where the owner is enforced", Lists(document="public-read", ownership="BucketOwnerEnforced"),
        get(who=None, bucket=BUCKET)),
    row("an open bucket, nobody lists", OPEN_BUCKET, list_bucket(who=None, bucket=BUCKET), ""),
    row("an open bucket, nobody reads its objects", OPEN_BUCKET, get(who=None, bucket=BUCKET)),
    row("an open bucket, nobody learns its policy", OPEN_BUCKET, s3_call("GET", f"/{BUCKET}", None, [("policy", "")])),
    row("an open bucket, nobody changes its list", OPEN_BUCKET, s3_call("PUT", f"/{BUCKET}", None, [("acl", "")], {
        "x-amz-acl": "public-read", "content-md5": content_md5(b"")})),
    row("an open bucket, nobody deletes it", OPEN_BUCKET, s3_call("DELETE", f"/{BUCKET}", None)),
    row("an open bucket, nobody writes", OPEN_BUCKET, NOBODY_WRITES, ""),
    row("what nobody wrote is not the bucket owner's", OPEN_BUCKET,
        after(NOBODY_WRITES, get(key="docs/theirs.txt", who="root", bucket=BUCKET))),
    row("what nobody wrote is the bucket owner's to delete", OPEN_BUCKET,
        after(NOBODY_WRITES, delete(key="docs/theirs.txt", who="root", bucket=BUCKET)), ""),
    row("public lists blocked, root opens an object", Lists(block=("BlockPublicAcls",)),
        acl_of("docs/a.txt", "public-read", "root")),
    row("public lists blocked, root writes an open object", Lists(block=("BlockPublicAcls",)),
        put(who="root", bucket=BUCKET, headers={"x-amz-grant-read": f'uri="{EVERYONE}"'})),
    row("alice may write, but not say for whom", Lists(policy=FOR_ALICE),
        put(bucket=BUCKET, headers={"x-amz-acl": "public-read"})),
    row("alice may write for herself", Lists(policy=FOR_ALICE), put(bucket=BUCKET), ""),
]
