#include "aws/s3/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/uri.h"
#include "wire/stored_form.h"

namespace meetinity::s3 {
namespace {

// Parsed configurations kept; past it the book starts anew. One has a thousand rules at the most.
constexpr size_t kParsedMax = 1000;

// Smaller objects are not worth a request each, so they stay where they are unless a rule names sizes itself (S3 User
// Guide, "Transitioning objects using Amazon S3 Lifecycle").
constexpr uint64_t kTransitionBytesMin = 128 * 1024;

// Objects only ever go to a colder class (same page, the waterfall); of two equally cold ones neither leads to the
// other.
int Coldness(std::string_view storage_class) {
  constexpr std::pair<std::string_view, int> kClasses[] = {{"STANDARD_IA", 1}, {"INTELLIGENT_TIERING", 2},
                                                           {"ONEZONE_IA", 3},  {"GLACIER_IR", 3},
                                                           {"GLACIER", 4},     {"DEEP_ARCHIVE", 5}};
  for (const auto& [name, coldness] : kClasses)
    if (name == storage_class) return coldness;
  return 0;
}

bool IsArchive(std::string_view storage_class) { return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE"; }

// The time of a rule's action on something that began at `from`: a number of days after it, or a date.
std::optional<Instant> When(Instant from, const std::optional<int32_t>& days, const std::optional<Instant>& date) {
  const std::optional<Instant> after = MidnightAfter(from, days.value_or(0));
  if (!date || !after) return after;
  return std::max(*date, *after);
}

void KeepEarlier(std::optional<LifecycleDue>& kept, const std::optional<Instant>& at, const LifecycleRule& rule) {
  if (at && (!kept || *at < kept->at)) kept = LifecycleDue{*at, *rule.id};
}

void KeepColder(std::optional<LifecycleDue>& kept, Instant at, const LifecycleRule& rule,
                const std::string& storage_class) {
  if (!kept || Coldness(storage_class) > Coldness(kept->storage_class))
    kept = LifecycleDue{at, *rule.id, storage_class};
}

bool KeepsEnough(const std::optional<int32_t>& newer_kept, int64_t newer) { return newer >= newer_kept.value_or(0); }

const wire::Shape& StoredShape() { return *GetBucketLifecycleConfiguration::Shape().output; }

const Tags kNoTags;

}  // namespace

std::optional<Instant> MidnightAfter(Instant from, int64_t days) {
  // Duration's nanoseconds reach 106,751 days from the epoch; later is never.
  constexpr int64_t kLastDay = std::chrono::floor<std::chrono::days>(Duration::max()).count();
  const int64_t begun = std::chrono::ceil<std::chrono::days>(from.since_epoch()).count();
  if (days > kLastDay - begun) return std::nullopt;
  return Instant::FromUnix(std::chrono::days(begun + days));
}

LifecycleRules::Filter::Filter(const LifecycleRule& rule) : prefix(rule.prefix.value_or("")) {
  if (!rule.filter) return;
  const LifecycleRuleFilter& given = *rule.filter;
  if (given.prefix) prefix = *given.prefix;
  if (given.tag) tags.emplace(given.tag->key, given.tag->value);
  larger_than = given.object_size_greater_than;
  smaller_than = given.object_size_less_than;
  if (!given.and_) return;
  if (given.and_->prefix) prefix = *given.and_->prefix;
  for (const Tag& tag : given.and_->tags.value_or(std::vector<Tag>())) tags.emplace(tag.key, tag.value);
  larger_than = given.and_->object_size_greater_than;
  smaller_than = given.and_->object_size_less_than;
}

bool LifecycleRules::Filter::Matches(const LifecycleSubject& subject) const {
  if (!subject.key.starts_with(prefix)) return false;
  if (larger_than && !std::cmp_greater(subject.size, *larger_than)) return false;
  if (smaller_than && !std::cmp_less(subject.size, *smaller_than)) return false;
  return std::ranges::all_of(tags, [&](const auto& tag) {
    const auto found = subject.tags.find(tag.first);
    return found != subject.tags.end() && found->second == tag.second;
  });
}

LifecycleRules::LifecycleRules(const GetBucketLifecycleConfigurationOutput& configuration)
    : small_objects_to_archives_(configuration.transition_default_minimum_object_size ==
                                 TransitionDefaultMinimumObjectSize::kVariesByStorageClass) {
  for (const LifecycleRule& rule : configuration.rules.value_or(std::vector<LifecycleRule>())) {
    if (rule.status != ExpirationStatus::kEnabled) continue;
    rules_.push_back({Filter(rule), rule});
    concerns_uploads_ |= rule.abort_incomplete_multipart_upload.has_value();
    concerns_versions_ |= rule.expiration || rule.transitions || rule.noncurrent_version_expiration ||
                          rule.noncurrent_version_transitions;
  }
}

std::optional<LifecycleDue> LifecycleRules::Expiration(const LifecycleSubject& object, Instant modified) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    const auto& expiration = rule.given.expiration;
    if (!expiration || !(expiration->days || expiration->date) || !rule.filter.Matches(object)) continue;
    KeepEarlier(due, When(modified, expiration->days, expiration->date), rule.given);
  }
  return due;
}

