"""kill -9 under load: what was acknowledged is whole, and nothing half-done is listed."""
import concurrent.futures
import hashlib
import os
import threading

import botocore.config
import mixed_load

BUCKET = "meetinity-local-static-assets"


def test_puts_survive(fresh_cloud):
    client = fresh_cloud.boto("s3", config=botocore.config.Config(retries={"max_attempts": 0}, max_pool_connections=200))
    acknowledged, lock, enough = {}, threading.Lock(), threading.Event()

    def put(worker):
        for number in range(1_000):
            body = os.urandom(1 + (worker * 997 + number * 7919) % 200_000)
            key = f"crash/{worker:03}/{number:04}"
            try:
                client.put_object(Bucket=BUCKET, Key=key, Body=body)
            except Exception:  # the cloud is gone: whatever was under way was never acknowledged
                return
            with lock:
                acknowledged[key] = hashlib.md5(body).hexdigest()
                if len(acknowledged) >= 600:
                    enough.set()

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        for worker in range(200):
            pool.submit(put, worker)
        assert enough.wait(120)
        fresh_cloud.kill()

    fresh_cloud.up()
    client = fresh_cloud.boto("s3")
    listed = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="crash/"):
        for item in page.get("Contents", []):
            listed[item["Key"]] = item
    assert acknowledged.keys() <= listed.keys()
    for key, item in listed.items():
        body = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        digest = hashlib.md5(body).hexdigest()
        assert item["ETag"] == f'"{digest}"' and item["Size"] == len(body), key
        assert acknowledged.get(key, digest) == digest, key


def test_distributions_and_invalidations_survive(fresh_cloud):
    client = fresh_cloud.boto("cloudfront", config=botocore.config.Config(retries={"max_attempts": 0}, max_pool_connections=32))
    main = fresh_cloud.output("static_assets_distribution_id")
    config = client.get_distribution_config(Id=main)["DistributionConfig"]
    config.update(Aliases={"Quantity": 0}, ViewerCertificate={"CloudFrontDefaultCertificate": True})
    made, invalidated, lock, enough = set(), set(), threading.Lock(), threading.Event()

    def work(worker):
        for number in range(100):
            reference = f"{worker}-{number}"
            try:
                if worker % 4 == 0:
                    answer = client.create_distribution(DistributionConfig={**config, "CallerReference": reference})
                    with lock:
                        made.add(answer["Distribution"]["Id"])
                else:
                    answer = client.create_invalidation(DistributionId=main, InvalidationBatch={
                        "CallerReference": reference, "Paths": {"Quantity": 1, "Items": [f"/{reference}"]}})
                    with lock:
                        invalidated.add(answer["Invalidation"]["Id"])
            except Exception:
                return
            with lock:
                if len(made) >= 20 and len(invalidated) >= 50:
                    enough.set()

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for worker in range(32):
            pool.submit(work, worker)
        assert enough.wait(120)
        fresh_cloud.kill()

    fresh_cloud.up()
    client = fresh_cloud.boto("cloudfront")
    for distribution in made:
        client.get_waiter("distribution_deployed").wait(Id=distribution, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    found = {item["Id"]: item["Status"]
             for page in client.get_paginator("list_invalidations").paginate(DistributionId=main)
             for item in page["InvalidationList"].get("Items", [])}
    assert invalidated <= found.keys()
    assert set(found.values()) <= {"Completed"}


def test_everything_at_once_survives(fresh_cloud):
    """Puts, multipart uploads, copies, deletes, configuration changes and reads, killed again and again."""
    rounds, seed = int(os.environ.get("CRASH_ROUNDS", "3")), int(os.environ.get("CRASH_SEED", "1"))
    load = mixed_load.MixedLoad(fresh_cloud, seed)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}, seed {load.seed}")
        load.run_and_kill(300)
        fresh_cloud.up()
        load.connect()
        load.verify()
