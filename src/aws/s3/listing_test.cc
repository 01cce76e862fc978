#include <algorithm>

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

using Keys = std::vector<std::string>;

class Listing : public S3Test {
 protected:
  static ListObjectsV2Input V2(std::string prefix = "", std::string delimiter = "") {
    ListObjectsV2Input in;
    in.bucket = kBucket;
    if (!prefix.empty()) in.prefix = std::move(prefix);
    if (!delimiter.empty()) in.delimiter = std::move(delimiter);
    return in;
  }
  ListObjectsV2Output List(const ListObjectsV2Input& in) { return Must(s3_->ListObjectsV2(Root(), in)); }
  template <class Output>
  static Keys KeysOf(const Output& out) {
    Keys keys;
    for (const auto& object : *out.contents) keys.push_back(*object.key);
    return keys;
  }
  template <class Output>
  static Keys PrefixesOf(const Output& out) {
    Keys prefixes;
    for (const auto& prefix : *out.common_prefixes) prefixes.push_back(*prefix.prefix);
    return prefixes;
  }
  void PutAll(const Keys& keys) {
    for (const std::string& key : keys) Put(key, "");
  }
};

TEST_F(Listing, ShowsWhatIsKnownOfAnObject) {
  Put("a", "12345");
  const auto out = List(V2());
  ASSERT_EQ(out.contents->size(), 1u);
  const Object& object = (*out.contents)[0];
  EXPECT_EQ(object.key, "a");
  EXPECT_EQ(object.size, 5);
  EXPECT_EQ(object.e_tag, "\"" + HexEncode(Md5("12345")) + "\"");
  EXPECT_EQ(object.storage_class, "STANDARD");
  EXPECT_EQ(object.last_modified, clock_.Now());
  EXPECT_FALSE(object.owner);
  EXPECT_EQ(out.key_count, 1);
  EXPECT_EQ(out.is_truncated, false);
  ListObjectsV2Input in = V2();
  in.fetch_owner = true;
  EXPECT_EQ((*List(in).contents)[0].owner->id, std::string(64, 'a'));
}

TEST_F(Listing, PagesWithOpaqueTokens) {
  PutAll({"a", "b/1", "b/2", "c", "d/1", "e"});
  ListObjectsV2Input in = V2("", "/");
  in.max_keys = 2;
  Keys keys, prefixes;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const auto out = List(in);
    EXPECT_LE(out.key_count, 2);
    for (const auto& key : KeysOf(out)) keys.push_back(key);
    for (const auto& prefix : PrefixesOf(out)) prefixes.push_back(prefix);
    more = *out.is_truncated;
    in.continuation_token = out.next_continuation_token;
    EXPECT_EQ(out.next_continuation_token.has_value(), more);
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(keys, (Keys{"a", "c", "e"}));
  EXPECT_EQ(prefixes, (Keys{"b/", "d/"}));
}

TEST_F(Listing, RefusesATokenThatItDidNotGive) {
  ListObjectsV2Input in = V2();
  for (const char* token : {"nonsense!", "YWJj", ""}) {
    in.continuation_token = token;
    EXPECT_EQ(Refusal(s3_->ListObjectsV2(Root(), in)), kInvalidArgument) << token;
  }
}

TEST_F(Listing, StartsAfterAKeyUnlessThereIsAToken) {
  PutAll({"a", "b", "c"});
  ListObjectsV2Input in = V2();
  in.start_after = "a";
  in.max_keys = 1;
  const auto first = List(in);
  EXPECT_EQ(KeysOf(first), Keys{"b"});
  in.continuation_token = first.next_continuation_token;
  in.start_after = "x";
  EXPECT_EQ(KeysOf(List(in)), Keys{"c"});
}

TEST_F(Listing, CapsAPageAt1000AndAllowsNone) {
  ListObjectsV2Input in = V2();
  in.max_keys = 5000;
  EXPECT_EQ(List(in).max_keys, 1000);
  Put("a", "");
  in.max_keys = 0;
  EXPECT_EQ(List(in).key_count, 0);
  EXPECT_EQ(List(in).is_truncated, false);
  in.max_keys = -1;
  EXPECT_EQ(Refusal(s3_->ListObjectsV2(Root(), in)), kInvalidArgument);
}

TEST_F(Listing, EncodesKeysOnRequest) {
  PutAll({"with space/\xC3\xA4+", "plain"});
  ListObjectsV2Input in = V2();
  in.encoding_type = "url";
  EXPECT_EQ(KeysOf(List(in)), (Keys{"plain", "with+space/%C3%A4%2B"}));
  in.delimiter = "/";
  EXPECT_EQ(PrefixesOf(List(in)), (Keys{"with+space/"}));
  in.encoding_type = "base64";
  EXPECT_EQ(Refusal(s3_->ListObjectsV2(Root(), in)), kInvalidArgument);
}

