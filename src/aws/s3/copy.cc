// Copies: CopyObject and UploadPartCopy. Bytes are shared and never copied; they are read only where an ETag or a
// checksum has to be computed that the source does not have.

#include <fmt/format.h>

#include "aws/s3/access_log.h"
#include "aws/s3/checksums.h"
#include "aws/s3/conditions.h"
#include "aws/s3/extents.h"
#include "aws/s3/found.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/object_input.h"
#include "aws/s3/uploads.h"
#include "aws/s3/versions.h"
#include "base/bytes.h"
#include "store/errors.h"

namespace meetinity::s3 {
namespace {

// Digests are computed outside the transaction; when the source changed meanwhile, everything is done again. Each
// repeat means that another write was acknowledged, so more than a few in a row do not happen.
constexpr int kCopyAttemptsMax = 10;

bool SameBytes(const StoredVersion& a, const StoredVersion& b) {
  return a.sequence == b.sequence && a.etag == b.etag && a.extents == b.extents;
}

bool Replaces(const std::optional<std::string>& directive) { return directive == MetadataDirective::kReplace; }

// ETag and checksum of some bytes: those that are known, else computed in one pass.
struct Sums {
  std::optional<std::string> etag;
  std::optional<std::string> checksum;  // base64
};
Result<Sums> Complete(const store::BlobStore& blobs, const Extents& extents, std::string_view algorithm, Sums known) {
  if (known.etag && known.checksum) return known;
  const std::optional<DigestAlgorithm> digest = ToDigestAlgorithm(algorithm);
  if (!digest) return NotServed(fmt::format("The checksum algorithm {} is not served.", algorithm));
  const std::vector<std::string> digests = TRY(DigestsOf(blobs, extents, {DigestAlgorithm::kMd5, *digest}));
  if (!known.etag) known.etag = HexEncode(digests[0]);
  if (!known.checksum) known.checksum = Base64Encode(digests[1]);
  return known;
}

// What of a whole object can be taken over. A multipart ETag is none of bytes, and a composite checksum neither.
Sums KnownSums(const StoredVersion& object, std::string_view algorithm) {
  Sums known;
  if (object.parts.empty()) known.etag = object.etag;
  if (object.checksum.algorithm == algorithm && object.checksum.type == kFullObject)
    known.checksum = object.checksum.value;
  return known;
}

std::string AlgorithmFor(const std::optional<std::string>& requested, const StoredVersion& source) {
  if (requested) return *requested;
  return source.checksum.algorithm.empty() ? std::string(kDefaultAlgorithm) : source.checksum.algorithm;
}

// A copy onto itself must change something.
Status CheckSelfCopy(const store::ReadTx& tx, const CopyObjectInput& in, const StoredVersion& source) {
  if (source.bucket != in.bucket || source.key != in.key) return {};
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, in.bucket, in.key));
  if (!current || current->sequence != source.sequence) return {};  // brings an older version back
  if (Replaces(in.metadata_directive) || in.storage_class || in.website_redirect_location || in.server_side_encryption)
    return {};
  return Error{Kind::kInvalid, kInvalidRequest,
               "This copy request is illegal because it is trying to copy an object to itself without changing the "
               "object's metadata, storage class, website redirect location or encryption attributes."};
}

// "bytes=first-last", all of it within the source.
Result<ByteRange> ParseCopyRange(const std::optional<std::string>& header, uint64_t size) {
  if (!header) return ByteRange{0, size};
  const auto refuse = [&](std::string detail) {
    return Error{Kind::kInvalid, kInvalidArgument, std::move(detail)}
        .With("ArgumentName", "x-amz-copy-source-range")
        .With("ArgumentValue", *header);
  };
  const std::string_view text = *header;
  const size_t dash = text.find('-');
  const bool formed = text.starts_with("bytes=") && dash != std::string_view::npos;
  const auto first = formed ? ParseUnsigned(text.substr(6, dash - 6)) : std::nullopt;
  const auto last = formed ? ParseUnsigned(text.substr(dash + 1)) : std::nullopt;
  if (!first || !last || *last < *first)
    return refuse(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        "zero-based offsets of the first and last bytes to copy");
  if (*last >= size) return refuse(fmt::format("Range specified is not valid for source object of size: {}", size));
  return ByteRange{*first, *last - *first + 1};
}

