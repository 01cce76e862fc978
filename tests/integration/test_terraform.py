"""The stack in infra/terraform against a running cloud, with the operator's own Terraform and AWS provider."""
import gzip
import json
import pathlib
import shutil
import subprocess
import tempfile

import conftest
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VARIABLES = {
    "environment": "local",
    "tags": {"Owner": "platform"},
    "static_assets": {
        "bucket_name": "terraformed-static-assets",
        "domain_names": ["terraformed.meetinity.localhost"],
        "min_ttl_seconds": 5,
        "default_ttl_seconds": 600,
        "max_ttl_seconds": 86400,
    },
}


class Terraform:
    """The root module in a directory of its own, so that no state is left in the project."""

    def __init__(self, cloud, directory):
        self.directory = pathlib.Path(directory) / "terraform"
        shutil.copytree(ROOT / "infra" / "terraform", self.directory, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (self.directory / "stack.auto.tfvars.json").write_text(json.dumps({**VARIABLES, "endpoint": cloud.endpoint}))
        self.environment = {**cloud.env, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def __call__(self, *words, expect=(0,)):
        result = subprocess.run(["terraform", *words], cwd=self.directory, env=self.environment, capture_output=True,
                                text=True, timeout=300, check=False)
        assert result.returncode in expect, result.stdout + result.stderr
        return result

    def init(self):
        try:
            self("init", "-input=false", "-no-color")
        except AssertionError as error:
            pytest.skip("the AWS provider cannot be had here: " + str(error).strip().splitlines()[-1])

    def set(self, **static_assets):
        """Other variables of the static assets from now on."""
        changed = {"static_assets": {**VARIABLES["static_assets"], **static_assets}}
        (self.directory / "zz.auto.tfvars.json").write_text(json.dumps(changed))

    def changes(self):
        """What the next apply would change: {resource's address within its module: {attribute: (now, wanted)}}."""
        self("plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=next.plan", expect=(0, 2))
        plan = json.loads(self("show", "-json", "next.plan").stdout)
        found = {}
        for change in plan["resource_changes"]:
            if change["change"]["actions"] in (["no-op"], ["read"]):
                continue
            before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
            address = change["address"].removeprefix("module.static_assets[0].")
            found[address] = {name: (before.get(name), after.get(name)) for name in {*before, *after}
                              if before.get(name) != after.get(name)}
        return found

    def apply(self, expect=(0,)):
        return self("apply", "-input=false", "-no-color", "-auto-approve", expect=expect)

    def destroy(self):
        self("destroy", "-input=false", "-no-color", "-auto-approve")


@pytest.fixture(scope="module")
def cloud_without_stack():
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = conftest.start(directory, "--no-stack", var_file=None)
    yield cloud
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def terraform(cloud_without_stack):
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed; Debian has no package of it")
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as directory:
        made = Terraform(cloud_without_stack, directory)
        made.init()
        yield made


def drift_bucket(s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "Environment", "Value": "elsewhere"}]})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True})
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"] = policy["Statement"][:1]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def drift_distribution(cloudfront, distribution):
    read = cloudfront.get_distribution_config(Id=distribution)
    config = read["DistributionConfig"]
    config.update(Comment="changed by hand", DefaultRootObject="home.html")
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "allow-all"
    cloudfront.update_distribution(Id=distribution, IfMatch=read["ETag"], DistributionConfig=config)
    arn = cloudfront.get_distribution(Id=distribution)["Distribution"]["ARN"]
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["Owner"]})

    policy = config["DefaultCacheBehavior"]["CachePolicyId"]
    read = cloudfront.get_cache_policy(Id=policy)
    cloudfront.update_cache_policy(Id=policy, IfMatch=read["ETag"],
                                   CachePolicyConfig={**read["CachePolicy"]["CachePolicyConfig"], "DefaultTTL": 7})
    control = config["Origins"]["Items"][0]["OriginAccessControlId"]
    read = cloudfront.get_origin_access_control_config(Id=control)
    cloudfront.update_origin_access_control(Id=control, IfMatch=read["ETag"], OriginAccessControlConfig={
        **read["OriginAccessControlConfig"], "SigningBehavior": "no-override"})


