"""One verb of boto3 a run, under whichever Python has it: `boto3_client.py VERB ARGUMENT…`; prints what the test reads, in JSON.

Settings come from the environment, as an application's would. The endpoint is an argument of the environment too, because
Debian's boto3 does not know AWS_ENDPOINT_URL yet.
"""
import json
import os
import sys

import boto3
import boto3.s3.transfer
import botocore.config

MIB = 1 << 20
PARTS = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)

S3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"],
                  config=botocore.config.Config(signature_version="s3v4", retries={"max_attempts": 1}))


def put(bucket, key, file):
    with open(file, "rb") as body:
        S3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"by": "test"})


def get(bucket, key, file):
    S3.download_file(bucket, key, file)


def list_(bucket, prefix, delimiter):
    keys, prefixes = [], []
    for page in S3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter=delimiter):
        keys += [found["Key"] for found in page.get("Contents", [])]
        prefixes += [found["Prefix"] for found in page.get("CommonPrefixes", [])]
    return {"keys": keys, "prefixes": prefixes}


def delete(bucket, key):
    S3.delete_object(Bucket=bucket, Key=key)


def delete_many(bucket, *keys):
    return S3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})


def copy(bucket, source, key):
    """One CopyObject, or UploadPartCopy for what is large: boto3's transfer decides."""
    S3.copy({"Bucket": bucket, "Key": source}, bucket, key, Config=PARTS)


def multipart(bucket, key, file):
    S3.upload_file(file, bucket, key, Config=PARTS)


def presign_get(bucket, key):
    return S3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, 300)


def presign_put(bucket, key):
    return S3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key}, 300)


VERBS = {"put": put, "get": get, "list": list_, "delete": delete, "deleteMany": delete_many, "copy": copy,
         "multipart": multipart, "presignGet": presign_get, "presignPut": presign_put}

answer = VERBS[sys.argv[1]](*sys.argv[2:])
if answer is not None:
    print(json.dumps(answer, default=str))
