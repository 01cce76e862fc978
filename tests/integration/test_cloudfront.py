"""CloudFront beyond one bucket: policies, private content, origin groups, countries, names and origins of one's own."""
import base64
import datetime
import socket
import ssl
import tempfile
import threading

import botocore.signers
import pytest
from cdn_house import (ALL_VIEWER, CACHING_DISABLED, Origin, await_deployed, certificate, configuration, custom_origin,
                       deployed, get, house, over_tls, plain, refusal, self_signed)  # noqa: F401 (fixtures)
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


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


# --- how origins are asked

class Wire:
    """An origin of which each connection is counted, and whose answers a test writes byte by byte."""

    def __init__(self, answer):
        self.connections, self.open, self.answer = 0, [], answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.closed = threading.Semaphore(0)
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with connection:
            asked = b""
            while received := connection.recv(65_536):
                asked += received
                if asked.endswith(b"\r\n\r\n"):
                    asked = b""
                    connection.sendall(self.answer)
        self.closed.release()

    def close(self):
        self.listener.close()


def test_an_idle_connection_is_kept_as_long_as_the_origin_wants(house):
    origin = Wire(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: no-store\r\n\r\nok")
    wanted = configuration(house)
    wanted["Origins"]["Items"][0] = custom_origin("first", origin.port)
    wanted["Origins"]["Items"][0]["CustomOriginConfig"]["OriginKeepaliveTimeout"] = 1
    wanted["DefaultCacheBehavior"]["CachePolicyId"] = CACHING_DISABLED
    domain = deployed(house, wanted)["DomainName"]
    assert get(house, domain, "/a")[1] == "ok"
    assert origin.closed.acquire(timeout=30)  # not after the 5 seconds that others have, but that is nobody's to measure
    origin.close()


def test_an_origin_that_says_nothing_is_504_after_its_own_time(house):
    origin = Wire(b"")
    wanted = configuration(house)
    wanted["Origins"]["Items"][0] = custom_origin("first", origin.port)
    wanted["Origins"]["Items"][0]["CustomOriginConfig"]["OriginReadTimeout"] = 1
    wanted["Origins"]["Items"][0]["ConnectionAttempts"] = 2
    domain = deployed(house, wanted)["DomainName"]
    response, body = get(house, domain, "/silent")
    assert response.status == 504 and "Generated by cloudfront" in body
    assert origin.connections == 2
    origin.close()


def test_server_timing_tells_what_the_origin_took(house):
    policy = house.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig={
        "Name": "timing", "ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 100.0}})
    wanted = configuration(house)
    wanted["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = policy["ResponseHeadersPolicy"]["Id"]
    domain = deployed(house, wanted)["DomainName"]

    def metrics():
        return [metric.split(";")[0] for metric in get(house, domain, "/timed")[0].headers["Server-Timing"].split(",")]

    assert metrics() == ["cdn-upstream-layer", "cdn-upstream-dns", "cdn-upstream-connect", "cdn-upstream-fbl",
                         "cdn-cache-miss", "cdn-pop", "cdn-rid", "cdn-downstream-fbl"]
    assert metrics() == ["cdn-cache-hit", "cdn-pop", "cdn-rid", "cdn-hit-layer", "cdn-downstream-fbl"]


# --- names of one's own

@pytest.fixture(scope="module")
def acm(house):
    return house.boto("acm", region_name="us-east-1")


def with_names(house, arn, *names, minimum="TLSv1.2_2021"):
    config = configuration(house)
    certificate(arn, minimum)(config)
    config["Aliases"] = {"Quantity": len(names), **({"Items": list(names)} if names else {})}
    return config


def test_a_certificate_must_be_in_virginia_and_cover_every_name(house, acm):
    elsewhere = house.boto("acm").request_certificate(DomainName="a.cdn.example")["CertificateArn"]
    here = acm.request_certificate(DomainName="*.cdn.example")["CertificateArn"]
    create = house.cloudfront.create_distribution
    for arn, name in ((elsewhere, "a.cdn.example"), (here, "cdn.example"), (here, "a.b.cdn.example")):
        code = refusal(create, DistributionConfig=with_names(house, arn, name))
        assert code == ("InvalidViewerCertificate", 400), name
    assert refusal(create, DistributionConfig=with_names(house, here, "a.cdn.example", minimum="SSLv3")) == (
        "InvalidMinimumProtocolVersion", 400)
    deployed(house, with_names(house, here, "a.cdn.example"))
    assert refusal(acm.delete_certificate, CertificateArn=here) == ("ResourceInUseException", 400)
    assert refusal(create, DistributionConfig=with_names(house, here, "A.cdn.example")) == ("CNAMEAlreadyExists", 409)
    deployed(house, with_names(house, here, "*.cdn.example"))  # in the same account both may be


def test_a_name_moves_from_one_distribution_to_another(house, acm):
    arn = acm.request_certificate(DomainName="*.moving.example")["CertificateArn"]
    source = deployed(house, with_names(house, arn, "www.moving.example"))
    wanted = with_names(house, arn)
    wanted["DefaultCacheBehavior"]["TargetOriginId"] = "second"
    target = deployed(house, wanted)
    assert get(house, "www.moving.example", "/m")[1] == "first /m"
    conflicts = house.cloudfront.list_conflicting_aliases(DistributionId=target["Id"], Alias="*.moving.example")
    assert [item["Alias"] for item in conflicts["ConflictingAliasesList"]["Items"]] == ["www.moving.example"]
    assert refusal(house.cloudfront.associate_alias, TargetDistributionId=target["Id"], Alias="www.other.example") == (
        "InvalidArgument", 400)
    house.cloudfront.associate_alias(TargetDistributionId=target["Id"], Alias="www.moving.example")
    await_deployed(house, target["Id"])
    assert get(house, "www.moving.example", "/m")[1] == "second /m"
    assert house.cloudfront.get_distribution(Id=source["Id"])["Distribution"]["DistributionConfig"]["Aliases"]["Quantity"] == 0


def test_an_old_protocol_is_refused_in_the_handshake(house, acm):
    arn = acm.request_certificate(DomainName="modern.example")["CertificateArn"]
    deployed(house, with_names(house, arn, "modern.example", minimum="TLSv1.3_2025"))

    def protocol(newest):
        context = ssl.create_default_context(cafile=house.ca)
        context.maximum_version = newest
        with socket.create_connection(("127.0.0.1", house.https_port), 30) as wire:
            with context.wrap_socket(wire, server_hostname="modern.example") as session:
                return session.version()

    assert protocol(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises(OSError):
        protocol(ssl.TLSVersion.TLSv1_2)


def test_a_name_behind_anothers_certificate_is_misdirected(house, acm, plain):
    arn = acm.request_certificate(DomainName="fronted.example")["CertificateArn"]
    deployed(house, with_names(house, arn, "fronted.example"))
    context = ssl.create_default_context(cafile=house.ca)
    with socket.create_connection(("127.0.0.1", house.https_port), 30) as wire:
        with context.wrap_socket(wire, server_hostname="fronted.example") as session:
            session.sendall(f"GET / HTTP/1.1\r\nHost: {plain}\r\n\r\n".encode())
            assert session.recv(65_536).startswith(b"HTTP/1.1 421 ")


# --- monitoring

def test_additional_metrics_are_turned_on_and_off(house):
    identity = deployed(house, configuration(house))["Id"]
    calls = house.cloudfront
    assert refusal(calls.get_monitoring_subscription, DistributionId=identity) == ("NoSuchMonitoringSubscription", 404)
    for status in ("Enabled", "Disabled"):
        wanted = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": status}}
        calls.create_monitoring_subscription(DistributionId=identity, MonitoringSubscription=wanted)
        assert calls.get_monitoring_subscription(DistributionId=identity)["MonitoringSubscription"] == wanted
    calls.delete_monitoring_subscription(DistributionId=identity)
    assert refusal(calls.delete_monitoring_subscription, DistributionId=identity) == ("NoSuchMonitoringSubscription", 404)
