"""A public and a private zone with their records, as the operator's own Terraform makes them.

The provider waits up to half a minute before it first asks for a change, so this makes them once and no more.
"""
import json
import os
import shutil
import tempfile

import conftest
import pytest
from test_terraform import Terraform

ZONES = """
resource "aws_route53_zone" "shop" {
  name    = "shop.example"
  comment = "the shop"
  tags    = { Owner = "platform" }
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "www"
  type    = "A"
  ttl     = 300
  records = ["192.0.2.1", "192.0.2.2"]
}

resource "aws_route53_record" "any" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "*.shop.example"
  type    = "TXT"
  ttl     = 60
  records = ["v=spf1 -all"]
}

resource "aws_route53_record" "apex" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "shop.example"
  type    = "A"
  alias {
    name                   = "d111111abcdef8.cloudfront.localhost"
    zone_id                = "Z2FDTNDATAQYW2"
    evaluate_target_health = false
  }
}

resource "aws_route53_zone" "internal" {
  name = "internal.example"
  vpc {
    vpc_id = module.network[0].vpc_id
  }
}

resource "aws_route53_record" "internal" {
  zone_id = aws_route53_zone.internal.zone_id
  name    = "flows"
  type    = "CNAME"
  ttl     = 60
  records = ["www.shop.example"]
}
"""


@pytest.fixture
def terraform():
    if os.environ.get("TERRAFORM") != "all":
        pytest.skip("the provider waits half a minute for each change; `make soak` runs it, and TERRAFORM=all")
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed; Debian has no package of it")
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = conftest.start(directory, "--no-stack", var_file=None)
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as place:
        made = Terraform(cloud, place)
        made.cloud = cloud
        variables = {"environment": "dns-test", "endpoint": cloud.endpoint, "static_assets": {"enabled": False},
                     "network": {"enabled": True, "cidr": "10.20.0.0/16"}}
        (made.directory / "stack.auto.tfvars.json").write_text(json.dumps(variables))
        (made.directory / "zones.tf").write_text(ZONES)
        made.init()
        yield made
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


def test_makes_what_the_next_plan_agrees_with(terraform):
    route53 = terraform.cloud.boto("route53")
    terraform.apply()
    terraform("plan", "-input=false", "-no-color", "-detailed-exitcode")
    zones = {zone["Name"]: zone for zone in route53.list_hosted_zones()["HostedZones"]}
    assert zones["internal.example."]["Config"]["PrivateZone"]
    assert zones["shop.example."]["ResourceRecordSetCount"] == 5
