#include "aws/s3/versions.h"

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class VersionedBucket : public S3Test {
 protected:
  VersionedBucket() { SetVersioning("Enabled"); }

  // "1 d 2*" for versions and delete markers, newest first, the latest starred.
  std::string History(const std::string& key) {
    ListObjectVersionsInput in;
    in.bucket = kBucket;
    in.prefix = key;
    const auto out = Must(s3_->ListObjectVersions(Root(), in));
    std::map<std::string, std::string> marks;  // by id, in the order of the database
    std::string history;
    for (const auto& version : *out.versions)
      if (version.key == key)
        marks[*version.version_id] = Read(key, version.version_id) + (*version.is_latest ? "*" : "");
    for (const auto& marker : *out.delete_markers)
      if (marker.key == key) marks[*marker.version_id] = *marker.is_latest ? "d*" : "d";
    std::vector<std::string> order =
        Must(database_->Read([&](const store::ReadTx& tx) -> Result<std::vector<std::string>> {
          std::vector<std::string> ids;
          for (const ListedAny& row :
               TRY(tx.Select<ListedAny>("bucket = ? AND key = ? ORDER BY key, sequence DESC", {kBucket, key})))
            ids.push_back(row.version_id);
          return ids;
        }));
    for (const std::string& id : order) history += (history.empty() ? "" : " ") + marks.at(id);
    return history;
  }
  Result<GetObjectOutput> GetResult(const std::string& key) { return Get(key); }
};

TEST_F(VersionedBucket, KeepsEveryVersion) {
  const auto first = Put("a", "1"), second = Put("a", "2");
  EXPECT_NE(first.version_id, second.version_id);
  EXPECT_EQ(Read("a"), "2");
  EXPECT_EQ(Read("a", first.version_id), "1");
  EXPECT_EQ(Must(Get("a")).version_id, second.version_id);
  EXPECT_EQ(History("a"), "2* 1");
}

TEST_F(VersionedBucket, HidesADeletedKeyBehindAMarker) {
  const auto put = Put("a", "1");
  const auto deleted = Must(Delete("a"));
  EXPECT_EQ(deleted.delete_marker, true);
  const auto missing = Get("a");
  EXPECT_EQ(Refusal(missing), kNoSuchKey);
  EXPECT_EQ(FieldOf(missing.error(), "x-amz-delete-marker"), "true");
  EXPECT_EQ(FieldOf(missing.error(), "x-amz-version-id"), *deleted.version_id);
  EXPECT_EQ(Read("a", put.version_id), "1");
  EXPECT_EQ(History("a"), "d* 1");
}

TEST_F(VersionedBucket, RefusesToReadAMarker) {
  Put("a", "1");
  const auto marker = Must(Delete("a")).version_id;
  const auto refused = Get("a", marker);
  EXPECT_EQ(Refusal(refused), kMethodNotAllowed);
  EXPECT_EQ(FieldOf(refused.error(), "allow"), "DELETE");
}

TEST_F(VersionedBucket, BringsAnObjectBackWhenItsMarkerGoes) {
  Put("a", "1");
  const auto marker = Must(Delete("a")).version_id;
  const auto undone = Must(Delete("a", marker));
  EXPECT_EQ(undone.delete_marker, true);
  EXPECT_EQ(undone.version_id, marker);
  EXPECT_EQ(Read("a"), "1");
  EXPECT_EQ(History("a"), "1*");
}

TEST_F(VersionedBucket, PutsTheOlderVersionInFrontWhenTheNewestGoes) {
  Put("a", "1");
  Put("a", "2");
  const auto third = Put("a", "3");
  Must(Delete("a", third.version_id));
  EXPECT_EQ(Read("a"), "2");
  EXPECT_EQ(History("a"), "2* 1");
}

TEST_F(VersionedBucket, LeavesAMarkerInFrontWhenAnOlderVersionGoes) {
  const auto put = Put("a", "1");
  Must(Delete("a"));
  Must(Delete("a", put.version_id));
  EXPECT_EQ(History("a"), "d*");
  EXPECT_EQ(Refusal(Get("a")), kNoSuchKey);
}

