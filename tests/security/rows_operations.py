"""Operations of the other services, called by a user whom nothing allows them, and with what would allow them."""
from world import ACCOUNT, Row, allow, cloudfront_call, deny, json_call, query_call

IAM, STS, ACM = "2010-05-08", "2011-06-15", "CertificateManager."
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000"
POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
REFUSED = ("AccessDenied", "AccessDeniedException")
S3_ONLY = [allow("s3:*")]


def row(name, act, code=REFUSED, identity=S3_ONLY):
    return Row("operations", name, act, code, identity=identity)


def iam(action, **parameters):
    return query_call("iam", IAM, action, **parameters)


CALLS_OF_IAM = {
    "CreateUser": {"UserName": "mallory"}, "DeleteUser": {"UserName": "bob"}, "UpdateUser": {"UserName": "bob", "NewUserName": "eve"},
    "CreateAccessKey": {"UserName": "bob"}, "UpdateAccessKey": {"UserName": "idle", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"},
    "DeleteAccessKey": {"UserName": "bob", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}, "ListAccessKeys": {"UserName": "bob"},
    "PutUserPolicy": {"UserName": "alice", "PolicyName": "more", "PolicyDocument": POLICY},
    "DeleteUserPolicy": {"UserName": "bob", "PolicyName": "all"}, "GetUserPolicy": {"UserName": "bob", "PolicyName": "all"},
    "AttachUserPolicy": {"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    "DetachUserPolicy": {"UserName": "bob", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    "CreatePolicy": {"PolicyName": "more", "PolicyDocument": POLICY},
    "CreateRole": {"RoleName": "more", "AssumeRolePolicyDocument": TRUST},
    "PutRolePolicy": {"RoleName": "any", "PolicyName": "more", "PolicyDocument": POLICY},
    "UpdateAssumeRolePolicy": {"RoleName": "any", "PolicyDocument": TRUST},
    "ListUsers": {}, "ListRoles": {}, "ListPolicies": {}, "GetAccountSummary": {},
    "TagUser": {"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "root"},
}
CALLS_OF_ACM = {
    "ListCertificates": {}, "RequestCertificate": {"DomainName": "mallory.example"}, "DescribeCertificate": {"CertificateArn": CERTIFICATE},
    "GetCertificate": {"CertificateArn": CERTIFICATE}, "DeleteCertificate": {"CertificateArn": CERTIFICATE},
    "ListTagsForCertificate": {"CertificateArn": CERTIFICATE},
}
CLOUDFRONT = "/2020-05-31"
CALLS_OF_CLOUDFRONT = {
    "ListDistributions": ("GET", "/distribution"), "GetDistribution": ("GET", "/distribution/{distribution}"),
    "GetDistributionConfig": ("GET", "/distribution/{distribution}/config"), "DeleteDistribution": ("DELETE", "/distribution/{distribution}"),
    "ListInvalidations": ("GET", "/distribution/{distribution}/invalidation"), "ListCachePolicies": ("GET", "/cache-policy"),
    "ListOriginAccessControls": ("GET", "/origin-access-control"), "ListKeyGroups": ("GET", "/key-group"),
}
INVALIDATION = (b'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths><Quantity>1</Quantity><Items>'
                b"<Path>/*</Path></Items></Paths><CallerReference>denied</CallerReference></InvalidationBatch>")


def invalidate():
    return cloudfront_call("POST", f"{CLOUDFRONT}/distribution/{{distribution}}/invalidation", body=INVALIDATION,
                           headers={"content-type": "application/xml"})


def cloudfront(name):
    method, path = CALLS_OF_CLOUDFRONT[name]
    return cloudfront_call(method, CLOUDFRONT + path)


ROWS = [
    *(row(f"iam:{name}", iam(name, **parameters)) for name, parameters in CALLS_OF_IAM.items()),
    *(row(f"acm:{name}", json_call("acm", ACM + name, **body)) for name, body in CALLS_OF_ACM.items()),
    *(row(f"cloudfront:{name}", cloudfront(name)) for name in CALLS_OF_CLOUDFRONT),
    row("cloudfront:CreateInvalidation", invalidate()),
    row("iam:ListUsers of nobody", iam("ListUsers", who=None), ("MissingAuthenticationToken", "AccessDenied", "InvalidAction")),
    row("acm:ListCertificates of nobody", json_call("acm", ACM + "ListCertificates", who=None),
        ("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AccessDeniedException")),
    row("cloudfront:* does not allow iam", iam("ListUsers"), identity=[allow("cloudfront:*")]),
    row("iam:Get* does not allow iam:List*", iam("ListUsers"), identity=[allow("iam:Get*")]),
    row("iam:* is denied over *", iam("ListUsers"), identity=[allow(), deny("iam:*")]),
    row("acm:* is denied over *", json_call("acm", ACM + "ListCertificates"), identity=[allow(), deny("acm:*")]),
    row("cloudfront:* is denied over *", cloudfront("ListDistributions"), identity=[allow(), deny("cloudfront:*")]),
    row("iam, from elsewhere", iam("ListUsers"), identity=[allow("iam:*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})]),
    row("iam:ListUsers allowed", iam("ListUsers"), "", [allow("iam:ListUsers")]),
    row("acm:ListCertificates allowed", json_call("acm", ACM + "ListCertificates"), "", [allow("acm:List*")]),
    row("cloudfront:ListDistributions allowed", cloudfront("ListDistributions"), "", [allow("cloudfront:ListDistributions")]),
    row("cloudfront:GetDistribution allowed", cloudfront("GetDistribution"), "", [allow("cloudfront:Get*")]),
    row("whoever signs may ask who it is", query_call("sts", STS, "GetCallerIdentity"), "", None),
]
