"""What IAM, STS and ACM answer to bad input: status, code and message, row by row, from the real program.

Requests are raw and signed here: an SDK checks lengths and patterns itself and would never send most of these.
"""
import dataclasses
import json
import typing

import pytest

from security import sigv4

IAM, STS = ("iam", "2010-05-08"), ("sts", "2011-06-15")
ANYBODY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
READS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
ACCOUNT = "123456789012"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/"
NOBODY = CERTIFICATE + "00000000-0000-4000-8000-000000000000"


@dataclasses.dataclass
class Row:
    name: str
    ask: typing.Callable
    status: int
    code: str
    says: str = ""


def query(service, action, **parameters):
    def ask(world):
        body = sigv4.encode_query([("Action", action), ("Version", service[1]), *parameters.items()]).encode()
        request = sigv4.Request("POST", "/", [], {"content-type": "application/x-www-form-urlencoded"}, body)
        return world.signed(request, service[0], "us-east-1")
    return ask


def acm(operation, **body):
    def ask(world):
        fill = {name: value.replace("{certificate}", world.certificate) if isinstance(value, str) else value
                for name, value in body.items()}
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"CertificateManager.{operation}"}
        return world.signed(sigv4.Request("POST", "/", [], headers, json.dumps(fill).encode()), "acm", "us-east-1")
    return ask


def iam_rows():
    user, role = {"UserName": "ann"}, {"RoleName": "reader"}
    return [
        Row("an unknown user", query(IAM, "GetUser", UserName="nobody"), 404, "NoSuchEntity", "nobody"),
        Row("a user twice", query(IAM, "CreateUser", **user), 409, "EntityAlreadyExists", "ann"),
        Row("a user without a name", query(IAM, "CreateUser"), 400, "ValidationError"),
        Row("a user's name of 65 characters", query(IAM, "CreateUser", UserName="u" * 65), 400, "ValidationError"),
        Row("a user's name with a slash", query(IAM, "CreateUser", UserName="a/b"), 400, "ValidationError"),
        Row("a user who has keys", query(IAM, "DeleteUser", **user), 409, "DeleteConflict"),
        Row("a third key", query(IAM, "CreateAccessKey", **user), 409, "LimitExceeded"),
        Row("an unknown key", query(IAM, "DeleteAccessKey", AccessKeyId="AKIAIOSFODNN7EXAMPLE", **user), 404, "NoSuchEntity"),
        Row("an unknown state of a key", query(IAM, "UpdateAccessKey", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Off", **user), 400,
            "ValidationError"),
        Row("a policy that is no JSON", query(IAM, "PutUserPolicy", PolicyName="p", PolicyDocument="{", **user), 400,
            "MalformedPolicyDocument"),
        Row("a policy with a principal", query(IAM, "PutUserPolicy", PolicyName="p", PolicyDocument=ANYBODY, **user), 400,
            "MalformedPolicyDocument"),
        Row("a policy that users lack", query(IAM, "GetUserPolicy", PolicyName="none", **user), 404, "NoSuchEntity"),
        Row("an unknown policy", query(IAM, "AttachUserPolicy", PolicyArn=POLICY + "none", **user), 404, "NoSuchEntity"),
        Row("a policy by no ARN", query(IAM, "AttachUserPolicy", PolicyArn="none-of-the-kind-at-all", **user), 400, "InvalidInput",
            "is not valid."),
        Row("a policy that is attached", query(IAM, "DeletePolicy", PolicyArn=POLICY + "used"), 409, "DeleteConflict"),
        Row("an unknown version", query(IAM, "GetPolicyVersion", PolicyArn=POLICY + "used", VersionId="v9"), 404, "NoSuchEntity"),
        Row("the default version", query(IAM, "DeletePolicyVersion", PolicyArn=POLICY + "used", VersionId="v1"), 409, "DeleteConflict"),
        Row("an unknown role", query(IAM, "GetRole", RoleName="nobody"), 404, "NoSuchEntity"),
        Row("a role twice", query(IAM, "CreateRole", AssumeRolePolicyDocument=ANYBODY, **role), 409, "EntityAlreadyExists"),
        Row("a role that trusts nobody", query(IAM, "CreateRole", RoleName="r", AssumeRolePolicyDocument=READS), 400,
            "MalformedPolicyDocument"),
        Row("a role with policies", query(IAM, "DeleteRole", **role), 409, "DeleteConflict"),
        Row("a session of eleven minutes for a role", query(IAM, "CreateRole", RoleName="r", AssumeRolePolicyDocument=ANYBODY,
                                                            MaxSessionDuration="660"), 400, "ValidationError"),
        Row("an unknown action", query(IAM, "NoSuchThing"), 400, "InvalidAction"),
    ]


def sts_rows():
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/reader", "RoleSessionName": "ci"}
    return [
        Row("who am I", query(STS, "GetCallerIdentity"), 200, ""),
        Row("an unknown role", query(STS, "AssumeRole", **{**role, "RoleArn": role["RoleArn"] + "x"}), 403, "AccessDenied"),
        Row("root as a role", query(STS, "AssumeRole", **role), 403, "AccessDenied"),
        Row("a session without a name", query(STS, "AssumeRole", RoleArn=role["RoleArn"]), 400, "ValidationError"),
        Row("a session's name of one character", query(STS, "AssumeRole", **{**role, "RoleSessionName": "x"}), 400, "ValidationError"),
        Row("a session of one minute", query(STS, "AssumeRole", DurationSeconds="60", **role), 400, "ValidationError"),
        Row("a role by no ARN", query(STS, "AssumeRole", RoleArn="reader-of-things-and-more", RoleSessionName="ci"), 400, "ValidationError",
            "reader-of-things-and-more is invalid"),
        Row("an unknown action", query(STS, "NoSuchThing"), 400, "InvalidAction"),
        Row("no signature", lambda world: world.send(sigv4.Request(
            "POST", "/", [], {"content-type": "application/x-www-form-urlencoded"},
            b"Action=GetCallerIdentity&Version=2011-06-15")), 403, "MissingAuthenticationToken"),
    ]


def acm_rows():
    return [
        Row("an unknown certificate", acm("DescribeCertificate", CertificateArn=NOBODY), 400, "ResourceNotFoundException"),
        Row("a certificate by no ARN", acm("DescribeCertificate", CertificateArn="certificate-of-mine-somewhere"), 400, "InvalidArnException"),
        Row("the ARN of another kind", acm("DescribeCertificate", CertificateArn="arn:aws:iam::123456789012:user/ann"), 400,
            "InvalidArnException"),
        Row("no name", acm("RequestCertificate"), 400, "ValidationException"),
        Row("a name that is none", acm("RequestCertificate", DomainName="no_name!"), 400, "InvalidDomainValidationOptionsException"),
        Row("a name of 254 characters", acm("RequestCertificate", DomainName="a" * 250 + ".com"), 400, "ValidationException"),
        Row("an unknown method", acm("RequestCertificate", DomainName="a.test", ValidationMethod="PIGEON"), 400, "ValidationException"),
        Row("51 tags", acm("AddTagsToCertificate", CertificateArn="{certificate}",
                           Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)]), 400, "ValidationException"),
        Row("a tag of the system's", acm("AddTagsToCertificate", CertificateArn="{certificate}", Tags=[{"Key": "aws:k", "Value": "v"}]), 400,
            "InvalidTagException"),
        Row("a deletion of nothing", acm("DeleteCertificate", CertificateArn=NOBODY), 400, "ResourceNotFoundException"),
        Row("an import of nothing", acm("ImportCertificate", Certificate="", PrivateKey=""), 400, "ValidationException"),
        Row("a body that is no JSON", lambda world: world.signed(sigv4.Request("POST", "/", [], {
            "content-type": "application/x-amz-json-1.1", "x-amz-target": "CertificateManager.ListCertificates"}, b"{"), "acm", "us-east-1"),
            400, "SerializationException"),
        Row("an unknown operation", acm("NoSuchThing"), 400, "UnknownOperationException"),
    ]