Status CheckCopySize(uint64_t size) {
  if (size <= kSinglePutBytesMax) return {};
  return Error{Kind::kInvalid, kInvalidRequest,
               fmt::format("The specified copy source is larger than the maximum allowable size for a copy source: {}",
                           kSinglePutBytesMax)};
}

template <class Input>
Status CheckNoSourceKey(const Input& in) {
  if (in.copy_source_sse_customer_algorithm || in.copy_source_sse_customer_key || in.copy_source_sse_customer_key_md5)
    return NotServed("Encryption with customer-provided keys is not served.");
  return {};
}

// Repeats `attempt`, which comes back empty when the source changed under it.
template <class Attempt>
auto RepeatWhileSourceChanges(const Attempt& attempt)
    -> Result<typename std::invoke_result_t<Attempt>::value_type::value_type> {
  for (int i = 0; i < kCopyAttemptsMax; ++i) {
    auto outcome = attempt();
    if (outcome.ok() && outcome->has_value()) return *std::move(*outcome);
    if (!outcome.ok() && outcome.error().name != store::kBlobMissing) return std::move(outcome).error();
  }
  return Error{Kind::kConflict, kConditionalRequestConflict, "The copy source keeps changing; try again."};
}

// What a part is copied from, and into.
struct PartCopy {
  Upload upload;
  Found source;
};

// The new object's record, all but what the transaction decides.
Result<StoredVersion> ComposeCopy(const store::BlobStore& blobs, const CopyObjectInput& in, StoredVersion described,
                                  const StoredVersion& source) {
  if (!Replaces(in.metadata_directive)) {
    const std::optional<std::string> redirect = described.headers.website_redirect_location;
    described.headers = source.headers;
    described.headers.website_redirect_location = redirect;
  }
  if (!Replaces(in.tagging_directive)) described.tags = source.tags;
  described.size = source.size;
  described.extents = source.extents;
  const std::string algorithm = AlgorithmFor(in.checksum_algorithm, source);
  const Sums sums = TRY(Complete(blobs, source.extents, algorithm, KnownSums(source, algorithm)));
  described.etag = *sums.etag;
  described.checksum = {algorithm, std::string(kFullObject), *sums.checksum};
  return described;
}

CopyObjectOutput ToOutput(const Found& source, const StoredVersion& object, Versioning versioning) {
  CopyObjectOutput out{
      .copy_object_result = CopyObjectResult{.e_tag = Quoted(object.etag), .last_modified = object.modified},
      .server_side_encryption = std::string(ServerSideEncryption::kAes256)};
  SetChecksum(*out.copy_object_result, object.checksum);
  if (source.bucket.versioning != Versioning::kNever) out.copy_source_version_id = source.version.version_id;
  if (versioning == Versioning::kEnabled) out.version_id = object.version_id;
  return out;
}

}  // namespace

Result<Found> S3::FindCopySource(const store::ReadTx& tx, const wire::Call& call, const CopySource& source,
                                 const std::optional<std::string>& expected_owner,
                                 const ReadConditions& conditions) const {
  Result<Found> found = FindForRead(
      tx, call, {source.bucket, source.key, source.version_id, expected_owner, "s3:GetObject", "s3:GetObjectVersion"});
  if (!found.ok() && found.error().name == kMethodNotAllowed)
    return Error{Kind::kInvalid, kInvalidRequest,
                 "The source of a copy request may not specifically refer to a delete marker by version id."};
  if (!found.ok()) return found;
  if (AccessLogEntry* const entry = AccessLogEntry::Of(call)) entry->SetSourceSize(found->version.size);
  TRY(CheckCopySource(conditions, found->version));
  return found;
}

