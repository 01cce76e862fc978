"""Load balancers with the operator's own clients: real targets, real requests, real health."""
import gzip
import json
import threading

import botocore.exceptions
import conftest
import pytest
from balancing_house import Balancing, Target, echo, eventually, exchange, fixed, forward


@pytest.fixture
def house(cloud):
    return Balancing(cloud)


def refusal(call, **kwargs):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**kwargs)
    return refused.value.response["Error"]["Code"]


def test_requests_go_to_healthy_targets_and_drain(house):
    balancer, group = house.web(), house.pods(UnhealthyThresholdCount=2)
    listener = house.listen(balancer, forward(group))
    name = balancer["DNSName"]
    assert name.endswith(".eu-west-1.elb.localhost")
    assert house.curl(name)[0] == 503  # nobody is registered

    with Target("127.0.0.21") as one, Target("127.0.0.22") as two:
        house.cloud.shell(f"aws elbv2 register-targets --target-group-arn {group} "
                          f"--targets Id={one.address},Port={one.port} Id={two.address},Port={two.port}")
        house.await_healthy(group, one, two)
        assert {house.curl(name)[2] for _ in range(8)} == {"127.0.0.21", "127.0.0.22"}
        path, headers = one.asked[-1]
        assert headers["X-Forwarded-For"] in ("127.0.0.1", "::1")
        assert headers["X-Forwarded-Proto"] == "http"
        assert headers["X-Amzn-Trace-Id"].startswith("Root=1-")

        two.close()
        eventually(lambda: house.health(group)[two.address], ("unhealthy", "Target.FailedHealthChecks"))
        assert {house.curl(name)[2] for _ in range(4)} == {"127.0.0.21"}

        # One request under way keeps the target draining; then it is gone.
        one.held.clear()
        answers = []
        slow = threading.Thread(target=lambda: answers.append(house.curl(name, "/slow")))
        slow.start()
        eventually(lambda: "/slow" in one.asked, True)
        house.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": one.address, "Port": one.port}])
        assert house.health(group)[one.address] == ("draining", "Target.DeregistrationInProgress")
        one.held.set()
        slow.join()
        assert answers[0][0] == 200
        eventually(lambda: one.address in house.health(group), False)
        asked = house.elbv2.describe_target_health(TargetGroupArn=group, Targets=[{"Id": one.address, "Port": one.port}])
        health = asked["TargetHealthDescriptions"][0]["TargetHealth"]
        assert (health["State"], health["Reason"]) == ("unused", "Target.NotRegistered")

    house.elbv2.delete_listener(ListenerArn=listener)
    assert house.curl(name)[0] != 200
    house.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    house.elbv2.delete_target_group(TargetGroupArn=group)
    assert house.ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [house.vpc]}])["NetworkInterfaces"] == []


def test_rules_redirect_answer_and_forward(house):
    balancer, group = house.web(), house.pods()
    with Target("127.0.0.23") as target:
        house.register(group, target)
        listener = house.listen(balancer, fixed(404, "nothing here"))
        rules = [(1, {"Field": "path-pattern", "Values": ["/api/*"]}, forward(group)),
                 (2, {"Field": "path-pattern", "Values": ["/old"]},
                  {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Path": "/new", "Query": "from=old"}}),
                 (3, {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Maintenance", "Values": ["on"]}},
                  fixed(503, '{"status":"closed"}', "application/json"))]
        for priority, condition, action in rules:
            house.elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[action])
        house.await_healthy(group, target)
        name = balancer["DNSName"]
        assert house.curl(name, "/api/users")[2] == "127.0.0.23"
        status, headers, _ = house.curl(name, "/old")
        assert (status, headers["location"]) == (301, f"http://{name}:{house.cloud.http_port}/new?from=old")
        status, headers, body = house.curl(name, "/", "-H", "X-Maintenance: on")
        assert (status, headers["content-type"], body) == (503, "application/json", '{"status":"closed"}')
        assert house.curl(name, "/other")[::2] == (404, "nothing here")

        found = house.elbv2.describe_rules(ListenerArn=listener)["Rules"]
        assert [rule["Priority"] for rule in found] == ["1", "2", "3", "default"]
        house.elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": found[2]["RuleArn"], "Priority": 4},
                                                        {"RuleArn": found[0]["RuleArn"], "Priority": 5}])
        assert house.curl(name, "/api/users", "-H", "X-Maintenance: on")[0] == 503


