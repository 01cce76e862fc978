"""Everything at once, as the cloud's users do it, with a record of what was promised to whom.

A `MixedLoad` runs workers against a cloud until it is killed. Each worker has keys of its own and does one thing at a
time, so that for every key the record says exactly which states are possible afterwards: the last acknowledged one, or
the one that the operation under way at the end would have led to.
"""
import hashlib
import itertools
import random
import threading

import botocore.config
import botocore.exceptions

BUCKET = "meetinity-local-static-assets"
PART = 5 * 1024 * 1024  # the least that S3 takes for a part that is not the last


def digest(body):
    return hashlib.md5(body).hexdigest()


class Worker(threading.Thread):
    """Does one operation after another until one fails: that one may have happened or not."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.number = load, number
        self.random = random.Random(load.seed * 1_000 + number)
        self.s3 = load.s3

    def run(self):
        operations = [self.put] * 10 + [self.delete] * 3 + [self.get] * 6 + [self.multipart] + [self.copy] * 2
        if self.number == 0:
            operations = [self.change_distribution]
        elif self.number == 1:
            operations = [self.invalidate]
        while True:
            try:
                self.random.choice(operations)()
            except (botocore.exceptions.ClientError, AssertionError) as error:
                self.load.wrong.append(repr(error))
                return
            except Exception:  # the cloud is gone
                return
            self.load.count()

    def key(self):
        return f"mixed/{self.number:02}/{self.random.randrange(20):02}"

    def promise(self, key, state, act):
        """Runs `act`, after which `key` is in `state`; until it has answered, either the old or the new one is right."""
        record = self.load.states
        before = record.get(key, {None})
        record[key] = before | {state}
        act()
        record[key] = {state}

    def body(self, size=None):
        return self.random.randbytes(size or self.random.choice((10, 1_000, 10_000, 100_000, 700_000)))

    def put(self):
        key, body = self.key(), self.body()
        self.promise(key, digest(body), lambda: self.s3.put_object(Bucket=BUCKET, Key=key, Body=body))

    def delete(self):
        key = self.key()
        self.promise(key, None, lambda: self.s3.delete_object(Bucket=BUCKET, Key=key))

    def copy(self):
        source, target = self.key(), self.key()
        state = self.load.states.get(source, {None})
        if len(state) == 1 and (known := next(iter(state))):
            self.promise(target, known, lambda: self.s3.copy_object(
                Bucket=BUCKET, Key=target, CopySource={"Bucket": BUCKET, "Key": source}, MetadataDirective="REPLACE"))

    def multipart(self):
        key, bodies = self.key(), [self.body(PART), self.body(1_000)]

        def upload():
            made = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
            parts = [{"PartNumber": number, "ETag": self.s3.upload_part(
                Bucket=BUCKET, Key=key, UploadId=made, PartNumber=number, Body=body)["ETag"]}
                for number, body in enumerate(bodies, 1)]
            self.s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=made, MultipartUpload={"Parts": parts})

        self.promise(key, digest(b"".join(bodies)), upload)

    def get(self):
        key = self.key()
        possible = self.load.states.get(key, {None})
        found = read(self.s3, key)
        assert found in possible, f"{key} was {found}, should be one of {possible}"

    def change_distribution(self):
        comment = f"change {next(self.load.numbers)}"

        def change():
            got = self.load.cloudfront.get_distribution_config(Id=self.load.distribution)
            got["DistributionConfig"]["Comment"] = comment
            self.load.cloudfront.update_distribution(Id=self.load.distribution, IfMatch=got["ETag"],
                                                     DistributionConfig=got["DistributionConfig"])

        self.promise("the distribution's comment", comment, change)

    def invalidate(self):
        number = next(self.load.numbers)
        made = self.load.cloudfront.create_invalidation(DistributionId=self.load.distribution, InvalidationBatch={
            "CallerReference": f"mixed-{self.load.seed}-{number}", "Paths": {"Quantity": 1, "Items": [f"/{number}*"]}})
        self.load.invalidations.add(made["Invalidation"]["Id"])


def read(s3, key):
    """The digest of the object's bytes, checked against its ETag and size; None when there is none."""
    try:
        got = s3.get_object(Bucket=BUCKET, Key=key)
    except s3.exceptions.NoSuchKey:
        return None
    body = got["Body"].read()
    assert len(body) == got["ContentLength"], key
    if "-" not in got["ETag"]:
        assert got["ETag"] == f'"{digest(body)}"', key
    return digest(body)


class MixedLoad:
    """Load over several lives of a cloud; `states` and `invalidations` are what must be found after each."""

    def __init__(self, cloud, seed, workers=24):
        self.cloud, self.seed, self.workers = cloud, seed, workers
        self.states, self.invalidations, self.wrong = {}, set(), []
        self.numbers = itertools.count()
        self.connect()
        self.distribution = self.create_distribution()

    def connect(self):
        config = botocore.config.Config(retries={"max_attempts": 0}, max_pool_connections=self.workers + 8)
        self.s3 = self.cloud.boto("s3", config=config)
        self.cloudfront = self.cloud.boto("cloudfront", config=config)

    def create_distribution(self):
        """One that `up` does not bring back into the shape its variables give."""
        config = self.cloudfront.get_distribution_config(
            Id=self.cloud.output("static_assets_distribution_id"))["DistributionConfig"]
        config.update(CallerReference=f"mixed-{self.seed}", Aliases={"Quantity": 0},
                      ViewerCertificate={"CloudFrontDefaultCertificate": True})
        return self.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]

    def count(self):
        with self.lock:
            self.done += 1
            if self.done >= self.enough:
                self.reached.set()

    def run_and_kill(self, operations):
        """Runs until so many operations were acknowledged, and kills the cloud in the middle of the next ones."""
        self.lock, self.done, self.enough, self.reached = threading.Lock(), 0, operations, threading.Event()
        self.seed += 1
        crew = [Worker(self, number) for number in range(self.workers)]
        for worker in crew:
            worker.start()
        assert self.reached.wait(300), f"only {self.done} operations were acknowledged; {self.wrong[:5]}"
        self.cloud.kill()
        for worker in crew:
            worker.join(60)
            assert not worker.is_alive(), "a client still waits for a cloud that is gone"

    def verify(self):
        """What was promised is there, and settles what was open."""
        assert not self.wrong, self.wrong[:5]
        comment = self.cloudfront.get_distribution_config(Id=self.distribution)["DistributionConfig"]["Comment"]
        for key, possible in self.states.items():
            found = comment if " " in key else read(self.s3, key)
            assert found in possible, f"{key} is {found}, should be one of {possible}"
            self.states[key] = {found}
        listed = {item["Key"] for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="mixed/")
                  for item in page.get("Contents", [])}
        assert listed == {key for key, state in self.states.items() if " " not in key and state != {None}}
        found = {item["Id"]: item["Status"]
                 for page in self.cloudfront.get_paginator("list_invalidations").paginate(DistributionId=self.distribution)
                 for item in page["InvalidationList"].get("Items", [])}
        assert self.invalidations <= found.keys()
