#include <gtest/gtest.h>

#include <functional>

#include "aws/s3/errors.h"
#include "aws/s3/lifecycle.h"

namespace meetinity::s3 {
namespace {

LifecycleRule Plain() {
  LifecycleRule rule;
  rule.filter = LifecycleRuleFilter{.prefix = "logs/"};
  rule.expiration = LifecycleExpiration{.days = 60};
  rule.status = "Enabled";
  return rule;
}

std::string_view RefusalOf(std::vector<LifecycleRule> rules) {
  const Status status = CheckLifecycle(rules);
  return status.ok() ? std::string_view() : status.error().name;
}

TEST(LifecycleCheck, NamesRulesThatCameWithoutAnId) {
  std::vector<LifecycleRule> rules{Plain(), Plain()};
  ASSERT_TRUE(CheckLifecycle(rules).ok());
  EXPECT_EQ(rules[0].id->size(), 48U);
  EXPECT_NE(*rules[0].id, *rules[1].id);
}

TEST(LifecycleCheck, BoundsTheNumberOfRules) {
  EXPECT_EQ(RefusalOf({}), kMalformedXml);
  EXPECT_EQ(RefusalOf(std::vector<LifecycleRule>(1000, Plain())), "");
  EXPECT_EQ(RefusalOf(std::vector<LifecycleRule>(1001, Plain())), kInvalidRequest);
  LifecycleRule named = Plain();
  named.id = "same";
  EXPECT_EQ(RefusalOf({named, named}), kInvalidArgument);
}

struct Case {
  std::string_view what;
  std::string_view refusal;  // "": accepted
  std::function<void(LifecycleRule&)> edit;
};

Transition To(const std::string& storage_class, std::optional<int32_t> days) {
  return {.days = days, .storage_class = storage_class};
}

const Case kCases[] = {
    {"a plain rule", "", [](LifecycleRule&) {}},
    {"an empty filter", "", [](LifecycleRule& rule) { rule.filter = LifecycleRuleFilter{}; }},
    {"a prefix of the old kind", "",
     [](LifecycleRule& rule) {
       rule.filter.reset();
       rule.prefix = "";
     }},
    {"neither filter nor prefix", kMalformedXml, [](LifecycleRule& rule) { rule.filter.reset(); }},
    {"both filter and prefix", kMalformedXml, [](LifecycleRule& rule) { rule.prefix = "logs/"; }},
    {"an unknown status", kMalformedXml, [](LifecycleRule& rule) { rule.status = "On"; }},
    {"a long id", kInvalidArgument, [](LifecycleRule& rule) { rule.id = std::string(256, 'x'); }},
    {"nothing to do", kInvalidRequest, [](LifecycleRule& rule) { rule.expiration.reset(); }},
    {"two predicates without And", kMalformedXml,
     [](LifecycleRule& rule) { rule.filter->tag = Tag{.key = "a", .value = "b"}; }},
    {"an And of one", kMalformedXml,
     [](LifecycleRule& rule) {
       rule.filter = LifecycleRuleFilter{.and_ = LifecycleRuleAndOperator{.prefix = "logs/"}};
     }},
    {"an And of two tags", "",
     [](LifecycleRule& rule) {
       rule.filter =
           LifecycleRuleFilter{.and_ = LifecycleRuleAndOperator{
                                   .tags = std::vector<Tag>{{.key = "a", .value = ""}, {.key = "b", .value = ""}}}};
     }},
    {"sizes that nothing is between", kInvalidRequest,
     [](LifecycleRule& rule) {
       rule.filter = LifecycleRuleFilter{
           .and_ = LifecycleRuleAndOperator{.object_size_greater_than = 10, .object_size_less_than = 11}};
     }},
    {"no days at all", kInvalidArgument, [](LifecycleRule& rule) { rule.expiration->days = 0; }},
    {"days and a date", kMalformedXml,
     [](LifecycleRule& rule) { rule.expiration->date = Instant::Utc("2024-01-01T00:00:00Z"); }},
    {"a date at noon", kInvalidArgument,
     [](LifecycleRule& rule) { rule.expiration = LifecycleExpiration{.date = Instant::Utc("2024-01-01T12:00:00Z")}; }},
    {"a date at midnight", "",
     [](LifecycleRule& rule) { rule.expiration = LifecycleExpiration{.date = Instant::Utc("2024-01-01T00:00:00Z")}; }},
    {"lone markers by tag", kInvalidRequest,
     [](LifecycleRule& rule) {
       rule.expiration = LifecycleExpiration{.expired_object_delete_marker = true};
       rule.filter = LifecycleRuleFilter{.tag = Tag{.key = "a", .value = "b"}};
     }},
    {"a transition in time", "", [](LifecycleRule& rule) { rule.transitions = {To("STANDARD_IA", 30)}; }},
    {"infrequent access after a week", kInvalidArgument,
     [](LifecycleRule& rule) { rule.transitions = {To("ONEZONE_IA", 7)}; }},
    {"instant retrieval at once", "", [](LifecycleRule& rule) { rule.transitions = {To("GLACIER_IR", 0)}; }},
    {"a transition of what is gone", kInvalidArgument,
     [](LifecycleRule& rule) { rule.transitions = {To("GLACIER_IR", 60)}; }},
    {"a class twice", kInvalidRequest,
     [](LifecycleRule& rule) {
       rule.transitions = {To("GLACIER_IR", 1), To("GLACIER_IR", 2)};
     }},
    {"a class that is none to go to", kMalformedXml,
     [](LifecycleRule& rule) { rule.transitions = {To("STANDARD", 30)}; }},
    {"an archive", kNotImplemented, [](LifecycleRule& rule) { rule.transitions = {To("DEEP_ARCHIVE", 30)}; }},
    {"a transition without a time", kMalformedXml,
     [](LifecycleRule& rule) { rule.transitions = {To("GLACIER_IR", std::nullopt)}; }},
    {"dates beside days", kInvalidRequest,
     [](LifecycleRule& rule) {
       rule.transitions = {{.date = Instant::Utc("2024-01-01T00:00:00Z"), .storage_class = "GLACIER_IR"}};
     }},
    {"noncurrent versions, no days", kMalformedXml,
     [](LifecycleRule& rule) { rule.noncurrent_version_expiration.emplace(); }},
    {"noncurrent versions after none", kInvalidArgument,
     [](LifecycleRule& rule) {
       rule.noncurrent_version_expiration = NoncurrentVersionExpiration{.noncurrent_days = 0};
     }},
    {"a hundred and one newer ones", kInvalidArgument,
     [](LifecycleRule& rule) {
       rule.noncurrent_version_expiration =
           NoncurrentVersionExpiration{.newer_noncurrent_versions = 101, .noncurrent_days = 1};
     }},
    {"noncurrent versions that move when they are gone", kInvalidArgument,
     [](LifecycleRule& rule) {
       rule.noncurrent_version_expiration = NoncurrentVersionExpiration{.noncurrent_days = 30};
       rule.noncurrent_version_transitions = {{.noncurrent_days = 30, .storage_class = "STANDARD_IA"}};
     }},
    {"uploads after a week", "",
     [](LifecycleRule& rule) {
       rule.abort_incomplete_multipart_upload = AbortIncompleteMultipartUpload{.days_after_initiation = 7};
     }},
    {"uploads after no day", kInvalidArgument,
     [](LifecycleRule& rule) {
       rule.abort_incomplete_multipart_upload = AbortIncompleteMultipartUpload{.days_after_initiation = 0};
     }},
    {"uploads by tag", kInvalidRequest,
     [](LifecycleRule& rule) {
       rule.abort_incomplete_multipart_upload = AbortIncompleteMultipartUpload{.days_after_initiation = 7};
       rule.filter = LifecycleRuleFilter{.tag = Tag{.key = "a", .value = "b"}};
     }},
};

TEST(LifecycleCheck, RefusesWhatS3Refuses) {
  for (const Case& each : kCases) {
    LifecycleRule rule = Plain();
    each.edit(rule);
    EXPECT_EQ(RefusalOf({rule}), each.refusal) << each.what;
  }
}

}  // namespace
}  // namespace meetinity::s3
