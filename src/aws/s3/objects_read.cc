// Reading objects: GetObject, HeadObject, and the look-up that every read shares.

#include <fmt/format.h>

#include "aws/s3/conditions.h"
#include "aws/s3/extents.h"
#include "aws/s3/found.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/names.h"
#include "aws/s3/object_input.h"
#include "aws/s3/uploads.h"
#include "aws/s3/versions.h"
#include "store/errors.h"

namespace meetinity::s3 {
namespace {

// An object may be replaced between the look-up and the opening of its blob; then the look-up is repeated. Each repeat
// means that another PUT was acknowledged meanwhile, so more than a few in a row do not happen.
constexpr int kLookUpsMax = 10;

constexpr std::string_view kDefaultContentType = "binary/octet-stream";

// Response headers, and no elements of the body: fields in lower case are.
constexpr const char* kDeleteMarkerHeader = "x-amz-delete-marker";
constexpr const char* kVersionIdHeader = "x-amz-version-id";

// What of the object is asked for.
struct Span {
  ByteRange bytes;
  bool partial = false;
  std::optional<int32_t> parts_count;
};

Error InvalidPartNumber(int32_t asked, size_t parts) {
  return Error{Kind::kInvalid, kInvalidPartNumber, "The requested partnumber is not satisfiable"}
      .With("PartNumberRequested", std::to_string(asked))
      .With("ActualPartCount", std::to_string(std::max<size_t>(parts, 1)));
}

Result<Span> SpanOfPart(const StoredVersion& object, int32_t number) {
  TRY(CheckPartNumber(number));
  if (object.parts.empty()) {  // never uploaded in parts: it is its own first part
    if (number != 1) return InvalidPartNumber(number, 1);
    return Span{{0, object.size}, object.size > 0, std::nullopt};
  }
  Span span{{0, 0}, true, static_cast<int32_t>(object.parts.size())};
  for (const PartSpan& part : object.parts) {
    span.bytes.length = part.size;
    span.partial = part.size > 0;
    if (part.number == number) return span;
    span.bytes.offset += part.size;
  }
  return InvalidPartNumber(number, object.parts.size());
}

template <class Input>
Result<Span> SpanOf(const StoredVersion& object, const Input& in) {
  if (in.part_number) return SpanOfPart(object, *in.part_number);
  const std::optional<ByteRange> range = TRY(ParseRange(in.range, object.size));
  return range ? Span{*range, true, std::nullopt} : Span{{0, object.size}, false, std::nullopt};
}

template <class Input>
Status CheckReadInput(const wire::Call& call, const Input& in) {
  TRY(CheckNoCustomerKey(in));
  if (in.part_number && in.range)
    return Error{Kind::kInvalid, kInvalidRequest, "Cannot specify both Range header and partNumber query parameter"};
  const bool overrides = in.response_cache_control || in.response_content_disposition || in.response_content_encoding ||
                         in.response_content_language || in.response_content_type || in.response_expires;
  if (overrides && call.principal.kind == wire::PrincipalKind::kAnonymous)
    return Error{Kind::kInvalid, kInvalidRequest,
                 "Request specific response headers cannot be used for anonymous GET requests."};
  return {};
}

template <class Output, class Input>
void SetHeaders(Output& out, const ObjectHeaders& headers, const Input& in) {
  const auto or_else = [](const std::optional<std::string>& override, const std::optional<std::string>& kept) {
    return override ? override : kept;
  };
  out.cache_control = or_else(in.response_cache_control, headers.cache_control);
  out.content_disposition = or_else(in.response_content_disposition, headers.content_disposition);
  out.content_encoding = or_else(in.response_content_encoding, headers.content_encoding);
  out.content_language = or_else(in.response_content_language, headers.content_language);
  out.content_type = or_else(in.response_content_type, headers.content_type).value_or(std::string(kDefaultContentType));
  out.expires = in.response_expires ? in.response_expires->ToHttpDate() : headers.expires;
  out.website_redirect_location = headers.website_redirect_location;
  if (!headers.metadata.empty()) out.metadata = headers.metadata;
}

template <class Output, class Input>
void Describe(Output& out, const Found& found, const Span& span, const Input& in) {
  const StoredVersion& object = found.version;
  SetHeaders(out, object.headers, in);
  out.accept_ranges = "bytes";
  out.content_length = static_cast<int64_t>(span.bytes.length);
  if (span.partial)
    out.content_range =
        fmt::format("bytes {}-{}/{}", span.bytes.offset, span.bytes.offset + span.bytes.length - 1, object.size);
  out.parts_count = span.parts_count;
  out.e_tag = Quoted(object.etag);
  out.last_modified = object.modified;
  out.server_side_encryption = ServerSideEncryption::kAes256;
  if (object.storage_class != StorageClass::kStandard) out.storage_class = object.storage_class;
  if (!object.tags.empty()) out.tag_count = static_cast<int32_t>(object.tags.size());
  if (found.bucket.versioning != Versioning::kNever) out.version_id = object.version_id;
  // A checksum of everything says nothing about a part of it.
  if (in.checksum_mode == ChecksumMode::kEnabled && !span.partial) SetChecksum(out, object.checksum);
}

Error NoSuchVersion(std::string_view key, std::string_view version_id) {
  return Error{Kind::kNotFound, kNoSuchVersion, "The specified version does not exist."}
      .With("Key", std::string(key))
      .With("VersionId", std::string(version_id));
}

// A delete marker has nothing to read; all that may be done to it is to delete it.
Error IsDeleteMarker(const StoredVersion& marker) {
  return Error{Kind::kInvalid, kMethodNotAllowed, "The specified method is not allowed against this resource."}
      .With("Method", "GET")
      .With("ResourceType", "DeleteMarker")
      .With(kDeleteMarkerHeader, "true")
      .With(kVersionIdHeader, marker.version_id)
      .With("allow", "DELETE");
}

}  // namespace

Result<Found> S3::FindForRead(const store::ReadTx& tx, const wire::Call& call, const Sought& sought) const {
  const std::string_view action = sought.version_id ? sought.version_action : sought.action;
  // Looked up before the caller may know of it: the bucket is then at hand (BucketCache) in the same view, and the
  // version's own list may be what allows.
  const bool sound = !sought.version_id || IsVersionId(*sought.version_id);
  TRY(CheckKey(sought.key));
  std::optional<StoredVersion> version;
  if (sound)
    version = TRY(sought.version_id ? FindVersion(tx, sought.bucket, sought.key, *sought.version_id)
                                    : FindCurrent(tx, sought.bucket, sought.key));
  iam::ContextKeys keys = sought.keys;
  if (sought.version_id) keys.try_emplace("s3:VersionId", std::vector<std::string>{*sought.version_id});
  BucketRecord bucket = TRY(GetBucket(tx, sought.bucket, sought.expected_owner));
  const bool by_list = AclsEnabled(bucket) && version && !version->delete_marker;
  TRY(access_.Check(call, &bucket, action, ObjectArn(sought.bucket, sought.key), std::move(keys),
                    by_list ? &version->acl : nullptr));
  if (!sound)
    return Error{Kind::kInvalid, kInvalidArgument, "Invalid version id specified"}
        .With("ArgumentName", "versionId")
        .With("ArgumentValue", *sought.version_id);
  if (sought.version_id && !version) return NoSuchVersion(sought.key, *sought.version_id);
  if (version && version->delete_marker) return IsDeleteMarker(*version);
  if (version) return Found{std::move(bucket), *std::move(version)};
  // Who may not list the bucket is not told what it lacks.
  TRY(Enter(tx, call, {sought.bucket, sought.expected_owner, "s3:ListBucket"}));
  Error missing = NoSuchKey(sought.key);
  if (bucket.versioning == Versioning::kNever) return missing;
  const std::optional<StoredVersion> marker = TRY(FindNewestArchived(tx, sought.bucket, sought.key));
  if (!marker) return missing;
  return std::move(missing).With(kDeleteMarkerHeader, "true").With(kVersionIdHeader, marker->version_id);
}

// Everything about the object but its bytes; what is found, for whoever wants those too.
template <class Output, class Input>
Result<Found> S3::ReadObject(const wire::Call& call, const Input& in, Output& out) const {
  TRY(CheckReadInput(call, in));
  Found found = TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(
        tx, call, {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:GetObject", "s3:GetObjectVersion"});
  }));
  if (AccessLogEntry* const entry = AccessLogEntry::Of(call)) entry->SetObjectSize(found.version.size);
  TRY(CheckRead({in.if_match, in.if_none_match, in.if_modified_since, in.if_unmodified_since}, found.version));
  const Span span = TRY(SpanOf(found.version, in));
  Describe(out, found, span, in);
  if (found.bucket.object_lock) {
    const ObjectLock lock = VisibleLock(call, found);
    if (!lock.mode.empty()) out.object_lock_mode = lock.mode;
    if (!lock.mode.empty()) out.object_lock_retain_until_date = lock.retain_until;
    if (lock.legal_hold) out.object_lock_legal_hold_status = std::string(*lock.legal_hold ? "ON" : "OFF");
  }
  if (!in.version_id) out.expiration = TRY(ExpirationOf(found.bucket, found.version));
  if constexpr (requires { out.body; }) {
    std::vector<wire::BlobRange> ranges =
        TRY(OpenExtents(blobs_, found.version.extents, span.bytes.offset, span.bytes.length));
    if (ranges.empty()) {
      out.body = wire::StreamedBody(std::string());
    } else {
      out.body = wire::StreamedBody(std::move(ranges));
    }
  }
  return found;
}

Result<GetObjectOutput> S3::GetObject(const wire::Call& call, const GetObjectInput& in) {
  for (int look_up = 1;; ++look_up) {
    GetObjectOutput out;
    Result<Found> found = ReadObject(call, in, out);
    if (found.ok()) return out;
    if (found.error().name != store::kBlobMissing) return std::move(found).error();
    if (look_up == kLookUpsMax)
      return Internal(fmt::format("a blob of {}/{} is missing: {}", in.bucket, in.key, found.error().detail));
  }
}

Result<HeadObjectOutput> S3::HeadObject(const wire::Call& call, const HeadObjectInput& in) {
  HeadObjectOutput out;
  TRY(ReadObject(call, in, out));
  return out;
}

}  // namespace meetinity::s3
