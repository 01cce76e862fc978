#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/s3/state.h"
#include "base/result.h"

// What clients call things: bucket names, keys, tags, metadata, copy sources. Everything that a client names passes
// through here once.
namespace meetinity::s3 {

inline constexpr size_t kKeyBytesMax = 1024;       // S3 User Guide, "Naming Amazon S3 objects"
inline constexpr size_t kMetadataBytesMax = 2048;  // of user metadata, names and values
inline constexpr size_t kObjectTagsMax = 10;
inline constexpr size_t kBucketTagsMax = 50;
inline constexpr size_t kTagKeyMax = 128;    // characters
inline constexpr size_t kTagValueMax = 256;  // characters

// S3 User Guide, "General purpose bucket naming rules".
Status CheckBucketName(std::string_view name);

// Any UTF-8 of 1 to 1,024 bytes: "../", '\' and spaces are names like others.
Status CheckKey(std::string_view key);

// The size of the user metadata, and that everything is UTF-8, because it is kept as JSON.
Status CheckHeaders(const ObjectHeaders& headers);

using TagList = std::vector<std::pair<std::string, std::string>>;
// Refuses duplicates, reserved names and what is too long or too much.
Result<Tags> MakeTags(const TagList& tags, size_t tags_max);
// The x-amz-tagging header: a query string.
Result<Tags> ParseTagging(std::string_view header);

// "null", or 32 letters and digits.
bool IsVersionId(std::string_view text);
std::string NewVersionId();
// Ascends with `now`; the rest is random.
std::string NewUploadId(Instant now);

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  // "bucket/key" or "/bucket/key", percent-encoded, with "?versionId=…" perhaps.
  static Result<CopySource> Parse(std::string_view header);
};

// Storage classes whose objects can be read at once. The archives need a restore first, which is not served.
Result<std::string> ParseStorageClass(const std::optional<std::string>& given);

// "photos/2024 summer.jpg" → "photos/2024+summer.jpg": what encoding-type=url asks for in listings.
std::string EncodeForListing(std::string_view text);

}  // namespace meetinity::s3
