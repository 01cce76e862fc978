"""Access control lists with the operators' own clients: set, read back, and obeyed."""
import urllib.error
import urllib.request

import botocore.exceptions
import pytest

BUCKET = "meetinity-local-lists"
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


@pytest.fixture
def s3(cloud):
    client = cloud.boto("s3")
    client.create_bucket(Bucket=BUCKET, ObjectOwnership="BucketOwnerPreferred",
                         CreateBucketConfiguration={"LocationConstraint": client.meta.region_name})
    client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=OPEN)
    return client


def fetch(cloud, key):
    """What a visitor without any credentials gets: status and body."""
    try:
        with urllib.request.urlopen(f"{cloud.endpoint}/{BUCKET}/{key}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, b""


def code_of(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_the_command_line_uploads_for_everyone(cloud, s3, tmp_path):
    (tmp_path / "page.html").write_bytes(b"<p>hello")
    cloud.shell(f"aws s3 cp {tmp_path}/page.html s3://{BUCKET}/open.html --acl public-read")
    cloud.shell(f"aws s3 cp {tmp_path}/page.html s3://{BUCKET}/closed.html")
    assert fetch(cloud, "open.html") == (200, b"<p>hello")
    assert fetch(cloud, "closed.html")[0] == 403
    cloud.shell(f"aws s3api put-object-acl --bucket {BUCKET} --key closed.html --grant-read uri={EVERYONE}")
    assert fetch(cloud, "closed.html")[0] == 200
    grants = s3.get_object_acl(Bucket=BUCKET, Key="closed.html")["Grants"]
    assert grants == [{"Grantee": {"Type": "Group", "URI": EVERYONE}, "Permission": "READ"}]


def test_a_document_is_read_back_as_it_was_sent(s3):
    s3.put_bucket_acl(Bucket=BUCKET, ACL="log-delivery-write")
    found = s3.get_bucket_acl(Bucket=BUCKET)
    assert [grant["Permission"] for grant in found["Grants"]] == ["FULL_CONTROL", "WRITE", "READ_ACP"]
    document = {"Owner": found["Owner"], "Grants": found["Grants"][:2]}
    s3.put_bucket_acl(Bucket=BUCKET, AccessControlPolicy=document)
    assert s3.get_bucket_acl(Bucket=BUCKET)["Grants"] == document["Grants"]
    stranger = {"Grantee": {"Type": "CanonicalUser", "ID": "0" * 64}, "Permission": "READ"}
    assert code_of(s3.put_bucket_acl, Bucket=BUCKET, AccessControlPolicy={**document, "Grants": [stranger]}) == "InvalidArgument"
    by_mail = {"Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"}, "Permission": "READ"}
    assert code_of(s3.put_bucket_acl, Bucket=BUCKET,
                   AccessControlPolicy={**document, "Grants": [by_mail]}) == "UnresolvableGrantByEmailAddress"
    many = {**document, "Grants": [found["Grants"][0]] * 101}
    assert code_of(s3.put_bucket_acl, Bucket=BUCKET, AccessControlPolicy=many) == "MalformedACLError"


def test_enforced_ownership_has_no_lists(cloud, s3):
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a", ACL="public-read")
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert code_of(s3.put_bucket_ownership_controls, Bucket=BUCKET,
                   OwnershipControls=enforced) == "InvalidBucketAclWithObjectOwnership"
    s3.put_bucket_acl(Bucket=BUCKET, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=enforced)
    assert fetch(cloud, "a")[0] == 403
    assert len(s3.get_object_acl(Bucket=BUCKET, Key="a")["Grants"]) == 1
    assert code_of(s3.put_object, Bucket=BUCKET, Key="b", Body=b"b", ACL="public-read") == "AccessControlListNotSupported"
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"b", ACL="bucket-owner-full-control")


def test_lists_survive_kill_9(fresh_cloud):
    s3 = fresh_cloud.boto("s3")
    s3.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter",
                     CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a", ACL="public-read")
    fresh_cloud.kill()
    fresh_cloud.up()
    assert fetch(fresh_cloud, "a") == (200, b"a")
