"""Playbook section 1, row by row: the commands as operators type them."""
import os
import subprocess

from conftest import MEETINITY, ROOT

INVALIDATE = ('aws cloudfront create-invalidation --distribution-id '
              f'"$({MEETINITY} output -raw static_assets_distribution_id)" --paths \'/*\'')


def wait_completed(cloud, answer):
    import json
    invalidation = json.loads(answer)["Invalidation"]["Id"]
    cloud.shell(f'aws cloudfront wait invalidation-completed --id {invalidation} --distribution-id '
                f'"$({MEETINITY} output -raw static_assets_distribution_id)"')


def test_cdn_variables(cloud):
    assert cloud.output("static_assets_bucket_name") == "meetinity-local-static-assets"
    config = cloud.boto("cloudfront").get_distribution_config(Id=cloud.output("static_assets_distribution_id"))
    config = config["DistributionConfig"]
    assert config["PriceClass"] == "PriceClass_100"
    assert config["DefaultCacheBehavior"]["Compress"] is True
    assert config["Aliases"]["Items"] == ["assets.meetinity.localhost"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_cdn_bucket(cloud, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    cloud.shell(f'aws s3 cp {tmp_path}/a.txt "s3://$({MEETINITY} output -raw static_assets_bucket_name)/a.txt"')
    status, headers, body = cloud.curl("/a.txt")
    assert (status, body) == (200, b"hello")
    # Nobody but the distribution reads it.
    anonymous = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", f"{cloud.endpoint}/meetinity-local-static-assets/a.txt"],
                               capture_output=True, text=True, check=True).stdout
    assert anonymous.endswith("\n403") and "<Code>AccessDenied</Code>" in anonymous


def test_cdn_distribution(cloud):
    status, headers, _ = cloud.curl("/index.html?x=1", scheme="http")
    assert status == 301
    assert headers["location"] == f"https://{cloud.output('static_assets_cdn_domain')}:{cloud.https_port}/index.html?x=1"
    for encoding in ("br", "gzip"):
        status, headers, _ = cloud.curl("/assets/site.css", "-H", f"Accept-Encoding: {encoding}")
        assert (status, headers.get("content-encoding")) == (200, encoding)


def test_cdn_origin(cloud):
    """A distribution that is not named in the bucket's policy is refused."""
    cloudfront = cloud.boto("cloudfront")
    config = cloudfront.get_distribution_config(Id=cloud.output("static_assets_distribution_id"))["DistributionConfig"]
    config["CallerReference"] = "another"
    config["Aliases"] = {"Quantity": 0}
    config["ViewerCertificate"] = {"CloudFrontDefaultCertificate": True}
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    status, _, body = cloud.curl("/index.html", host=made["DomainName"])
    assert status == 403 and b"AccessDenied" in body
    assert cloud.curl("/index.html")[0] == 200


def test_cdn_invalidate(cloud, tmp_path):
    site = tmp_path / "site"
    subprocess.run(["cp", "-r", str(ROOT / "web" / "site"), str(site)], check=True)
    sync = f'aws s3 sync {site} "s3://$({MEETINITY} output -raw static_assets_bucket_name)"'
    cloud.shell(sync)
    cloud.curl("/index.html")
    assert cloud.curl("/index.html")[1]["x-cache"] == "Hit from cloudfront"

    (site / "index.html").write_text("<title>new</title>")
    cloud.shell(sync)
    assert b"<title>new</title>" not in cloud.curl("/index.html")[2]
    wait_completed(cloud, cloud.shell(INVALIDATE).stdout)
    status, headers, body = cloud.curl("/index.html")
    assert (status, body, headers["x-cache"]) == (200, b"<title>new</title>", "Miss from cloudfront")
    assert cloud.curl("/index.html")[1]["x-cache"] == "Hit from cloudfront"


def test_cdn_dns(cloud):
    """The distribution serves under a name of one's own, with a certificate for it."""
    assert cloud.curl("/index.html", host="assets.meetinity.localhost")[0] == 200
    for name in ("assets.meetinity.localhost", cloud.output("static_assets_cdn_domain")):
        shown = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{cloud.https_port}", "-servername", name, "-verify_hostname", name,
             "-verify_return_error", "-CAfile", cloud.ca, "-brief"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        assert shown.returncode == 0, shown.stderr
        assert "Verification: OK" in shown.stderr


def test_presigned_url(cloud):
    url = cloud.shell(f'aws s3 presign "s3://$({MEETINITY} output -raw static_assets_bucket_name)/index.html"').stdout.strip()
    body = subprocess.run(["curl", "-sf", url], capture_output=True, check=True).stdout
    assert body == (ROOT / "web/site/index.html").read_bytes()
    altered = subprocess.run(["curl", "-s", url.replace("index.html", "delivery.html")], capture_output=True, text=True, check=True).stdout
    assert "<Code>SignatureDoesNotMatch</Code>" in altered
