"""What CloudFront and the edge refuse, and with which error: a row each, against the running program."""
import copy
import http.client
import json
import socket
import ssl

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
from cdn_house import certificate, configuration, deployed, get, house, plain, refusal  # noqa: F401 (fixtures)


# --- bad input

def set_behavior(**members):
    return lambda config: config["DefaultCacheBehavior"].update(members)


def legacy(**members):
    def change(config):
        del config["DefaultCacheBehavior"]["CachePolicyId"]
        config["DefaultCacheBehavior"].update({"ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                                               **members})
    return change


def set_origin(**members):
    return lambda config: config["Origins"]["Items"][0].update(members)


def set_custom(**members):
    return lambda config: config["Origins"]["Items"][0]["CustomOriginConfig"].update(members)


def to_bucket(**members):
    """The first origin is a bucket."""
    def change(config):
        config["Origins"]["Items"][0] = {"Id": "first", "DomainName": "site.s3.eu-west-1.amazonaws.com",
                                         "S3OriginConfig": {"OriginAccessIdentity": ""}, **members}
    return change


def all_of(*changes):
    return lambda config: [change(config) for change in changes]


def errors(*responses):
    return lambda config: config.update(CustomErrorResponses={"Quantity": len(responses), "Items": list(responses)})


def geo(kind, *items):
    return lambda config: config.update(Restrictions={"GeoRestriction": {
        "RestrictionType": kind, "Quantity": len(items), **({"Items": list(items)} if items else {})}})


BAD_INPUT = [
    ("an unknown origin", set_behavior(TargetOriginId="nowhere"), "NoSuchOrigin"),
    ("an unknown cache policy", set_behavior(CachePolicyId="none"), "NoSuchCachePolicy"),
    ("an unknown origin request policy", set_behavior(OriginRequestPolicyId="none"), "NoSuchOriginRequestPolicy"),
    ("an unknown response headers policy", set_behavior(ResponseHeadersPolicyId="none"), "NoSuchResponseHeadersPolicy"),
    ("a minimum above the default", legacy(MinTTL=9, DefaultTTL=5, MaxTTL=60), "InvalidTTLOrder"),
    ("a default above the maximum", legacy(MinTTL=0, DefaultTTL=61, MaxTTL=60), "InvalidTTLOrder"),
    ("a policy and times to live", set_behavior(MinTTL=0), "InvalidArgument"),
    ("a policy and forwarded values", set_behavior(ForwardedValues={"QueryString": False, "Cookies": {"Forward": "none"}}),
     "InvalidArgument"),
    ("neither", lambda config: config["DefaultCacheBehavior"].pop("CachePolicyId"), "InvalidArgument"),
    ("a country that is none", geo("whitelist", "Germany"), "InvalidLocationCode"),
    ("a list of no countries", geo("whitelist"), "InvalidGeoRestrictionParameter"),
    ("an unknown key group", set_behavior(TrustedKeyGroups={"Enabled": True, "Quantity": 1, "Items": ["none"]}),
     "TrustedKeyGroupDoesNotExist"),
    ("a function", set_behavior(FunctionAssociations={"Quantity": 1, "Items": [
        {"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}]}), "InvalidFunctionAssociation"),
    ("Lambda@Edge", set_behavior(LambdaFunctionAssociations={"Quantity": 1, "Items": [
        {"LambdaFunctionARN": "arn:aws:lambda:us-east-1:1:function:f:1", "EventType": "viewer-request"}]}),
     "InvalidLambdaFunctionAssociation"),
    ("trusted signers", set_behavior(TrustedSigners={"Enabled": True, "Quantity": 1, "Items": ["self"]}),
     "TrustedSignerDoesNotExist"),
    ("field-level encryption", set_behavior(FieldLevelEncryptionId="E1"), "NoSuchFieldLevelEncryptionConfig"),
    ("real-time logs", set_behavior(RealtimeLogConfigArn="arn:aws:cloudfront::1:realtime-log-config/r"),
     "NoSuchRealtimeLogConfig"),
    ("smooth streaming", set_behavior(SmoothStreaming=True), "InvalidArgument"),
    ("origin shield", set_origin(OriginShield={"Enabled": True, "OriginShieldRegion": "eu-west-1"}), "InvalidArgument"),
    ("staging", lambda config: config.update(Staging=True), "InvalidArgument"),
    ("a continuous deployment policy", lambda config: config.update(ContinuousDeploymentPolicyId="none"),
     "NoSuchContinuousDeploymentPolicy"),
    ("a web ACL", lambda config: config.update(WebACLId="arn:aws:wafv2:us-east-1:1:global/webacl/a/b"), "InvalidWebACLId"),
    ("HTTP/3 alone", lambda config: config.update(HttpVersion="http3"), "InvalidArgument"),
    ("an unknown access control", to_bucket(OriginAccessControlId="none"), "InvalidOriginAccessControl"),
    ("an unknown access identity", to_bucket(S3OriginConfig={
        "OriginAccessIdentity": "origin-access-identity/cloudfront/E2NONE"}), "InvalidOriginAccessIdentity"),
    ("an access control and an access identity", to_bucket(OriginAccessControlId="none", S3OriginConfig={
        "OriginAccessIdentity": "origin-access-identity/cloudfront/E2NONE"}), "IllegalOriginAccessConfiguration"),
    ("an access control of a web server", set_origin(OriginAccessControlId="none"),
     "InvalidDomainNameForOriginAccessControl"),
    ("a website as a bucket", to_bucket(DomainName="site.s3-website-eu-west-1.amazonaws.com"), "InvalidArgument"),
    ("Host of a bucket", all_of(to_bucket(), legacy(ForwardedValues={
        "QueryString": False, "Cookies": {"Forward": "none"}, "Headers": {"Quantity": 1, "Items": ["Host"]}})),
     "InvalidHeadersForS3Origin"),
    ("an origin that is nowhere", set_origin(DomainName="nowhere.invalid"), "InvalidOrigin"),
    ("a path with a slash at its end", set_origin(OriginPath="/v1/"), "InvalidArgument"),
    ("too long a wait for an origin", set_custom(OriginReadTimeout=121), "InvalidOriginReadTimeout"),
    ("too long an idle connection", set_custom(OriginKeepaliveTimeout=0), "InvalidOriginKeepaliveTimeout"),
    ("eleven custom headers", set_origin(CustomHeaders={"Quantity": 11, "Items": [
        {"HeaderName": f"X-{i}", "HeaderValue": "v"} for i in range(11)]}), "TooManyOriginCustomHeaders"),
    ("a page for a status that has none", errors({"ErrorCode": 418}), "InvalidErrorCode"),
    ("a page that is no path", errors({"ErrorCode": 404, "ResponsePagePath": "404.html", "ResponseCode": "404"}),
     "InvalidRelativePath"),
    ("a page under a status that is none", errors({"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": "299"}),
     "InvalidResponseCode"),
    ("a certificate that is not there", certificate("arn:aws:acm:us-east-1:123456789012:certificate/none"),
     "InvalidViewerCertificate"),
    ("a policy of viewers' TLS that is none", certificate("arn:aws:acm:us-east-1:1:certificate/none", "SSLv3"),
     "InvalidViewerCertificate"),
    ("a leading slash of the root object", lambda config: config.update(DefaultRootObject="/index.html"),
     "InvalidDefaultRootObject"),
    ("an alias without a certificate", lambda config: config.update(Aliases={"Quantity": 1, "Items": ["a.example"]}),
     "InvalidViewerCertificate"),
    ("a quantity that does not count", lambda config: config["Origins"].update(Quantity=3), "InconsistentQuantities"),
]


@pytest.mark.parametrize("change,code", [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT])
def test_bad_input(house, change, code):
    config = copy.deepcopy(configuration(house))
    change(config)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        house.cloudfront.create_distribution(DistributionConfig=config)
    assert refused.value.response["Error"]["Code"] == code


def test_what_is_in_use_is_not_deleted(house):
    policy = house.cloudfront.create_cache_policy(CachePolicyConfig={"Name": "used", "MinTTL": 0})
    wanted = configuration(house)
    wanted["DefaultCacheBehavior"]["CachePolicyId"] = policy["CachePolicy"]["Id"]
    deployed(house, wanted)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        house.cloudfront.delete_cache_policy(Id=policy["CachePolicy"]["Id"], IfMatch=policy["ETag"])
    assert refused.value.response["Error"]["Code"] == "CachePolicyInUse"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    control = house.cloudfront.create_origin_access_control(OriginAccessControlConfig={
        "Name": "used", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"})
    identity = house.cloudfront.create_cloud_front_origin_access_identity(
        CloudFrontOriginAccessIdentityConfig={"CallerReference": "used", "Comment": ""})
    control_id, identity_id = control["OriginAccessControl"]["Id"], identity["CloudFrontOriginAccessIdentity"]["Id"]
    for change in (to_bucket(OriginAccessControlId=control_id), to_bucket(S3OriginConfig={
            "OriginAccessIdentity": f"origin-access-identity/cloudfront/{identity_id}"})):
        wanted = configuration(house)
        change(wanted)
        deployed(house, wanted)
    assert refusal(house.cloudfront.delete_origin_access_control, Id=control_id, IfMatch=control["ETag"]) == (
        "OriginAccessControlInUse", 409)
    assert refusal(house.cloudfront.delete_cloud_front_origin_access_identity, Id=identity_id, IfMatch=identity["ETag"]) == (
        "CloudFrontOriginAccessIdentityInUse", 409)


def test_refusals_of_what_is_there_or_is_not(house):
    cloudfront = house.cloudfront
    assert refusal(cloudfront.get_distribution, Id="ENOBODY") == ("NoSuchDistribution", 404)
    config = configuration(house)
    made = deployed(house, config)
    assert refusal(cloudfront.create_distribution, DistributionConfig=config) == ("DistributionAlreadyExists", 409)
    assert refusal(cloudfront.delete_distribution, Id=made["Id"]) == ("InvalidIfMatchVersion", 400)
    etag = cloudfront.get_distribution(Id=made["Id"])["ETag"]
    assert refusal(cloudfront.delete_distribution, Id=made["Id"], IfMatch=etag) == ("DistributionNotDisabled", 409)
    assert refusal(cloudfront.delete_distribution, Id=made["Id"], IfMatch="E2OLD") == ("PreconditionFailed", 412)
    for path in ("a", "/a/*/b", "/*a"):
        assert refusal(cloudfront.create_invalidation, DistributionId=made["Id"], InvalidationBatch={
            "CallerReference": path, "Paths": {"Quantity": 1, "Items": [path]}}) == ("InvalidArgument", 400), path


@pytest.mark.parametrize("body,code", [(b"", "MissingBody"), (b"<DistributionConfig", "MalformedXML")])
def test_a_body_that_is_none(house, body, code):
    settings = json.loads(house.meetinity("env", "--json").stdout)
    credentials = botocore.credentials.Credentials(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
    request = botocore.awsrequest.AWSRequest("POST", f"{house.endpoint}/2020-05-31/distribution", data=body)
    botocore.auth.SigV4Auth(credentials, "cloudfront", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", house.api_port, timeout=30)
    connection.request("POST", "/2020-05-31/distribution", body, dict(request.headers))
    response = connection.getresponse()
    assert response.status == 400 and f"<Code>{code}</Code>" in response.read().decode()


# --- the edge's own refusals

RAW = [
    ("a name that is nobody's", "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n", 403),
    ("a length and chunks", "POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a length that is none", "POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 1x\r\n\r\n", 400),
    ("lines without a return", "GET / HTTP/1.1\nHost: {0}\n\n", 400),
    ("a folded header", "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: b\r\n c\r\n\r\n", 400),
    ("NUL in a header", "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: b\0c\r\n\r\n", 400),
    ("a path above the root", "GET /a/../../b HTTP/1.1\r\nHost: {0}\r\n\r\n", 400),
    ("TRACE", "TRACE / HTTP/1.1\r\nHost: {0}\r\n\r\n", 403),
    ("CONNECT", "CONNECT {0}:443 HTTP/1.1\r\nHost: {0}\r\n\r\n", 405),
    ("a method that the site does not allow", "PUT / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 0\r\n\r\n", 403),
    ("a head of more than 20,480 bytes", "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: " + "a" * 20_480 + "\r\n\r\n", 413),
    ("a GET with a body", "GET / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 1\r\n\r\nx", 403),
    ("a URL of 8,193 bytes", "GET /" + "a" * 8_192 + " HTTP/1.1\r\nHost: {0}\r\n\r\n", 413),
]


@pytest.mark.parametrize("text,status", [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_the_edge_refuses(house, plain, text, status):
    asked = len(house.first.asked)
    with socket.create_connection(("127.0.0.1", house.http_port), 30) as wire:
        wire.sendall(text.replace("{0}", plain).encode())
        answer = wire.recv(65_536)
        while status in (400, 413) and "/../" not in text and wire.recv(65_536):
            pass  # until the edge closes: what else came with such a request is nobody's to read
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:80]
    assert len(house.first.asked) == asked


def test_no_shared_cipher_is_refused_in_the_handshake(house, plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("NULL-SHA256:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", house.https_port), 30) as wire, pytest.raises(OSError):
        context.wrap_socket(wire, server_hostname=plain)


@pytest.mark.parametrize("beginning", ["GET / HTTP/1.1\r\nHost: {0}\r\nX-Slow: ", "POST / HTTP/1.1\r\nHost: {0}\r\n"
                                       "Content-Length: 10\r\n\r\nab"], ids=["a head", "a body"])
def test_who_never_ends_a_request_is_let_go_and_holds_no_origin(house, beginning):
    wanted = configuration(house)
    methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
    wanted["DefaultCacheBehavior"]["AllowedMethods"] = {
        "Quantity": 7, "Items": methods, "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]}}
    domain = deployed(house, wanted)["DomainName"]
    with socket.create_connection(("127.0.0.1", house.http_port), 60) as wire:
        wire.sendall(beginning.replace("{0}", domain).encode())
        while wire.recv(65_536):  # at most the refusal, then the end
            pass
    assert get(house, domain, "/after")[0].status == 200