def test_is_formatted_and_valid(terraform):
    terraform("fmt", "-check", "-recursive", "-diff")
    terraform("validate", "-no-color")


def test_converges_mends_drift_and_leaves_nothing(terraform, cloud_without_stack):
    cloud = cloud_without_stack
    s3, cloudfront = cloud.boto("s3"), cloud.boto("cloudfront")
    terraform.apply()
    assert terraform.changes() == {}
    bucket = terraform("output", "-raw", "static_assets_bucket_name").stdout
    distribution = terraform("output", "-raw", "static_assets_distribution_id").stdout
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"made by terraform")
    domain = terraform("output", "-raw", "static_assets_cdn_domain").stdout
    for host in (domain, "terraformed.meetinity.localhost"):
        assert cloud.curl("/", host=host)[::2] == (200, b"made by terraform")

    drift_bucket(s3, bucket)
    drift_distribution(cloudfront, distribution)
    shown = {(address, attribute) for address, attributes in terraform.changes().items() for attribute in attributes}
    drifts = {
        ("aws_s3_bucket.this", "tags_all"), ("aws_s3_bucket_versioning.this", "versioning_configuration"),
        ("aws_s3_bucket_public_access_block.this", "block_public_policy"), ("aws_s3_bucket_ownership_controls.this", "rule"),
        ("aws_s3_bucket_policy.this", "policy"), ("aws_cloudfront_distribution.this", "comment"),
        ("aws_cloudfront_distribution.this", "default_root_object"),
        ("aws_cloudfront_distribution.this", "default_cache_behavior"), ("aws_cloudfront_distribution.this", "tags_all"),
        ("aws_cloudfront_cache_policy.this[0]", "default_ttl"),
        ("aws_cloudfront_origin_access_control.this", "signing_behavior"),
    }
    assert drifts <= shown, drifts - shown
    terraform.apply()
    assert terraform.changes() == {}

    s3.delete_object(Bucket=bucket, Key="index.html")
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    for marker in s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", []):
        s3.delete_object(Bucket=bucket, Key=marker["Key"], VersionId=marker["VersionId"])
    terraform.destroy()
    assert s3.list_buckets()["Buckets"] == []
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0
    assert cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Quantity"] == 0
    assert cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]["Quantity"] == 0
    assert cloud.boto("acm", region_name="us-east-1").list_certificates()["CertificateSummaryList"] == []


def test_logs_arrive_in_a_bucket_that_takes_them(terraform, cloud_without_stack):
    cloud = cloud_without_stack
    s3 = cloud.boto("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": s3.meta.region_name}}
    s3.create_bucket(Bucket="closed-logs", ObjectOwnership="BucketOwnerEnforced", **where)
    s3.create_bucket(Bucket="open-logs", ObjectOwnership="BucketOwnerPreferred", **where)
    terraform.set(logging_bucket="closed-logs")
    refused = terraform.apply(expect=(1,))
    assert "InvalidArgument" in refused.stderr and "does not enable ACL access" in " ".join(refused.stderr.replace("│", " ").split())
    terraform.set(logging_bucket="open-logs")
    terraform.apply()
    assert terraform.changes() == {}

    distribution = terraform("output", "-raw", "static_assets_distribution_id").stdout
    domain = terraform("output", "-raw", "static_assets_cdn_domain").stdout
    _, headers, _ = cloud.curl("/missing.css?v=1", host=domain)
    cloud.meetinity("clock", "advance", "1s")  # what is logged by then is delivered
    [item] = s3.list_objects_v2(Bucket="open-logs")["Contents"]
    assert item["Key"].startswith(f"cloudfront/local/{distribution}.")
    *_, line = gzip.decompress(s3.get_object(Bucket="open-logs", Key=item["Key"])["Body"].read()).decode().splitlines()
    fields = line.split("\t")
    assert (fields[6], fields[7], fields[8], fields[11]) == (domain, "/missing.css", "404", "v=1")
    assert fields[14] == headers["x-amz-cf-id"]

    terraform.destroy()
    s3.delete_object(Bucket="open-logs", Key=item["Key"])
    for bucket in ("closed-logs", "open-logs"):
        s3.delete_bucket(Bucket=bucket)
    assert s3.list_buckets()["Buckets"] == []
