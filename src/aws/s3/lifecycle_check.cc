// Which lifecycle configurations a bucket may have (S3 API Reference, PutBucketLifecycleConfiguration, and User Guide,
// "Lifecycle configuration elements"). Archive classes are refused by ParseStorageClass, as they are for uploads.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/s3/errors.h"
#include "aws/s3/lifecycle.h"
#include "aws/s3/names.h"
#include "base/random.h"

namespace meetinity::s3 {
namespace {

constexpr size_t kLifecycleRulesMax = 1000;
constexpr size_t kLifecycleIdMax = 255;
constexpr size_t kOwnIdLength = 48;  // of rules that came without one
constexpr int32_t kNewerVersionsMax = 100;
constexpr int32_t kInfrequentAccessDaysMin = 30;

Error MalformedRule(std::string_view what) {
  return {Kind::kInvalid, kMalformedXml,
          fmt::format("The XML you provided was not well-formed or did not validate against our published schema: {}",
                      what)};
}
Error UnsuitableRule(std::string detail) { return {Kind::kInvalid, kInvalidRequest, std::move(detail)}; }
Error Invalid(std::string detail) { return {Kind::kInvalid, kInvalidArgument, std::move(detail)}; }

// The parts of a rule's filter, wherever they stand.
struct FilterParts {
  std::string prefix;
  std::vector<Tag> tags;
  std::optional<int64_t> larger_than, smaller_than;
  size_t count = 0;  // predicates given
};

template <class Given>
FilterParts PartsOf(const Given& given) {
  FilterParts parts{.prefix = given.prefix.value_or(""),
                    .tags = {},
                    .larger_than = given.object_size_greater_than,
                    .smaller_than = given.object_size_less_than};
  if constexpr (requires { given.tags; }) {
    parts.tags = given.tags.value_or(std::vector<Tag>());
  } else if (given.tag) {
    parts.tags.push_back(*given.tag);
  }
  parts.count =
      (given.prefix ? 1U : 0U) + parts.tags.size() + (parts.larger_than ? 1U : 0U) + (parts.smaller_than ? 1U : 0U);
  return parts;
}

Result<FilterParts> CheckFilter(const LifecycleRule& rule) {
  if (rule.prefix && rule.filter) return MalformedRule("a rule has a Filter or a Prefix, not both.");
  if (!rule.filter) {
    if (!rule.prefix) return MalformedRule("a rule needs a Filter, which may be empty.");
    return FilterParts{.prefix = *rule.prefix, .tags = {}, .larger_than = {}, .smaller_than = {}, .count = 1};
  }
  FilterParts parts = PartsOf(*rule.filter);
  if (parts.count + (rule.filter->and_ ? 1 : 0) > 1)
    return MalformedRule("a Filter holds one predicate; several stand in an And.");
  if (rule.filter->and_) {
    parts = PartsOf(*rule.filter->and_);
    if (parts.count < 2) return MalformedRule("an And holds two predicates at the least.");
  }
  if (parts.prefix.size() > kKeyBytesMax) return Invalid("The maximum size of a prefix is 1024.");
  TagList tags;
  for (const Tag& tag : parts.tags) tags.emplace_back(tag.key, tag.value);
  TRY(MakeTags(tags, kObjectTagsMax));
  if (parts.larger_than.value_or(0) < 0 || parts.smaller_than.value_or(1) < 1)
    return UnsuitableRule("'ObjectSizeGreaterThan' must not be negative and 'ObjectSizeLessThan' must be positive.");
  if (parts.larger_than && parts.smaller_than && *parts.larger_than + 1 >= *parts.smaller_than)
    return UnsuitableRule(
        "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan' by two or more.");
  return parts;
}

Status CheckMidnight(Instant date) {
  if (MidnightAfter(date, 0) == date) return {};
  return Invalid("'Date' must be at midnight GMT");
}

Status CheckExpiration(const LifecycleRule& rule, const FilterParts& filter) {
  if (!rule.expiration) return {};
  const LifecycleExpiration& expiration = *rule.expiration;
  const int given =
      (expiration.days ? 1 : 0) + (expiration.date ? 1 : 0) + (expiration.expired_object_delete_marker ? 1 : 0);
  if (given != 1) return MalformedRule("an Expiration has Days, a Date or ExpiredObjectDeleteMarker.");
  if (expiration.days && *expiration.days < 1)
    return Invalid("'Days' for Expiration action must be a positive integer");
  if (expiration.date) TRY(CheckMidnight(*expiration.date));
  if (expiration.expired_object_delete_marker && !filter.tags.empty())
    return UnsuitableRule("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  return {};
}

// Storage classes, each at most once, from warm to cold as the days go by.
Status CheckTransitions(const LifecycleRule& rule, const FilterParts& filter) {
  std::set<std::string_view> seen;
  for (const Transition& transition : rule.transitions.value_or(std::vector<Transition>())) {
    if (transition.days.has_value() == transition.date.has_value())
      return MalformedRule("a Transition has Days or a Date.");
    const std::string to = transition.storage_class.value_or("");
    if (std::ranges::find(TransitionStorageClass::kValues, to) == TransitionStorageClass::kValues.end())
      return MalformedRule("a Transition needs a StorageClass that objects may go to.");
    TRY(ParseStorageClass(to));
    if (!seen.insert(*transition.storage_class).second)
      return UnsuitableRule(fmt::format(
          "'StorageClass' must be different for 'Transition' actions in same 'Rule' with prefix '{}'", filter.prefix));
    if (transition.date) TRY(CheckMidnight(*transition.date));
    if (transition.days && *transition.days < 0)
      return Invalid("'Days' for Transition action must be nonnegative integer");
    if (transition.days && to.ends_with("_IA") && *transition.days < kInfrequentAccessDaysMin)
      return Invalid(
          fmt::format("'Days' in Transition action must be greater than or equal to {} for storageClass '{}'",
                      kInfrequentAccessDaysMin, to));
    if (!rule.expiration || !(rule.expiration->days || rule.expiration->date)) continue;
    if (rule.expiration->days.has_value() != transition.days.has_value())
      return UnsuitableRule(
          fmt::format("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle "
                      "rule for prefix '{}'",
                      filter.prefix));
    const bool in_time =
        transition.days ? *transition.days < *rule.expiration->days : *transition.date < *rule.expiration->date;
    if (!in_time)
      return Invalid(
          fmt::format("'{0}' in the Expiration action for filter '(prefix={1})' must be greater than '{0}' "
                      "in the Transition action",
                      transition.days ? "Days" : "Date", filter.prefix));
  }
  return {};
}

template <class Action>
Status CheckNoncurrent(const Action& action, std::string_view name, int32_t days_min) {
  if (!action.noncurrent_days) return MalformedRule(fmt::format("{} needs NoncurrentDays.", name));
  if (*action.noncurrent_days < days_min)
    return Invalid(fmt::format("'NoncurrentDays' for {} action must be a {} integer", name,
                               days_min > 0 ? "positive" : "nonnegative"));
  const int32_t newer = action.newer_noncurrent_versions.value_or(1);
  if (newer < 1 || newer > kNewerVersionsMax)
    return Invalid(fmt::format("'NewerNoncurrentVersions' for {} action must be an integer from 1 to {}", name,
                               kNewerVersionsMax));
  return {};
}

Status CheckNoncurrentActions(const LifecycleRule& rule) {
  if (rule.noncurrent_version_expiration)
    TRY(CheckNoncurrent(*rule.noncurrent_version_expiration, "NoncurrentVersionExpiration", 1));
  std::set<std::string_view> seen;
  if (!rule.noncurrent_version_transitions) return {};
  for (const NoncurrentVersionTransition& transition : *rule.noncurrent_version_transitions) {
    TRY(CheckNoncurrent(transition, "NoncurrentVersionTransition", 0));
    const std::string to = transition.storage_class.value_or("");
    if (std::ranges::find(TransitionStorageClass::kValues, to) == TransitionStorageClass::kValues.end())
      return MalformedRule("a NoncurrentVersionTransition needs a StorageClass that versions may go to.");
    TRY(ParseStorageClass(to));
    if (!seen.insert(*transition.storage_class).second)
      return UnsuitableRule(
          "'StorageClass' must be different for 'NoncurrentVersionTransition' actions in same 'Rule'");
    if (to.ends_with("_IA") && *transition.noncurrent_days < kInfrequentAccessDaysMin)
      return Invalid(fmt::format(
          "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to {} for storageClass "
          "'{}'",
          kInfrequentAccessDaysMin, to));
    const auto& expiration = rule.noncurrent_version_expiration;
    if (expiration && *expiration->noncurrent_days <= *transition.noncurrent_days)
      return Invalid(
          "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in the "
          "NoncurrentVersionTransition action");
  }
  return {};
}

Status CheckAbort(const LifecycleRule& rule, const FilterParts& filter) {
  if (!rule.abort_incomplete_multipart_upload) return {};
  const auto& days = rule.abort_incomplete_multipart_upload->days_after_initiation;
  if (!days || *days < 1)
    return Invalid("'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer");
  if (!filter.tags.empty()) return UnsuitableRule("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  if (filter.larger_than || filter.smaller_than)
    return UnsuitableRule("AbortIncompleteMultipartUpload cannot be specified with object size.");
  return {};
}

Status CheckRule(const LifecycleRule& rule) {
  if (rule.status != ExpirationStatus::kEnabled && rule.status != ExpirationStatus::kDisabled)
    return MalformedRule("a rule's Status is Enabled or Disabled.");
  if (rule.id.value_or("").size() > kLifecycleIdMax)
    return Invalid(fmt::format("ID length should not exceed allowed limit of {}", kLifecycleIdMax));
  const FilterParts filter = TRY(CheckFilter(rule));
  const bool acts = rule.expiration || rule.noncurrent_version_expiration || rule.abort_incomplete_multipart_upload ||
                    (rule.transitions && !rule.transitions->empty()) ||
                    (rule.noncurrent_version_transitions && !rule.noncurrent_version_transitions->empty());
  if (!acts) return UnsuitableRule("At least one action needs to be specified in a rule.");
  TRY(CheckExpiration(rule, filter));
  TRY(CheckTransitions(rule, filter));
  TRY(CheckNoncurrentActions(rule));
  return CheckAbort(rule, filter);
}

}  // namespace

Status CheckLifecycle(std::vector<LifecycleRule>& rules) {
  if (rules.empty()) return MalformedRule("at least one Rule is expected.");
  if (rules.size() > kLifecycleRulesMax)
    return UnsuitableRule(fmt::format("The number of lifecycle rules must not exceed the allowed limit of {} rules.",
                                      kLifecycleRulesMax));
  std::set<std::string_view> ids;
  for (LifecycleRule& rule : rules) {
    TRY(CheckRule(rule));
    if (rule.id.value_or("").empty()) rule.id = RandomText(kOwnIdLength, kAlphanumeric);
    if (!ids.insert(*rule.id).second)
      return Invalid(fmt::format("Rule ID must be unique. Found same ID for more than one rule: {}", *rule.id));
  }
  return {};
}

}  // namespace meetinity::s3