std::optional<LifecycleDue> LifecycleRules::NoncurrentExpiration(const LifecycleSubject& version, Instant since,
                                                                 int64_t newer) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    const auto& expiration = rule.given.noncurrent_version_expiration;
    if (!expiration || !KeepsEnough(expiration->newer_noncurrent_versions, newer)) continue;
    if (!rule.filter.Matches(version)) continue;
    KeepEarlier(due, MidnightAfter(since, expiration->noncurrent_days.value_or(0)), rule.given);
  }
  return due;
}

bool LifecycleRules::MayTransition(const Rule& rule, const LifecycleSubject& subject, std::string_view to) const {
  if (!rule.filter.Matches(subject)) return false;
  if (subject.size >= kTransitionBytesMin || rule.filter.larger_than || rule.filter.smaller_than) return true;
  return small_objects_to_archives_ && IsArchive(to);
}

std::optional<LifecycleDue> LifecycleRules::Transition(const LifecycleSubject& object, Instant modified,
                                                       std::string_view storage_class, Instant now) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    if (!rule.given.transitions) continue;
    for (const s3::Transition& transition : *rule.given.transitions) {
      const std::string& to = *transition.storage_class;
      const std::optional<Instant> at = When(modified, transition.days, transition.date);
      if (!at || *at > now || Coldness(to) <= Coldness(storage_class)) continue;
      if (MayTransition(rule, object, to)) KeepColder(due, *at, rule.given, to);
    }
  }
  return due;
}

std::optional<LifecycleDue> LifecycleRules::NoncurrentTransition(const LifecycleSubject& version, Instant since,
                                                                 int64_t newer, std::string_view storage_class,
                                                                 Instant now) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    if (!rule.given.noncurrent_version_transitions) continue;
    for (const NoncurrentVersionTransition& transition : *rule.given.noncurrent_version_transitions) {
      const std::string& to = *transition.storage_class;
      const std::optional<Instant> at = MidnightAfter(since, transition.noncurrent_days.value_or(0));
      if (!at || *at > now || Coldness(to) <= Coldness(storage_class)) continue;
      if (!KeepsEnough(transition.newer_noncurrent_versions, newer)) continue;
      if (MayTransition(rule, version, to)) KeepColder(due, *at, rule.given, to);
    }
  }
  return due;
}

// A rule with an age removes markers of that age too; it need not say ExpiredObjectDeleteMarker (S3 API Reference,
// LifecycleExpiration).
std::optional<LifecycleDue> LifecycleRules::LoneMarkerRemoval(std::string_view key, Instant made) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    const auto& expiration = rule.given.expiration;
    if (!expiration || !rule.filter.Matches({key, kNoTags})) continue;
    if (expiration->expired_object_delete_marker.value_or(false)) {
      KeepEarlier(due, MidnightAfter(made, 0), rule.given);
    } else if (expiration->days) {
      KeepEarlier(due, MidnightAfter(made, *expiration->days), rule.given);
    }
  }
  return due;
}

std::optional<LifecycleDue> LifecycleRules::Abort(std::string_view key, Instant initiated) const {
  std::optional<LifecycleDue> due;
  for (const Rule& rule : rules_) {
    const auto& abort = rule.given.abort_incomplete_multipart_upload;
    if (!abort || !key.starts_with(rule.filter.prefix)) continue;
    KeepEarlier(due, MidnightAfter(initiated, abort->days_after_initiation.value_or(0)), rule.given);
  }
  return due;
}

std::string ToExpirationHeader(const LifecycleDue& due) {
  return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", due.at.ToHttpDate(),
                     PercentEncode(due.rule_id, Slash::kEncode));
}

std::string ToStoredLifecycle(const GetBucketLifecycleConfigurationOutput& configuration) {
  return wire::ToStoredForm(StoredShape(), &configuration);
}

Result<GetBucketLifecycleConfigurationOutput> FromStoredLifecycle(std::string_view stored) {
  GetBucketLifecycleConfigurationOutput configuration;
  TRY(wire::FromStoredForm(StoredShape(), stored, &configuration));
  return configuration;
}

Result<LifecycleRulesPtr> LifecycleBook::RulesOf(const BucketRecord& bucket) const {
  if (!bucket.lifecycle) return LifecycleRulesPtr();
  LifecycleRulesPtr rules = known_.With([&](auto& known) {
    const auto found = known.find(bucket.name);
    return found != known.end() && found->second.text == *bucket.lifecycle ? found->second.rules : LifecycleRulesPtr();
  });
  if (rules) return rules;
  rules = std::make_shared<const LifecycleRules>(TRY(FromStoredLifecycle(*bucket.lifecycle)));
  known_.With([&](auto& known) {
    if (known.size() >= kParsedMax) known.clear();
    known.insert_or_assign(bucket.name, Entry{*bucket.lifecycle, rules});
  });
  return rules;
}

}  // namespace meetinity::s3
