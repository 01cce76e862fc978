#include "aws/s3/lifecycle_pass.h"

#include "aws/s3/lifecycle_runner.h"
#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

using std::chrono::hours;

class Lifecycles : public S3Test {
 protected:
  static LifecycleRule Rule(const std::string& id, const std::string& prefix = "") {
    LifecycleRule rule;
    rule.id = id;
    rule.filter = LifecycleRuleFilter{.prefix = prefix};
    rule.status = "Enabled";
    return rule;
  }
  void Ask(std::vector<LifecycleRule> rules) {
    PutBucketLifecycleConfigurationInput in;
    in.bucket = kBucket;
    in.lifecycle_configuration = BucketLifecycleConfiguration{.rules = std::move(rules)};
    Must(s3_->PutBucketLifecycleConfiguration(Root(), in));
  }
  void AskForAll() {
    LifecycleRule expire = Rule("expire"), forget = Rule("forget"), abort = Rule("abort"), cool = Rule("cool", "big/");
    expire.expiration = LifecycleExpiration{.days = 10};
    forget.noncurrent_version_expiration = NoncurrentVersionExpiration{.noncurrent_days = 5};
    abort.abort_incomplete_multipart_upload = AbortIncompleteMultipartUpload{.days_after_initiation = 3};
    cool.transitions = {{.days = 1, .storage_class = "GLACIER_IR"}};
    Ask({expire, forget, abort, cool});
  }
  LifecycleTally Run() {
    LifecyclePass pass(*database_, *blobs_, clock_.Now());
    while (Must(pass.Step())) {
    }
    return pass.tally();
  }
  size_t VersionsAndMarkers() {
    ListObjectVersionsInput in;
    in.bucket = kBucket;
    const ListObjectVersionsOutput out = Must(s3_->ListObjectVersions(Root(), in));
    return out.versions->size() + out.delete_markers->size();
  }
  std::string Begin(const std::string& key) {
    CreateMultipartUploadInput in;
    in.bucket = kBucket;
    in.key = key;
    return *Must(s3_->CreateMultipartUpload(Root(), in)).upload_id;
  }
};

TEST_F(Lifecycles, AreKeptAsTheyWereGiven) {
  AskForAll();
  GetBucketLifecycleConfigurationInput in;
  in.bucket = kBucket;
  const auto kept = Must(s3_->GetBucketLifecycleConfiguration(Root(), in));
  ASSERT_EQ(kept.rules->size(), 4U);
  EXPECT_EQ((*kept.rules)[3].filter->prefix, "big/");
  EXPECT_EQ((*(*kept.rules)[3].transitions)[0].storage_class, "GLACIER_IR");
  EXPECT_EQ(kept.transition_default_minimum_object_size, "all_storage_classes_128K");
  DeleteBucketLifecycleInput gone;
  gone.bucket = kBucket;
  Must(s3_->DeleteBucketLifecycle(Root(), gone));
  EXPECT_EQ(Refusal(s3_->GetBucketLifecycleConfiguration(Root(), in)), kNoSuchLifecycleConfiguration);
}

TEST_F(Lifecycles, ExpireUnversionedObjectsAndTheirBytes) {
  AskForAll();
  Put("a", "aaa");
  clock_.Advance(hours(24) * 9);
  Put("b", "bbb");
  EXPECT_EQ(Run().total(), 0);
  clock_.Advance(hours(24) * 2);
  EXPECT_EQ(Run().expired, 1);
  EXPECT_EQ(Refusal(Get("a")), kNoSuchKey);
  EXPECT_EQ(Read("b"), "bbb");
  EXPECT_EQ(VersionsAndMarkers(), 1U);
  EXPECT_EQ(SweepUnreferenced(), 0U);
  EXPECT_EQ(Run().total(), 0);
}

TEST_F(Lifecycles, LeaveNothingOfAVersionedKeyInTheEnd) {
  SetVersioning("Enabled");
  AskForAll();
  Put("a", "one");
  Put("a", "two");
  clock_.Advance(hours(24) * 7);
  EXPECT_EQ(Run().removed, 1);
  EXPECT_EQ(Read("a"), "two");
  clock_.Advance(hours(24) * 5);
  EXPECT_EQ(Run().expired, 1);
  EXPECT_EQ(Refusal(Get("a")), kNoSuchKey);
  EXPECT_EQ(VersionsAndMarkers(), 2U);
  clock_.Advance(hours(24) * 12);
  const LifecycleTally last = Run();
  EXPECT_EQ(last.removed, 1);
  EXPECT_EQ(last.markers_removed, 1);
  EXPECT_EQ(VersionsAndMarkers(), 0U);
  EXPECT_EQ(SweepUnreferenced(), 0U);
}

TEST_F(Lifecycles, CatchUpInOnePassWithWhatWasMissed) {
  SetVersioning("Enabled");
  AskForAll();
  Put("a", "one");
  Put("a", "two");
  clock_.Advance(hours(24) * 35);
  const LifecycleTally tally = Run();
  EXPECT_EQ(tally.expired, 1);
  EXPECT_EQ(tally.removed, 2);
  EXPECT_EQ(tally.markers_removed, 1);
  EXPECT_EQ(VersionsAndMarkers(), 0U);
}

TEST_F(Lifecycles, ReplaceTheNullVersionOfASuspendedBucket) {
  SetVersioning("Enabled");
  Put("a", "one");
  SetVersioning("Suspended");
  Put("a", "null");
  LifecycleRule expire = Rule("expire");
  expire.expiration = LifecycleExpiration{.days = 1};
  Ask({expire});
  clock_.Advance(hours(72));
  EXPECT_EQ(Run().expired, 1);
  EXPECT_EQ(VersionsAndMarkers(), 2U);  // "one", and the null marker
  EXPECT_EQ(SweepUnreferenced(), 0U);
}

