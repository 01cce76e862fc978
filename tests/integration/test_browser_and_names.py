"""Every name that is handed out resolves on a stock machine, and a browser opens the site over HTTP/2."""
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

CHROMIUM = shutil.which("chromium")


def chromium(*words):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
             "--ignore-certificate-errors", "--virtual-time-budget=8000", *words],
            capture_output=True, text=True, timeout=120, check=False)


def names(cloud):
    return [cloud.output("static_assets_cdn_domain"), "assets.meetinity.localhost", "meetinity-local-static-assets.s3.localhost"]


def test_names_resolve_in_python(cloud):
    for name in names(cloud):
        addresses = {entry[4][0] for entry in socket.getaddrinfo(name, 443)}
        assert addresses and addresses <= {"127.0.0.1", "::1"}, name


def test_names_resolve_in_curl(cloud):
    for name in names(cloud)[:2]:
        assert cloud.curl("/index.html", host=name)[0] == 200


def test_names_resolve_in_node(cloud):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    for name in names(cloud):
        looked_up = subprocess.run([node, "-e", f"require('dns').lookup('{name}', (e, a) => console.log(e ? e.message : a))"],
                                   capture_output=True, text=True, check=True).stdout.strip()
        assert looked_up in ("127.0.0.1", "::1"), name


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_chromium_opens_the_site_over_http2(cloud):
    site = f"https://{cloud.output('static_assets_cdn_domain')}:{cloud.https_port}"
    page = chromium("--dump-dom", f"{site}/index.html")
    assert "Type and letterpress evening" in page.stdout, page.stderr[-2000:]  # the script fetched and rendered its data
    page = chromium("--dump-dom", f"{site}/delivery.html")
    assert re.search(r"<dt>protocol</dt><dd>h2</dd>", page.stdout), page.stdout[-2000:]
    assert re.search(r"<dt>x-cache</dt><dd>(Hit|Miss) from cloudfront</dd>", page.stdout)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_chromium_resolves_every_name(cloud):
    page = chromium("--dump-dom", f"https://assets.meetinity.localhost:{cloud.https_port}/index.html")
    assert "Meet people where things happen" in page.stdout