Result<CopyObjectOutput> S3::CopyObject(const wire::Call& call, const CopyObjectInput& in) {
  TRY(CheckNoSourceKey(in));
  const CopySource source = TRY(CopySource::Parse(in.copy_source));
  const StoredVersion described = TRY(DescribedObject(call, in));
  const ReadConditions source_conditions{in.copy_source_if_match, in.copy_source_if_none_match,
                                         in.copy_source_if_modified_since, in.copy_source_if_unmodified_since};
  const WriteConditions conditions{in.if_match, in.if_none_match};
  TRY(CheckForm(conditions));
  const auto find_source = [&](const store::ReadTx& tx) {
    return FindCopySource(tx, call, source, in.expected_source_bucket_owner, source_conditions);
  };

  return RepeatWhileSourceChanges([&]() -> Result<std::optional<CopyObjectOutput>> {
    const Found seen = TRY(database_.Read(find_source));
    TRY(CheckCopySize(seen.version.size));
    StoredVersion object = TRY(ComposeCopy(blobs_, in, described, seen.version));
    return database_.Write([&](store::Tx& tx) -> Result<std::optional<CopyObjectOutput>> {
      const Found found = TRY(find_source(tx));
      if (!SameBytes(found.version, seen.version)) return std::optional<CopyObjectOutput>();
      const BucketRecord bucket =
          TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, "s3:PutObject", &in.key, WriteKeys(in)}));
      object.acl = TRY(AclOfNewObject(tx, call, bucket, in.key, AclHeadersOf(in)));
      if (!object.tags.empty()) TRY(EnterObject(tx, call, in, "s3:PutObjectTagging"));
      TRY(CheckSelfCopy(tx, in, found.version));
      const std::optional<StoredVersion> current = TRY(FindCurrent(tx, in.bucket, in.key));
      TRY(CheckWrite(conditions, current, in.key));
      TRY(LockNewVersion(call, bucket, object));
      TRY(PutCurrent(tx, blobs_, bucket, current, object));
      CopyObjectOutput out = ToOutput(found, object, bucket.versioning);
      out.expiration = TRY(ExpirationOf(bucket, object));
      return std::optional(std::move(out));
    });
  });
}

Result<UploadPartCopyOutput> S3::UploadPartCopy(const wire::Call& call, const UploadPartCopyInput& in) {
  TRY(CheckNoCustomerKey(in));
  TRY(CheckNoSourceKey(in));
  TRY(CheckPartNumber(in.part_number));
  const CopySource source = TRY(CopySource::Parse(in.copy_source));
  const ReadConditions source_conditions{in.copy_source_if_match, in.copy_source_if_none_match,
                                         in.copy_source_if_modified_since, in.copy_source_if_unmodified_since};
  const auto find_both = [&](const store::ReadTx& tx) -> Result<PartCopy> {
    TRY(EnterObject(tx, call, in, "s3:PutObject"));
    Upload upload = TRY(GetUpload(tx, in.bucket, in.key, in.upload_id));
    auto found = TRY(FindCopySource(tx, call, source, in.expected_source_bucket_owner, source_conditions));
    return PartCopy{std::move(upload), std::move(found)};
  };

  return RepeatWhileSourceChanges([&]() -> Result<std::optional<UploadPartCopyOutput>> {
    const PartCopy seen_both = TRY(database_.Read(find_both));
    const Upload& upload = seen_both.upload;
    const Found& seen = seen_both.source;
    const ByteRange range = TRY(ParseCopyRange(in.copy_source_range, seen.version.size));
    TRY(CheckCopySize(range.length));
    UploadedPart part;
    part.upload_id = in.upload_id;
    part.number = in.part_number;
    part.modified = call.now;
    part.size = range.length;
    part.extents = Slice(seen.version.extents, range.offset, range.length);
    const std::string algorithm =
        upload.checksum.algorithm.empty() ? std::string(kDefaultAlgorithm) : upload.checksum.algorithm;
    const bool whole = range.length == seen.version.size;
    const Sums sums =
        TRY(Complete(blobs_, part.extents, algorithm, whole ? KnownSums(seen.version, algorithm) : Sums{}));
    part.etag = *sums.etag;
    part.checksum = {algorithm, std::string(kFullObject), *sums.checksum};

    return database_.Write([&](store::Tx& tx) -> Result<std::optional<UploadPartCopyOutput>> {
      const Found found = TRY(find_both(tx)).source;
      if (!SameBytes(found.version, seen.version)) return std::optional<UploadPartCopyOutput>();
      TRY(PutPart(tx, blobs_, part));
      UploadPartCopyOutput out{
          .copy_part_result = CopyPartResult{.e_tag = Quoted(part.etag), .last_modified = part.modified},
          .server_side_encryption = std::string(ServerSideEncryption::kAes256)};
      if (!upload.checksum.algorithm.empty()) SetChecksum(*out.copy_part_result, part.checksum);
      if (found.bucket.versioning != Versioning::kNever) out.copy_source_version_id = found.version.version_id;
      return std::optional(std::move(out));
    });
  });
}

}  // namespace meetinity::s3