def test_https_shows_the_certificate_of_the_name(house):
    acm = house.cloud.boto("acm")
    arns = [acm.request_certificate(DomainName=name)["CertificateArn"] for name in ("shop.localhost", "blog.localhost")]
    balancer = house.web()
    to_https = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    house.listen(balancer, to_https)
    listener = house.listen(balancer, fixed(200, "secure"), port=443, protocol="HTTPS", Certificates=[{"CertificateArn": arns[0]}],
                            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
    status, headers, _ = house.curl("shop.localhost")
    assert (status, headers["location"]) == (301, f"https://shop.localhost:{house.cloud.https_port}/")
    assert house.curl("shop.localhost", https=True)[2] == "secure"
    assert isinstance(house.curl("blog.localhost", https=True), int)  # another certificate than that name's
    house.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arns[1]}])
    assert house.curl("blog.localhost", https=True)[2] == "secure"

    for arn in arns:
        assert refusal(acm.delete_certificate, CertificateArn=arn) == "ResourceInUseException"
    house.elbv2.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arns[1]}])
    acm.delete_certificate(CertificateArn=arns[1])
    house.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    acm.delete_certificate(CertificateArn=arns[0])


def test_connections_are_passed_on(house):
    port = conftest.free_port()
    balancer, group = house.flows(Scheme="internal"), house.pods(protocol="TCP", port=port)
    house.listen(balancer, forward(group), port=port, protocol="TCP")
    with echo("127.0.0.24") as behind:
        house.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.24", "Port": behind}])
        eventually(lambda: house.health(group), {"127.0.0.24": ("healthy", None)})
        assert exchange(port, b"mqtt") == b"MQTT"
    # The port is its own: nobody else may listen there.
    other = house.flows("other")
    second = house.pods("second", protocol="TCP", port=port)
    assert refusal(house.elbv2.create_listener, LoadBalancerArn=other["LoadBalancerArn"], Port=port, Protocol="TCP",
                   DefaultActions=[forward(second)]) == "InvalidConfigurationRequest"
    assert house.elbv2.describe_listeners(LoadBalancerArn=other["LoadBalancerArn"])["Listeners"] == []


def test_security_groups_decide_who_gets_in(house):
    port = conftest.free_port()
    balancer = house.web()
    house.listen(balancer, fixed(200, "in"))
    house.listen(balancer, fixed(200, "in"), port=port)
    name = balancer["DNSName"]
    assert house.curl(name)[2] == "in"
    assert house.curl(name, port=port)[2] == "in"
    house.admit(house.group, revoke=True)
    assert isinstance(house.curl(name), int)
    assert isinstance(house.curl(name, port=port), int)
    house.admit(house.group, "10.0.0.0/8")
    assert isinstance(house.curl(name), int)
    house.admit(house.group)
    assert house.curl(name)[2] == "in"
    assert house.curl(name, port=port)[2] == "in"


