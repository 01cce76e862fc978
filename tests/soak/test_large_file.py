"""A file as large as S3 takes in one copy goes through the operator's client both ways, and the cloud stays small."""
import hashlib
import json
import os
import pathlib

BUCKET = "meetinity-local-static-assets"
GIB = 1 << 30
SIZE = int(float(os.environ.get("LARGE_FILE_GIB", "5")) * GIB)
MEMORY_LIMIT = 200 << 20


def peak_memory(cloud):
    """VmHWM: the most resident memory the program ever had, in bytes."""
    pid = json.loads((cloud.directory / "running.json").read_text())["process_id"]
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:"))


def test_a_large_file_through_the_client(fresh_cloud, tmp_path):
    sent, received = tmp_path / "sent", tmp_path / "received"
    told = hashlib.blake2b()
    with sent.open("wb") as file:
        block = os.urandom(16 << 20)
        for number in range(SIZE // len(block)):
            numbered = number.to_bytes(8, "big") + block[8:]
            told.update(numbered)
            file.write(numbered)
    fresh_cloud.shell(f"aws s3 cp --only-show-errors {sent} s3://{BUCKET}/large.bin", timeout=3_000)
    sent.unlink()
    fresh_cloud.shell(f"aws s3 cp --only-show-errors s3://{BUCKET}/large.bin {received}", timeout=3_000)
    with received.open("rb") as file:
        found = hashlib.blake2b()
        while block := file.read(16 << 20):
            found.update(block)
    assert found.digest() == told.digest()
    peak = peak_memory(fresh_cloud)
    print(f"{SIZE / GIB:g} GiB sent and received; the program's peak memory: {peak >> 20} MiB")
    assert peak < MEMORY_LIMIT
