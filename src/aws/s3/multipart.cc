// Uploads in parts: initiate, upload a part, abort, list the parts. Completion is in multipart_complete.cc.

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/checksums.h"
#include "aws/s3/extents.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/object_input.h"
#include "aws/s3/uploads.h"
#include "aws/s3/versions.h"
#include "base/bytes.h"

namespace meetinity::s3 {
namespace {

constexpr int32_t kPartsPageMax = 1000;

// The declared algorithm and type; empty when none was declared, and S3 then computes its own.
Result<StoredChecksum> DeclaredChecksum(const CreateMultipartUploadInput& in) {
  if (!in.checksum_algorithm) {
    if (!in.checksum_type) return StoredChecksum{};
    return Error{Kind::kInvalid, kInvalidRequest,
                 "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."};
  }
  if (!ToDigestAlgorithm(*in.checksum_algorithm))
    return NotServed(fmt::format("The checksum algorithm {} is not served.", *in.checksum_algorithm));
  std::string type = TRY(MultipartChecksumType(*in.checksum_algorithm, in.checksum_type));
  return StoredChecksum{*in.checksum_algorithm, std::move(type), ""};
}

// What a client sent must be of the algorithm that the upload declared; a composite checksum needs each part's.
Status CheckSentChecksum(const Upload& upload, const wire::StagedBody& body) {
  const std::string& declared = upload.checksum.algorithm;
  if (declared.empty()) return {};
  if (body.client_sent_checksum && !body.checksums.contains(declared))
    return ChecksumMismatch(declared, body.checksums.empty() ? "null" : body.checksums.begin()->first);
  if (!body.client_sent_checksum && upload.checksum.type == kComposite) return ChecksumMismatch(declared, "null");
  return {};
}

// The part's own checksum, of the algorithm that completion will need: received, or computed from the staged bytes.
Result<StoredChecksum> ChecksumOfPart(const store::BlobStore& blobs, const Upload& upload, const wire::StagedBody& body,
                                      const Extents& extents) {
  const std::string algorithm =
      upload.checksum.algorithm.empty() ? std::string(kDefaultAlgorithm) : upload.checksum.algorithm;
  StoredChecksum checksum{algorithm, std::string(kFullObject), ""};
  if (const auto known = body.checksums.find(algorithm); known != body.checksums.end()) {
    checksum.value = Base64Encode(known->second);
    return checksum;
  }
  const std::optional<DigestAlgorithm> digest = ToDigestAlgorithm(algorithm);
  if (!digest) return Internal(fmt::format("an upload declares the unknown algorithm {}", algorithm));
  checksum.value = Base64Encode(TRY(DigestsOf(blobs, extents, {*digest}))[0]);
  return checksum;
}

std::optional<std::string> Shown(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// When the upload will be given up, and by which rule.
template <class Output>
void SetAbort(Output& out, const LifecycleRulesPtr& rules, const Upload& upload) {
  const auto abort = rules ? rules->Abort(upload.key, upload.initiated) : std::nullopt;
  if (!abort) return;
  out.abort_date = abort->at;
  out.abort_rule_id = std::string(abort->rule_id);
}

}  // namespace

Result<CreateMultipartUploadOutput> S3::CreateMultipartUpload(const wire::Call& call,
                                                              const CreateMultipartUploadInput& in) {
  const StoredVersion described = TRY(DescribedObject(call, in));
  StoredChecksum checksum = TRY(DeclaredChecksum(in));
  Upload upload{.bucket = in.bucket,
                .key = in.key,
                .upload_id = NewUploadId(call.now),
                .initiated = call.now,
                .initiator = call.principal.arn,
                .storage_class = described.storage_class,
                .checksum = std::move(checksum),
                .key_sequence = 0,
                .headers = described.headers,
                .tags = described.tags,
                .lock = described.lock,
                .acl = {}};
  const BucketRecord bucket = TRY(database_.Write([&](store::Tx& tx) -> Result<BucketRecord> {
    BucketRecord entered =
        TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, "s3:PutObject", &in.key, WriteKeys(in)}));
    upload.acl = TRY(AclOfNewObject(tx, call, entered, in.key, AclHeadersOf(in)));
    if (!upload.tags.empty()) TRY(EnterObject(tx, call, in, "s3:PutObjectTagging"));
    StoredVersion asked = described;  // a default retention begins later, with the completion
    TRY(LockNewVersion(call, entered, asked));
    upload.key_sequence = TRY(NewestSequence(tx, entered, TRY(FindCurrent(tx, in.bucket, in.key)), in.key));
    TRY(tx.Put(upload));
    return entered;
  }));
  CreateMultipartUploadOutput out{.bucket = in.bucket,
                                  .checksum_algorithm = Shown(upload.checksum.algorithm),
                                  .checksum_type = Shown(upload.checksum.type),
                                  .key = in.key,
                                  .server_side_encryption = std::string(ServerSideEncryption::kAes256),
                                  .upload_id = upload.upload_id};
  SetAbort(out, TRY(lifecycles_.RulesOf(bucket)), upload);
  return out;
}

