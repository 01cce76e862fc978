"""The load balancers' module as the operator's own Terraform makes, changes and destroys it."""
import json
import os
import shutil
import tempfile

import conftest
import pytest
from balancing_house import PATIENCE, Target, eventually
from test_terraform import Terraform


@pytest.fixture
def terraform():
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed; Debian has no package of it")
    if os.environ.get("TERRAFORM") != "all":
        pytest.skip("the provider waits two minutes for load balancers; `make soak` runs it, and TERRAFORM=all")
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = conftest.start(directory, "--no-stack", var_file=None)
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as place:
        made = Terraform(cloud, place)
        made.cloud, made.tcp_port = cloud, conftest.free_port()
        made.init()
        yield made
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


def write(terraform, alb=None, nlb=None):
    variables = {"environment": "balancer-test", "endpoint": terraform.cloud.endpoint, "static_assets": {"enabled": False},
                 "network": {"enabled": True, "azs": 2, "nat_gateway": "none"},
                 "alb_config": {"enabled": True, **(alb or {})},
                 "nlb_config": {"enabled": True, "tcp_port": terraform.tcp_port, **(nlb or {})}}
    (terraform.directory / "stack.auto.tfvars.json").write_text(json.dumps(variables))


def converges(terraform):
    terraform.apply()
    terraform("plan", "-input=false", "-no-color", "-detailed-exitcode")
    return {name: output["value"] for name, output in json.loads(terraform("output", "-json").stdout).items()}


def actions(terraform):
    """What the next apply would do: {address: [action, …]}."""
    terraform("plan", "-input=false", "-no-color", "-out=next.plan")
    plan = json.loads(terraform("show", "-json", "next.plan").stdout)
    return {change["address"]: change["change"]["actions"] for change in plan["resource_changes"]
            if change["change"]["actions"] not in (["no-op"], ["read"])}


def test_converges_changes_in_place_and_leaves_nothing(terraform):
    elbv2, ec2, acm = (terraform.cloud.boto(service) for service in ("elbv2", "ec2", "acm"))
    write(terraform)
    outputs = converges(terraform)
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["balancer-test-shared-alb-sg"]}])
    assert len(groups["SecurityGroups"]) == 1
    balancers = {one["LoadBalancerName"]: one for one in elbv2.describe_load_balancers()["LoadBalancers"]}
    assert balancers["balancer-test-shared-alb"]["DNSName"] == outputs["shared_alb_dns_name"]
    assert balancers["balancer-test-shared-alb"]["Scheme"] == "internet-facing"
    assert balancers["balancer-test-shared-nlb"]["DNSName"] == outputs["shared_nlb_dns_name"]
    assert balancers["balancer-test-shared-nlb"]["Scheme"] == "internal"

    group = outputs["shared_alb_target_group_arn"]
    with Target("127.0.0.31") as target:
        terraform.cloud.shell(f"aws elbv2 register-targets --target-group-arn {group} "
                              f"--targets Id={target.address},Port={target.port}")
        elbv2.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE})
        answer = terraform.cloud.curl(host=outputs["shared_alb_dns_name"], scheme="http")
        assert (answer[0], answer[2]) == (200, target.address.encode())

    # With a certificate HTTP redirects, and health checks change where they are. Nothing of the load balancers
    # themselves does, because the provider waits for half a minute whenever it does.
    certificate = acm.request_certificate(DomainName="api.meetinity.localhost")["CertificateArn"]
    write(terraform, alb={"certificate_arn": certificate, "health_check_path": "/ready"},
          nlb={"health_check_interval": 10})
    changed = actions(terraform)
    assert changed["module.load_balancers[0].aws_lb_target_group.alb[0]"] == ["update"]
    assert changed["module.load_balancers[0].aws_lb_target_group.nlb[0]"] == ["update"]
    assert changed["module.load_balancers[0].aws_lb_listener.http[0]"] == ["update"]
    assert all("delete" not in action for action in changed.values()), changed
    converges(terraform)
    status, headers, _ = terraform.cloud.curl(host="api.meetinity.localhost", scheme="http")
    assert (status, headers["location"]) == (301, f"https://api.meetinity.localhost:{terraform.cloud.https_port}/")

    terraform.destroy()
    eventually(lambda: elbv2.describe_load_balancers()["LoadBalancers"], [])
    assert elbv2.describe_target_groups()["TargetGroups"] == []