TEST_F(Listing, V1TellsItsMarkerOnlyWithADelimiter) {
  PutAll({"a", "b/1", "b/2", "c"});
  ListObjectsInput in;
  in.bucket = kBucket;
  in.max_keys = 2;
  EXPECT_FALSE(Must(s3_->ListObjects(Root(), in)).next_marker);
  in.delimiter = "/";
  const auto first = Must(s3_->ListObjects(Root(), in));
  EXPECT_EQ(first.next_marker, "b/");
  in.marker = first.next_marker;
  const auto second = Must(s3_->ListObjects(Root(), in));
  EXPECT_EQ(KeysOf(second), Keys{"c"});
  EXPECT_TRUE(PrefixesOf(second).empty()) << "a common prefix is listed once";
}

TEST_F(Listing, LeavesOutDeletedKeys) {
  SetVersioning("Enabled");
  PutAll({"a", "b"});
  Must(Delete("a"));
  EXPECT_EQ(KeysOf(List(V2())), Keys{"b"});
}

TEST_F(Listing, KeepsBucketsApart) {
  MakeBucket("site-assets-2");
  Put("a", "");
  ListObjectsV2Input in = V2();
  in.bucket = "site-assets-2";
  EXPECT_EQ(List(in).key_count, 0);
  in.bucket = "missing";
  EXPECT_EQ(Refusal(s3_->ListObjectsV2(Root(), in)), kNoSuchBucket);
}

TEST_F(Listing, OfVersionsPagesWithinAKey) {
  SetVersioning("Enabled");
  for (const char* bytes : {"1", "2", "3"}) Put("a", bytes);
  Must(Delete("a"));
  Put("b", "1");
  ListObjectVersionsInput in;
  in.bucket = kBucket;
  in.max_keys = 2;
  Keys seen;
  int latest = 0;
  for (int pages = 0; pages < 5; ++pages) {
    const auto out = Must(s3_->ListObjectVersions(Root(), in));
    for (const auto& version : *out.versions) {
      seen.push_back(*version.key + ":" + Read(*version.key, version.version_id));
      latest += *version.is_latest;
    }
    for (const auto& marker : *out.delete_markers) {
      seen.push_back(*marker.key + ":d");
      latest += *marker.is_latest;
    }
    if (!*out.is_truncated) break;
    in.key_marker = out.next_key_marker;
    in.version_id_marker = out.next_version_id_marker;
  }
  EXPECT_EQ(latest, 2) << "one a key";
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (Keys{"a:1", "a:2", "a:3", "a:d", "b:1"}));
}

TEST_F(Listing, OfVersionsNeedsAKeyWithAVersionMarker) {
  ListObjectVersionsInput in;
  in.bucket = kBucket;
  in.version_id_marker = std::string(32, 'a');
  EXPECT_EQ(Refusal(s3_->ListObjectVersions(Root(), in)), kInvalidArgument);
}

TEST_F(Listing, OfVersionsRollsUpToo) {
  SetVersioning("Enabled");
  PutAll({"dir/a", "dir/b", "top"});
  ListObjectVersionsInput in;
  in.bucket = kBucket;
  in.delimiter = "/";
  const auto out = Must(s3_->ListObjectVersions(Root(), in));
  EXPECT_EQ(PrefixesOf(out), Keys{"dir/"});
  ASSERT_EQ(out.versions->size(), 1u);
  EXPECT_EQ((*out.versions)[0].key, "top");
}

TEST_F(Listing, OfAnUnversionedBucketsVersionsShowsNull) {
  Put("a", "1");
  ListObjectVersionsInput in;
  in.bucket = kBucket;
  const auto out = Must(s3_->ListObjectVersions(Root(), in));
  ASSERT_EQ(out.versions->size(), 1u);
  EXPECT_EQ((*out.versions)[0].version_id, "null");
  EXPECT_EQ((*out.versions)[0].is_latest, true);
}

TEST_F(Listing, OfUploadsGoesByKeyAndTime) {
  Keys ids;
  for (const char* key : {"b", "a", "a", "dir/c"}) {
    CreateMultipartUploadInput in;
    in.bucket = kBucket;
    in.key = key;
    ids.push_back(*Must(s3_->CreateMultipartUpload(Root(), in)).upload_id);
    clock_.Advance(std::chrono::seconds(1));
  }
  ListMultipartUploadsInput in;
  in.bucket = kBucket;
  in.delimiter = "/";
  in.max_uploads = 2;
  const auto first = Must(s3_->ListMultipartUploads(Root(), in));
  ASSERT_EQ(first.uploads->size(), 2u);
  EXPECT_EQ((*first.uploads)[0].upload_id, ids[1]);
  EXPECT_EQ((*first.uploads)[1].upload_id, ids[2]);
  EXPECT_EQ(first.is_truncated, true);
  in.key_marker = first.next_key_marker;
  in.upload_id_marker = first.next_upload_id_marker;
  const auto second = Must(s3_->ListMultipartUploads(Root(), in));
  ASSERT_EQ(second.uploads->size(), 1u);
  EXPECT_EQ((*second.uploads)[0].upload_id, ids[0]);
  EXPECT_EQ(PrefixesOf(second), Keys{"dir/"});
}

}  // namespace
}  // namespace meetinity::s3
