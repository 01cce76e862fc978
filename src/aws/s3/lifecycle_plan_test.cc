#include "aws/s3/lifecycle_plan.h"

#include <gtest/gtest.h>

namespace meetinity::s3 {
namespace {

Instant At(std::string_view text) { return Instant::Utc(text); }

LifecycleRule Rule(const std::string& id) {
  LifecycleRule rule;
  rule.id = id;
  rule.filter = LifecycleRuleFilter{};
  rule.status = "Enabled";
  return rule;
}
LifecycleRule Expiring(int32_t days) {
  LifecycleRule rule = Rule("expire");
  rule.expiration = LifecycleExpiration{.days = days};
  return rule;
}
LifecycleRule Forgetting(int32_t days, std::optional<int32_t> newer = std::nullopt) {
  LifecycleRule rule = Rule("forget");
  rule.noncurrent_version_expiration =
      NoncurrentVersionExpiration{.newer_noncurrent_versions = newer, .noncurrent_days = days};
  return rule;
}
LifecycleRule Cleaning() {
  LifecycleRule rule = Rule("clean");
  rule.expiration = LifecycleExpiration{.expired_object_delete_marker = true};
  return rule;
}
LifecycleRule Cooling(int32_t days, const std::string& storage_class) {
  LifecycleRule rule = Rule("cool");
  rule.transitions = {{.days = days, .storage_class = storage_class}};
  return rule;
}

LifecycleRulesPtr Rules(std::vector<LifecycleRule> rules) {
  return std::make_shared<const LifecycleRules>(GetBucketLifecycleConfigurationOutput{.rules = std::move(rules)});
}

LifecycleRow ObjectRow(int64_t sequence, std::string_view modified) {
  return {"b", "k", sequence, "v" + std::to_string(sequence), false, At(modified), uint64_t{1} << 20, "STANDARD", {}};
}
LifecycleRow Marker(int64_t sequence, std::string_view modified) {
  LifecycleRow row = ObjectRow(sequence, modified);
  row.delete_marker = true;
  row.size = 0;
  return row;
}

// "expire 2 @2024-01-09", and so on.
std::vector<std::string> Planned(std::vector<LifecycleRule> rules, const std::vector<LifecycleRow>& rows,
                                 std::string_view now, Versioning versioning = Versioning::kEnabled) {
  LifecyclePlanner planner(Rules(std::move(rules)), versioning, At(now));
  std::vector<LifecycleAction> actions;
  for (const LifecycleRow& row : rows) planner.Take(row, actions);
  planner.Finish(actions);
  std::vector<std::string> texts;
  for (const LifecycleAction& action : actions) {
    constexpr std::string_view kNames[] = {"expire", "remove", "clean", "move"};
    std::string text(kNames[static_cast<size_t>(action.deed)]);
    text += " " + std::to_string(action.sequence);
    if (!action.storage_class.empty()) text += " to " + action.storage_class;
    texts.push_back(text + " @" + action.at.ToIso8601().substr(0, 10));
  }
  return texts;
}
using Texts = std::vector<std::string>;

TEST(Lifecycle, RoundsAgesUpToTheNextMidnight) {
  EXPECT_EQ(MidnightAfter(At("2024-01-15T10:30:00Z"), 3), At("2024-01-19T00:00:00Z"));
  EXPECT_EQ(MidnightAfter(At("2024-01-15T00:00:00Z"), 3), At("2024-01-18T00:00:00Z"));
  EXPECT_EQ(MidnightAfter(At("2024-01-15T00:00:00.000000001Z"), 0), At("2024-01-16T00:00:00Z"));
  EXPECT_EQ(MidnightAfter(At("2024-01-15T10:30:00Z"), 2'147'483'647), std::nullopt);
  EXPECT_TRUE(Planned({Expiring(3)}, {ObjectRow(1, "2024-01-15T10:30:00Z")}, "2024-01-18T23:59:59Z").empty());
  EXPECT_EQ(Planned({Expiring(3)}, {ObjectRow(1, "2024-01-15T10:30:00Z")}, "2024-01-19T00:00:00Z"),
            Texts{"expire 1 @2024-01-19"});
}

TEST(Lifecycle, ExpiresAnUnversionedObjectForGood) {
  EXPECT_EQ(Planned({Expiring(1), Forgetting(1), Cleaning()}, {ObjectRow(1, "2024-01-01T01:00:00Z")},
                    "2025-01-01T00:00:00Z", Versioning::kNever),
            Texts{"expire 1 @2024-01-03"});
}

TEST(Lifecycle, ReplaysWhatFollowsFromAnExpiration) {
  const std::vector<LifecycleRow> rows{ObjectRow(1, "2024-01-01T01:00:00Z")};
  const std::vector<LifecycleRule> rules{Expiring(1), Forgetting(30)};
  EXPECT_EQ(Planned(rules, rows, "2024-01-03T00:00:00Z"), Texts{"expire 1 @2024-01-03"});
  EXPECT_EQ(Planned(rules, rows, "2024-02-01T23:00:00Z"), Texts{"expire 1 @2024-01-03"});
  // Noncurrent for thirty days; then its marker hides nothing, and is older than a day.
  EXPECT_EQ(Planned(rules, rows, "2024-02-02T00:00:00Z"),
            (Texts{"expire 1 @2024-01-03", "remove 1 @2024-02-02", "clean 2 @2024-02-02"}));
}

TEST(Lifecycle, CountsNoncurrentDaysFromTheSuccessor) {
  const std::vector<LifecycleRow> rows{ObjectRow(3, "2024-01-20T12:00:00Z"), ObjectRow(2, "2024-01-10T12:00:00Z"),
                                       ObjectRow(1, "2024-01-01T12:00:00Z")};
  EXPECT_EQ(Planned({Forgetting(5)}, rows, "2024-01-16T00:00:00Z"), Texts{"remove 1 @2024-01-16"});
  EXPECT_EQ(Planned({Forgetting(5)}, rows, "2024-01-26T00:00:00Z"),
            (Texts{"remove 2 @2024-01-26", "remove 1 @2024-01-16"}));
  EXPECT_EQ(Planned({Forgetting(5, 1)}, rows, "2024-02-26T00:00:00Z"), Texts{"remove 1 @2024-01-16"});
  EXPECT_TRUE(Planned({Forgetting(5, 2)}, rows, "2024-02-26T00:00:00Z").empty());
}

TEST(Lifecycle, RemovesMarkersThatHideNothing) {
  EXPECT_EQ(Planned({Cleaning()}, {Marker(4, "2024-01-01T12:00:00Z")}, "2024-01-02T00:00:00Z"),
            Texts{"clean 4 @2024-01-02"});
  EXPECT_EQ(Planned({Expiring(10)}, {Marker(4, "2024-01-01T12:00:00Z")}, "2024-01-12T00:00:00Z"),
            Texts{"clean 4 @2024-01-12"});
  EXPECT_TRUE(Planned({Expiring(10)}, {Marker(4, "2024-01-01T12:00:00Z")}, "2024-01-11T00:00:00Z").empty());
  EXPECT_TRUE(Planned({Cleaning()}, {Marker(4, "2024-01-01T12:00:00Z"), ObjectRow(3, "2024-01-01T11:00:00Z")},
                      "2024-02-02T00:00:00Z")
                  .empty());
  EXPECT_TRUE(Planned({Forgetting(1)}, {Marker(4, "2024-01-01T12:00:00Z")}, "2025-01-01T00:00:00Z").empty());
}

TEST(Lifecycle, TreatsOldMarkersAsNoncurrentVersions) {
  EXPECT_EQ(Planned({Forgetting(1), Cleaning()}, {Marker(5, "2024-01-03T00:00:00Z"), Marker(4, "2024-01-01T12:00:00Z")},
                    "2024-01-04T00:00:00Z"),
            (Texts{"remove 4 @2024-01-04", "clean 5 @2024-01-04"}));
}

TEST(Lifecycle, ReplacesTheNullVersionWhereVersioningIsSuspended) {
  LifecycleRow current = ObjectRow(3, "2024-01-01T01:00:00Z"), old = ObjectRow(2, "2024-01-01T00:30:00Z");
  old.version_id = kNullVersion;
  EXPECT_EQ(Planned({Expiring(1), Forgetting(400)}, {current, old}, "2024-02-01T00:00:00Z", Versioning::kSuspended),
            Texts{"expire 3 @2024-01-03"});
  current.version_id = kNullVersion;
  EXPECT_EQ(Planned({Expiring(1), Cleaning()}, {current}, "2024-02-01T00:00:00Z", Versioning::kSuspended),
            (Texts{"expire 3 @2024-01-03", "clean 4 @2024-01-03"}));
}

TEST(Lifecycle, MovesObjectsToColderClassesOnly) {
  LifecycleRow row = ObjectRow(1, "2024-01-01T00:00:00Z");
  std::vector<LifecycleRule> rules{Cooling(30, "STANDARD_IA"), Cooling(60, "GLACIER_IR")};
  EXPECT_TRUE(Planned(rules, {row}, "2024-01-30T23:59:59Z").empty());
  EXPECT_EQ(Planned(rules, {row}, "2024-01-31T00:00:00Z"), Texts{"move 1 to STANDARD_IA @2024-01-31"});
  EXPECT_EQ(Planned(rules, {row}, "2024-03-31T00:00:00Z"), Texts{"move 1 to GLACIER_IR @2024-03-01"});
  row.storage_class = "GLACIER_IR";
  EXPECT_TRUE(Planned(rules, {row}, "2024-03-31T00:00:00Z").empty());
}

TEST(Lifecycle, LeavesSmallObjectsWhereTheyAreUnlessARuleNamesSizes) {
  LifecycleRow row = ObjectRow(1, "2024-01-01T00:00:00Z");
  row.size = 128 * 1024 - 1;
  LifecycleRule rule = Cooling(30, "STANDARD_IA");
  EXPECT_TRUE(Planned({rule}, {row}, "2024-03-31T00:00:00Z").empty());
  rule.filter->object_size_greater_than = 1000;
  EXPECT_EQ(Planned({rule}, {row}, "2024-03-31T00:00:00Z").size(), 1U);
}

TEST(Lifecycle, AsksPrefixTagsAndSizesTogether) {
  LifecycleRule rule = Expiring(1);
  rule.filter->and_ = LifecycleRuleAndOperator{.object_size_greater_than = 10,
                                               .object_size_less_than = 20,
                                               .prefix = "k",
                                               .tags = std::vector<Tag>{{"keep", "no"}, {"by", "me"}}};
  LifecycleRow row = ObjectRow(1, "2024-01-01T00:00:00Z");
  row.size = 11;
  row.tags = {{"keep", "no"}, {"by", "me"}, {"more", "still"}};
  const auto count = [&] { return Planned({rule}, {row}, "2024-03-31T00:00:00Z").size(); };
  EXPECT_EQ(count(), 1U);
  row.size = 10;
  EXPECT_EQ(count(), 0U);
  row.size = 20;
  EXPECT_EQ(count(), 0U);
  row.size = 19;
  EXPECT_EQ(count(), 1U);
  row.tags["by"] = "you";
  EXPECT_EQ(count(), 0U);
  row.tags["by"] = "me";
  row.key = "other";
  EXPECT_EQ(count(), 0U);
}

TEST(Lifecycle, KeepsToDatesAndIgnoresDisabledRules) {
  LifecycleRule rule = Rule("on a day");
  rule.expiration = LifecycleExpiration{.date = At("2024-06-01T00:00:00Z")};
  EXPECT_TRUE(Planned({rule}, {ObjectRow(1, "2024-01-01T00:00:00Z")}, "2024-05-31T23:59:59Z").empty());
  EXPECT_EQ(Planned({rule}, {ObjectRow(1, "2024-01-01T00:00:00Z")}, "2024-06-02T00:00:00Z"),
            Texts{"expire 1 @2024-06-01"});
  EXPECT_EQ(Planned({rule}, {ObjectRow(1, "2024-07-01T10:00:00Z")}, "2024-07-03T00:00:00Z"),
            Texts{"expire 1 @2024-07-02"});
  rule.status = "Disabled";
  EXPECT_TRUE(Planned({rule}, {ObjectRow(1, "2024-01-01T00:00:00Z")}, "2024-07-02T00:00:00Z").empty());
}

TEST(Lifecycle, TellsKeysApart) {
  LifecycleRow first = ObjectRow(1, "2024-01-01T00:00:00Z"), second = ObjectRow(1, "2024-01-01T00:00:00Z");
  first.key = "a";
  second.key = "b";
  EXPECT_EQ(Planned({Expiring(1)}, {first, second}, "2024-01-02T00:00:00Z"),
            (Texts{"expire 1 @2024-01-02", "expire 1 @2024-01-02"}));
}

TEST(Lifecycle, WritesTheHeaderAsS3Does) {
  EXPECT_EQ(ToExpirationHeader({At("2012-12-23T00:00:00Z"), "logs & more"}),
            "expiry-date=\"Sun, 23 Dec 2012 00:00:00 GMT\", rule-id=\"logs%20%26%20more\"");
}

}  // namespace
}  // namespace meetinity::s3
