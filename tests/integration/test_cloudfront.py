"""CloudFront beyond one bucket: policies, private content, origin groups, countries, and what a configuration may say."""
import base64
import copy
import datetime
import http.client
import http.server
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import botocore.signers
import conftest
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


class Origin:
    """An HTTP server that says its name, and 500 for what is under /broken. Remembers what it was asked."""

    def __init__(self, name, certificate=None):
        self.asked = []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                asked.append((self.path, dict(self.headers)))
                body = f"{name} {self.path}".encode()
                self.send_response(500 if self.path.startswith("/broken") and name == "first" else 200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "max-age=60")
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def self_signed(directory, name):
    """A key and a certificate for localhost in one file."""
    path = pathlib.Path(directory) / f"{name}.pem"
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                           "subjectAltName=DNS:localhost", "-keyout", "-"], check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return str(path)


@pytest.fixture(scope="module")
def house():
    """A cloud without a stack whose viewers stand in Germany; two plain origins, and one whose certificate it trusts."""
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    trusted = self_signed(directory, "trusted")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", trusted)  # what OpenSSL takes for the system's
        cloud = conftest.start(directory, "--no-stack", "--loopback-country", "DE", var_file=None)
    cloud.cloudfront = cloud.boto("cloudfront")
    cloud.first, cloud.second, cloud.tls = Origin("first"), Origin("second"), Origin("tls", trusted)
    yield cloud
    cloud.meetinity("down", check=False)
    for origin in (cloud.first, cloud.second, cloud.tls):
        origin.close()
    shutil.rmtree(directory)


def custom_origin(identity, port, protocol="http-only"):
    return {"Id": identity, "DomainName": "localhost", "CustomOriginConfig": {
        "HTTPPort": port, "HTTPSPort": port, "OriginProtocolPolicy": protocol,
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}}}


def configuration(house):
    return {
        "CallerReference": str(uuid.uuid4()), "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 2, "Items": [custom_origin("first", house.first.port),
                                             custom_origin("second", house.second.port)]},
        "DefaultCacheBehavior": {"TargetOriginId": "first", "ViewerProtocolPolicy": "allow-all",
                                 "CachePolicyId": CACHING_OPTIMIZED},
    }


def deployed(house, config):
    made = house.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    await_deployed(house, made["Id"])
    return made