def test_access_logs_arrive_in_their_bucket(house):
    s3 = house.cloud.boto("s3")
    s3.create_bucket(Bucket="balancer-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    balancer = house.web()
    house.listen(balancer, fixed(200, "logged"))
    attributes = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "balancer-logs"},
                  {"Key": "access_logs.s3.prefix", "Value": "web"}]
    change = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Attributes": attributes}
    assert refusal(house.elbv2.modify_load_balancer_attributes, **change) == "InvalidConfigurationRequest"
    policy = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                             "Action": "s3:PutObject", "Resource": "arn:aws:s3:::balancer-logs/web/AWSLogs/123456789012/*"}]}
    s3.put_bucket_policy(Bucket="balancer-logs", Policy=json.dumps(policy))
    house.elbv2.modify_load_balancer_attributes(**change)
    assert house.curl(balancer["DNSName"], "/page?q=1")[0] == 200
    house.cloud.meetinity("clock", "advance", "1s")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="balancer-logs")["Contents"]]
    assert "web/AWSLogs/123456789012/ELBAccessLogTestFile" in keys
    [key] = [key for key in keys if key.endswith(".log.gz")]
    assert key.startswith("web/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/20")
    line = gzip.decompress(s3.get_object(Bucket="balancer-logs", Key=key)["Body"].read()).decode()
    fields = line.split(" ")
    assert (fields[0], fields[2]) == ("http", balancer["LoadBalancerArn"].partition("loadbalancer/")[2])
    assert fields[8] == "200"
    assert f'"GET http://{balancer["DNSName"]}:{house.cloud.http_port}/page?q=1 HTTP/1.1"' in line


def test_what_was_acknowledged_is_served_after_a_crash(fresh_cloud):
    house = Balancing(fresh_cloud)
    balancer, group = house.web(), house.pods()
    with Target("127.0.0.25") as target:
        house.register(group, target)
        house.listen(balancer, forward(group))
        fresh_cloud.kill()
        fresh_cloud.up()
        again = fresh_cloud.boto("elbv2")
        eventually(lambda: house.curl(balancer["DNSName"])[0], 200)
        states = [one["State"]["Code"] for one in again.describe_load_balancers(Names=["site"])["LoadBalancers"]]
        assert states == ["active"]


def test_up_makes_the_shared_load_balancers(tmp_path):
    cloud = conftest.start(tmp_path / "data", "--no-stack", var_file=None)
    try:
        variables, port = tmp_path / "balancers.tfvars", conftest.free_port()

        def up(alb, nlb):
            variables.write_text("static_assets = { enabled = false }\nnetwork = { enabled = true, nat_gateway = \"none\" }\n"
                                 f"alb_config = {{ {alb} }}\nnlb_config = {{ {nlb} }}\n")
            return cloud.meetinity("up", "--detach", "--var-file", variables).stdout

        up("enabled = true", f"enabled = true, tcp_port = {port}")
        elbv2, ec2 = cloud.boto("elbv2"), cloud.boto("ec2")
        groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["local-shared-alb-sg"]}])
        assert len(groups["SecurityGroups"]) == 1
        assert cloud.output("shared_nlb_dns_name").endswith(".elb.eu-west-1.localhost")
        assert exchange(port, b"nobody is registered") == b""
        with Target("127.0.0.26") as target:
            cloud.shell("aws elbv2 register-targets --target-group-arn $($MEETINITY output -raw shared_alb_target_group_arn) "
                        f"--targets Id={target.address},Port={target.port}".replace("$MEETINITY", str(conftest.MEETINITY)))
            eventually(lambda: cloud.curl(host=cloud.output("shared_alb_dns_name"), scheme="http")[0], 200)
        again = up("enabled = true", f"enabled = true, tcp_port = {port}")
        assert "created" not in again and "updated" not in again, again

        certificate = cloud.boto("acm").request_certificate(DomainName="api.localhost")["CertificateArn"]
        changed = up(f'enabled = true, certificate_arn = "{certificate}", health_check_path = "/ready"', "enabled = false")
        assert "deleted" in changed
        assert cloud.curl(host="api.localhost", scheme="http")[0] == 301
        assert len(elbv2.describe_load_balancers()["LoadBalancers"]) == 1
        up("enabled = false", "enabled = false")
        assert elbv2.describe_load_balancers()["LoadBalancers"] == elbv2.describe_target_groups()["TargetGroups"] == []
    finally:
        cloud.down()
