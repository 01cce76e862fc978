#include "aws/s3/bucket_cache.h"

#include <thread>

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class BucketCacheTest : public S3Test {
 protected:
  BucketPtr FindInView() {
    return Must(database_->Read([&](const store::ReadTx& tx) { return cache_.Find(tx, kBucket); }));
  }

  BucketCache cache_;
};

TEST_F(BucketCacheTest, KeepsARecordUntilABucketChanges) {
  const BucketPtr first = FindInView();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(cache_.FindLatest(*database_, kBucket), first);
  Put("a key", "bytes");
  EXPECT_EQ(cache_.FindLatest(*database_, kBucket), first) << "an object is no bucket";

  SetVersioning("Enabled");
  EXPECT_EQ(cache_.FindLatest(*database_, kBucket), nullptr);
  const BucketPtr second = FindInView();
  EXPECT_EQ(second->versioning, Versioning::kEnabled);
  EXPECT_EQ(first->versioning, Versioning::kNever);
}

TEST_F(BucketCacheTest, ShowsAViewNothingThatWasCommittedAfterItBegan) {
  const auto seen = database_->Read([&](const store::ReadTx& tx) -> Result<Versioning> {
    EXPECT_TRUE(tx.Find<CurrentObject>(kBucket, std::string("none")).ok());  // which begins it
    std::thread([&] {
      SetVersioning("Enabled");
      EXPECT_EQ(FindInView()->versioning, Versioning::kEnabled);  // and keeps it
    }).join();
    return TRY(cache_.Find(tx, kBucket))->versioning;
  });
  EXPECT_EQ(Must(seen), Versioning::kNever);
}

TEST_F(BucketCacheTest, ShowsATransactionItsOwnChange) {
  (void)FindInView();
  Must(database_->Write([&](store::Tx& tx) -> Result<bool> {
    BucketRecord bucket = *TRY(cache_.Find(tx, kBucket));
    bucket.versioning = Versioning::kSuspended;
    TRY(tx.Put(bucket));
    EXPECT_EQ(TRY(cache_.Find(tx, kBucket))->versioning, Versioning::kSuspended);
    return true;
  }));
  EXPECT_EQ(FindInView()->versioning, Versioning::kSuspended);
}

TEST_F(BucketCacheTest, ForgetsWhatAnUndoneTransactionSaw) {
  const auto refused = database_->Write([&](store::Tx& tx) -> Status {
    BucketRecord bucket = *TRY(cache_.Find(tx, kBucket));
    bucket.versioning = Versioning::kEnabled;
    TRY(tx.Put(bucket));
    TRY(cache_.Find(tx, kBucket));
    return Error{Kind::kConflict, kInternalFailure, "undone"};
  });
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(FindInView()->versioning, Versioning::kNever);
}

TEST_F(BucketCacheTest, ForgetsABucketThatIsDeleted) {
  ASSERT_NE(FindInView(), nullptr);
  DeleteBucketInput in;
  in.bucket = kBucket;
  Must(s3_->DeleteBucket(Root(), in));
  EXPECT_EQ(cache_.FindLatest(*database_, kBucket), nullptr);
  EXPECT_EQ(FindInView(), nullptr);
}

TEST_F(BucketCacheTest, ForgetsAllWhenTheStateIsReset) {
  ASSERT_NE(FindInView(), nullptr);
  ASSERT_TRUE(database_->Clear().ok());
  EXPECT_EQ(cache_.FindLatest(*database_, kBucket), nullptr);
  EXPECT_EQ(FindInView(), nullptr);
}

}  // namespace
}  // namespace meetinity::s3