def await_deployed(house, identity):
    house.cloudfront.get_waiter("distribution_deployed").wait(Id=identity, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


def get(house, domain, path="/", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", house.http_port, timeout=30)
    connection.request("GET", path, headers={"Host": domain, **{k.replace("_", "-"): v for k, v in headers.items()}})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


# --- private content

@pytest.fixture(scope="module")
def private(house):
    """A distribution that serves only what the key's holder signed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    made = house.cloudfront.create_public_key(PublicKeyConfig={"CallerReference": "k", "Name": "shop", "EncodedKey": pem})
    group = house.cloudfront.create_key_group(KeyGroupConfig={"Name": "shop", "Items": [made["PublicKey"]["Id"]]})["KeyGroup"]
    config = configuration(house)
    config["DefaultCacheBehavior"]["TrustedKeyGroups"] = {"Enabled": True, "Quantity": 1, "Items": [group["Id"]]}
    config["DefaultCacheBehavior"]["OriginRequestPolicyId"] = ALL_VIEWER
    distribution = deployed(house, config)
    signer = botocore.signers.CloudFrontSigner(
        made["PublicKey"]["Id"], lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()))
    return distribution["DomainName"], signer


def path_of(url, domain):
    return url.removeprefix(f"http://{domain}")


def in_(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def test_unsigned_is_refused_in_xml(house, private):
    domain, _ = private
    response, body = get(house, domain, "/secret")
    assert (response.status, response.headers["Content-Type"]) == (403, "text/xml")
    assert "<Code>MissingKey</Code>" in body
    _, body = get(house, domain, "/secret?Expires=1&Signature=a&Key-Pair-Id=KNOBODY")
    assert "<Code>InvalidKey</Code><Message>Unknown Key</Message>" in body
    assert not any(path.startswith("/secret") for path, _ in house.first.asked)


def test_a_canned_policy_opens_one_url_for_a_time(house, private):
    domain, signer = private
    signed = path_of(signer.generate_presigned_url(f"http://{domain}/canned?a=1", date_less_than=in_(60)), domain)
    response, body = get(house, domain, signed)
    assert (response.status, body) == (200, "first /canned?a=1")  # the origin sees no signature
    for altered in (signed.replace("/canned", "/other"), signed.replace("a=1", "a=2"),
                    signed.replace("Expires=", "Expires=9"), signed.replace("Signature=", "Signature=A")):
        response, body = get(house, domain, altered)
        assert response.status == 403 and "<Error><Code>" in body, altered
    expired = path_of(signer.generate_presigned_url(f"http://{domain}/canned", date_less_than=in_(-1)), domain)
    assert "<Code>AccessDenied</Code>" in get(house, domain, expired)[1]


def test_a_custom_policy_opens_many_urls_from_some_addresses(house, private):
    domain, signer = private
    policy = signer.build_policy(f"http://{domain}/films/*", in_(60), ip_address="127.0.0.0/8")
    signed = path_of(signer.generate_presigned_url(f"http://{domain}/films/1", policy=policy), domain)
    assert get(house, domain, signed)[0].status == 200
    assert get(house, domain, signed.replace("/films/1", "/films/2"))[0].status == 200
    assert get(house, domain, signed.replace("/films/1", "/books/1"))[0].status == 403
    elsewhere = signer.build_policy(f"http://{domain}/films/*", in_(60), ip_address="192.0.2.0/24")
    signed = path_of(signer.generate_presigned_url(f"http://{domain}/films/1", policy=elsewhere), domain)
    assert "<Code>AccessDenied</Code>" in get(house, domain, signed)[1]


def test_signed_cookies_open_what_they_say_and_go_no_further(house, private):
    domain, signer = private

    def encoded(data):
        return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))

    policy = signer.build_policy(f"http://{domain}/cookies/*", in_(60), in_(-60)).encode()
    cookie = "; ".join([f"CloudFront-Policy={encoded(policy)}", f"CloudFront-Signature={encoded(signer.rsa_signer(policy))}",
                        f"CloudFront-Key-Pair-Id={signer.key_id}", "theme=dark"])
    response, body = get(house, domain, "/cookies/1", Cookie=cookie)
    assert (response.status, body) == (200, "first /cookies/1")
    assert house.first.asked[-1][1]["cookie"] == "theme=dark"
    assert get(house, domain, "/other", Cookie=cookie)[0].status == 403


# --- policies

def test_a_response_headers_policy_reaches_what_is_cached(house):
    config = {"Name": "headers", "CustomHeadersConfig": {"Quantity": 1, "Items": [
        {"Header": "X-Site", "Value": "one", "Override": True}]}}
    policy = house.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    wanted = configuration(house)
    wanted["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = policy["ResponseHeadersPolicy"]["Id"]
    made = deployed(house, wanted)
    assert get(house, made["DomainName"], "/p")[0].headers["X-Site"] == "one"
    config["CustomHeadersConfig"]["Items"][0]["Value"] = "two"
    house.cloudfront.update_response_headers_policy(Id=policy["ResponseHeadersPolicy"]["Id"], IfMatch=policy["ETag"],
                                                    ResponseHeadersPolicyConfig=config)
    for _ in range(200):
        response, _ = get(house, made["DomainName"], "/p")
        if response.headers["X-Site"] == "two":
            break
    assert (response.headers["X-Site"], response.headers["X-Cache"]) == ("two", "Hit from cloudfront")


def test_legacy_query_keys_make_the_key_and_all_is_forwarded(house):
    wanted = configuration(house)
    behavior = wanted["DefaultCacheBehavior"]
    del behavior["CachePolicyId"]
    behavior.update(MinTTL=0, DefaultTTL=60, MaxTTL=600, ForwardedValues={
        "QueryString": True, "Cookies": {"Forward": "none"}, "QueryStringCacheKeys": {"Quantity": 1, "Items": ["page"]}})
    domain = deployed(house, wanted)["DomainName"]
    assert get(house, domain, "/q?page=1&session=a")[1] == "first /q?page=1&session=a"
    response, body = get(house, domain, "/q?page=1&session=b")
    assert (response.headers["X-Cache"], body) == ("Hit from cloudfront", "first /q?page=1&session=a")


# --- origins

def test_an_origin_group_turns_to_its_second_origin(house):
    wanted = configuration(house)
    wanted["OriginGroups"] = {"Quantity": 1, "Items": [{
        "Id": "both", "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [500, 502]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "first"}, {"OriginId": "second"}]}}]}
    wanted["DefaultCacheBehavior"]["TargetOriginId"] = "both"
    domain = deployed(house, wanted)["DomainName"]
    assert get(house, domain, "/fine")[1] == "first /fine"
    assert get(house, domain, "/broken")[1] == "second /broken"


def over_tls(house, domain, path):
    context = ssl.create_default_context(cafile=house.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", house.https_port, context=context, timeout=30)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", house.https_port)), server_hostname=domain)
    connection.request("GET", path, headers={"Host": domain})
    response = connection.getresponse()
    return response, response.read().decode()


def test_an_origin_is_asked_as_viewers_ask(house):
    wanted = configuration(house)
    wanted["Origins"]["Items"][0] = custom_origin("first", house.first.port, "match-viewer")
    wanted["Origins"]["Items"][0]["CustomOriginConfig"]["HTTPSPort"] = house.tls.port
    domain = deployed(house, wanted)["DomainName"]
    assert get(house, domain, "/plainly")[1] == "first /plainly"
    assert over_tls(house, domain, "/safely")[1] == "tls /safely"


def test_an_origin_with_a_certificate_that_nobody_vouches_for_is_502(house):
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as directory:
        origin = Origin("stranger", self_signed(directory, "stranger"))
    wanted = configuration(house)
    wanted["Origins"]["Items"] = [custom_origin("first", origin.port, "https-only"),
                                  custom_origin("second", house.tls.port, "https-only")]
    made = deployed(house, wanted)
    response, body = get(house, made["DomainName"], "/x")
    assert response.status == 502 and "Generated by cloudfront" in body and origin.asked == []
    origin.close()
    config = house.cloudfront.get_distribution_config(Id=made["Id"])
    config["DistributionConfig"]["DefaultCacheBehavior"]["TargetOriginId"] = "second"
    house.cloudfront.update_distribution(Id=made["Id"], IfMatch=config["ETag"],
                                         DistributionConfig=config["DistributionConfig"])
    await_deployed(house, made["Id"])
    assert get(house, made["DomainName"], "/y")[1] == "tls /y"


# --- countries

def test_a_country_may_be_kept_out(house):
    wanted = configuration(house)
    wanted["Restrictions"] = {"GeoRestriction": {"RestrictionType": "blacklist", "Quantity": 1, "Items": ["DE"]}}
    made = deployed(house, wanted)
    response, body = get(house, made["DomainName"], "/")
    assert response.status == 403 and "block access from your country" in body
    read = house.cloudfront.get_distribution_config(Id=made["Id"])
    config = read["DistributionConfig"]
    config["Restrictions"]["GeoRestriction"]["Items"] = ["FR"]
    house.cloudfront.update_distribution(Id=made["Id"], IfMatch=read["ETag"], DistributionConfig=config)
    await_deployed(house, made["Id"])
    assert get(house, made["DomainName"], "/")[0].status == 200


# --- bad input

def set_behavior(**members):
    return lambda config: config["DefaultCacheBehavior"].update(members)


def legacy(**members):
    def change(config):
        del config["DefaultCacheBehavior"]["CachePolicyId"]
        config["DefaultCacheBehavior"].update({"ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                                               **members})
    return change


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
        {"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}]}), "InvalidArgument"),
    ("field-level encryption", set_behavior(FieldLevelEncryptionId="E1"), "InvalidArgument"),
    ("HTTP/3 alone", lambda config: config.update(HttpVersion="http3"), "InvalidArgument"),
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


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


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

@pytest.fixture(scope="module")
def plain(house):
    return deployed(house, configuration(house))["DomainName"]


RAW = [
    ("a name that is nobody's", "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n", 403),
    ("a length and chunks", "POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a length that is none", "POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 1x\r\n\r\n", 400),
    ("lines without a return", "GET / HTTP/1.1\nHost: {0}\n\n", 400),
    ("a folded header", "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: b\r\n c\r\n\r\n", 400),
    ("NUL in a header", "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: b\0c\r\n\r\n", 400),
    ("a path above the root", "GET /a/../../b HTTP/1.1\r\nHost: {0}\r\n\r\n", 400),
    ("TRACE", "TRACE / HTTP/1.1\r\nHost: {0}\r\n\r\n", 403),
    ("a GET with a body", "GET / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 1\r\n\r\nx", 403),
    ("a URL of 8,193 bytes", "GET /" + "a" * 8_192 + " HTTP/1.1\r\nHost: {0}\r\n\r\n", 413),
]


@pytest.mark.parametrize("text,status", [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_the_edge_refuses(house, plain, text, status):
    asked = len(house.first.asked)
    with socket.create_connection(("127.0.0.1", house.http_port), 30) as wire:
        wire.sendall(text.replace("{0}", plain).encode())
        answer = wire.recv(65_536)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:80]
    assert len(house.first.asked) == asked


def test_no_shared_cipher_is_refused_in_the_handshake(house, plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("NULL-SHA256:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", house.https_port), 30) as wire, pytest.raises(OSError):
        context.wrap_socket(wire, server_hostname=plain)
