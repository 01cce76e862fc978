"""Users, keys and policies decide who may call; certificates live under their ARNs."""
import json
import re
import subprocess
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
import pytest

from security import sigv4

READS = json.dumps({"Version": "2012-10-17",
                    "Statement": {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "cloudfront:List*"], "Resource": "*"}})
DENY_DELETES = json.dumps({"Version": "2012-10-17",
                           "Statement": {"Effect": "Deny", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"}})
TRUST = json.dumps({"Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"},
                                   "Action": "sts:AssumeRole"}]})


def refusal(call, **kwargs):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**kwargs)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def as_user(cloud, key):
    """A maker of clients that sign with this access key."""
    session = boto3.session.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
                                    region_name="eu-west-1")
    config = botocore.config.Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return lambda service: session.client(service, endpoint_url=cloud.endpoint, config=config)


def user_with_key(cloud, name):
    iam = cloud.boto("iam")
    iam.create_user(UserName=name)
    return as_user(cloud, iam.create_access_key(UserName=name)["AccessKey"])


def test_root_is_who_its_key_says(cloud):
    identity = cloud.boto("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    assert identity["UserId"] == identity["Account"]
    assert cloud.boto("iam").get_user()["User"]["Arn"] == identity["Arn"]


def test_a_user_without_policy_may_only_ask_who_it_is(cloud):
    alice = user_with_key(cloud, "alice")
    assert alice("sts").get_caller_identity()["Arn"].endswith(":user/alice")
    code, status, message = refusal(alice("cloudfront").list_distributions)
    assert (code, status) == ("AccessDenied", 403)
    assert "is not authorized to perform: cloudfront:ListDistributions" in message
    assert "because no identity-based policy allows" in message


def test_policies_take_effect_at_once(cloud):
    iam = cloud.boto("iam")
    alice = user_with_key(cloud, "alice")
    iam.put_user_policy(UserName="alice", PolicyName="reads", PolicyDocument=READS)
    assert alice("cloudfront").list_distributions()["DistributionList"]
    assert alice("s3").list_buckets()["Buckets"]
    arn = iam.create_policy(PolicyName="no-lists", PolicyDocument=DENY_DELETES)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert refusal(alice("s3").list_buckets)[:2] == ("AccessDenied", 403)
    iam.detach_user_policy(UserName="alice", PolicyArn=arn)
    assert alice("s3").list_buckets()["Buckets"]


def test_a_deactivated_key_signs_no_more(cloud):
    iam = cloud.boto("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = as_user(cloud, key)
    assert alice("sts").get_caller_identity()
    iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refusal(alice("sts").get_caller_identity)[:2] == ("InvalidClientTokenId", 403)


def test_a_role_is_assumed_used_and_bounded(cloud):
    iam = cloud.boto("iam")
    carol = user_with_key(cloud, "carol")
    arn = carol("sts").get_caller_identity()["Arn"]
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}}))
    iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=READS)
    role = iam.get_role(RoleName="reader")["Role"]["Arn"]

    def assume(**limits):
        answer = carol("sts").assume_role(RoleArn=role, RoleSessionName="ci", **limits)
        keys = answer["Credentials"]
        session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"],
                                        region_name="eu-west-1")
        return lambda service: session.client(service, endpoint_url=cloud.endpoint), keys

    client, keys = assume()
    assert client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/reader/ci")
    client("s3").list_buckets()
    assert refusal(client("iam").list_users)[:2] == ("AccessDenied", 403)
    limited, _ = assume(Policy=DENY_DELETES)
    assert refusal(limited("s3").list_buckets)[0] == "AccessDenied"

    forged = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"][:-8] + "AAAAAAAA",
                                   region_name="eu-west-1")
    assert refusal(forged.client("s3", endpoint_url=cloud.endpoint).list_buckets)[:2] == ("InvalidToken", 400)
    assert refusal(forged.client("sts", endpoint_url=cloud.endpoint).get_caller_identity)[:2] == (
        "InvalidClientTokenId", 403)
    iam.delete_role_policy(RoleName="reader", PolicyName="reads")
    assert refusal(client("s3").list_buckets)[0] == "AccessDenied"
    iam.delete_role(RoleName="reader")
    assert refusal(client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def allow(actions, resource, effect="Allow", **condition):
    statement = {"Effect": effect, "Action": actions, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return statement


def give(cloud, user, *statements):
    cloud.boto("iam").put_user_policy(
        UserName=user, PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def test_iam_operations_are_allowed_on_the_users_and_roles_they_are_about(cloud):
    iam = cloud.boto("iam")
    admin = user_with_key(cloud, "admin")("iam")
    arn = iam.create_user(UserName="dev", Path="/team/", Tags=[{"Key": "team", "Value": "web"}])["User"]["Arn"]
    iam.create_user(UserName="other")
    give(cloud, "admin", allow("iam:*User*", arn.replace("/dev", "/*")),
         allow("iam:DeleteUser", arn, effect="Deny"))
    assert admin.get_user(UserName="dev")["User"]["Arn"] == arn
    admin.tag_user(UserName="dev", Tags=[{"Key": "a", "Value": "b"}])
    code, _, message = refusal(admin.get_user, UserName="other")
    assert code == "AccessDenied" and message.startswith("User: ")
    assert "iam:GetUser on resource: " + arn.replace("/team/dev", "/other") in message
    assert "explicit deny" in refusal(admin.delete_user, UserName="dev")[2]
    # What is made, and where a user is moved to, must be within reach as well.
    admin.create_user(UserName="next", Path="/team/")
    assert refusal(admin.create_user, UserName="elsewhere")[0] == "AccessDenied"
    assert refusal(admin.update_user, UserName="dev", NewPath="/admins/")[0] == "AccessDenied"
    assert refusal(admin.list_users)[0] == "AccessDenied"
    assert refusal(admin.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)[0] == "AccessDenied"


def test_iam_operations_meet_conditions_on_tags_policies_and_boundaries(cloud):
    iam = cloud.boto("iam")
    admin = user_with_key(cloud, "admin")("iam")
    iam.create_user(UserName="web", Tags=[{"Key": "team", "Value": "web"}])
    iam.create_user(UserName="db", Tags=[{"Key": "team", "Value": "db"}])
    reads, writes = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
    give(cloud, "admin",
         allow("iam:GetUser", "*", StringEquals={"aws:ResourceTag/team": "web"}),
         allow("iam:TagUser", "*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}),
         allow("iam:AttachUserPolicy", "*", ArnEquals={"iam:PolicyARN": reads}),
         allow("iam:CreateUser", "*", StringEquals={"iam:PermissionsBoundary": reads}))
    assert admin.get_user(UserName="web")
    assert refusal(admin.get_user, UserName="db")[0] == "AccessDenied"
    admin.tag_user(UserName="db", Tags=[{"Key": "stage", "Value": "prod"}])
    assert refusal(admin.tag_user, UserName="db", Tags=[{"Key": "team", "Value": "web"}])[0] == "AccessDenied"
    admin.attach_user_policy(UserName="web", PolicyArn=reads)
    assert refusal(admin.attach_user_policy, UserName="web", PolicyArn=writes)[0] == "AccessDenied"
    admin.create_user(UserName="bounded", PermissionsBoundary=reads)
    assert refusal(admin.create_user, UserName="free")[0] == "AccessDenied"
    assert refusal(admin.create_user, UserName="wide", PermissionsBoundary=writes)[0] == "AccessDenied"


def test_certificates_are_allowed_one_by_one(cloud):
    acm = cloud.boto("acm")
    mine, other = (acm.request_certificate(DomainName=f"{name}.test")["CertificateArn"] for name in ("mine", "other"))
    user = user_with_key(cloud, "keeper")("acm")
    give(cloud, "keeper", allow("acm:*", mine), allow("acm:DeleteCertificate", mine, effect="Deny"))
    assert user.describe_certificate(CertificateArn=mine)
    assert refusal(user.describe_certificate, CertificateArn=other)[0] == "AccessDeniedException"
    assert refusal(user.delete_certificate, CertificateArn=mine)[0] == "AccessDeniedException"
    assert refusal(user.list_certificates)[0] == "AccessDeniedException"
    assert refusal(user.request_certificate, DomainName="new.test")[0] == "AccessDeniedException"


def test_cloudfront_is_allowed_one_resource_at_a_time(cloud):
    cloudfront = cloud.boto("cloudfront")

    def control(name):
        return cloudfront.create_origin_access_control(OriginAccessControlConfig={
            "Name": name, "OriginAccessControlOriginType": "s3", "SigningBehavior": "always",
            "SigningProtocol": "sigv4"})["OriginAccessControl"]["Id"]

    mine, other = control("mine"), control("other")
    account = cloud.boto("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:cloudfront::{account}:"
    user = user_with_key(cloud, "editor")("cloudfront")
    give(cloud, "editor", allow("cloudfront:*", arn + f"origin-access-control/{mine}"),
         allow("cloudfront:CreateInvalidation", arn + "distribution/EMINE"),
         allow("cloudfront:DeleteOriginAccessControl", arn + f"origin-access-control/{mine}", effect="Deny"))
    tag = user.get_origin_access_control(Id=mine)["ETag"]
    assert refusal(user.get_origin_access_control, Id=other)[:2] == ("AccessDenied", 403)
    assert refusal(user.delete_origin_access_control, Id=mine, IfMatch=tag)[:2] == ("AccessDenied", 403)
    assert refusal(user.list_distributions)[0] == "AccessDenied"
    batch = {"CallerReference": "1", "Paths": {"Quantity": 1, "Items": ["/*"]}}
    # Allowed, it fails only because there is no such distribution.
    assert refusal(user.create_invalidation, DistributionId="EMINE", InvalidationBatch=batch)[0] == "NoSuchDistribution"
    assert refusal(user.create_invalidation, DistributionId="EOTHER", InvalidationBatch=batch)[0] == "AccessDenied"
    cloudfront.delete_origin_access_control(Id=mine, IfMatch=tag)
    cloudfront.delete_origin_access_control(Id=other, IfMatch=cloudfront.get_origin_access_control(Id=other)["ETag"])


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, re.search("<Code>(.*?)</Code>", refused.read().decode()).group(1)


def test_a_session_signs_urls_outlives_a_crash_and_expires(fresh_cloud):
    alice = user_with_key(fresh_cloud, "alice")
    give(fresh_cloud, "alice", allow("s3:*", "*"), allow("iam:*", "*"))
    keys = alice("sts").get_session_token(DurationSeconds=3600)["Credentials"]
    session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"],
                                    region_name="eu-west-1")
    config = botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"})
    s3 = session.client("s3", endpoint_url=fresh_cloud.endpoint, config=config)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="kept", Key="a", Body=b"a")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "kept", "Key": "a"}, ExpiresIn=7200)
    assert status_of(url) == (200, "")
    token = re.search("X-Amz-Security-Token=([^&]+)", url).group(1)
    assert status_of(url.replace(f"&X-Amz-Security-Token={token}", ""))[0] in (400, 403)
    assert status_of(url.replace(token[:60], token[:59] + ("A" if token[59] != "A" else "B")))[0] in (400, 403)
    # STS gives these no way into IAM without MFA.
    assert refusal(session.client("iam", endpoint_url=fresh_cloud.endpoint).list_users)[0] == "InvalidClientTokenId"
    fresh_cloud.kill()
    fresh_cloud.up()
    assert status_of(url) == (200, "")
    fresh_cloud.meetinity("clock", "advance", "3601s")
    assert status_of(url) == (400, "ExpiredToken")
    assert refusal(s3.list_buckets)[:2] == ("ExpiredToken", 400)


def test_users_keys_and_policies_survive_a_crash(fresh_cloud):
    alice = user_with_key(fresh_cloud, "alice")
    fresh_cloud.boto("iam").put_user_policy(UserName="alice", PolicyName="reads", PolicyDocument=READS)
    fresh_cloud.kill()
    fresh_cloud.up()
    assert alice("s3").list_buckets()["Buckets"]


def test_policy_documents_come_back_as_they_were(cloud):
    iam = cloud.boto("iam")
    iam.create_role(RoleName="backup", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "Team", "Value": "data"}])
    role = iam.get_role(RoleName="backup")["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert role["Tags"] == [{"Key": "Team", "Value": "data"}]
    iam.put_role_policy(RoleName="backup", PolicyName="reads", PolicyDocument=READS)
    assert iam.get_role_policy(RoleName="backup", PolicyName="reads")["PolicyDocument"] == json.loads(READS)
    arn = iam.create_policy(PolicyName="reads", PolicyDocument=READS)["Policy"]["Arn"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(READS) and version["IsDefaultVersion"]


def test_awss_backup_policies_can_be_attached(cloud):
    iam = cloud.boto("iam")
    iam.create_role(RoleName="backup", AssumeRolePolicyDocument=TRUST)
    for name in ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"):
        iam.attach_role_policy(RoleName="backup", PolicyArn=f"arn:aws:iam::aws:policy/service-role/{name}")
    attached = iam.list_attached_role_policies(RoleName="backup")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AWSBackupServiceRolePolicyForBackup",
                                                             "AWSBackupServiceRolePolicyForRestores"]


def test_lists_come_in_pages(cloud):
    iam = cloud.boto("iam")
    names = [f"user-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name)
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [user["UserName"] for page in pages for user in page["Users"]] == names
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]


def test_refusals_of_iam(cloud):
    iam = cloud.boto("iam")
    iam.create_user(UserName="alice")
    assert refusal(iam.create_user, UserName="alice")[:2] == ("EntityAlreadyExists", 409)
    assert refusal(iam.get_user, UserName="bob")[:2] == ("NoSuchEntity", 404)
    assert refusal(iam.create_user, UserName="a b")[:2] == ("ValidationError", 400)
    code, status, message = refusal(iam.put_user_policy, UserName="alice", PolicyName="bad", PolicyDocument='{"Statement":[{}]}')
    assert (code, status) == ("MalformedPolicyDocument", 400) and "Statement[0].Effect" in message
    iam.create_access_key(UserName="alice")
    assert refusal(iam.delete_user, UserName="alice")[:2] == ("DeleteConflict", 409)
    iam.create_access_key(UserName="alice")
    assert refusal(iam.create_access_key, UserName="alice")[:2] == ("LimitExceeded", 409)


def test_a_requested_certificate_is_issued_and_verifies(cloud, tmp_path):
    acm = cloud.boto("acm", region_name="us-east-1")
    arn = acm.request_certificate(DomainName="shop.localhost", SubjectAlternativeNames=["*.shop.localhost"],
                                  ValidationMethod="DNS", Tags=[{"Key": "Team", "Value": "cdn"}])["CertificateArn"]
    assert arn.startswith("arn:aws:acm:us-east-1:")
    detail = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (detail["Status"], detail["Type"]) == ("ISSUED", "AMAZON_ISSUED")
    assert detail["DomainValidationOptions"][0]["ResourceRecord"]["Type"] == "CNAME"
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "Team", "Value": "cdn"}]
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(acm.get_certificate(CertificateArn=arn)["Certificate"])
    verified = subprocess.run(["openssl", "verify", "-purpose", "sslserver", "-verify_hostname", "www.shop.localhost",
                               "-CAfile", cloud.ca, str(leaf)], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr
    acm.delete_certificate(CertificateArn=arn)
    assert refusal(acm.describe_certificate, CertificateArn=arn)[0] == "ResourceNotFoundException"


def test_an_exported_certificate_opens_with_its_passphrase(cloud, tmp_path):
    acm = cloud.boto("acm", region_name="us-east-1")
    asked = {"DomainName": "taken.localhost", "IdempotencyToken": "once", "Options": {"Export": "ENABLED"}}
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "CertificateManager.RequestCertificate"}

    def request():
        answer = cloud.signed("acm", sigv4.Request("POST", headers=dict(headers), body=json.dumps(asked).encode()), "us-east-1")
        return json.loads(answer.body)["CertificateArn"]

    arn = request()
    assert request() == arn
    taken = acm.export_certificate(CertificateArn=arn, Passphrase=b"open sesame")
    for name in ("Certificate", "PrivateKey"):
        (tmp_path / name).write_text(taken[name])

    def public_key(*words):
        return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout

    assert public_key("pkey", "-pubout", "-in", tmp_path / "PrivateKey", "-passin", "pass:open sesame") == public_key(
        "x509", "-noout", "-pubkey", "-in", tmp_path / "Certificate")
    assert subprocess.run(["openssl", "pkey", "-in", tmp_path / "PrivateKey", "-passin", "pass:wrong"], check=False,
                          capture_output=True).returncode != 0
    acm.renew_certificate(CertificateArn=arn)
    assert acm.get_certificate(CertificateArn=arn)["Certificate"] != taken["Certificate"]
    other = acm.request_certificate(DomainName="kept.localhost")["CertificateArn"]
    code, status, message = refusal(acm.export_certificate, CertificateArn=other, Passphrase=b"open sesame")
    assert (code, status) == ("ValidationException", 400) and "not exportable" in message
    assert refusal(acm.resend_validation_email, CertificateArn=other, Domain="kept.localhost",
                   ValidationDomain="localhost")[0] == "InvalidStateException"


