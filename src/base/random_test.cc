#include "base/random.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace meetinity {
namespace {

TEST(RandomUuid, HasVersionAndVariantAndIsNew) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = RandomUuid();
    ASSERT_EQ(uuid.size(), 36U);
    for (const size_t at : {8U, 13U, 18U, 23U}) ASSERT_EQ(uuid[at], '-');
    ASSERT_EQ(uuid[14], '4');
    ASSERT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
    ASSERT_TRUE(seen.insert(uuid).second);
  }
}

TEST(RandomText, DrawsFromTheWholeAlphabetEvenly) {
  std::map<char, int> drawn;
  for (const char c : RandomText(100'000, "abc")) ++drawn[c];
  ASSERT_EQ(drawn.size(), 3U);
  for (const auto& [c, count] : drawn) EXPECT_NEAR(count, 33'333, 1500) << c;  // ten standard deviations
}

TEST(RandomBytes, FillsWhatIsAsked) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(100'000).size(), 100'000U);
  EXPECT_NE(RandomBytes(16), RandomBytes(16));
}

}  // namespace
}  // namespace meetinity
