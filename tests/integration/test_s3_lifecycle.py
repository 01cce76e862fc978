"""Lifecycle rules that run: by the clock, in the real program, for real clients."""
import botocore.exceptions
import pytest

BUCKET = "lifecycle-rehearsal"
RULES = {"Rules": [
    {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 10}},
    {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 20},
     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    {"ID": "markers", "Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    {"ID": "cold", "Status": "Enabled", "Filter": {"And": {"Prefix": "archive/", "Tags": [{"Key": "tier", "Value": "cold"}]}},
     "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
]}


@pytest.fixture
def s3(fresh_cloud):
    s3 = fresh_cloud.boto("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=RULES)
    return s3


def versions(s3):
    page = s3.list_object_versions(Bucket=BUCKET)
    return ([(one["Key"], one["IsLatest"]) for one in page.get("Versions", [])],
            [one["Key"] for one in page.get("DeleteMarkers", [])])


def test_thirty_five_days_pass(fresh_cloud, s3):
    kept = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [rule["ID"] for rule in kept] == ["logs", "old", "markers", "cold"]
    assert kept[3]["Filter"] == RULES["Rules"][3]["Filter"]

    put = s3.put_object(Bucket=BUCKET, Key="logs/1", Body=b"x")
    assert 'rule-id="logs"' in put["Expiration"]
    assert s3.head_object(Bucket=BUCKET, Key="logs/1")["Expiration"] == put["Expiration"]
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"old")
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"new")
    assert "Expiration" not in s3.head_object(Bucket=BUCKET, Key="kept")
    s3.put_object(Bucket=BUCKET, Key="archive/1", Body=b"x" * 200_000, Tagging="tier=cold")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="never-completed")
    assert upload["AbortRuleId"] == "old" and upload["AbortDate"]

    fresh_cloud.meetinity("clock", "advance", "11d")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.get_object(Bucket=BUCKET, Key="logs/1")
    assert refused.value.response["Error"]["Code"] == "NoSuchKey"
    assert versions(s3) == ([("archive/1", True), ("kept", True), ("kept", False), ("logs/1", False)], ["logs/1"])
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)

    fresh_cloud.meetinity("clock", "advance", "35d")
    assert versions(s3) == ([("archive/1", True), ("kept", True)], [])
    assert s3.get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"new"
    cold = s3.get_object(Bucket=BUCKET, Key="archive/1")
    assert cold["StorageClass"] == "STANDARD_IA" and len(cold["Body"].read()) == 200_000
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="archive/")["Contents"]
    assert [one["StorageClass"] for one in listed] == ["STANDARD_IA"]

    s3.delete_bucket_lifecycle(Bucket=BUCKET)
    fresh_cloud.meetinity("clock", "advance", "400d")
    assert versions(s3) == ([("archive/1", True), ("kept", True)], [])


def test_rules_that_no_bucket_may_have(s3):
    def refusal(**rule):
        rules = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}]}
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=rules)
        return refused.value.response["Error"]["Code"]

    assert refusal() == "InvalidRequest"
    assert refusal(Expiration={"Days": 0}) == "InvalidArgument"
    assert refusal(Expiration={"Date": "2030-01-01T12:00:00Z"}) == "InvalidArgument"
    assert refusal(Expiration={"Days": 1}, Status="Perhaps") == "MalformedXML"
    assert refusal(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}]) == "InvalidArgument"
    assert refusal(Transitions=[{"Days": 30, "StorageClass": "GLACIER"}]) == "NotImplemented"
    assert s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"][0]["ID"] == "logs"  # the old ones stay