class World:
    def __init__(self, cloud):
        self.cloud, settings = cloud, cloud.env
        self.root = sigv4.Key(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        self.host = f"127.0.0.1:{cloud.api_port}"
        iam = cloud.boto("iam")
        iam.create_user(UserName="ann")
        for _ in range(2):
            iam.create_access_key(UserName="ann")
        used = iam.create_policy(PolicyName="used", PolicyDocument=READS)["Policy"]["Arn"]
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=ANYBODY)
        iam.attach_role_policy(RoleName="reader", PolicyArn=used)
        self.certificate = cloud.boto("acm").request_certificate(DomainName="promises.test", IdempotencyToken="one")["CertificateArn"]

    def signed(self, request, service, region):
        return self.send(sigv4.sign(request, self.root, self.host, service=service, region=region))

    def send(self, request):
        request.headers.setdefault("host", self.host)
        return sigv4.send(request, self.cloud.api_port)


GROUPS = {"iam": iam_rows(), "sts": sts_rows(), "acm": acm_rows()}


@pytest.fixture(scope="module")
def world(_shared_cloud):
    _shared_cloud.meetinity("reset")
    return World(_shared_cloud)


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{group}: {row.name}") for group, rows in GROUPS.items() for row in rows])
def test_row(world, row):
    answer = row.ask(world)
    assert (answer.status, answer.code) == (row.status, row.code), answer
    assert row.says in answer.body.decode()


def test_the_same_request_for_a_certificate_is_one(world):
    client = world.cloud.boto("acm")
    assert client.request_certificate(DomainName="promises.test", IdempotencyToken="one")["CertificateArn"] == world.certificate
    assert client.request_certificate(DomainName="promises.test", IdempotencyToken="two")["CertificateArn"] != world.certificate
