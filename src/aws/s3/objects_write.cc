// Writing objects: PutObject, and what is asked before its body is received.

#include "aws/s3/checksums.h"
#include "aws/s3/conditions.h"
#include "aws/s3/extents.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/object_input.h"
#include "aws/s3/versions.h"
#include "base/bytes.h"

namespace meetinity::s3 {
namespace {

Status CheckSize(const std::optional<int64_t>& content_length) {
  const uint64_t size = content_length && *content_length > 0 ? static_cast<uint64_t>(*content_length) : 0;
  if (size > kSinglePutBytesMax) return EntityTooLarge(size, kSinglePutBytesMax);
  return {};
}

// Bytes, ETag and checksum of what was received. Nothing of an empty body is kept, so it needs no blob.
Status AttachBody(StoredVersion& object, const wire::StagedBodyPtr& body) {
  const uint64_t size = body ? body->size : 0;
  if (size > kSinglePutBytesMax) return EntityTooLarge(size, kSinglePutBytesMax);
  object.size = size;
  object.etag = HexEncode(body ? body->md5 : Md5(""));
  if (size > 0) object.extents = {{body->blob, 0, size}};
  if (body && !body->checksums.empty()) {
    const auto& [algorithm, digest] = *body->checksums.begin();
    object.checksum = {algorithm, std::string(kFullObject), Base64Encode(digest)};
  }
  return {};
}

// Bytes that nobody can replace for years had better be those that were meant (S3 API Reference, PutObject).
Status CheckDigestOfLocked(const StoredVersion& object, const PutObjectInput& in) {
  const bool locked = !object.lock.mode.empty() || object.lock.legal_hold;
  if (!locked || !in.body || in.body->client_sent_checksum || in.content_md5) return {};
  return Error{Kind::kInvalid, kInvalidRequest,
               "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock "
               "parameters"};
}

}  // namespace

Status S3::AdmitPutObject(const wire::Call& call, const PutObjectInput& in) {
  TRY(CheckSize(in.content_length));
  TRY(DescribedObject(call, in));
  TRY(CheckForm({in.if_match, in.if_none_match}));
  const AclHeaders acl = AclHeadersOf(in);
  if (!acl.any()) return EnterNow(call, {in.bucket, in.expected_bucket_owner, "s3:PutObject", &in.key, WriteKeys(in)});
  return database_.Read([&](const store::ReadTx& tx) -> Status {
    const BucketRecord bucket =
        TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, "s3:PutObject", &in.key, WriteKeys(in)}));
    TRY(AclOfNewObject(tx, call, bucket, in.key, acl));
    return {};
  });
}

Result<PutObjectOutput> S3::PutObject(const wire::Call& call, const PutObjectInput& in) {
  if (in.write_offset_bytes) return NotServed("Appending to an object is not served.");
  StoredVersion object = TRY(DescribedObject(call, in));
  TRY(AttachBody(object, in.body));
  TRY(CheckDigestOfLocked(object, in));
  const WriteConditions conditions{in.if_match, in.if_none_match};
  TRY(CheckForm(conditions));

  const BucketRecord bucket = TRY(database_.Write([&](store::Tx& tx) -> Result<BucketRecord> {
    BucketRecord entered =
        TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, "s3:PutObject", &in.key, WriteKeys(in)}));
    object.acl = TRY(AclOfNewObject(tx, call, entered, in.key, AclHeadersOf(in)));
    if (!object.tags.empty()) TRY(EnterObject(tx, call, in, "s3:PutObjectTagging"));
    const std::optional<StoredVersion> current = TRY(FindCurrent(tx, object.bucket, object.key));
    TRY(CheckWrite(conditions, current, object.key));
    TRY(LockNewVersion(call, entered, object));
    TRY(PutCurrent(tx, blobs_, entered, current, object));
    return entered;
  }));
  if (!object.extents.empty()) in.body->Keep();
  if (AccessLogEntry* const entry = AccessLogEntry::Of(call)) entry->SetObjectSize(object.size);

  std::optional<std::string> expiration = TRY(ExpirationOf(bucket, object));
  PutObjectOutput out{.e_tag = Quoted(object.etag),
                      .expiration = std::move(expiration),
                      .server_side_encryption = std::string(ServerSideEncryption::kAes256)};
  if (bucket.versioning == Versioning::kEnabled) out.version_id = object.version_id;
  SetChecksum(out, object.checksum);
  return out;
}

Result<PutObjectOutput> S3::PutBytes(const wire::Call& call, std::string bucket, std::string key,
                                     std::string content_type, std::string cache_control, std::string_view bytes) {
  PutObjectInput in{.bucket = std::move(bucket), .key = std::move(key)};
  if (!content_type.empty()) in.content_type = std::move(content_type);
  if (!cache_control.empty()) in.cache_control = std::move(cache_control);
  return PutInMemory(call, std::move(in), bytes);
}

Result<PutObjectOutput> S3::PutInMemory(const wire::Call& call, PutObjectInput in, std::string_view bytes) {
  auto body = std::make_shared<wire::StagedBody>();
  const std::unique_ptr<store::BlobWriter> writer = TRY(blobs_.Create());
  TRY(writer->Append(bytes));
  body->blob = TRY(writer->Seal());
  body->size = bytes.size();
  body->md5 = Md5(bytes);
  Digest crc(DigestAlgorithm::kCrc64Nvme);
  crc.Update(bytes);
  body->checksums.emplace(kDefaultAlgorithm, crc.Finish());

  in.body = body;
  Result<PutObjectOutput> out = PutObject(call, in);
  if (!body->kept) blobs_.Remove(body->blob);
  return out;
}

}  // namespace meetinity::s3