Status S3::AdmitUploadPart(const wire::Call& call, const UploadPartInput& in) {
  TRY(CheckNoCustomerKey(in));
  TRY(CheckPartNumber(in.part_number));
  if (in.content_length && *in.content_length > static_cast<int64_t>(kSinglePutBytesMax))
    return EntityTooLarge(static_cast<uint64_t>(*in.content_length), kSinglePutBytesMax);
  return database_.Read([&](const store::ReadTx& tx) -> Status {
    TRY(EnterObject(tx, call, in, "s3:PutObject"));
    TRY(GetUpload(tx, in.bucket, in.key, in.upload_id));
    return {};
  });
}

Result<UploadPartOutput> S3::UploadPart(const wire::Call& call, const UploadPartInput& in) {
  TRY(AdmitUploadPart(call, in));
  wire::StagedBody nothing;
  nothing.md5 = Md5("");
  const wire::StagedBody& body = in.body ? *in.body : nothing;
  if (body.size > kSinglePutBytesMax) return EntityTooLarge(body.size, kSinglePutBytesMax);
  // Its declaration never changes, so the upload may be read before the transaction that asks whether it is still
  // there.
  const Upload upload =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetUpload(tx, in.bucket, in.key, in.upload_id); }));
  TRY(CheckSentChecksum(upload, body));

  UploadedPart part;
  part.upload_id = in.upload_id;
  part.number = in.part_number;
  part.modified = call.now;
  part.size = body.size;
  part.etag = HexEncode(body.md5);
  if (body.size > 0) part.extents = {{body.blob, 0, body.size}};
  part.checksum = TRY(ChecksumOfPart(blobs_, upload, body, part.extents));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(GetUpload(tx, in.bucket, in.key, in.upload_id));
    return PutPart(tx, blobs_, part);
  }));
  if (!part.extents.empty()) in.body->Keep();

  UploadPartOutput out{.e_tag = Quoted(part.etag),
                       .server_side_encryption = std::string(ServerSideEncryption::kAes256)};
  if (!upload.checksum.algorithm.empty()) {
    SetChecksum(out, part.checksum);
  } else if (body.client_sent_checksum && !body.checksums.empty()) {
    const auto& [algorithm, digest] = *body.checksums.begin();
    SetChecksum(out, {algorithm, std::string(kFullObject), Base64Encode(digest)});
  }
  return out;
}

Result<AbortMultipartUploadOutput> S3::AbortMultipartUpload(const wire::Call& call,
                                                            const AbortMultipartUploadInput& in) {
  if (in.if_match_initiated_time) return NotServed("Aborting by initiation time is for directory buckets only.");
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(EnterObject(tx, call, in, "s3:AbortMultipartUpload"));
    return RemoveUpload(tx, blobs_, TRY(GetUpload(tx, in.bucket, in.key, in.upload_id)));
  }));
  return AbortMultipartUploadOutput{};
}

Result<ListPartsOutput> S3::ListParts(const wire::Call& call, const ListPartsInput& in) {
  const int32_t max = std::min(in.max_parts.value_or(kPartsPageMax), kPartsPageMax);
  const int32_t marker = in.part_number_marker.value_or(0);
  if (max < 0 || marker < 0)
    return Error{Kind::kInvalid, kInvalidArgument, "Provided max-parts or part-number-marker not within range"};
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListPartsOutput> {
    const BucketRecord bucket = TRY(EnterObject(tx, call, in, "s3:ListMultipartUploadParts"));
    const Upload upload = TRY(GetUpload(tx, in.bucket, in.key, in.upload_id));
    ListPartsOutput out{.bucket = in.bucket,
                        .checksum_algorithm = Shown(upload.checksum.algorithm),
                        .checksum_type = Shown(upload.checksum.type),
                        .initiator = Initiator{.id = upload.initiator},
                        .is_truncated = false,
                        .key = in.key,
                        .max_parts = max,
                        .next_part_number_marker = marker,
                        .owner = BucketOwner(),
                        .part_number_marker = marker,
                        .parts = std::vector<Part>(),
                        .storage_class = upload.storage_class,
                        .upload_id = in.upload_id};
    SetAbort(out, TRY(lifecycles_.RulesOf(bucket)), upload);
    TRY(tx.ForEach<UploadedPart>("upload_id = ? AND number > ? ORDER BY number", {in.upload_id, int64_t{marker}},
                                 [&](UploadedPart part) {
                                   if (out.parts->size() == static_cast<size_t>(max)) {
                                     out.is_truncated = max > 0;
                                     return false;
                                   }
                                   Part shown{.e_tag = Quoted(part.etag),
                                              .last_modified = part.modified,
                                              .part_number = part.number,
                                              .size = static_cast<int64_t>(part.size)};
                                   if (!upload.checksum.algorithm.empty()) SetChecksum(shown, part.checksum);
                                   out.parts->push_back(std::move(shown));
                                   out.next_part_number_marker = part.number;
                                   return true;
                                 }));
    return out;
  });
}

}  // namespace meetinity::s3
