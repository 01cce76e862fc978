"""What tests of load balancers share: a network, targets that answer, and waiting for what is true."""
import contextlib
import http.server
import socket
import socketserver
import subprocess
import threading
import time

PATIENCE = 60


def eventually(ask, expected):
    """Waits until `ask()` is `expected`; a condition, not a time."""
    end = time.monotonic() + PATIENCE
    while True:
        seen = ask()
        if seen == expected:
            return
        assert time.monotonic() < end, f"{seen!r} and not {expected!r}"
        time.sleep(0.05)


class Target(contextlib.AbstractContextManager):
    """An HTTP server on an address of its own that says its name, and remembers what it was asked."""

    def __init__(self, address, port=0):
        self.address, self.asked, self.held = address, [], threading.Event()
        self.held.set()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if self.path == "/slow":
                    target.asked.append("/slow")
                    target.held.wait(PATIENCE)
                elif not self.path.startswith("/healthz"):
                    target.asked.append((self.path, self.headers))
                body = target.address.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __exit__(self, *_):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    close = __exit__


@contextlib.contextmanager
def echo(address="127.0.0.1"):
    """A TCP server that sends back in capitals what it receives; gives its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while received := self.request.recv(4096):
                self.request.sendall(received.upper())

    with socketserver.ThreadingTCPServer((address, 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Balancing:
    """Load balancers of one cloud, by boto3 and by curl."""

    def __init__(self, cloud):
        self.cloud, self.ec2, self.elbv2 = cloud, cloud.boto("ec2"), cloud.boto("elbv2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.30.{i}.0/24", AvailabilityZone=f"eu-west-1{zone}")
                        ["Subnet"]["SubnetId"] for i, zone in enumerate("ab")]
        self.group = self.ec2.create_security_group(VpcId=self.vpc, GroupName="web", Description="who gets in")["GroupId"]
        self.admit(self.group)

    def admit(self, group, cidr="0.0.0.0/0", revoke=False):
        permission = [{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": cidr}]}]
        change = self.ec2.revoke_security_group_ingress if revoke else self.ec2.authorize_security_group_ingress
        change(GroupId=group, IpPermissions=permission)

    def web(self, name="site", **kwargs):
        made = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.group], **kwargs)
        return self.await_active(made["LoadBalancers"][0])

    def flows(self, name="flows", **kwargs):
        made = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets, Type="network", **kwargs)
        return self.await_active(made["LoadBalancers"][0])

    def await_active(self, balancer):
        arn = balancer["LoadBalancerArn"]
        eventually(lambda: self.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["State"]["Code"], "active")
        return balancer

    def pods(self, name="pods", protocol="HTTP", port=80, **kwargs):
        checks = {} if protocol != "HTTP" else {"HealthCheckPath": "/healthz"}
        return self.elbv2.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=self.vpc, TargetType="ip",
                                              HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, **checks,
                                              **kwargs)["TargetGroups"][0]["TargetGroupArn"]

    def listen(self, balancer, action, port=80, protocol="HTTP", **kwargs):
        return self.elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol=protocol,
                                          DefaultActions=[action], **kwargs)["Listeners"][0]["ListenerArn"]

    def register(self, group, *targets):
        self.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": t.address, "Port": t.port} for t in targets])

    def health(self, group):
        """{address: (state, reason)}"""
        described = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {one["Target"]["Id"]: (one["TargetHealth"]["State"], one["TargetHealth"].get("Reason")) for one in described}

    def await_healthy(self, group, *targets):
        eventually(lambda: self.health(group), {target.address: ("healthy", None) for target in targets})

    def curl(self, host, path="/", *words, https=False, port=None):
        """(status, headers, body), or curl's own exit code where no answer came."""
        scheme = "https" if https else "http"
        port = port or (self.cloud.https_port if https else self.cloud.http_port)
        result = subprocess.run(["curl", "-sS", "--cacert", self.cloud.ca, "-D", "-", *words, f"{scheme}://{host}:{port}{path}"],
                                capture_output=True, timeout=PATIENCE, check=False)
        if result.returncode != 0:
            return result.returncode
        head, _, body = result.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, body.decode()


def forward(group):
    return {"Type": "forward", "TargetGroupArn": group}


def fixed(status, body="", content_type="text/plain"):
    return {"Type": "fixed-response",
            "FixedResponseConfig": {"StatusCode": str(status), "MessageBody": body, "ContentType": content_type}}


def exchange(port, text, address="127.0.0.1"):
    """What a TCP peer answers to `text`; nothing when it refuses or resets."""
    try:
        with socket.create_connection((address, port), timeout=PATIENCE) as peer:
            peer.sendall(text)
            return peer.recv(4096)
    except ConnectionError:
        return b""