def test_a_name_and_its_wildcard_are_proved_by_one_record(cloud):
    acm = cloud.boto("acm", region_name="us-east-1")
    arn = acm.request_certificate(DomainName="one.localhost", SubjectAlternativeNames=["*.one.localhost", "two.localhost"],
                                  ValidationMethod="DNS")["CertificateArn"]
    options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    apex, wildcard, other = (option["ResourceRecord"] for option in options)
    assert apex == wildcard and apex["Name"] != other["Name"] and apex["Name"].endswith(".one.localhost.")


def test_an_imported_certificate_is_checked(cloud, tmp_path):
    def make(name):
        key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "30",
                        "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        return certificate.read_bytes(), key.read_bytes()

    acm = cloud.boto("acm")
    certificate, key = make("one.localhost")
    other_certificate, other_key = make("two.localhost")
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    detail = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (detail["Status"], detail["Type"], detail["DomainName"]) == ("ISSUED", "IMPORTED", "one.localhost")
    assert detail["KeyAlgorithm"] == "RSA_2048" and detail["SubjectAlternativeNames"] == ["one.localhost"]
    code, status, message = refusal(acm.import_certificate, Certificate=certificate, PrivateKey=other_key)
    assert (code, status) == ("ValidationException", 400) and "does not match" in message
    assert acm.import_certificate(CertificateArn=arn, Certificate=other_certificate, PrivateKey=other_key)["CertificateArn"] == arn
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainName"] == "two.localhost"
