"""Certificates are renewed by the cloud's clock, under their ARNs, and visitors notice nothing."""
import http.client
import socket
import ssl
import time

import botocore.exceptions
import pytest


class Visit:
    """One kept connection. It trusts anybody: the clock that is moved is the cloud's, not the machine's."""

    def __init__(self, cloud, name):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", cloud.https_port), timeout=20)
        self.socket = context.wrap_socket(plain, server_hostname=name)
        self.host = f"{name}:{cloud.https_port}"

    @property
    def certificate(self):
        return self.socket.getpeercert(binary_form=True)

    def get(self, path="/index.html"):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nhost: {self.host}\r\n\r\n".encode())
        response = http.client.HTTPResponse(self.socket, method="GET")
        response.begin()
        response.read()
        return response.status

    def close(self):
        self.socket.close()


def shown(acm, arn):
    return ssl.PEM_cert_to_DER_cert(acm.get_certificate(CertificateArn=arn)["Certificate"])


def test_a_renewed_certificate_reaches_visitors_and_cuts_nobody_off(fresh_cloud):
    acm = fresh_cloud.boto("acm", region_name="us-east-1")
    [summary] = acm.list_certificates()["CertificateSummaryList"]
    arn, name = summary["CertificateArn"], summary["DomainName"].replace("*.", "any.")
    first = shown(acm, arn)
    assert "RenewalSummary" not in acm.describe_certificate(CertificateArn=arn)["Certificate"]
    kept = Visit(fresh_cloud, name)
    assert kept.get() == 200 and kept.certificate == first

    fresh_cloud.meetinity("clock", "advance", "334d")  # 61 days before its end
    assert shown(acm, arn) == first
    fresh_cloud.meetinity("clock", "advance", "2d")
    second = shown(acm, arn)
    assert second != first
    until = time.monotonic() + 20
    while True:  # its edges learn of it in their own time
        late = Visit(fresh_cloud, name)
        if late.certificate == second or time.monotonic() > until:
            break
        late.close()
    assert late.certificate == second and late.get() == 200
    late.close()
    assert kept.get() == 200
    kept.close()
    detail = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert detail["RenewalSummary"]["RenewalStatus"] == "SUCCESS"
    assert detail["InUseBy"] and detail["RenewalEligibility"] == "ELIGIBLE"


def test_a_certificate_that_a_distribution_shows_is_not_deleted(cloud):
    acm = cloud.boto("acm", region_name="us-east-1")
    [summary] = acm.list_certificates()["CertificateSummaryList"]
    distribution = cloud.output("static_assets_distribution_id")
    [user] = acm.describe_certificate(CertificateArn=summary["CertificateArn"])["Certificate"]["InUseBy"]
    assert user.endswith(f":distribution/{distribution}")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        acm.delete_certificate(CertificateArn=summary["CertificateArn"])
    assert refused.value.response["Error"]["Code"] == "ResourceInUseException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
