#!/usr/bin/env python3
"""Signed control-plane calls per second of busy core, against the real program with its own data directory.

    bench/api/run.py [--build build] [--rounds 5] [--seconds 3] [--json]

Every call is signed beforehand, with a signature of its own, and every one is verified, authorised and answered from
state; wrk plays them over keep-alive connections. PutObject answers when object and record are on the disk.
"""

import http.client
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import cloud as clouds  # noqa: E402
import harness  # noqa: E402
import signing  # noqa: E402
from signing import Call  # noqa: E402

BUCKET = "bench-api"
# Enough that no signature comes twice within what any cache of results could hold by accident.
SIGNED = 240
OBJECT = "x" * 1024
CREATE_BUCKET = ('<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                 "<LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>")


def cases(region, distribution_id):
    """(name, calls). CloudFront is a global service, whose requests are signed for us-east-1."""
    form = "application/x-www-form-urlencoded; charset=utf-8"
    identity = Call("POST", "sts", region, "/", "Action=GetCallerIdentity&Version=2011-06-15", form)
    distribution = Call("GET", "cloudfront", "us-east-1", f"/2020-05-31/distribution/{distribution_id}")
    yield "STS GetCallerIdentity", [identity] * SIGNED
    yield "S3 GetObject 1 KB", [Call("GET", "s3", region, f"/{BUCKET}/object-{i}") for i in range(SIGNED)]
    yield "S3 ListBuckets", [Call("GET", "s3", region, "/")] * SIGNED
    yield "CloudFront GetDistribution", [distribution] * SIGNED
    yield "S3 PutObject 1 KB", [Call("PUT", "s3", region, f"/{BUCKET}/object-{i}", OBJECT) for i in range(SIGNED)]


def send(port, request):
    """One signed request over a connection of its own; ends the program unless it is answered with 2xx."""
    head, _, body = request.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body or None, dict(line.split(": ", 1) for line in lines))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status // 100 != 2:
        sys.exit(f"{first} answered {answer.status}: {text.decode(errors='replace')}")


def run(options):
    with clouds.Cloud(options.build) as cloud:
        cloud.up()
        settings = cloud.settings()
        host, keys = f"127.0.0.1:{cloud.api_port}", (settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        region = settings["AWS_REGION"]
        bucket = Call("PUT", "s3", region, f"/{BUCKET}", CREATE_BUCKET.format(region))
        objects = [Call("PUT", "s3", region, f"/{BUCKET}/object-{i}", OBJECT) for i in range(SIGNED)]
        for request in signing.sign_all([bucket, *objects], host, *keys):
            send(cloud.api_port, request)
        table = harness.Alone("meetinity", options)
        for name, calls in cases(region, cloud.output("static_assets_distribution_id")):
            script = cloud.directory / "requests.lua"
            # Signed at the last moment: a signature is good for fifteen minutes.
            requests = signing.sign_all(calls, host, *keys)
            script.write_text(signing.wrk_script(requests), encoding="ascii")
            send(cloud.api_port, requests[0])
            url = f"http://{host}/"
            load = lambda _, lasts=options.seconds: harness.wrk(url, lasts, script=str(script))  # noqa: E731
            harness.wrk(url, 1, script=str(script))
            table.add(name, load, cloud)
        table.finish()
    return table


if __name__ == "__main__":
    run(harness.parser(__doc__).parse_args())
