#include "aws/s3/key_listing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace meetinity::s3 {
namespace {

struct Row {
  std::string key;
};

// A table in memory that counts the rows it hands out.
class Table {
 public:
  explicit Table(std::set<std::string> keys) : keys_(std::move(keys)) {}

  KeyPage<Row> List(const KeyQuery& query) {
    return ListKeys<Row>(query,
                         [this](const std::string& from, const std::string& until,
                                const std::function<bool(Row)>& each) -> Status {
                           ++seeks_;
                           for (auto key = keys_.lower_bound(from);
                                key != keys_.end() && (until.empty() || *key < until); ++key) {
                             ++rows_read_;
                             if (!each({*key})) break;
                           }
                           return {};
                         })
        .value();
  }
  int seeks_ = 0;
  int rows_read_ = 0;

 private:
  std::set<std::string> keys_;
};

std::vector<std::string> KeysOf(const KeyPage<Row>& page) {
  std::vector<std::string> keys;
  for (const Row& row : page.rows) keys.push_back(row.key);
  return keys;
}

using Keys = std::vector<std::string>;

TEST(KeyListing, GroupsOnTheFirstDelimiterAfterThePrefix) {
  Table table({"a", "b/1", "b/2/x", "c/1", "d"});
  const auto page = table.List({.prefix = "", .delimiter = "/", .max = 10, .start = ""});
  EXPECT_EQ(KeysOf(page), (Keys{"a", "d"}));
  EXPECT_EQ(page.common_prefixes, (Keys{"b/", "c/"}));
  EXPECT_FALSE(page.truncated);
  const auto below = table.List({.prefix = "b/", .delimiter = "/", .max = 10, .start = ""});
  EXPECT_EQ(KeysOf(below), (Keys{"b/1"}));
  EXPECT_EQ(below.common_prefixes, (Keys{"b/2/"}));
}

TEST(KeyListing, SeeksBehindACommonPrefixInsteadOfReadingIt) {
  std::set<std::string> keys;
  for (int i = 0; i < 10'000; ++i) keys.insert(fmt::format("photos/{:05}", i));
  keys.insert("z");
  Table table(std::move(keys));
  const auto page = table.List({.prefix = "", .delimiter = "/", .max = 1000, .start = ""});
  EXPECT_EQ(page.common_prefixes, (Keys{"photos/"}));
  EXPECT_EQ(KeysOf(page), (Keys{"z"}));
  EXPECT_LE(table.rows_read_, 3);
}

TEST(KeyListing, CountsACommonPrefixOnceAndNeverSplitsIt) {
  Table table({"a/1", "a/2", "b/1", "c"});
  KeyQuery query{.prefix = "", .delimiter = "/", .max = 1, .start = ""};
  Keys seen;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = table.List(query);
    seen.insert(seen.end(), page.common_prefixes.begin(), page.common_prefixes.end());
    for (const std::string& key : KeysOf(page)) seen.push_back(key);
    if (!page.truncated) break;
    query.start = page.next;
  }
  EXPECT_EQ(seen, (Keys{"a/", "b/", "c"}));
}

TEST(KeyListing, IsTruncatedOnlyWhenMoreFollows) {
  Table table({"a", "b", "c"});
  EXPECT_FALSE(table.List({.prefix = "", .delimiter = "", .max = 3, .start = ""}).truncated);
  EXPECT_TRUE(table.List({.prefix = "", .delimiter = "", .max = 2, .start = ""}).truncated);
  EXPECT_FALSE(table.List({.prefix = "", .delimiter = "", .max = 0, .start = ""}).truncated);
  Table rolled({"a/1", "a/2"});
  EXPECT_FALSE(rolled.List({.prefix = "", .delimiter = "/", .max = 1, .start = ""}).truncated);
}

TEST(KeyListing, OrdersByBytes) {
  Table table({"\xC3\xA4", "Z", "a", "z", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80"});
  EXPECT_EQ(KeysOf(table.List({.prefix = "", .delimiter = "", .max = 10, .start = ""})),
            (Keys{"Z", "a", "z", "\xC3\xA4", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80"}));
}

TEST(KeyListing, GoesOnBehindAMarkerThatIsACommonPrefix) {
  EXPECT_EQ(AfterMarker("", "", "/"), "");
  EXPECT_EQ(AfterMarker("a", "", "/"), std::string("a\0", 2));
  EXPECT_EQ(AfterMarker("b/", "", "/"), "b0");
  EXPECT_EQ(AfterMarker("b/inside", "", "/"), "b0");
  EXPECT_EQ(AfterMarker("b/inside", "b/", "/"), std::string("b/inside\0", 9));
  EXPECT_EQ(AfterMarker("b/", "", ""), std::string("b/\0", 3));
}

TEST(KeyListing, EndsAPrefixAtTheNextByte) {
  EXPECT_EQ(PrefixEnd(""), "");
  EXPECT_EQ(PrefixEnd("a"), "b");
  EXPECT_EQ(PrefixEnd("a\xFF"), "b");
  EXPECT_EQ(PrefixEnd("\xFF\xFF"), "");
}

TEST(KeyListing, KnowsDelimitersOfSeveralCharacters) {
  Table table({"a--1", "a--2", "a-3"});
  const auto page = table.List({.prefix = "", .delimiter = "--", .max = 10, .start = ""});
  EXPECT_EQ(page.common_prefixes, (Keys{"a--"}));
  EXPECT_EQ(KeysOf(page), (Keys{"a-3"}));
}

}  // namespace
}  // namespace meetinity::s3
