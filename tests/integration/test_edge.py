"""The edge from outside: one fetch for many misses, and nothing old after an invalidation."""
import concurrent.futures
import http.client
import http.server
import json
import os
import socket
import ssl
import threading
import time

BUCKET = "meetinity-local-static-assets"


def viewer(cloud, host):
    context = ssl.create_default_context(cafile=cloud.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", cloud.https_port, context=context, timeout=30)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", cloud.https_port)), server_hostname=host)
    return connection


def edge_counters(cloud):
    return json.loads(cloud.meetinity("status", "--json").stdout)["edge"]


def test_a_thousand_simultaneous_misses_make_one_fetch(cloud):
    cloud.boto("s3").put_object(Bucket=BUCKET, Key="popular.bin", Body=b"x" * 300_000)
    host = cloud.output("static_assets_cdn_domain")
    connections = [viewer(cloud, host) for _ in range(1_000)]
    before = edge_counters(cloud)
    for connection in connections:
        connection.request("GET", "/popular.bin", headers={"Host": host})
    answers = [connection.getresponse() for connection in connections]
    assert all(answer.status == 200 and len(answer.read()) == 300_000 for answer in answers)
    assert edge_counters(cloud)["origin_fetches"] - before["origin_fetches"] == 1


class Reader:
    """GETs of one path over one TLS connection, ten on their way at a time, so that Python keeps up with the edge."""
    DEPTH = 10

    def __init__(self, cloud, host, path):
        self.context = ssl.create_default_context(cafile=cloud.ca)
        self.port, self.host = cloud.https_port, host
        self.connect()
        self.request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * self.DEPTH

    def connect(self):
        connected = socket.create_connection(("127.0.0.1", self.port), 30)
        self.socket = self.context.wrap_socket(connected, server_hostname=self.host)
        self.stream = self.socket.makefile("rb")

    def bodies(self):
        self.socket.sendall(self.request)
        is_last = False  # after so many requests the edge closes a connection
        for _ in range(self.DEPTH):
            assert self.stream.readline().startswith(b"HTTP/1.1 200 ")
            while (line := self.stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                is_last = is_last or (name.lower(), value.strip().lower()) == (b"connection", b"close")
            yield self.stream.read(length)
            if is_last:
                self.socket.close()
                return self.connect()
        return None


def test_nothing_older_is_served_after_completed(cloud):
    """Writers replace an object and invalidate it while viewers read; a body may never be older than its invalidation."""
    requests_min = int(os.environ.get("INVALIDATION_REQUESTS", "100000"))
    versions = int(os.environ.get("INVALIDATION_VERSIONS", "50"))
    s3, cloudfront = cloud.boto("s3"), cloud.boto("cloudfront")
    distribution, host = cloud.output("static_assets_distribution_id"), cloud.output("static_assets_cdn_domain")
    floor, served, stop, older = [0], [0] * 8, threading.Event(), []

    def view(number):
        reader = Reader(cloud, host, "/version")
        while not stop.is_set():
            least = floor[0]  # what was completed before these requests were sent
            for body in reader.bodies():
                served[number] += 1
                if int(body) < least:
                    older.append((body, least))

    s3.put_object(Bucket=BUCKET, Key="version", Body=b"0")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        viewers = [pool.submit(view, number) for number in range(8)]
        try:
            for version in range(1, versions + 1):
                s3.put_object(Bucket=BUCKET, Key="version", Body=str(version).encode())
                made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch={
                    "CallerReference": str(version), "Paths": {"Quantity": 1, "Items": ["/*" if version % 2 else "/version"]}})
                while cloudfront.get_invalidation(DistributionId=distribution, Id=made["Invalidation"]["Id"])["Invalidation"]["Status"] != "Completed":
                    pass
                floor[0] = version
                while sum(served) < requests_min * version // versions and not any(viewer.done() for viewer in viewers):
                    time.sleep(0.001)
        finally:
            stop.set()
        for viewer in viewers:
            viewer.result()
    assert not older, older[:5]
    assert sum(served) >= requests_min


def test_top_tells_what_each_distribution_served(cloud):
    host, distribution = cloud.output("static_assets_cdn_domain"), cloud.output("static_assets_distribution_id")

    def served():
        answer = json.loads(cloud.meetinity("edge", "top", "--json").stdout)
        return next(site for site in answer["distributions"] if site["id"] == distribution), answer

    before, _ = served()
    for _ in range(3):
        assert cloud.curl("/index.html", host=host)[0] == 200
    assert cloud.curl("/missing", host=host)[0] >= 400
    after, answer = served()
    grown = {name: after[name] - before[name] for name in ("requests", "hits", "errors_4xx")}
    assert grown == {"requests": 4, "hits": 2, "errors_4xx": 1}, grown
    assert answer["memory"]["objects"] >= 1 and answer["disk"]["objects"] >= 0
    table = cloud.meetinity("edge", "top").stdout
    assert distribution in table and "memory" in table and "disk" in table


def test_a_change_of_configuration_drops_no_connection(cloud):
    cloudfront = cloud.boto("cloudfront")
    distribution, host = cloud.output("static_assets_distribution_id"), cloud.output("static_assets_cdn_domain")
    connection = viewer(cloud, host)
    for number in range(10):
        connection.request("GET", "/index.html", headers={"Host": host})
        assert connection.getresponse().read()
        read = cloudfront.get_distribution_config(Id=distribution)
        read["DistributionConfig"]["Comment"] = f"change {number}"
        cloudfront.update_distribution(Id=distribution, IfMatch=read["ETag"], DistributionConfig=read["DistributionConfig"])


class Origin(http.server.ThreadingHTTPServer):
    """A web server of the operator's own, which can be taken away."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "max-age=60, stale-if-error=0" if "strict" in self.path else "max-age=60")
            self.send_header("Connection", "close")  # a kept connection would outlive stop()
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


def distribution_of(cloud, origin):
    """A distribution before the origin; its host name."""
    cloudfront = cloud.boto("cloudfront")
    caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    made = cloudfront.create_distribution(DistributionConfig={
        "CallerReference": "origin", "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{
            "Id": "own", "DomainName": "origin.localhost", "CustomOriginConfig": {
                "HTTPPort": origin.server_port, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "own", "ViewerProtocolPolicy": "allow-all",
                                 "CachePolicyId": caching_optimized}})["Distribution"]
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return made["DomainName"]


def test_stale_while_the_origin_is_down(fresh_cloud):
    """Expired copies are served while the origin does not answer, unless it forbade that; what was never cached is 502."""
    origin = Origin()
    host = distribution_of(fresh_cloud, origin)
    for path in ("/steady", "/strict"):
        answer = fresh_cloud.curl(path, host=host)
        assert answer[2] == path.encode(), answer
    origin.stop()
    fresh_cloud.meetinity("clock", "advance", "61s")
    status, headers, body = fresh_cloud.curl("/steady", host=host)
    assert (status, body) == (200, b"/steady")
    assert int(headers["age"]) >= 61
    assert fresh_cloud.curl("/strict", host=host)[0] == 502
    assert fresh_cloud.curl("/other", host=host)[0] == 502
