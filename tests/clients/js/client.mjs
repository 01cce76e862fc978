// One verb of the AWS SDK for JavaScript v3 a run: `node client.mjs VERB ARGUMENT…`; prints what the test reads, in JSON.
// Settings come from the environment alone, as an application's would: AWS_ENDPOINT_URL, AWS_REGION, the keys.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import * as s3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const client = new s3.S3Client({ forcePathStyle: process.env.ADDRESSING !== "virtual" });
const PART_BYTES = 5 * 1024 * 1024;

const verbs = {
  // A stream of unknown length in one request: aws-chunked, with the checksum in a trailer.
  async put(Bucket, Key, file, bytes) {
    const Body = createReadStream(file);
    const put = { Bucket, Key, Body, ContentLength: Number(bytes), Metadata: { by: "test" } };
    await client.send(new s3.PutObjectCommand(put));
  },
  async get(Bucket, Key, file) {
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
    await pipeline(Body, createWriteStream(file));
  },
  async list(Bucket, Prefix, Delimiter) {
    const keys = [];
    const prefixes = [];
    const pages = s3.paginateListObjectsV2({ client }, { Bucket, Prefix, Delimiter: Delimiter || undefined });
    for await (const page of pages) {
      keys.push(...(page.Contents ?? []).map((object) => object.Key));
      prefixes.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix));
    }
    return { keys, prefixes };
  },
  async delete(Bucket, Key) {
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
  },
  async deleteMany(Bucket, ...keys) {
    const Delete = { Objects: keys.map((Key) => ({ Key })) };
    return client.send(new s3.DeleteObjectsCommand({ Bucket, Delete }));
  },
  async copy(Bucket, from, Key) {
    const CopySource = `${Bucket}/${encodeURIComponent(from)}`;
    await client.send(new s3.CopyObjectCommand({ Bucket, Key, CopySource }));
  },
  async multipart(Bucket, Key, file) {
    const params = { Bucket, Key, Body: createReadStream(file) };
    await new Upload({ client, params, partSize: PART_BYTES }).done();
  },
  async presignGet(Bucket, Key) {
    return getSignedUrl(client, new s3.GetObjectCommand({ Bucket, Key }), { expiresIn: 300 });
  },
  async presignPut(Bucket, Key) {
    return getSignedUrl(client, new s3.PutObjectCommand({ Bucket, Key }), { expiresIn: 300 });
  },
};

const [verb, ...words] = process.argv.slice(2);
const answer = await verbs[verb](...words);
if (answer !== undefined) process.stdout.write(JSON.stringify(answer));