TEST_F(Lifecycles, ChangeTheStorageClassAndNothingElse) {
  LifecycleRule cool = Rule("cool");
  cool.transitions = {{.days = 1, .storage_class = "GLACIER_IR"}};
  Ask({cool});
  const std::string bytes(200'000, 'x');
  Put("a", bytes);
  Put("small", "x");
  const auto before = Must(Get("a"));
  clock_.Advance(hours(72));
  EXPECT_EQ(Run().transitions, 1);
  const auto after = Must(Get("a"));
  EXPECT_EQ(after.storage_class, "GLACIER_IR");
  EXPECT_EQ(after.e_tag, before.e_tag);
  EXPECT_EQ(after.last_modified, before.last_modified);
  EXPECT_EQ(Read("a"), bytes);
  EXPECT_FALSE(Must(Get("small")).storage_class);
  EXPECT_EQ(Run().transitions, 0);
}

TEST_F(Lifecycles, GiveUpUploadsThatNobodyCompletes) {
  AskForAll();
  const std::string old_upload = Begin("u");
  UploadPartInput part;
  part.bucket = kBucket;
  part.key = "u";
  part.upload_id = old_upload;
  part.part_number = 1;
  part.body = Stage("part");
  Must(s3_->UploadPart(Root(), part));
  for (int i = 0; i < 25; ++i) Begin("v" + std::to_string(i));
  clock_.Advance(hours(24) * 4);
  const std::string fresh = Begin("w");
  EXPECT_EQ(Run().uploads_aborted, 26);
  ListMultipartUploadsInput in;
  in.bucket = kBucket;
  const auto left = Must(s3_->ListMultipartUploads(Root(), in));
  ASSERT_EQ(left.uploads->size(), 1U);
  EXPECT_EQ((*left.uploads)[0].upload_id, fresh);
  EXPECT_EQ(SweepUnreferenced(), 0U);
}

TEST_F(Lifecycles, SayWhenAnObjectOrAnUploadGoes) {
  Put("before", "x");
  EXPECT_FALSE(Must(Get("before")).expiration);
  AskForAll();
  // Ten days after 03:00 on the first, at the next midnight.
  const std::string expected = "expiry-date=\"Fri, 12 Jan 2024 00:00:00 GMT\", rule-id=\"expire\"";
  EXPECT_EQ(Put("a", "x").expiration, expected);
  EXPECT_EQ(Must(Get("before")).expiration, expected);
  HeadObjectInput head;
  head.bucket = kBucket;
  head.key = "a";
  EXPECT_EQ(Must(s3_->HeadObject(Root(), head)).expiration, expected);
  CreateMultipartUploadInput in;
  in.bucket = kBucket;
  in.key = "u";
  const auto upload = Must(s3_->CreateMultipartUpload(Root(), in));
  EXPECT_EQ(upload.abort_date, Instant::Utc("2024-01-05T00:00:00Z"));
  EXPECT_EQ(upload.abort_rule_id, "abort");
}

TEST_F(Lifecycles, WalkManyKeysInManySteps) {
  SetVersioning("Enabled");
  for (int i = 0; i < 130; ++i)
    for (int version = 0; version < 2; ++version) Put(fmt::format("k{:03}", i), "x");
  for (int version = 0; version < 230; ++version) Put("many", "x");
  AskForAll();
  clock_.Advance(hours(24) * 40);
  LifecyclePass pass(*database_, *blobs_, clock_.Now());
  int steps = 0;
  while (Must(pass.Step())) ++steps;
  EXPECT_GT(steps, 3);
  EXPECT_EQ(pass.tally().expired, 131);
  EXPECT_EQ(pass.tally().removed, 260 + 230);
  EXPECT_EQ(pass.tally().markers_removed, 131);
  EXPECT_EQ(VersionsAndMarkers(), 0U);
}

TEST_F(Lifecycles, DoNotActOnRulesThatWereTakenBack) {
  for (int i = 0; i < 450; ++i) Put(fmt::format("k{:03}", i), "");
  AskForAll();
  clock_.Advance(hours(24) * 40);
  LifecyclePass pass(*database_, *blobs_, clock_.Now());
  ASSERT_TRUE(Must(pass.Step()));
  EXPECT_EQ(pass.tally().expired, 200);
  DeleteBucketLifecycleInput gone;
  gone.bucket = kBucket;
  Must(s3_->DeleteBucketLifecycle(Root(), gone));
  while (Must(pass.Step())) {
  }
  EXPECT_EQ(pass.tally().expired, 200);
}

TEST_F(Lifecycles, RunAtStartAndWheneverTheClockWasMoved) {
  AskForAll();
  Put("a", "x");
  clock_.Advance(hours(24) * 40);
  LifecycleRunner runner(*database_, *blobs_, clock_);
  ASSERT_TRUE(runner.CatchUp(std::chrono::seconds(30)));
  EXPECT_EQ(Refusal(Get("a")), kNoSuchKey);
  Put("b", "x");
  clock_.Advance(hours(24) * 40);
  ASSERT_TRUE(runner.CatchUp(std::chrono::seconds(30)));
  EXPECT_EQ(Refusal(Get("b")), kNoSuchKey);
  runner.Stop();
  EXPECT_FALSE(runner.CatchUp(std::chrono::seconds(30)));
}

}  // namespace
}  // namespace meetinity::s3