TEST_F(VersionedBucket, StacksMarkers) {
  Put("a", "1");
  Must(Delete("a"));
  Must(Delete("a"));
  EXPECT_EQ(History("a"), "d* d 1");
  Put("a", "2");
  EXPECT_EQ(History("a"), "2* d d 1");
}

TEST_F(VersionedBucket, TellsUnknownVersionsFromMalformedOnes) {
  Put("a", "1");
  EXPECT_EQ(Refusal(Get("a", std::string(32, 'x'))), kNoSuchVersion);
  EXPECT_EQ(Refusal(Get("a", "bad")), kInvalidArgument);
  EXPECT_EQ(Refusal(Delete("a", "bad")), kInvalidArgument);
  EXPECT_EQ(Refusal(Delete("a", std::string(32, 'x'))), "") << "deleting what is not there is no error";
}

TEST_F(VersionedBucket, FreesBytesWithTheVersionOnly) {
  PutObjectInput in = PutInput("a");
  in.body = Stage("old");
  const auto old = Must(s3_->PutObject(Root(), in));
  Put("a", "new");
  EXPECT_TRUE(blobs_->OpenBlob(in.body->blob).ok());
  Must(Delete("a", old.version_id));
  EXPECT_FALSE(blobs_->OpenBlob(in.body->blob).ok());
}

TEST_F(VersionedBucket, SuspendedReplacesTheNullVersionAndKeepsTheOthers) {
  Put("a", "1");
  SetVersioning("Suspended");
  const auto null_put = Put("a", "n1");
  EXPECT_FALSE(null_put.version_id);
  EXPECT_EQ(Must(Get("a")).version_id, "null");
  Put("a", "n2");
  EXPECT_EQ(History("a"), "n2* 1");
  EXPECT_EQ(Read("a", "null"), "n2");
  SetVersioning("Enabled");
  Put("a", "2");
  EXPECT_EQ(History("a"), "2* n2 1");
  SetVersioning("Suspended");
  Put("a", "n3");
  EXPECT_EQ(History("a"), "n3* 2 1") << "the archived null version makes way";
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(VersionedBucket, SuspendedDeletesWithANullMarker) {
  Put("a", "1");
  SetVersioning("Suspended");
  Put("a", "n1");
  const auto deleted = Must(Delete("a"));
  EXPECT_EQ(deleted.delete_marker, true);
  EXPECT_EQ(deleted.version_id, "null");
  EXPECT_EQ(History("a"), "d* 1");
  Must(Delete("a", "null"));
  EXPECT_EQ(History("a"), "1*");
}

TEST_F(S3Test, NeverVersionedDeletesForGood) {
  Put("a", "1");
  const auto deleted = Must(Delete("a"));
  EXPECT_FALSE(deleted.delete_marker);
  EXPECT_FALSE(deleted.version_id);
  EXPECT_EQ(FieldOf(Get("a").error(), "x-amz-delete-marker"), "");
  Must(Delete("a"));
}

TEST_F(S3Test, NeverVersionedKnowsItsObjectAsNull) {
  Put("a", "1");
  EXPECT_EQ(Read("a", "null"), "1");
  Must(Delete("a", "null"));
  EXPECT_EQ(Refusal(Get("a")), kNoSuchKey);
}

TEST_F(S3Test, ObjectsFromBeforeVersioningBecomeNullVersions) {
  Put("a", "before");
  SetVersioning("Enabled");
  Put("a", "after");
  EXPECT_EQ(Read("a", "null"), "before");
  EXPECT_EQ(Read("a"), "after");
}

TEST_F(VersionedBucket, DeletesManyWithMarkers) {
  const auto put = Put("a", "1");
  DeleteObjectsInput in;
  in.bucket = kBucket;
  in.delete_.objects = {{.key = "a"}, {.key = "a"}, {.key = "a", .version_id = put.version_id}};
  const auto out = Must(s3_->DeleteObjects(Root(), in));
  ASSERT_EQ(out.deleted->size(), 3u);
  EXPECT_EQ((*out.deleted)[0].delete_marker, true);
  EXPECT_TRUE((*out.deleted)[0].delete_marker_version_id);
  EXPECT_EQ((*out.deleted)[2].version_id, put.version_id);
  EXPECT_EQ(History("a"), "d* d");
}

}  // namespace
}  // namespace meetinity::s3
