"""The edge from outside: one fetch for many misses, and nothing old after an invalidation."""
import concurrent.futures
import http.client
import json
import ssl
import threading

BUCKET = "meetinity-local-static-assets"


def viewer(cloud, host):
    context = ssl.create_default_context(cafile=cloud.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", cloud.https_port, context=context, timeout=30)
    connection.sock = context.wrap_socket(__import__("socket").create_connection(("127.0.0.1", cloud.https_port)), server_hostname=host)
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


def test_nothing_older_is_served_after_completed(cloud):
    """Writers replace an object and invalidate it while viewers read; a body may never be older than its invalidation."""
    s3, cloudfront = cloud.boto("s3"), cloud.boto("cloudfront")
    distribution, host = cloud.output("static_assets_distribution_id"), cloud.output("static_assets_cdn_domain")
    floor, stop, wrong, served = [0], threading.Event(), [], []

    def view():
        connection, count = viewer(cloud, host), 0
        while not stop.is_set():
            least = floor[0]
            connection.request("GET", "/version", headers={"Host": host})
            answer = connection.getresponse()
            body = answer.read()
            count += 1
            if answer.status != 200 or int(body) < least:
                wrong.append((answer.status, body, least))
        served.append(count)

    s3.put_object(Bucket=BUCKET, Key="version", Body=b"0")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(view)
        for version in range(1, 51):
            s3.put_object(Bucket=BUCKET, Key="version", Body=str(version).encode())
            made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch={
                "CallerReference": str(version), "Paths": {"Quantity": 1, "Items": ["/*" if version % 2 else "/version"]}})
            while cloudfront.get_invalidation(DistributionId=distribution, Id=made["Invalidation"]["Id"])["Invalidation"]["Status"] != "Completed":
                pass
            floor[0] = version
        stop.set()
    assert not wrong, wrong[:5]
    assert sum(served) > 1_000


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


def test_stale_while_the_origin_is_down(fresh_cloud):
    """Expired copies are served while the bucket cannot be read."""
    fresh_cloud.boto("s3").put_object(Bucket=BUCKET, Key="steady", Body=b"steady", CacheControl="max-age=1")
    assert fresh_cloud.curl("/steady")[2] == b"steady"
    fresh_cloud.boto("s3").delete_bucket_policy(Bucket=BUCKET)
    assert fresh_cloud.curl("/index.html")[0] == 403  # the origin refuses now, and what was never cached is refused
    assert fresh_cloud.curl("/steady")[2] == b"steady"
