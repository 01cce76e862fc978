"""A cloud without a stack for tests of distributions, with origins of its own, and how its viewers ask."""
import http.client
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import uuid

import botocore.exceptions
import conftest
import pytest

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
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


def over_tls(house, domain, path):
    context = ssl.create_default_context(cafile=house.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", house.https_port, context=context, timeout=30)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", house.https_port)), server_hostname=domain)
    connection.request("GET", path, headers={"Host": domain})
    response = connection.getresponse()
    return response, response.read().decode()


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture(scope="module")
def plain(house):
    return deployed(house, configuration(house))["DomainName"]


def certificate(arn, minimum="TLSv1.2_2021"):
    return lambda config: config.update(ViewerCertificate={
        "ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": minimum})
