"""The meetinity command as an operator meets it."""
import json
import subprocess
import time

from conftest import MEETINITY, Cloud


def test_second_up_changes_nothing(cloud):
    before = cloud.meetinity("output", "-json").stdout
    again = cloud.up()
    assert "Nothing to change" in again.stdout
    assert cloud.meetinity("output", "-json").stdout == before


def test_status_and_doctor(cloud):
    status = json.loads(cloud.meetinity("status", "--json").stdout)
    assert status["running"] and status["account"] == "123456789012" and status["region"] == "eu-west-1"
    findings = json.loads(cloud.meetinity("doctor", "--json").stdout)
    assert not [finding for finding in findings if finding["verdict"] == "bad"]


def test_misspelt_variable_names_the_right_one(tmp_path):
    wrong = tmp_path / "wrong.tfvars"
    wrong.write_text('static_assets = {\n  buket_name = "x"\n}\n')
    cloud = Cloud(tmp_path / "data", var_file=wrong)
    refused = cloud.up(check=False)
    assert refused.returncode == 1
    assert f"{wrong}:2:3: there is no variable static_assets.buket_name; did you mean static_assets.bucket_name?" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_taken_port_is_named(tmp_path):
    import socket
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        cloud = Cloud(tmp_path / "data")
        cloud.https_port = taken.getsockname()[1]
        refused = cloud.up(check=False)
        assert refused.returncode == 1
        assert str(cloud.https_port) in refused.stdout + refused.stderr
    assert cloud.meetinity("status", check=False).returncode == 3


def test_data_of_a_newer_version_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cloud.json").write_text('{"layout": 99, "account": "123456789012", "region": "eu-west-1"}')
    refused = Cloud(tmp_path / "data").up(check=False)
    assert refused.returncode == 1 and "newer" in refused.stdout + refused.stderr


def test_reset_goes_back_to_the_first_state(cloud):
    s3 = cloud.boto("s3")
    s3.create_bucket(Bucket="to-be-forgotten", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="meetinity-local-static-assets", Key="index.html", Body=b"changed")
    answer = json.loads(cloud.meetinity("reset", "--json").stdout)
    assert answer["state"] == "golden"
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["meetinity-local-static-assets"]
    assert cloud.curl("/index.html")[2] != b"changed"

    json.loads(cloud.meetinity("reset", "--empty", "--json").stdout)
    assert s3.list_buckets()["Buckets"] == []
    cloud.meetinity("reset")
    assert cloud.curl("/index.html")[0] == 200


def test_clock_moves_forward_and_ages_the_cache(fresh_cloud):
    fresh_cloud.curl("/index.html")
    assert fresh_cloud.curl("/index.html")[1]["x-cache"] == "Hit from cloudfront"
    fresh_cloud.meetinity("clock", "advance", "2d")
    headers = fresh_cloud.curl("/index.html")[1]
    assert headers["x-cache"] in ("RefreshHit from cloudfront", "Miss from cloudfront")
    refused = fresh_cloud.meetinity("clock", "advance", "soon", check=False)
    assert refused.returncode == 1 and "35d" in refused.stderr


def test_a_restart_keeps_everything(fresh_cloud):
    before = fresh_cloud.meetinity("output", "-json").stdout
    fresh_cloud.down()
    assert fresh_cloud.meetinity("status", check=False).returncode == 3
    again = fresh_cloud.up()
    assert "Nothing to change" in again.stdout
    assert fresh_cloud.meetinity("output", "-json").stdout == before
    assert fresh_cloud.curl("/index.html")[0] == 200


def test_parity_covers_every_model():
    rows = json.loads(subprocess.run([str(MEETINITY), "parity", "--json"], capture_output=True, text=True, check=True).stdout)
    states = {row["state"] for row in rows}
    assert states == {"real", "partial", "refused"}
    assert all(row["missing"] for row in rows if row["state"] == "partial")
    assert len({row["service"] for row in rows}) == 22


def test_completion_is_valid_bash():
    script = subprocess.run([str(MEETINITY), "completion", "bash"], capture_output=True, text=True, check=True).stdout
    words = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(meetinity st); COMP_CWORD=1; _meetinity; echo ${COMPREPLY[@]}"],
                           capture_output=True, text=True, check=True).stdout
    assert words.split() == ["status"]
