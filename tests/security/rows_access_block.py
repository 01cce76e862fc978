"""The public access block, flag by flag. Buckets own their objects here, so that an ACL that opens is refused anyway."""
from world import ALICE, ARN, BLOCK_FLAGS, BUCKET, Row, allow, content_md5, deny, document, get, list_bucket, put, s3_call

ALL = [ARN, f"{ARN}/*"]
OPEN = [allow("s3:GetObject", ALL, Principal="*")]
OPEN_IF = [allow("s3:GetObject", ALL, Principal="*", Condition={"StringLike": {"aws:Referer": "*"}})]
OPEN_TO_ALL_ADDRESSES = [allow("s3:GetObject", ALL, Principal="*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})]
PINNED = [allow("s3:GetObject", ALL, Principal="*", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})]
NOT_OPEN = [allow("s3:GetObject", ALL, Principal={"AWS": ALICE})]
ALL_BUT_ONE = [allow("s3:GetObject", ALL, NotPrincipal={"AWS": ALICE})]
ACLS_ARE_OFF = ("AccessDenied", "AccessControlListNotSupported", "InvalidBucketAclWithObjectOwnership")


def row(name, act, code="AccessDenied", bucket=None, block=(), identity=None):
    return Row("public access block", name, act, code, bucket=bucket, block=block, identity=identity)


def set_policy(statements, who="root"):
    """Sets the policy by the row's own request; the next row's arrangement sets its own again."""
    body = document(statements).encode()
    place = s3_call("PUT", f"/{BUCKET}", who, [("policy", "")],
                    {"content-md5": content_md5(body)}, body)

    def act(world):
        answer = place(world)
        world.policy = "unknown"
        return answer
    return act


RESTRICT = ("RestrictPublicBuckets",)
POLICY = ("BlockPublicPolicy",)

ROWS = [
    row("nothing blocked, open", get(who=None), "", OPEN),
    row("restricted, nobody reads", get(who=None), bucket=OPEN, block=RESTRICT),
    row("restricted, alice of the account reads", get(), "", OPEN, RESTRICT),
    row("restricted, nobody reads under a condition that is none", get(who=None, headers={"referer": "x"}),
        bucket=OPEN_IF, block=RESTRICT),
    row("restricted, all addresses are everybody", get(who=None), bucket=OPEN_TO_ALL_ADDRESSES, block=RESTRICT),
    row("restricted, a policy for some addresses is not public", get(who=None), "", PINNED, RESTRICT),
    row("restricted, a public policy's narrow half goes too", get(who=None), bucket=OPEN + PINNED, block=RESTRICT),
    row("restricted, all but one is everybody", get(who=None), bucket=ALL_BUT_ONE, block=RESTRICT),
    row("all four, nobody reads", get(who=None), bucket=OPEN, block=BLOCK_FLAGS[:2] + RESTRICT),
    row("restricted, nobody lists", list_bucket(who=None), bucket=[allow("s3:*", ALL, Principal="*")], block=RESTRICT),
    row("restricted, nobody writes", put(who=None), bucket=[allow("s3:*", ALL, Principal="*")], block=RESTRICT),
    row("policies blocked, an open one", set_policy(OPEN), block=POLICY),
    row("policies blocked, an open one under a condition that is none", set_policy(OPEN_IF), block=POLICY),
    row("policies blocked, one for all addresses", set_policy(OPEN_TO_ALL_ADDRESSES), block=POLICY),
    row("policies blocked, one for all but one", set_policy(ALL_BUT_ONE), block=POLICY),
    row("policies blocked, an open one beside a narrow one", set_policy(NOT_OPEN + OPEN), block=POLICY),
    row("policies blocked, a narrow one", set_policy(NOT_OPEN), "", block=POLICY),
    row("policies blocked, a denying one", set_policy([deny("s3:GetObject", ALL, Principal="*")]), "", block=POLICY),
    row("policies blocked, what stood before still opens", get(who=None), "", OPEN, POLICY),
    row("ACLs blocked, an open object", put(who="root", headers={"x-amz-acl": "public-read"}), ACLS_ARE_OFF,
        block=("BlockPublicAcls",)),
    row("ACLs blocked, a grant to everyone", put(who="root", headers={
        "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'}), ACLS_ARE_OFF, block=("BlockPublicAcls",)),
    row("ACLs blocked, an open bucket", s3_call("PUT", f"/{BUCKET}", "root", [("acl", "")], {
        "x-amz-acl": "public-read-write", "content-md5": content_md5(b"")}),
        ACLS_ARE_OFF, block=("BlockPublicAcls",)),
    row("ACLs blocked, a private object", put(who="root", headers={"x-amz-acl": "private"}), "", block=("BlockPublicAcls",)),
    row("ACLs ignored, nobody reads", get(who=None), block=("IgnorePublicAcls",)),
    row("ACLs ignored, policies count", get(who=None), "", OPEN, ("IgnorePublicAcls",)),
    row("the block is not alice's to lift", s3_call("DELETE", f"/{BUCKET}", "alice", [("publicAccessBlock", "")]), block=RESTRICT,
        identity=[allow("s3:*", f"{ARN}/*")]),
]
