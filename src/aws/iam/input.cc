#include "aws/iam/input.h"

#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/text.h"
#include "base/uri.h"

namespace meetinity::iam {
namespace {

Error Invalid(std::string detail) { return Error{Kind::kInvalid, kValidationError, std::move(detail)}; }

bool IsNameCharacter(char c) {
  return kAlphanumeric.find(c) != std::string_view::npos ||
         std::string_view("+=,.@_-").find(c) != std::string_view::npos;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

Status CheckTag(const Tag& tag) {
  if (ToLower(tag.key).starts_with("aws:")) {
    return Error{Kind::kInvalid, kInvalidInput, "Tag keys that begin with aws: are AWS's own."};
  }
  return {};
}

}  // namespace

Status CheckName(std::string_view name, std::string_view member) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), IsNameCharacter)) return {};
  return Invalid(
      fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters and/or the "
                  "following: +=,.@_-",
                  member));
}

Result<std::string> CheckPath(const std::optional<std::string>& path) {
  if (!path) return std::string("/");
  const bool printable = std::all_of(path->begin(), path->end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (printable && path->starts_with('/') && path->ends_with('/') && path->find("//") == std::string::npos)
    return *path;
  return Invalid(
      "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
      "characters and/or / characters.");
}

Status AddTags(Tags& tags, const std::vector<Tag>& added) {
  for (const Tag& tag : added) {
    TRY(CheckTag(tag));
    std::erase_if(tags.values, [&](const auto& present) { return EqualsIgnoreCase(present.first, tag.key); });
    tags.values[tag.key] = tag.value;
  }
  if (tags.values.size() > kTagsMax) {
    return Error{Kind::kLimit, kLimitExceeded,
                 fmt::format("The number of tags has reached the maximum limit of {}.", kTagsMax)};
  }
  return {};
}

void RemoveTags(Tags& tags, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    std::erase_if(tags.values, [&](const auto& present) { return EqualsIgnoreCase(present.first, key); });
  }
}

std::vector<Tag> ToTagList(const Tags& tags) {
  std::vector<Tag> list;
  for (const auto& [key, value] : tags.values) list.push_back({key, value});
  return list;
}

std::optional<std::vector<Tag>> ToOptionalTagList(const Tags& tags) {
  if (tags.values.empty()) return std::nullopt;
  return ToTagList(tags);
}

size_t CountWithoutSpace(std::string_view policy) {
  return static_cast<size_t>(std::count_if(policy.begin(), policy.end(), [](char c) { return !IsSpace(c); }));
}

Status CheckPolicy(std::string_view document, PolicyKind kind, size_t characters_max) {
  if (CountWithoutSpace(document) > characters_max) {
    return Error{
        Kind::kLimit, kLimitExceeded,
        fmt::format("Cannot exceed quota for policy size: {} characters without white space.", characters_max)};
  }
  TRY(PolicyDocument::Parse(document, kind));
  return {};
}

std::string ToWireDocument(std::string_view document) { return PercentEncode(document, Slash::kEncode); }

Result<int32_t> ParseVersionId(std::string_view version_id) {
  if (version_id.starts_with('v')) {
    const std::optional<uint64_t> number = ParseUnsigned(version_id.substr(1));
    if (number && *number >= 1 && *number <= 1'000'000) return static_cast<int32_t>(*number);
  }
  return Invalid(fmt::format("'{}' is no policy version such as v1.", version_id));
}

Result<std::string> DecodeMarker(const std::optional<std::string>& marker) {
  if (!marker) return std::string();
  Result<std::string> after = Base64Decode(*marker);
  if (!after.ok() || after->empty()) return Invalid("Invalid Marker.");
  return after;
}

std::string EncodeMarker(std::string_view after) { return Base64Encode(after); }

}  // namespace meetinity::iam
