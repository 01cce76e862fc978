"""The network module as the operator's own Terraform makes, changes and destroys it, with security groups of both kinds."""
import json
import os
import shutil
import tempfile

import conftest
import pytest
from test_terraform import Terraform

GROUPS = """
resource "aws_security_group" "alb" {
  name        = "network-test-alb-sg"
  description = "who reaches the load balancer"
  vpc_id      = module.network[0].vpc_id

  ingress {
    description = "the web"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port        = 80
    to_port          = 80
    protocol         = "tcp"
    cidr_blocks      = ["203.0.113.0/24", "198.51.100.0/24"]
    ipv6_cidr_blocks = ["2001:db8::/32"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "targets" {
  name_prefix = "network-test-targets-"
  vpc_id      = module.network[0].vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "from_alb" {
  security_group_id            = aws_security_group.targets.id
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8089
  description                  = "%(description)s"
}

resource "aws_vpc_security_group_egress_rule" "anywhere" {
  security_group_id = aws_security_group.targets.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
"""


@pytest.fixture
def terraform():
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed; Debian has no package of it")
    if os.environ.get("TERRAFORM") != "all":
        pytest.skip("the provider waits two minutes for three zones; `make soak` runs it, and TERRAFORM=all")
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = conftest.start(directory, "--no-stack", var_file=None)
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as place:
        made = Terraform(cloud, place)
        made.cloud = cloud
        write(made, tags={"Owner": "platform"}, description="from the balancer")
        made.init()
        yield made
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


def write(terraform, tags, description):
    variables = {"environment": "network-test", "endpoint": terraform.cloud.endpoint, "tags": tags,
                 "static_assets": {"enabled": False}, "network": {"enabled": True, "cidr": "10.20.0.0/16"}}
    (terraform.directory / "stack.auto.tfvars.json").write_text(json.dumps(variables))
    (terraform.directory / "groups.tf").write_text(GROUPS % {"description": description})


def test_converges_changes_in_place_and_leaves_nothing(terraform):
    ec2 = terraform.cloud.boto("ec2")
    before = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    terraform.apply()
    terraform("plan", "-input=false", "-no-color", "-detailed-exitcode")

    outputs = {name: output["value"] for name, output in json.loads(terraform("output", "-json").stdout).items()}
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}])["Subnets"]
    assert {subnet["SubnetId"] for subnet in subnets} == {*outputs["public_subnet_ids"], *outputs["private_subnet_ids"]}
    assert {subnet["AvailabilityZone"] for subnet in subnets} == {"eu-west-1a", "eu-west-1b", "eu-west-1c"}
    ways = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": outputs["private_subnet_ids"]}])
    assert len(ways["RouteTables"]) == 3
    assert all(any(route.get("NatGatewayId") for route in table["Routes"]) for table in ways["RouteTables"])

    write(terraform, tags={"Owner": "network"}, description="from the shared balancer")
    # Every resource that has tags, and the rule's description.
    assert "Resources: 0 added, 19 changed, 0 destroyed." in terraform.apply().stdout
    vpc = ec2.describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"][0]
    assert {"Key": "Owner", "Value": "network"} in vpc["Tags"]

    terraform.destroy()
    assert {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]} == before
    assert ec2.describe_addresses()["Addresses"] == []
