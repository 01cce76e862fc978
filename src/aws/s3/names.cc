#include "aws/s3/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/errors.h"
#include "base/random.h"
#include "base/text.h"
#include "base/uri.h"

namespace meetinity::s3 {
namespace {

constexpr size_t kBucketNameMin = 3;
constexpr size_t kBucketNameMax = 63;
constexpr size_t kVersionIdLength = 32;

constexpr std::string_view kReservedPrefixes[] = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::string_view kReservedSuffixes[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsAlphanumeric(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z'); }

bool LooksLikeIpAddress(std::string_view name) {
  const std::vector<std::string_view> pieces = Split(name, '.');
  return pieces.size() == 4 && std::ranges::all_of(pieces, [](std::string_view piece) {
           const auto number = ParseUnsigned(piece);
           return number && *number <= 255;
         });
}

bool IsBucketName(std::string_view name) {
  if (name.size() < kBucketNameMin || name.size() > kBucketNameMax) return false;
  if (!IsLowerOrDigit(name.front()) || !IsLowerOrDigit(name.back())) return false;
  for (char c : name)
    if (!IsLowerOrDigit(c) && c != '.' && c != '-') return false;
  if (name.find("..") != std::string_view::npos || LooksLikeIpAddress(name)) return false;
  for (std::string_view prefix : kReservedPrefixes)
    if (name.starts_with(prefix)) return false;
  for (std::string_view suffix : kReservedSuffixes)
    if (name.ends_with(suffix)) return false;
  return true;
}

size_t CharactersIn(std::string_view utf8) {
  return static_cast<size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

Error TagError(std::string detail) { return {Kind::kInvalid, kInvalidTag, std::move(detail)}; }

}  // namespace

Status CheckBucketName(std::string_view name) {
  if (IsBucketName(name)) return {};
  return Error{Kind::kInvalid, kInvalidBucketName, "The specified bucket is not valid."}.With("BucketName",
                                                                                              std::string(name));
}

Status CheckKey(std::string_view key) {
  if (key.size() > kKeyBytesMax)
    return Error{Kind::kInvalid, kKeyTooLong, "Your key is too long"}
        .With("Size", std::to_string(key.size()))
        .With("MaxSizeAllowed", std::to_string(kKeyBytesMax));
  if (key.empty() || !IsValidUtf8(key))
    return Error{Kind::kInvalid, kInvalidUri, "Couldn't parse the specified URI: a key is 1 to 1024 bytes of UTF-8."};
  return {};
}

Status CheckHeaders(const ObjectHeaders& headers) {
  size_t bytes = 0;
  for (const auto& [name, value] : headers.metadata) {
    bytes += name.size() + value.size();
    if (!IsValidUtf8(name) || !IsValidUtf8(value))
      return Error{Kind::kInvalid, kInvalidArgument, fmt::format("The metadata '{}' is not UTF-8.", name)};
  }
  if (bytes > kMetadataBytesMax)
    return Error{Kind::kInvalid, kMetadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size"}
        .With("Size", std::to_string(bytes))
        .With("MaxSizeAllowed", std::to_string(kMetadataBytesMax));
  for (const auto* header :
       {&headers.cache_control, &headers.content_disposition, &headers.content_encoding, &headers.content_language,
        &headers.content_type, &headers.expires, &headers.website_redirect_location})
    if (*header && !IsValidUtf8(**header))
      return Error{Kind::kInvalid, kInvalidArgument, "A header that would be kept with the object is not UTF-8."};
  return {};
}

Result<Tags> MakeTags(const TagList& list, size_t tags_max) {
  Tags tags;
  for (const auto& [key, value] : list) {
    if (key.empty() || !IsValidUtf8(key) || CharactersIn(key) > kTagKeyMax)
      return TagError("The TagKey you have provided is invalid").With("TagKey", key);
    if (!IsValidUtf8(value) || CharactersIn(value) > kTagValueMax)
      return TagError("The TagValue you have provided is invalid").With("TagKey", key).With("TagValue", value);
    if (key.starts_with("aws:")) return TagError("System tags cannot be added/updated by requester");
    if (!tags.emplace(key, value).second)
      return TagError("Cannot provide multiple Tags with the same key").With("TagKey", key);
  }
  if (tags.size() > tags_max)
    return Error{
        Kind::kInvalid, kBadRequest,
        fmt::format("{} tags cannot be greater than {}", tags_max == kObjectTagsMax ? "Object" : "Bucket", tags_max)};
  return tags;
}

Result<Tags> ParseTagging(std::string_view header) {
  Result<std::vector<QueryParameter>> parsed = ParseQuery(header);
  Result<Tags> tags = parsed.ok() ? MakeTags(*parsed, kObjectTagsMax) : Result<Tags>(parsed.error());
  if (parsed.ok() && (tags.ok() || tags.error().name == kBadRequest)) return tags;
  return Error{Kind::kInvalid, kInvalidArgument,
               "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
               "name duplicates."}
      .With("ArgumentName", "x-amz-tagging")
      .With("ArgumentValue", std::string(header));
}

bool IsVersionId(std::string_view text) {
  return text == kNullVersion || (text.size() == kVersionIdLength && std::ranges::all_of(text, IsAlphanumeric));
}

std::string NewVersionId() { return RandomText(kVersionIdLength, kAlphanumeric); }

std::string NewUploadId(Instant now) {
  return fmt::format("{:016x}{}", now.since_epoch().count(), RandomText(48, kAlphanumeric));
}

Result<CopySource> CopySource::Parse(std::string_view header) {
  const Error refused = Error{Kind::kInvalid, kInvalidArgument,
                              "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"}
                            .With("ArgumentName", "x-amz-copy-source")
                            .With("ArgumentValue", std::string(header));
  CopySource source;
  // A '?' of the key is encoded, so the first one begins the query.
  std::string_view path = header.substr(0, header.find('?'));
  if (path.size() < header.size()) {
    constexpr std::string_view kVersionParameter = "versionId=";
    const std::string_view query = header.substr(path.size() + 1);
    if (!query.starts_with(kVersionParameter)) return refused;
    source.version_id = std::string(query.substr(kVersionParameter.size()));
    if (!IsVersionId(*source.version_id))
      return Error{Kind::kInvalid, kInvalidArgument, "Invalid version id specified"};
  }
  if (path.starts_with('/')) path.remove_prefix(1);
  Result<std::string> decoded = PercentDecode(path);
  if (!decoded.ok()) return refused;
  const size_t slash = decoded->find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == decoded->size()) return refused;
  source.bucket = decoded->substr(0, slash);
  source.key = decoded->substr(slash + 1);
  return source;
}

Result<std::string> ParseStorageClass(const std::optional<std::string>& given) {
  constexpr std::string_view kServed[] = {"STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                          "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"};
  if (!given) return std::string(kServed[0]);
  if (std::ranges::find(kServed, *given) != std::end(kServed)) return *given;
  if (*given == "GLACIER" || *given == "DEEP_ARCHIVE")
    return Error{Kind::kUnsupported, kNotImplemented,
                 fmt::format("The storage class {} is not served: objects in it would need a restore.", *given)};
  return Error{Kind::kInvalid, kInvalidStorageClass, "The storage class you specified is not valid"}.With(
      "StorageClassRequested", *given);
}

std::string EncodeForListing(std::string_view text) {
  const std::string encoded = PercentEncode(text, Slash::kKeep);
  std::string result;
  result.reserve(encoded.size());
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded.compare(i, 3, "%20") == 0) {
      result += '+';
      i += 2;
    } else {
      result += encoded[i];
    }
  }
  return result;
}

}  // namespace meetinity::s3
