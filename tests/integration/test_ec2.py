"""EC2's network with the clients that operators have: aws and boto3."""
import ipaddress
import json
import shlex

import botocore.exceptions
import conftest
import pytest


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    error = refused.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def ec2(cloud):
    return cloud.boto("ec2")


@pytest.fixture
def vpc(ec2):
    made = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=[
        {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "client test"}]}])["Vpc"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[made["VpcId"]], WaiterConfig={"Delay": 1})
    return made["VpcId"]


def test_a_public_subnet_with_a_nat_gateway(ec2, vpc):
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24", AvailabilityZone="eu-west-1b")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")
    assert ipaddress.ip_address(address["PublicIp"]) in ipaddress.ip_network("198.18.0.0/15")
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address["AllocationId"])["NatGateway"]["NatGatewayId"]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    assert ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)["Return"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]

    interface = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])["NetworkInterfaces"][0]
    assert interface["InterfaceType"] == "nat_gateway"
    assert interface["Association"]["PublicIp"] == address["PublicIp"]
    assert refusal(ec2.delete_subnet, SubnetId=subnet) == ("DependencyViolation", 400)
    assert refusal(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc) == ("DependencyViolation", 400)

    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    assert refusal(ec2.describe_vpcs, VpcIds=[vpc]) == ("InvalidVpcID.NotFound", 400)


def test_security_groups_on_the_command_line(cloud, ec2, vpc):
    def aws(*words):
        printed = cloud.shell("aws ec2 --output json " + shlex.join(words)).stdout
        return json.loads(printed) if printed.strip() else None

    made = aws("create-security-group", "--group-name", "web", "--description", "for a test", "--vpc-id", vpc)
    group = made["GroupId"]
    rule = aws("authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "80-81",
               "--cidr", "203.0.113.0/24")["SecurityGroupRules"][0]
    assert (rule["FromPort"], rule["ToPort"], rule["CidrIpv4"]) == (80, 81, "203.0.113.0/24")
    assert refusal(ec2.authorize_security_group_ingress, GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=81,
                   CidrIp="203.0.113.0/24") == ("InvalidPermission.Duplicate", 400)
    shown = aws("describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc}", "Name=group-name,Values=w*",
                "--query", "SecurityGroups[].GroupId")
    assert shown == [group]
    aws("revoke-security-group-ingress", "--group-id", group, "--security-group-rule-ids", rule["SecurityGroupRuleId"])
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []
    assert refusal(ec2.revoke_security_group_ingress, GroupId=group, IpProtocol="tcp", FromPort=1, ToPort=1,
                   CidrIp="0.0.0.0/0") == ("InvalidPermission.NotFound", 400)


def test_pages_and_filters(ec2, vpc):
    made = {ec2.create_security_group(GroupName=f"page-{n}", Description="page", VpcId=vpc)["GroupId"] for n in range(12)}
    pages = list(ec2.get_paginator("describe_security_groups").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["page-*"]}],
        PaginationConfig={"PageSize": 5}))
    assert [len(page["SecurityGroups"]) for page in pages] == [5, 5, 2]
    assert {group["GroupId"] for page in pages for group in page["SecurityGroups"]} == made
    assert refusal(ec2.describe_vpcs, Filters=[{"Name": "colour", "Values": ["blue"]}]) == ("InvalidParameterValue", 400)


def test_every_account_has_a_default_vpc(ec2):
    vpc, = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert {zone["ZoneId"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]} == {
        subnet["AvailabilityZoneId"] for subnet in subnets}


def test_refusals_in_ec2s_words(cloud, ec2):
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/8") == ("InvalidVpc.Range", 400)
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True) == ("DryRunOperation", 412)
    assert refusal(ec2.describe_instances) == ("InvalidAction", 400)
    stranger = cloud.boto("ec2", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="wrong")
    assert refusal(stranger.describe_vpcs) == ("AuthFailure", 401)
    iam = cloud.boto("iam")
    iam.create_user(UserName="ec2-reader")
    key = iam.create_access_key(UserName="ec2-reader")["AccessKey"]
    iam.put_user_policy(UserName="ec2-reader", PolicyName="read", PolicyDocument="""{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}""")
    reader = cloud.boto("ec2", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert reader.describe_vpcs()["Vpcs"]
    assert refusal(reader.create_vpc, CidrBlock="10.0.0.0/16") == ("UnauthorizedOperation", 403)


def test_the_network_is_there_after_a_reset(cloud, ec2):
    made = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    cloud.meetinity("reset", "--empty")
    after = {vpc["VpcId"] for vpc in cloud.boto("ec2").describe_vpcs()["Vpcs"]}
    assert made not in after
    assert len(after) == 1


@pytest.fixture
def empty_cloud(tmp_path):
    cloud = conftest.start(tmp_path / "data", "--no-stack", var_file=None)
    yield cloud
    cloud.down()


def test_up_makes_the_network_that_the_variables_say(empty_cloud, tmp_path):
    variables = tmp_path / "network.tfvars"

    def up(network):
        variables.write_text(f"static_assets = {{ enabled = false }}\nnetwork = {{ {network} }}\n")
        return empty_cloud.meetinity("up", "--detach", "--var-file", variables, check=False)

    assert "cidr" in up('enabled = true, cidr = "10.0.0.0/24"').stderr
    made = up('enabled = true, cidr = "10.30.0.0/16"')
    assert made.returncode == 0, made.stdout + made.stderr
    ec2 = empty_cloud.boto("ec2")
    vpc = empty_cloud.output("vpc_id")
    private = empty_cloud.output("private_subnet_ids").split(",")
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert {subnet["SubnetId"] for subnet in subnets} == {*private, *empty_cloud.output("public_subnet_ids").split(",")}
    assert sorted(subnet["CidrBlock"] for subnet in subnets) == [
        "10.30.0.0/20", "10.30.128.0/20", "10.30.144.0/20", "10.30.16.0/20", "10.30.160.0/20", "10.30.32.0/20"]
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 1

    again = up('enabled = true, cidr = "10.30.0.0/16"')
    assert "created" not in again.stdout and "updated" not in again.stdout, again.stdout
    assert up('enabled = true, cidr = "10.31.0.0/16"').returncode != 0
    assert up('enabled = true, cidr = "10.30.0.0/16", azs = 2, nat_gateway = "none"').returncode == 0
    assert len(ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]) == 4
    assert ec2.describe_addresses()["Addresses"] == []
    assert up("enabled = false").returncode == 0
    assert refusal(ec2.describe_vpcs, VpcIds=[vpc]) == ("InvalidVpcID.NotFound", 400)
