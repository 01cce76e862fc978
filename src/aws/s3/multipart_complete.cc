// Completing an upload: many checks, and then the parts' blobs become the object's.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "aws/s3/checksums.h"
#include "aws/s3/conditions.h"
#include "aws/s3/extents.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/object_input.h"
#include "aws/s3/uploads.h"
#include "aws/s3/versions.h"
#include "base/bytes.h"
#include "base/uri.h"

namespace meetinity::s3 {
namespace {

// How long the answer of a completion may be asked for again. Clients retry for minutes; AWS says "shortly after".
constexpr Duration kCompletionsKept = std::chrono::hours(1);

using Input = CompleteMultipartUploadInput;

Result<const std::vector<CompletedPart>*> ListedParts(const Input& in) {
  if (!in.multipart_upload || !in.multipart_upload->parts || in.multipart_upload->parts->empty())
    return Error{Kind::kInvalid, kInvalidRequest, "You must specify at least one part"};
  const std::vector<CompletedPart>& parts = *in.multipart_upload->parts;
  int32_t previous = 0;
  for (const CompletedPart& part : parts) {
    if (!part.part_number || !part.e_tag) return MalformedXml();
    if (*part.part_number <= previous)
      return Error{Kind::kInvalid, kInvalidPartOrder,
                   "The list of parts was not in ascending order. Parts must be ordered by part number."}
          .With("UploadId", in.upload_id);
    previous = *part.part_number;
  }
  return &parts;
}

// Tells two completions of an upload apart.
std::string DigestOf(const std::vector<CompletedPart>& parts) {
  std::string text;
  for (const CompletedPart& part : parts)
    fmt::format_to(std::back_inserter(text), "{}={}\n", *part.part_number, Unquoted(*part.e_tag));
  return HexEncode(Sha256(text));
}

Error InvalidPart(const Input& in, const CompletedPart& part) {
  return Error{Kind::kInvalid, kInvalidPart,
               "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
               "specified entity tag may not match the part's entity tag."}
      .With("UploadId", in.upload_id)
      .With("PartNumber", std::to_string(*part.part_number))
      .With("ETag", std::string(Unquoted(*part.e_tag)));
}

Status CheckPartChecksum(const Input& in, const Upload& upload, const CompletedPart& listed,
                         const UploadedPart& stored) {
  if (upload.checksum.algorithm.empty()) return {};
  const auto given = GivenChecksum(listed);
  if (given && (given->first != stored.checksum.algorithm || given->second != stored.checksum.value))
    return InvalidPart(in, listed);
  if (!given && upload.checksum.type == kComposite)
    return Error{Kind::kInvalid, kInvalidRequest,
                 fmt::format("The upload was created using a {} checksum. The complete request must include the "
                             "checksum for each part. It was missing for part {} in the request.",
                             ToLower(upload.checksum.algorithm), *listed.part_number)};
  return {};
}

// The parts that were listed, in order, each as listed and no smaller than allowed.
Result<std::vector<UploadedPart>> ChosenParts(const store::ReadTx& tx, const Input& in, const Upload& upload,
                                              const std::vector<CompletedPart>& listed) {
  std::vector<UploadedPart> chosen;
  for (const CompletedPart& part : listed) {
    const std::optional<UploadedPart> stored = TRY(tx.Find<UploadedPart>(in.upload_id, *part.part_number));
    if (!stored || stored->etag != Unquoted(*part.e_tag)) return InvalidPart(in, part);
    TRY(CheckPartChecksum(in, upload, part, *stored));
    // The digest of digests of a client could not be told from one with other numbers.
    const bool consecutive = *part.part_number == static_cast<int32_t>(chosen.size()) + 1;
    if (upload.checksum.type == kComposite && !consecutive) return InvalidPart(in, part);
    chosen.push_back(*stored);
  }
  for (size_t i = 0; i + 1 < chosen.size(); ++i)
    if (chosen[i].size < kPartBytesMin)
      return Error{Kind::kInvalid, kEntityTooSmall, "Your proposed upload is smaller than the minimum allowed size"}
          .With("ProposedSize", std::to_string(chosen[i].size))
          .With("MinSizeAllowed", std::to_string(kPartBytesMin))
          .With("PartNumber", std::to_string(chosen[i].number))
          .With("ETag", chosen[i].etag);
  return chosen;
}

Status CheckObjectChecksum(const Input& in, const Upload& upload, const StoredChecksum& computed) {
  if (in.checksum_type && !upload.checksum.type.empty() && *in.checksum_type != upload.checksum.type)
    return Error{
        Kind::kInvalid, kInvalidRequest,
        fmt::format("The upload was created using the {} checksum mode. The complete request must use the same "
                    "checksum mode.",
                    upload.checksum.type)};
  const auto given = GivenChecksum(in);
  // Of an algorithm that the upload did not declare, it is ignored, as AWS does.
  if (!given || given->first != computed.algorithm || upload.checksum.algorithm.empty()) return {};
  if (given->second == computed.value || given->second == computed.value.substr(0, computed.value.find('-'))) return {};
  return Error{Kind::kInvalid, kBadDigest,
               fmt::format("The {} you specified did not match the calculated checksum.", ToLower(given->first))};
}

// The object that the parts make, all but what the versions decide.
Result<StoredVersion> Assemble(const Input& in, const Upload& upload, const std::vector<UploadedPart>& parts,
                               Instant now) {
  StoredVersion object;
  object.bucket = in.bucket;
  object.key = in.key;
  object.modified = now;
  object.storage_class = upload.storage_class;
  object.headers = upload.headers;
  object.tags = upload.tags;
  object.lock = upload.lock;
  object.acl = upload.acl;
  std::vector<std::string> etags;
  std::vector<PartChecksum> checksums;
  const bool declared = !upload.checksum.algorithm.empty();
  for (const UploadedPart& part : parts) {
    object.size += part.size;
    object.extents.insert(object.extents.end(), part.extents.begin(), part.extents.end());
    object.parts.push_back({part.number, part.size, declared ? part.checksum.value : std::string()});
    etags.push_back(part.etag);
    checksums.push_back({part.checksum.value, part.size});
  }
  object.etag = TRY(MultipartEtag(etags));
  const StoredChecksum wanted =
      declared ? upload.checksum : StoredChecksum{std::string(kDefaultAlgorithm), std::string(kFullObject), ""};
  object.checksum = TRY(CombineChecksums(wanted, checksums));
  if (object.size > kObjectBytesMax) return EntityTooLarge(object.size, kObjectBytesMax);
  if (in.mpu_object_size && static_cast<uint64_t>(*in.mpu_object_size) != object.size)
    return Error{Kind::kInvalid, kInvalidRequest,
                 fmt::format("The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
                             *in.mpu_object_size, object.size)};
  TRY(CheckObjectChecksum(in, upload, object.checksum));
  return object;
}

// A condition that holds now is not enough when the key changed since the upload began: somebody else's write came in
// between, and the client must look again and start anew.
Status CheckUnchanged(const store::ReadTx& tx, const BucketRecord& bucket, const Upload& upload,
                      const std::optional<StoredVersion>& current) {
  const int64_t newest = TRY(NewestSequence(tx, bucket, current, upload.key));
  if (newest == upload.key_sequence && (!current || current->modified <= upload.initiated)) return {};
  return Error{Kind::kConflict, kConditionalRequestConflict,
               "The conditional request cannot succeed due to a conflicting operation against this resource."}
      .With("Condition", "If-Match or If-None-Match")
      .With("Key", upload.key);
}

CompleteMultipartUploadOutput ToOutput(const wire::Call& call, const Completion& completion) {
  CompleteMultipartUploadOutput out{.bucket = completion.bucket,
                                    .e_tag = Quoted(completion.etag),
                                    .key = completion.key,
                                    .location = fmt::format("{}/{}/{}", call.endpoint, completion.bucket,
                                                            PercentEncode(completion.key, Slash::kKeep)),
                                    .server_side_encryption = std::string(ServerSideEncryption::kAes256)};
  if (completion.versioned) out.version_id = completion.version_id;
  SetChecksum(out, completion.checksum);
  return out;
}

// The answer that was given before, when this is the same request again.
Result<Completion> FormerCompletion(const store::ReadTx& tx, const Input& in, const std::string& digest,
                                    Error missing) {
  const std::optional<Completion> former = TRY(tx.Find<Completion>(in.upload_id));
  if (former && former->bucket == in.bucket && former->key == in.key && former->request_digest == digest)
    return *former;
  return missing;
}

// The object takes over the references of the parts it is made of; those of the parts left out are dropped.
Status RetireUpload(store::Tx& tx, store::BlobStore& blobs, const Upload& upload,
                    const std::vector<UploadedPart>& chosen) {
  for (const UploadedPart& part : TRY(tx.Select<UploadedPart>("upload_id = ?", {upload.upload_id})))
    if (!std::ranges::binary_search(chosen, part.number, {}, &UploadedPart::number))
      TRY(DropReferences(tx, blobs, part.extents));
  TRY(tx.DeleteWhere<UploadedPart>("upload_id = ?", {upload.upload_id}));
  TRY(tx.Delete<Upload>(upload.bucket, upload.key, upload.upload_id));
  return {};
}

}  // namespace

Result<CompleteMultipartUploadOutput> S3::CompleteMultipartUpload(const wire::Call& call, const Input& in) {
  TRY(CheckNoCustomerKey(in));
  const WriteConditions conditions{in.if_match, in.if_none_match};
  TRY(CheckForm(conditions));

  std::optional<std::string> expiration;  // said once, and not when the answer is asked for again
  const Completion completion = TRY(database_.Write([&](store::Tx& tx) -> Result<Completion> {
    const BucketRecord bucket = TRY(EnterObject(tx, call, in, "s3:PutObject"));
    const std::vector<CompletedPart>& listed = *TRY(ListedParts(in));
    const std::string digest = DigestOf(listed);
    Result<Upload> upload = GetUpload(tx, in.bucket, in.key, in.upload_id);
    if (!upload.ok()) return FormerCompletion(tx, in, digest, std::move(upload).error());

    const std::vector<UploadedPart> chosen = TRY(ChosenParts(tx, in, *upload, listed));
    StoredVersion object = TRY(Assemble(in, *upload, chosen, call.now));
    const std::optional<StoredVersion> current = TRY(FindCurrent(tx, in.bucket, in.key));
    TRY(CheckWrite(conditions, current, in.key));
    if (conditions.any()) TRY(CheckUnchanged(tx, bucket, *upload, current));

    TRY(ApplyDefaultRetention(bucket, object));
    TRY(PutCurrent(tx, blobs_, bucket, current, object, References::kTakenOver));
    TRY(RetireUpload(tx, blobs_, *upload, chosen));
    expiration = TRY(ExpirationOf(bucket, object));
    Completion done{.upload_id = in.upload_id,
                    .bucket = in.bucket,
                    .key = in.key,
                    .completed = call.now,
                    .request_digest = digest,
                    .etag = object.etag,
                    .version_id = object.version_id,
                    .versioned = bucket.versioning == Versioning::kEnabled,
                    .checksum = object.checksum};
    TRY(tx.DeleteWhere<Completion>("completed < ?", {int64_t{(call.now - kCompletionsKept).since_epoch().count()}}));
    TRY(tx.Put(done));
    return done;
  }));
  CompleteMultipartUploadOutput out = ToOutput(call, completion);
  out.expiration = std::move(expiration);
  return out;
}

}  // namespace meetinity::s3
