"""Object Lock, as boto3 asks for it."""
import datetime

import botocore.exceptions
import pytest

BUCKET = "locked-records"


def refusal(call, **kwargs):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**kwargs)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def days(count):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=count)


def test_a_locked_version_outlives_everybody_until_its_day(fresh_cloud):
    s3 = fresh_cloud.boto("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
                     ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 5}}})
    assert s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"] == 5

    version = s3.put_object(Bucket=BUCKET, Key="k", Body=b"default")["VersionId"]
    assert s3.head_object(Bucket=BUCKET, Key="k")["ObjectLockMode"] == "GOVERNANCE"
    assert refusal(s3.delete_object, Bucket=BUCKET, Key="k", VersionId=version) == ("AccessDenied", 403)
    many = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    assert [error["Code"] for error in many["Errors"]] == ["AccessDenied"]
    s3.delete_object(Bucket=BUCKET, Key="k", VersionId=version, BypassGovernanceRetention=True)

    until = days(30)
    version = s3.put_object(Bucket=BUCKET, Key="k", Body=b"kept", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until,
                            ObjectLockLegalHoldStatus="ON", ChecksumAlgorithm="SHA256")["VersionId"]
    got = s3.get_object(Bucket=BUCKET, Key="k")
    assert (got["ObjectLockMode"], got["ObjectLockRetainUntilDate"], got["ObjectLockLegalHoldStatus"]) == ("COMPLIANCE", until, "ON")
    assert s3.get_object_retention(Bucket=BUCKET, Key="k")["Retention"] == {"Mode": "COMPLIANCE", "RetainUntilDate": until}
    assert s3.get_object_legal_hold(Bucket=BUCKET, Key="k")["LegalHold"] == {"Status": "ON"}
    assert refusal(s3.delete_object, Bucket=BUCKET, Key="k", VersionId=version, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": days(1)}
    assert refusal(s3.put_object_retention, Bucket=BUCKET, Key="k", Retention=shorter) == ("AccessDenied", 403)
    assert refusal(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}) == ("InvalidBucketState", 409)

    fresh_cloud.meetinity("clock", "advance", "31d")
    assert refusal(s3.delete_object, Bucket=BUCKET, Key="k", VersionId=version) == ("AccessDenied", 403)  # the hold
    s3.put_object_legal_hold(Bucket=BUCKET, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=BUCKET, Key="k", VersionId=version)
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)


def test_what_has_no_lock_says_so(cloud):
    s3 = cloud.boto("s3")
    bucket = "meetinity-local-static-assets"
    assert refusal(s3.get_object_lock_configuration, Bucket=bucket) == ("ObjectLockConfigurationNotFoundError", 404)
    assert refusal(s3.get_object_retention, Bucket=bucket, Key="index.html") == ("InvalidRequest", 400)
    locked = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": days(1), "ContentMD5": "nd/UOpw0tGw5wHoxhdd7wA=="}
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"x", **locked)[0] in ("InvalidRequest", "BadDigest")
