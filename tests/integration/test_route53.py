"""Route 53 with the clients that operators have, and its name server asked as resolvers ask."""
import json
import shutil
import socket
import struct
import subprocess
import tempfile
import uuid

import botocore.exceptions
import conftest
import pytest

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28}


@pytest.fixture(scope="module")
def cloud():
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    port = conftest.free_port()
    cloud = conftest.start(directory, "--no-stack", "--dns-port", port, var_file=None)
    cloud.dns_port = port
    yield cloud
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


@pytest.fixture
def route53(cloud):
    return cloud.boto("route53")


@pytest.fixture
def zone(route53):
    name = f"z{uuid.uuid4().hex[:10]}.example"
    made = route53.create_hosted_zone(Name=name, CallerReference=uuid.uuid4().hex)
    in_sync(route53, made["ChangeInfo"])
    return {"id": made["HostedZone"]["Id"], "name": name}


def in_sync(route53, change):
    route53.get_waiter("resource_record_sets_changed").wait(Id=change["Id"], WaiterConfig={"Delay": 1})


def change(route53, zone, *changes):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set} for action, record_set in changes]}
    in_sync(route53, route53.change_resource_record_sets(HostedZoneId=zone["id"], ChangeBatch=batch)["ChangeInfo"])


def record(name, kind, *values, ttl=60):
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def alias(name, kind, zone_id, target):
    return {"Name": name, "Type": kind,
            "AliasTarget": {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": False}}


def skip_name(message, at):
    while message[at] != 0:
        if message[at] >= 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


def read_answer(message):
    """The code, whether it was cut short, and the addresses among the answers."""
    flags, _, answers = struct.unpack("!HHH", message[2:8])
    at = skip_name(message, 12) + 4
    addresses = []
    for _ in range(answers):
        at = skip_name(message, at)
        kind, _, _, size = struct.unpack("!HHIH", message[at:at + 10])
        if kind in (1, 28):
            family = socket.AF_INET if kind == 1 else socket.AF_INET6
            addresses.append(socket.inet_ntop(family, message[at + 10:at + 10 + size]))
        at += 10 + size
    return flags & 15, bool(flags & 0x200), addresses


def ask(cloud, name, kind="A", tcp=False):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    query = struct.pack("!6H", 0xABCD, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", TYPES[kind], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as wire:
        wire.settimeout(30)
        wire.connect(("127.0.0.1", cloud.dns_port))
        if not tcp:
            wire.send(query)
            return read_answer(wire.recv(4096))
        wire.sendall(struct.pack("!H", len(query)) + query)
        stream = wire.makefile("rb")
        return read_answer(stream.read(struct.unpack("!H", stream.read(2))[0]))


def test_records_resolve_once_they_are_in_sync(cloud, route53, zone):
    www = f"www.{zone['name']}"
    change(route53, zone, ("CREATE", record(www, "A", "192.0.2.1")), ("CREATE", record(f"c.{zone['name']}", "CNAME", www)))
    assert ask(cloud, www) == (0, False, ["192.0.2.1"])
    assert ask(cloud, f"c.{zone['name']}") == (0, False, ["192.0.2.1"])
    change(route53, zone, ("UPSERT", record(www, "A", "192.0.2.2")))
    assert ask(cloud, www) == (0, False, ["192.0.2.2"])
    change(route53, zone, ("DELETE", record(www, "A", "192.0.2.2")))
    assert ask(cloud, www)[0] == 3
    assert ask(cloud, "www.elsewhere.test")[0] == 5


def test_names_of_distributions_and_balancers_are_this_machine(cloud, route53, zone):
    name = zone["name"]
    change(route53, zone,
           ("CREATE", alias(name, "A", "Z2FDTNDATAQYW2", "d111111abcdef8.cloudfront.localhost")),
           ("CREATE", alias(name, "AAAA", "Z2FDTNDATAQYW2", "d111111abcdef8.cloudfront.localhost")),
           ("CREATE", alias(f"lb.{name}", "A", "Z32O12XQLNTSW2", "site-123.eu-west-1.elb.localhost")),
           ("CREATE", record(f"cdn.{name}", "CNAME", "d111111abcdef8.cloudfront.localhost")))
    assert ask(cloud, name) == (0, False, ["127.0.0.1"])
    assert ask(cloud, name, "AAAA") == (0, False, ["::1"])
    assert ask(cloud, f"lb.{name}") == (0, False, ["127.0.0.1"])
    assert ask(cloud, f"cdn.{name}") == (0, False, ["127.0.0.1"])


def test_what_a_datagram_cannot_hold_comes_over_tcp(cloud, route53, zone):
    many = f"many.{zone['name']}"
    addresses = [f"192.0.2.{i}" for i in range(100)]
    change(route53, zone, ("CREATE", record(many, "A", *addresses)))
    assert ask(cloud, many)[1]
    assert ask(cloud, many, tcp=True) == (0, False, addresses)


def test_a_batch_is_refused_as_a_whole(route53, zone):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        change(route53, zone, ("CREATE", record(f"a.{zone['name']}", "A", "192.0.2.1")),
               ("DELETE", record(f"b.{zone['name']}", "A", "192.0.2.1")))
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("InvalidChangeBatch", 400)
    assert f"name='b.{zone['name']}.', type='A'] but it was not found" in error["Error"]["Message"]
    listed = route53.list_resource_record_sets(HostedZoneId=zone["id"])["ResourceRecordSets"]
    assert [each["Type"] for each in listed] == ["NS", "SOA"]


def test_the_aws_command_line(cloud):
    script = """
    zone=$(aws route53 create-hosted-zone --name cli.example --caller-reference cli --query HostedZone.Id --output text)
    aws route53 change-tags-for-resource --resource-type hostedzone --resource-id "${zone#/hostedzone/}" \
        --add-tags Key=Owner,Value=platform
    aws route53 list-resource-record-sets --hosted-zone-id "$zone" --max-items 1 --query 'ResourceRecordSets[].Type'
    aws route53 list-tags-for-resource --resource-type hostedzone --resource-id "${zone#/hostedzone/}" --output text
    aws route53 list-hosted-zones-by-name --dns-name cli.example --query 'HostedZones[0].Name'
    aws route53 delete-hosted-zone --id "$zone" --query ChangeInfo.Id
    """
    said = cloud.shell(script).stdout
    assert '"NS"' in said and "platform" in said and '"cli.example."' in said and "/change/C" in said


def test_dig_reads_the_answers(cloud, zone):
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed; it is in Debian's bind9-dnsutils")
    said = subprocess.run(["dig", "@127.0.0.1", "-p", str(cloud.dns_port), "+norecurse", "+nocookie", zone["name"], "SOA"],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    assert "status: NOERROR" in said and "flags: qr aa;" in said and "awsdns-hostmaster.amazon.com." in said


def test_answers_survive_a_crash(cloud, route53, zone):
    change(route53, zone, ("CREATE", record(f"kept.{zone['name']}", "A", "192.0.2.7")))
    cloud.kill()
    cloud.up()
    assert ask(cloud, f"kept.{zone['name']}") == (0, False, ["192.0.2.7"])


def test_status_shows_the_name_server(cloud):
    assert json.loads(cloud.meetinity("status", "--json").stdout)["ports"]["dns"] == cloud.dns_port


def test_a_taken_port_is_an_error_only_when_it_was_asked_for(cloud):
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    other = conftest.Cloud(directory, "--no-stack", "--dns-port", cloud.dns_port, var_file=None)
    refused = other.up(check=False)
    assert refused.returncode != 0
    assert f"127.0.0.1:{cloud.dns_port} cannot be bound" in refused.stdout + refused.stderr
    other.arguments = ["--no-stack", "--dns-port", "0"]
    other.up()
    assert json.loads(other.meetinity("status", "--json").stdout)["ports"]["dns"] == 0
    other.down()
    shutil.rmtree(directory)


def test_a_certificate_waits_for_its_validation_record(cloud, route53, zone):
    acm = cloud.boto("acm")
    name = f"www.{zone['name']}"
    arn = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    waiting = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert waiting["Status"] == "PENDING_VALIDATION" and "NotAfter" not in waiting
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        acm.get_certificate(CertificateArn=arn)
    assert refused.value.response["Error"]["Code"] == "RequestInProgressException"
    wanted = waiting["DomainValidationOptions"][0]["ResourceRecord"]
    change(route53, zone, ("UPSERT", record(wanted["Name"], wanted["Type"], wanted["Value"])))
    acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["IssuedAt"]
    assert "BEGIN CERTIFICATE" in acm.get_certificate(CertificateArn=arn)["Certificate"]
    again = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    assert acm.describe_certificate(CertificateArn=again)["Certificate"]["Status"] == "ISSUED"
