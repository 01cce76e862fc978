#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/iam/policy.h"
#include "aws/iam/state.h"
#include "aws/iam_model.h"
#include "base/result.h"

// Checks and conversions of inputs that the model's own constraints do not cover.
namespace meetinity::iam {

// Quotas of an account (AWS page "IAM and AWS STS quotas").
inline constexpr int64_t kUsersMax = 5000;
inline constexpr int64_t kRolesMax = 1000;
inline constexpr int64_t kPoliciesMax = 1500;
inline constexpr int64_t kAccessKeysPerUserMax = 2;
inline constexpr int64_t kAttachedPoliciesMax = 10;
inline constexpr int64_t kVersionsPerPolicyMax = 5;
inline constexpr size_t kTagsMax = 50;
// Characters without white space.
inline constexpr size_t kManagedPolicyCharactersMax = 6144;
inline constexpr size_t kInlineUserCharactersMax = 2048;  // of all inline policies together
inline constexpr size_t kInlineRoleCharactersMax = 10'240;
inline constexpr size_t kTrustPolicyCharactersMax = 2048;

// `member` as AWS spells it in the message: "userName".
Status CheckName(std::string_view name, std::string_view member);
// "/" when absent; else one that begins and ends with a slash.
Result<std::string> CheckPath(const std::optional<std::string>& path);
// A policy that can be a permissions boundary; NoSuchEntityException otherwise.
Status CheckBoundary(const store::ReadTx& tx, const std::string& policy_arn);
std::optional<AttachedPermissionsBoundary> ToBoundary(const std::optional<std::string>& policy_arn);
Result<int64_t> CountBoundaryUses(const store::ReadTx& tx, const std::string& policy_arn);

// Adds to `tags` or replaces; a key that differs in case only from a present one replaces it, as IAM does.
Status AddTags(Tags& tags, const std::vector<Tag>& added);
void RemoveTags(Tags& tags, const std::vector<std::string>& keys);
std::vector<Tag> ToTagList(const Tags& tags);
std::optional<std::vector<Tag>> ToOptionalTagList(const Tags& tags);  // absent when empty, as AWS answers

size_t CountWithoutSpace(std::string_view policy);
// Parses as `kind` and refuses what is larger than `characters_max`.
Status CheckPolicy(std::string_view document, PolicyKind kind, size_t characters_max);
// How policy documents stand in answers.
std::string ToWireDocument(std::string_view document);

// "v3" to 3.
Result<int32_t> ParseVersionId(std::string_view version_id);
inline std::string ToVersionId(int32_t number) { return "v" + std::to_string(number); }

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> marker;  // where the next page begins
};

Result<std::string> DecodeMarker(const std::optional<std::string>& marker);  // empty when absent
std::string EncodeMarker(std::string_view after);

// The part of `items` after the marker, in the order of `key_of`. Lists are bounded by the quotas above, so they are
// cut in memory.
template <class T, class KeyOf>
Result<Page<T>> Cut(std::vector<T> items, KeyOf key_of, const std::optional<std::string>& marker,
                    const std::optional<int32_t>& items_max) {
  constexpr size_t kPageDefault = 100;
  const std::string after = TRY(DecodeMarker(marker));
  std::sort(items.begin(), items.end(), [&](const T& a, const T& b) { return key_of(a) < key_of(b); });
  if (!after.empty()) std::erase_if(items, [&](const T& item) { return !(after < key_of(item)); });
  Page<T> page{std::move(items), std::nullopt};
  const size_t size = items_max ? static_cast<size_t>(*items_max) : kPageDefault;
  if (page.items.size() > size) {
    page.items.erase(page.items.begin() + static_cast<std::ptrdiff_t>(size), page.items.end());
    page.marker = EncodeMarker(key_of(page.items.back()));
  }
  return page;
}

// Sets IsTruncated and Marker of an answer.
template <class Output, class T>
void SetPage(Output& output, const Page<T>& page) {
  output.is_truncated = page.marker.has_value();
  output.marker = page.marker;
}

}  // namespace meetinity::iam
