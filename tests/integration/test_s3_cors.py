"""What browsers are told about a bucket that other sites' pages use."""
import subprocess

BUCKET = "meetinity-local-static-assets"
RULES = {"CORSRules": [{"AllowedOrigins": ["https://*.meetinity.test"], "AllowedMethods": ["GET", "PUT"],
                        "AllowedHeaders": ["content-type"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]}


def ask(cloud, method, *headers, path=f"/{BUCKET}/index.html"):
    words = [word for header in headers for word in ("-H", header)]
    result = subprocess.run(["curl", "-s", "-D", "-", "-X", method, *words, cloud.endpoint + path], capture_output=True,
                            text=True, check=True)
    head, _, body = result.stdout.partition("\n\n" if "\r\n\r\n" not in result.stdout else "\r\n\r\n")
    lines = head.splitlines()
    found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), found, body


def preflight(cloud, origin, method, *more, **kwargs):
    return ask(cloud, "OPTIONS", f"Origin: {origin}", f"Access-Control-Request-Method: {method}", *more, **kwargs)


def test_preflight(cloud):
    assert preflight(cloud, "https://www.meetinity.test", "PUT")[0] == 403  # no rules yet
    cloud.boto("s3").put_bucket_cors(Bucket=BUCKET, CORSConfiguration=RULES)
    status, headers, _ = preflight(cloud, "https://www.meetinity.test", "PUT", "Access-Control-Request-Headers: Content-Type")
    assert status == 200
    assert headers["access-control-allow-origin"] == "https://www.meetinity.test"
    assert headers["access-control-allow-methods"] == "GET, PUT"
    assert headers["access-control-allow-headers"] == "content-type"
    assert headers["access-control-max-age"] == "60"
    assert "x-amz-request-id" in headers
    for refused in (preflight(cloud, "https://elsewhere.test", "PUT"), preflight(cloud, "https://www.meetinity.test", "DELETE"),
                    preflight(cloud, "https://www.meetinity.test", "PUT", "Access-Control-Request-Headers: x-own")):
        assert refused[0] == 403 and "<Code>AccessForbidden</Code>" in refused[2]
    assert preflight(cloud, "https://www.meetinity.test", "PUT", path="/there-is-no-such-bucket/k")[0] == 404
    assert ask(cloud, "OPTIONS")[0] == 400
    assert ask(cloud, "OPTIONS", "Origin: https://www.meetinity.test")[0] == 400


def test_answers_name_the_page_that_may_read_them(cloud):
    s3 = cloud.boto("s3")
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=RULES)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "index.html"})
    path = url.removeprefix(cloud.endpoint)
    status, headers, _ = ask(cloud, "GET", "Origin: https://www.meetinity.test", path=path)
    assert status == 200
    assert headers["access-control-allow-origin"] == "https://www.meetinity.test"
    assert headers["access-control-expose-headers"] == "ETag"
    assert "Origin" in headers["vary"]
    status, headers, _ = ask(cloud, "GET", "Origin: https://elsewhere.test", path=path)
    assert status == 200 and "access-control-allow-origin" not in headers
    # A page may also learn why it was refused.
    status, headers, _ = ask(cloud, "GET", "Origin: https://www.meetinity.test")
    assert status == 403 and headers["access-control-allow-origin"] == "https://www.meetinity.test"
