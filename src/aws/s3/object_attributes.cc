// GetObjectAttributes: what is known of an object, chosen by name.

#include <algorithm>

#include "aws/s3/found.h"
#include "aws/s3/model_checksums.h"
#include "aws/s3/object_input.h"

namespace meetinity::s3 {
namespace {

constexpr int32_t kAttributesPartsMax = 1000;

// A page of the parts; they are listed only where each has a checksum of its own.
Result<GetObjectAttributesParts> PartsOf(const StoredVersion& object, const GetObjectAttributesInput& in) {
  const int32_t max = in.max_parts.value_or(kAttributesPartsMax), marker = in.part_number_marker.value_or(0);
  if (max < 0 || marker < 0)
    return Error{Kind::kInvalid, kInvalidArgument,
                 "Provided max-parts or part-number-marker is not an integer or not "
                 "in range"};
  GetObjectAttributesParts page{.total_parts_count = static_cast<int32_t>(object.parts.size())};
  if (object.checksum.type != ChecksumType::kComposite) return page;
  page.is_truncated = false;
  page.max_parts = std::min(max, kAttributesPartsMax);
  page.part_number_marker = marker;
  page.next_part_number_marker = marker;
  page.parts.emplace();
  for (const PartSpan& part : object.parts) {
    if (part.number <= marker) continue;
    if (static_cast<int32_t>(page.parts->size()) == *page.max_parts) {
      page.is_truncated = true;
      break;
    }
    ObjectPart shown{.part_number = part.number, .size = static_cast<int64_t>(part.size)};
    SetChecksum(shown, {object.checksum.algorithm, object.checksum.type, part.checksum});
    page.parts->push_back(std::move(shown));
    page.next_part_number_marker = part.number;
  }
  return page;
}

}  // namespace

Result<GetObjectAttributesOutput> S3::GetObjectAttributes(const wire::Call& call, const GetObjectAttributesInput& in) {
  TRY(CheckNoCustomerKey(in));
  const Found found = TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(tx, call,
                       {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:GetObjectAttributes",
                        "s3:GetObjectVersionAttributes"});
  }));
  const StoredVersion& object = found.version;
  GetObjectAttributesOutput out{.last_modified = object.modified};
  if (found.bucket.versioning != Versioning::kNever) out.version_id = object.version_id;
  for (const std::string& attribute : in.object_attributes) {
    if (attribute == ObjectAttributes::kETag) {
      out.e_tag = object.etag;
    } else if (attribute == ObjectAttributes::kObjectSize) {
      out.object_size = static_cast<int64_t>(object.size);
    } else if (attribute == ObjectAttributes::kStorageClass) {
      out.storage_class = object.storage_class;
    } else if (attribute == ObjectAttributes::kChecksum) {
      if (!object.checksum.algorithm.empty()) SetChecksum(out.checksum.emplace(), object.checksum);
    } else if (attribute == ObjectAttributes::kObjectParts) {
      if (!object.parts.empty()) out.object_parts = TRY(PartsOf(object, in));
    } else {
      return Error{Kind::kInvalid, kInvalidArgument, "Invalid attribute name specified."}
          .With("ArgumentName", "x-amz-object-attributes")
          .With("ArgumentValue", attribute);
    }
  }
  return out;
}

}  // namespace meetinity::s3
