"""Uploads by a browser's form, with what boto3's generate_presigned_post makes."""
import re
import subprocess

import botocore.config
import pytest

BUCKET = "meetinity-local-static-assets"


def post(url, fields, content=b"cat", *words, name="cat.png"):
    """What a browser sends: the fields, then the file. Answers (status, headers, body)."""
    forms = [word for key, value in fields.items() for word in ("--form-string", f"{key}={value}")]
    result = subprocess.run(["curl", "-s", "-D", "-", *words, *forms, "-F", f"file=@-;filename={name}", url], input=content,
                            capture_output=True, check=True, timeout=60)
    head, _, body = result.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}, body


def refusal(answer):
    return answer[0], re.search(rb"<Code>(.*)</Code>", answer[2]).group(1).decode()


@pytest.fixture(params=["s3", "s3v4"])
def signer(cloud, request):
    """Signs forms in the way that the parameter names; in headers only the newer one is heard."""
    return cloud.boto("s3", config=botocore.config.Config(signature_version=request.param, s3={"addressing_style": "path"}))


def test_a_form_uploads_what_it_may(cloud, signer):
    s3 = cloud.boto("s3")
    form = signer.generate_presigned_post(BUCKET, "uploads/${filename}", {"Content-Type": "image/png", "x-amz-meta-by": "form"},
                                      [{"Content-Type": "image/png"}, {"x-amz-meta-by": "form"}, ["content-length-range", 1, 200_000]])
    content = b"\r\n--not the boundary" * 9_000
    status, headers, body = post(form["url"], form["fields"], content)
    assert (status, body) == (204, b"")
    got = s3.get_object(Bucket=BUCKET, Key="uploads/cat.png")
    assert got["Body"].read() == content and got["ETag"] == headers["etag"]
    assert got["ContentType"] == "image/png" and got["Metadata"] == {"by": "form"}

    assert refusal(post(form["url"], form["fields"], b"")) == (400, "EntityTooSmall")
    assert refusal(post(form["url"], form["fields"], b"x" * 200_001)) == (400, "EntityTooLarge")
    assert refusal(post(form["url"], {**form["fields"], "Content-Type": "text/html"})) == (403, "AccessDenied")
    assert refusal(post(form["url"], {**form["fields"], "x-amz-meta-more": "x"})) == (403, "AccessDenied")
    assert refusal(post(form["url"], {**form["fields"], "key": "elsewhere"})) == (403, "AccessDenied")
    forged = {**form["fields"], "policy": "e30="}
    assert refusal(post(form["url"], forged)) == (403, "SignatureDoesNotMatch")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="uploads/")["Contents"]]
    assert keys == ["uploads/cat.png"]


def test_a_form_says_what_it_wants_to_hear(cloud, signer):
    def answer(**wanted):
        form = signer.generate_presigned_post(BUCKET, "k", dict(wanted), [{name: value} for name, value in wanted.items()])
        return post(form["url"], form["fields"])

    status, headers, body = answer(success_action_status="201")
    assert status == 201 and headers["location"] == f"{cloud.endpoint}/{BUCKET}/k"
    assert f"<Bucket>{BUCKET}</Bucket><Key>k</Key>".encode() in body
    assert answer(success_action_status="200")[0] == 200
    status, headers, _ = answer(success_action_redirect="https://www.meetinity.test/done?a=b")
    assert status == 303
    assert headers["location"].startswith(f"https://www.meetinity.test/done?a=b&bucket={BUCKET}&key=k&etag=%22")
    assert answer(success_action_redirect="nowhere")[0] == 204


def test_what_is_no_form(cloud):
    url = f"{cloud.endpoint}/{BUCKET}"
    assert refusal(post(url, {"key": "k"})) == (403, "AccessDenied")  # anonymous
    assert refusal(post(url, {})) == (400, "InvalidArgument")
    assert refusal(post(url, {"key": "k", "policy": "x"})) == (400, "InvalidArgument")
    assert refusal(post(url, {"key": "k" * 21_000})) == (400, "MaxPostPreDataLengthExceeded")
    broken = subprocess.run(["curl", "-s", "-H", "Content-Type: multipart/form-data; boundary=x", "-d", "hello", url],
                            capture_output=True, check=True)
    assert b"<Code>MalformedPOSTRequest</Code>" in broken.stdout


def test_a_form_expires(fresh_cloud):
    form = fresh_cloud.boto("s3").generate_presigned_post(BUCKET, "k", ExpiresIn=60)
    assert post(form["url"], form["fields"])[0] == 204
    fresh_cloud.meetinity("clock", "advance", "61s")
    answer = post(form["url"], form["fields"])
    assert refusal(answer) == (403, "AccessDenied") and b"Policy expired" in answer[2]


def test_a_large_file_passes_through(cloud, signer):
    form = signer.generate_presigned_post(BUCKET, "large")
    content = bytes(range(256)) * 40_000
    assert post(form["url"], form["fields"], content)[0] == 204
    assert cloud.boto("s3").get_object(Bucket=BUCKET, Key="large")["Body"].read() == content
